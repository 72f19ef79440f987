"""POSCAR files as people and programs spell them, against pymatgen, ASE and the rules of VASP."""

from __future__ import annotations

import io

import numpy as np
import pytest
from ase.io import read as ase_read
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from matscout.data.structure_files import read_structures
from matscout.data.structure_poscar import is_poscar

HEAD = ["title", "1.0", "4.2 0 0", "0 4.2 0", "0 0 4.2", "Mg O", "1 1", "Direct", "0 0 0", "0.5 0.5 0.5"]


def poscar(**changed: str) -> str:
    names = ("title", "scale", "a", "b", "c", "symbols", "counts", "mode", "first", "second")
    lines = [changed.get(name, line) for name, line in zip(names, HEAD, strict=True)]
    return "\n".join([*(line for line in lines if line is not None), ""])


SPELLINGS = {
    "plain": poscar(),
    "volume": poscar(scale="-74.088", a="1 0 0", b="0 1 0", c="0 0 1"),
    "volume and Cartesian": poscar(scale="-74.088", a="1 0 0", b="0 1 0", c="0 0 1", mode="Cartesian"),
    "three scales": poscar(scale="4.2 4.2 4.2", a="1 0 0", b="0 1 0", c="0 0 1", mode="c"),
    "Fortran exponents": poscar(scale="1.0D0", a="4.2d0 0 0", second="5.0D-1 0.5 0.5"),
    "comments": poscar(scale="1.0 ! scale", a="4.2 0 0 # a", symbols="Mg O ! species", counts="1 1 ! atoms"),
    "selective dynamics": poscar(mode="Selective dynamics\nDirect", first="0 0 0 T T T", second=".5 .5 .5 F F F"),
    "lower case mode": poscar(mode="direct"),
    "pseudopotentials": poscar(symbols="Mg_pv O_s/7f3a"),
    "VASP 4 with the title": poscar(title="Mg O", symbols=None),
    "VASP 4 with the formula as title": poscar(title="MgO", symbols=None),
    "VASP 4 with symbols behind": poscar(symbols=None, first="0 0 0 Mg", second=".5 .5 .5 O"),
    "velocities": poscar() + "\n0 0 0\n0 0 0\n",
    "carriage returns": poscar().replace("\n", "\r\n"),
    "tabs": poscar().replace(" ", "\t"),
    "byte order mark": "\ufeff" + poscar(),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_of_one_cell(name):
    found = read_structures([SPELLINGS[name]]).structures.to_pymatgen(0)
    np.testing.assert_allclose(found.lattice.matrix, np.eye(3) * 4.2)
    np.testing.assert_allclose(found.frac_coords, [[0, 0, 0], [0.5, 0.5, 0.5]])
    assert found.composition.formula == "Mg1 O1"


REFUSED = {
    "words as title": (poscar(title="rock salt", symbols=None), "its elements are not named"),
    "more symbols than counts": (poscar(symbols="Mg O S"), "names 3 elements, line 7 counts 2"),
    "no element": (poscar(symbols="Mg Qq"), "Qq is not an element"),
    "two scales": (poscar(scale="1 1"), "no CIF, POSCAR"),
    "scale of nothing": (poscar(scale="0"), "line 2 is '0'"),
    "a negative one of three": (poscar(scale="1 -1 1"), "line 2 is"),
    "too few atoms": (poscar(counts="1 2"), "3 atoms are announced, 2 are listed"),
    "counts as words": (poscar(counts="1 one"), "line 7 is '1 one'"),
    "a fraction of an atom": (poscar(counts="1 1.5"), "line 7 is '1 1.5'"),
    "many atoms": (poscar(counts="1 99999"), "100000 atoms, more than"),
    "absurdly many": (poscar(counts="1 " + "9" * 5000), "it announces"),
    "words for numbers": (poscar(second="a b c"), "line 10 is 'a b c'"),
    "flat": (poscar(c="4.2 0 0"), "no volume"),
    "cut": ("\n".join(HEAD[:7]), "ends before its first atom"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    text, reason = REFUSED[name]
    (problem,) = read_structures([text]).problems
    assert reason in problem.reason


lengths = st.floats(2, 20).map(lambda value: round(value, 4))
places = st.tuples(*[st.floats(0, 0.99).map(lambda value: round(value, 5))] * 3)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(lengths, lengths, lengths),
    st.lists(st.tuples(st.sampled_from(["Na", "K", "Cl", "O"]), places), min_size=1, max_size=5),
)
def test_what_pymatgen_writes(cell, atoms):
    structure = Structure(Lattice.orthorhombic(*cell), [kind for kind, _ in atoms], [place for _, place in atoms])
    text = structure.get_sorted_structure().to(fmt="poscar")
    parsed = read_structures([text])
    if not len(parsed.structures):
        assert "apart" in parsed.problems[0].reason
        return
    found = parsed.structures.to_pymatgen(0)
    expected = ase_read(io.StringIO(text), format="vasp")
    np.testing.assert_allclose(found.lattice.matrix, expected.cell.array)
    np.testing.assert_allclose(found.cart_coords, expected.positions, atol=1e-6)
    assert [site.specie.Z for site in found] == expected.numbers.tolist()


@pytest.mark.parametrize("place", range(len(HEAD)))
@settings(max_examples=15, deadline=None)
@given(
    line=st.one_of(st.text(max_size=20), st.sampled_from(["", "1e400 0 0", "nan nan nan", "-1", "9" * 400, "0 0 0 0"]))
)
def test_any_line_may_be_anything(place, line):
    parsed = read_structures(["\n".join([*HEAD[:place], line, *HEAD[place + 1 :]])])
    assert len(parsed.rows) + sum(problem.dropped for problem in parsed.problems) == 1


@pytest.mark.parametrize(
    "lines",
    [["a b c", "1 2 3", "4 5 6", "7 8 9", "1 2 3", "4 5 6", "7 8 9"], ["x"], [], ["t", "1", "1 0 0", "0 1 0", "0 0 1"]],
)
def test_numbers_in_three_columns_are_no_poscar(lines):
    assert not is_poscar(lines)


@pytest.mark.parametrize("more", ["0.25 0.25 0.25\n", ".1 .2 .3 T T T\n.4 .5 .6 Mg\n", "1d-1 0 0\n\n0 0 0\n"])
def test_more_positions_than_announced_are_refused(more):
    parsed = read_structures([poscar() + more])
    assert [problem.dropped for problem in parsed.problems] == [True]
    assert "2 atoms are announced, " in parsed.problems[0].reason


@pytest.mark.parametrize(
    "more", ["\n0 0 0\n0 0 0\n", "Cartesian\n0 0 0\n0 0 0\n", "\n2 2 2\n1 2 3 4 5\n6 7 8\n", "!end\n"]
)
def test_what_follows_the_positions_may_be_velocities_or_a_density(more):
    parsed = read_structures([poscar() + more])
    assert (len(parsed.structures), parsed.problems) == (1, ())


@pytest.mark.parametrize("own_cells", [False, True])
@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_the_last_frame_of_an_xdatcar(own_cells, n_frames):
    """Against ASE, which reads fixed cells only; the frames of a changing one repeat the header."""
    parts = []
    for number in range(1, n_frames + 1):
        side = 4 + number / 10 if own_cells else 4.1
        head = ["Mg O", "1", f"{side} 0 0", f"0 {side} 0", f"0 0 {side}", "Mg O", "1 1"]
        parts += head if own_cells or number == 1 else []
        parts += [f"Direct configuration= {number:5d}", "0.0 0.0 0.0", f"0.5 0.5 {0.5 + number / 100}"]
    text = "\n".join([*parts, ""])
    parsed = read_structures([text])
    truth = ase_read(io.StringIO(text), format="vasp-xdatcar", index=-1)
    np.testing.assert_allclose(parsed.structures.fractional_coordinates, truth.get_scaled_positions(), atol=1e-12)
    np.testing.assert_allclose(parsed.structures.lattices[0], truth.cell.array, atol=1e-12)
    told = [problem.reason for problem in parsed.problems]
    assert told == [f"the last of its {n_frames} frames is used"] * (n_frames > 1)
