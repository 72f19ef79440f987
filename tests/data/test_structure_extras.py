"""Periodic directions, charges and columns of files, against what ASE and pymatgen wrote into them."""

from __future__ import annotations

import json
from pathlib import Path

import ase
import ase.db
import ase.io
import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure

from matscout.data.reading import read_materials
from matscout.data.structure_files import read_structure_source, read_structures
from matscout.data.structures import Structures

FORCES, STRESS = np.arange(6.0).reshape(2, 3) / 7, np.array([1.0, -2.0, 3.0, 0.5, 0.25, 0.125])


def slab(pbc: tuple[bool, bool, bool] = (True, True, False)) -> ase.Atoms:
    cell = [[3.2, 0, 0], [1.6, 2.8, 0], [0, 0, 15]]
    atoms = ase.Atoms("MoS", positions=[[0, 0, 6.0], [1.6, 0.9, 7.6]], cell=cell, pbc=pbc)
    atoms.set_initial_magnetic_moments([1.0, -0.5])
    atoms.calc = SinglePointCalculator(atoms, energy=-9.0, forces=FORCES, stress=STRESS)
    return atoms


def written(form: str, folder: Path) -> Path:
    path = folder / f"slab.{form}"
    if form == "db":
        with ase.db.connect(path) as database:
            database.write(slab())
    elif form == "json":
        structure = Structures.from_ase([slab()]).to_pymatgen(0)
        path.write_text(json.dumps([structure.as_dict()]), encoding="utf-8")
    else:
        ase.io.write(path, slab(), format="extxyz" if form == "xyz" else form)
    return path


@pytest.mark.parametrize("form", ["xyz", "db", "traj", "json"])
def test_what_a_file_says_of_a_slab_is_read(form, tmp_path):
    source = read_structure_source(written(form, tmp_path))
    store = source.structures
    assert store.pbc.tolist() == [[True, True, False]]
    np.testing.assert_allclose(store.site_columns["forces"], FORCES)
    np.testing.assert_allclose(store.site_columns["initial_magmoms"], [1.0, -0.5])
    stress = np.ravel(store.columns["stress"])
    # Extended XYZ has the whole tensor, ASE else Voigt's order.
    expected = ase.io.read(written("xyz", tmp_path)).get_stress(voigt=len(stress) == 6).ravel()
    np.testing.assert_allclose(stress, expected)
    assert [problem.reason for problem in source.problems] == ["it is periodic along a and b only (pbc)"]
    assert not source.problems[0].dropped


@given(st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_pbc_of_extended_xyz_is_that_of_ase(pbc):
    words = " ".join("T" if one else "F" for one in pbc)
    frame = f'1\nLattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3 pbc="{words}"\nCu 0 0 0\n'
    assert read_structures([frame]).structures.pbc.tolist() == [list(pbc)]


PROPERTIES = "species:S:1:pos:R:3:move_mask:L:1:tag:I:1:site_label:S:1:force:R:3"
FRAME = f"""2
Lattice="3 0 0 0 3 0 0 0 3" Properties={PROPERTIES} charge=-1 energy=-2.5 dipole="1 2 3"
Na 0 0 0 T 4 Na1 0.1 0.2 0.3
Cl 1.5 1.5 1.5 F 5 Cl1 -0.1 -0.2 -0.3
"""


def test_all_types_of_columns_of_extended_xyz():
    read = read_structures([FRAME])
    store = read.structures
    assert store.charge.tolist() == [-1.0]
    assert store.site_columns["move_mask"].tolist() == [1.0, 0.0]
    assert store.site_columns["tag"].tolist() == [4.0, 5.0]
    assert store.site_columns["site_label"].tolist() == ["Na1", "Cl1"]
    np.testing.assert_array_equal(store.site_columns["force"], [[0.1, 0.2, 0.3], [-0.1, -0.2, -0.3]])
    assert store.columns["dipole"].tolist() == [[1.0, 2.0, 3.0]]
    assert "energy" not in store.columns
    assert store.pbc.all()
    assert read.problems == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("-0.1 -0.2 -0.3", "-0.1 -0.2", "its columns force are left out"),
        (" T 4", " perhaps 4", "its columns move_mask are left out"),
        ("charge", 'pbc="T T" charge', "its pbc is 'T T'"),
        ("charge", 'pbc="T T maybe" charge', "its pbc is 'T T maybe'"),
    ],
)
def test_what_is_not_as_announced_is_said(old, new, reason):
    read = read_structures([FRAME.replace(old, new)])
    assert len(read.problems) == 1
    assert reason in read.problems[0].reason
    assert read.problems[0].dropped == ("pbc" in new)


def test_a_missing_vector_of_a_slab_is_made_up():
    text = '1\nLattice="3 0 0 0 3 0 0 0 0" Properties=species:S:1:pos:R:3 pbc="T T F"\nCu 0 0 0.5\n'
    store = read_structures([text]).structures
    np.testing.assert_allclose(store.lattices[0][:2], 3 * np.eye(3)[:2])
    assert store.lattices[0][2, 2] > 5
    assert len(read_structures([text.replace("T T F", "T T T")]).structures) == 0


def test_charge_of_pymatgen_is_kept_only_if_it_was_set():
    states = Structure(Lattice.cubic(4), ["Na+", "Cl-", "Na+"], [[0, 0, 0], [0.5] * 3, [0, 0, 0.5]])
    set_to_two = Structure(Lattice.cubic(4), ["Na"], [[0, 0, 0]], charge=2)
    with pytest.warns(UserWarning, match="not equal to the sum of oxidation states"):
        texts = [json.dumps(one.as_dict()) for one in (states, set_to_two)]
    assert Structures.from_pymatgen([states, set_to_two]).charge.tolist() == [0.0, 2.0]
    assert read_structures(texts).structures.charge.tolist() == [0.0, 2.0]


def test_rows_of_a_table_keep_what_their_structures_say(tmp_path):
    (tmp_path / "mos.xyz").write_text(FRAME, encoding="utf-8")
    ase.io.write(tmp_path / "slab.xyz", slab(), format="extxyz")
    (tmp_path / "table.csv").write_text("formula,structure\nCu,\nNaCl,mos.xyz\nMoS,slab.xyz\n", encoding="utf-8")
    store = read_materials(tmp_path / "table.csv", structure="structure").materials.structures
    assert store.present.tolist() == [False, True, True]
    assert store.pbc.tolist() == [[True] * 3, [True] * 3, [True, True, False]]
    assert store.charge.tolist() == [0.0, -1.0, 0.0]
    np.testing.assert_allclose(store.site_columns["forces"][2:], FORCES)
    assert np.isnan(store.site_columns["forces"][:2]).all()
