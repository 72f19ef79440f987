# ruff: noqa: E501 - whole files stand in one line
"""Files of calculations: written by ASE and read again, ASE's own samples of outputs, SHELX against hand counts."""

from __future__ import annotations

from pathlib import Path

import ase
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import read as ase_read
from ase.io import write

from matscout.data.structure_files import read_structure_source, read_structures
from matscout.data.structure_texts import recognised_format

CASES = Path(__file__).parents[1] / "cases" / "structures" / "other-structure-formats"
SAMPLES = Path(ase.__file__).parent / "test" / "testdata"
CRYSTALS = {
    "rock salt": bulk("NaCl", "rocksalt", 5.64, cubic=True),
    "zinc blende": bulk("ZnS", "zincblende", 5.41),
    "wurtzite": bulk("GaN", "wurtzite", 3.19, c=5.19),
    "skewed": Atoms("TiO2", [[0.3, 0.4, 0.5], [1.9, 2.2, 2.9], [2.5, 0.7, 4.1]], cell=[[4, 0, 0], [0.7, 4.2, 0], [0.3, 0.9, 5.3]], pbc=True),
    "metal": bulk("Cu", "fcc", 3.61, cubic=True),
}  # fmt: skip
FORMATS = [
    "aims",
    "castep-cell",
    "espresso-in",
    "res",
    "xsf",
    "gen",
    "proteindatabank",
    "struct",
    "json",
    "extxyz",
    "vasp",
]


def written(atoms: Atoms, form: str, folder: Path) -> Path:
    """A file with a name that tells nothing."""
    path = folder / "file"
    options = {"pseudopotentials": dict.fromkeys(set(atoms.symbols), "x")} if form == "espresso-in" else {}
    write(path, atoms, format=form, **options)
    return path


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", CRYSTALS)
def test_what_ase_writes(name, form, tmp_path):
    atoms = CRYSTALS[name]
    parsed = read_structures([written(atoms, form, tmp_path)])
    assert len(parsed.structures) == 1, parsed.problems
    found = parsed.structures.to_pymatgen(0)
    np.testing.assert_allclose(found.lattice.parameters, atoms.cell.cellpar(), atol=5e-3)
    assert dict(found.composition.as_dict()) == {
        key: float(value) for key, value in atoms.symbols.formula.count().items()
    }
    distances = np.sort(found.distance_matrix, axis=None)
    np.testing.assert_allclose(distances, np.sort(atoms.get_all_distances(mic=True), axis=None), atol=5e-3)


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir()))
def test_cases(name, tmp_path):
    for path in (CASES / name, tmp_path / "renamed"):
        path.exists() or path.write_bytes((CASES / name).read_bytes())
        source = read_structure_source(path)
        assert source.structures.to_pymatgen(0).composition.formula == "Na4 Cl4"


def test_frames_and_energies_of_a_trajectory(tmp_path):
    frames = [bulk("Cu", "fcc", length) for length in (3.5, 3.6)]
    for energy, frame in zip((-3.0, -3.7), frames, strict=True):
        frame.calc = SinglePointCalculator(frame, energy=energy)
    path = tmp_path / "run"
    write(path, frames, format="traj")
    source = read_structure_source(path)
    assert source.ids == ("1", "2")
    assert source.properties["energy"] == [-3.0, -3.7]
    parsed = read_structures([path])
    assert "the last of its 2 frames" in parsed.problems[0].reason
    assert abs(np.linalg.det(parsed.structures.lattices[0])) == pytest.approx(3.6**3 / 4)


@pytest.mark.parametrize(
    "place",
    [
        "vasp/OUTCAR_example_1",
        "vasp/vasprun_dfpt.xml",
        "aims/relax.out",
        "aims/singlepoint.out",
        "castep/md.castep",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_outputs(place, tmp_path):
    if not (sample := SAMPLES / place).exists():
        pytest.skip("this build of ASE comes without samples")
    forms = {
        "OUTCAR": "vasp-out",
        "vasprun": "vasp-xml",
        "relax": "aims-output",
        "singlepoint": "aims-output",
        "numerical": "aims-output",
        "md": "castep-castep",
    }
    expected = ase_read(sample, format=next(form for begin, form in forms.items() if sample.name.startswith(begin)))
    (tmp_path / "out").write_bytes(sample.read_bytes())
    source = read_structure_source(tmp_path / "out")
    if not expected.cell.volume:
        assert "no volume" in source.problems[0].reason
        return
    found = source.structures.to_pymatgen(0)
    np.testing.assert_allclose(found.lattice.matrix, expected.cell.array)
    np.testing.assert_allclose(found.cart_coords, expected.positions, atol=1e-6)
    assert source.properties["energy"] == [pytest.approx(expected.calc.results["energy"])]


ENDS = {
    "vasp/OUTCAR_example_1": ("-- Iteration    1(   1)", " General timing", "-68.23"),
    "vasp/vasprun_dfpt.xml": ("<calculation>", '<structure name="finalpos"', "-6.745"),
}
"""Where the only step of a sample begins and ends, and its energy."""


def unfinished(place: str, steps: int, share: float) -> tuple[str, str]:
    """A sample of ASE with its step so many times, cut within one of another energy behind these, and without that."""
    begin, end, energy = ENDS[place]
    text = (SAMPLES / place).read_text()
    head, step, tail = text[: text.index(begin)], text[text.index(begin) : text.index(end)], text[text.index(end) :]
    other = step.replace(energy, f"-9{energy[1:]}")
    return head + steps * step + other[: int(share * len(step))], head + steps * step + tail


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize("place", ENDS)
@pytest.mark.filterwarnings("ignore")
def test_unfinished_calculations_of_vasp(place, steps, share, tmp_path):
    if not (SAMPLES / place).exists():
        pytest.skip("this build of ASE comes without samples")
    cut, whole = unfinished(place, steps, share)
    (tmp_path / "whole").write_text(whole)
    (tmp_path / "cut").write_text(cut)
    expected, found = (read_structure_source(tmp_path / name) for name in ("whole", "cut"))
    assert not expected.problems
    assert found.properties == expected.properties
    assert found.structures.to_pymatgen(0) == expected.structures.to_pymatgen(0)
    (remark,) = found.problems
    assert not remark.dropped
    assert "did not finish, or the file is truncated" in remark.reason
    assert "its last complete step was read" in remark.reason


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize(
    ("place", "advice"),
    [
        ("vasp/OUTCAR_example_1", "CONTCAR"),
        ("aims/relax.out", "geometry.in.next_step"),
        ("castep/md.castep", "-out.cell"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_outputs_without_a_complete_step(place, advice, share, tmp_path):
    if not (SAMPLES / place).exists():
        pytest.skip("this build of ASE comes without samples")
    text = (SAMPLES / place).read_text()
    (tmp_path / "out").write_text(text[: int(share * len(text))])
    (problem,) = read_structure_source(tmp_path / "out").problems
    assert problem.dropped
    assert "did not finish, or the file is truncated" in problem.reason
    assert advice in problem.advice


@pytest.mark.filterwarnings("ignore")
def test_the_first_step_of_a_vasprun_may_lack(tmp_path):
    if not (sample := SAMPLES / "vasp" / "vasprun_dfpt.xml").exists():
        pytest.skip("this build of ASE comes without samples")
    text = sample.read_text()
    for share in (0.35, 0.6, 0.95):
        (tmp_path / "out").write_text(text[: int(share * len(text))])
        source = read_structure_source(tmp_path / "out")
        assert len(source.structures) == 1
        assert "energy" not in source.properties
        assert "the initial geometry was read" in source.problems[0].reason


HEAD = "TITL x\nCELL 0.71073 5.64 5.64 5.64 90 90 90\nZERR 4 0 0 0 0 0 0\n"
SHELX = {
    # Rock salt in F m -3 m by generators would be long; F 2 2 2 has the same atoms on 0 0 0 and 1/2 1/2 1/2.
    "centred": (HEAD + "LATT -4\nSYMM -x,-y,z\nSYMM -x,y,-z\nSYMM x,-y,-z\nSFAC Na Cl\nNA1 1 10 10 10 10.25 0.05\n"
                "CL1 2 10.5 10.5 10.5 10.25 =\n 0.05 0.05\nHKLF 4\nEND\nNA9 1 0.1 0.1 0.1", {"Na": 4, "Cl": 4}),
    "centrosymmetric": (HEAD + "LATT 1\nSFAC Na Cl\nNa1 1 0.1 0.2 0.3 11.0\nCl1 2 0.6 0.2 0.3 11\nQ1 1 .4 .4 .4 11 .05 1.2", {"Na": 2, "Cl": 2}),
    "free variables": (HEAD + "LATT -1\nSFAC Na K Cl\nFVAR 1.0 0.3\nNa1 1 0 0 0 21\nK1 2 0 0 0 -21\nCl1 3 .5 .5 .5 11", {"Na": 0.3, "K": 0.7, "Cl": 1}),
    "rhombohedral": (HEAD.replace("5.64 5.64 5.64 90 90 90", "4.5 4.5 11.9 90 90 120") + "LATT -3\nSFAC Bi\nBi1 1 0 0 0.2 11", {"Bi": 3}),
    "body centred": (HEAD + "LATT -2\nSFAC Fe\nFe1 1 0 0 0 11", {"Fe": 2}),
}  # fmt: skip


@pytest.mark.parametrize("name", SHELX)
def test_shelx(name):
    text, amounts = SHELX[name]
    parsed = read_structures([text])
    assert len(parsed.structures) == 1, parsed.problems
    assert parsed.structures.to_pymatgen(0).composition.as_dict() == pytest.approx(amounts)


REFUSED = {
    "PDB with symmetry": ("CRYST1    5.640    5.640    5.640  90.00  90.00  90.00 P 21 21 21\nATOM      1   Na MOL     1       0.000   0.000   0.000  1.00  0.00          NA  \n", "P 21 21 21 is not applied"),
    "cluster": ("2 C\nNa Cl\n1 1 0 0 0\n2 2 1 1 1\n", "no volume"),
    "lattice of two vectors": ("lattice_vector 1 0 0\nlattice_vector 0 4 0\natom 0 0 0 Na\n", "lacks a lattice vector"),
    "aims with an empty site": ("lattice_vector 4 0 0\nlattice_vector 0 4 0\nlattice_vector 0 0 4\natom 0 0 0 Emptium\n", "Emptium is not an element"),
    "castep mixture": ("%BLOCK LATTICE_CART\n4 0 0\n0 4 0\n0 0 4\n%ENDBLOCK LATTICE_CART\n%BLOCK POSITIONS_FRAC\nNa 0 0 0 MIXTURE:(1 0.5)\n%ENDBLOCK POSITIONS_FRAC\n", "mixtures"),
    "castep furlongs": ("%BLOCK LATTICE_CART\nfurlong\n4 0 0\n0 4 0\n0 0 4\n%ENDBLOCK LATTICE_CART\n%BLOCK POSITIONS_FRAC\nNa 0 0 0\n%ENDBLOCK POSITIONS_FRAC\n", "not a unit of length"),
    "shelx without variable": (HEAD + "LATT -1\nSFAC Na\nNa1 1 0 0 0 31", "free variable 3"),
    "gen with too few atoms": ("1000000 S\nNa\n1 1 0 0 0\n", "cannot be read"),
    "xsf with too many": ("CRYSTAL\nPRIMVEC\n4 0 0\n0 4 0\n0 0 4\nPRIMCOORD\n999999999 1\n11 0 0 0\n", "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    text, reason = REFUSED[name]
    (problem,) = read_structures([text]).problems
    assert reason in problem.reason


def test_castep_in_bohr_and_fractions():
    text = "%block lattice_abc\nbohr\n8 8 8\n90 90 90\n%endblock lattice_abc\n%block positions_frac\nNA 0 0 0\nCl .5 .5 .5 SPIN=1\n%endblock positions_frac\n"
    found = read_structures([text]).structures.to_pymatgen(0)
    assert found.lattice.a == pytest.approx(8 * 0.529177210903)
    assert found.composition.formula == "Na1 Cl1"


def test_formats_are_told_apart():
    found = {
        recognised_format(path.read_text("utf-8", errors="replace"))
        for path in CASES.iterdir()
        if path.suffix != ".traj"
    }
    assert len(found) == 9
    assert recognised_format("# nothing\nof the kind\n") is None
