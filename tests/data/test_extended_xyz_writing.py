"""Frames that are written are read by ASE and by matscout as what they are."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from ase.io import read
from hypothesis import given
from hypothesis import strategies as st

import matscout
from matscout.data.extended_xyz_writing import extended_xyz_frame
from matscout.data.structure_collections import count_of, entries_of
from matscout.data.structure_folders import Unread
from matscout.data.structure_xyz import extended_xyz_frames, extended_xyz_structure, frame_names

CELL = np.array([[4.0, 0.1, 0.0], [0.0, 5.0, 0.2], [0.3, 0.0, 6.0]])
WHOLE = np.ones(3, dtype=np.bool_)


def frame(name: str, sites: int = 2, seed: int = 0) -> str:
    places = np.random.default_rng(seed).random((sites, 3))
    return extended_xyz_frame(CELL, np.arange(11, 11 + sites), places, WHOLE, {"id": name, "energy": -1.5})


@given(st.integers(1, 6), st.integers(0, 999), st.lists(st.booleans(), min_size=3, max_size=3))
def test_ase_and_matscout_read_what_was_written(sites, seed, pbc):
    places = np.random.default_rng(seed).random((sites, 3))
    text = extended_xyz_frame(CELL, np.full(sites, 3), places, np.array(pbc), {"energy": 0.25, "converged": True})
    atoms = read(StringIO(text), format="extxyz")
    np.testing.assert_allclose(atoms.positions, places @ CELL, atol=1e-8)
    assert atoms.pbc.tolist() == pbc
    assert atoms.get_potential_energy() == 0.25
    assert atoms.info["converged"] is True or bool(atoms.info["converged"])
    structure = extended_xyz_structure(extended_xyz_frames(text)[0]).structure
    np.testing.assert_allclose(structure.cart_coords, places @ CELL, atol=1e-7)


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"], exclude_characters='"\\={}'), min_size=1))
def test_names_come_back(name):
    (found,) = frame_names(extended_xyz_frames(frame(f"x{name}y")))
    assert found == " ".join(f"x{name}y".split())


def test_frames_are_named_by_their_ids(tmp_path: Path):
    path = tmp_path / "many.extxyz"
    path.write_text(frame("mp-1") + frame("mp-2", 3), encoding="utf-8")
    assert [entry.name for entry in entries_of(path, Unread())] == ["mp-1", "mp-2"]
    assert count_of(path) == 2


def test_ids_that_do_not_tell_frames_apart_are_no_names(tmp_path: Path):
    for texts in (("a", "a"), ("a", None)):
        written = [frame(name) if name else frame("b").replace('id="b" ', "") for name in texts]
        path = tmp_path / "many.extxyz"
        path.write_text("".join(written), encoding="utf-8")
        assert [entry.name for entry in entries_of(path, Unread())] == ["1", "2"]


@pytest.mark.parametrize("flags", [("T", "T"), ("T", "F"), ("F", "F")])
def test_flags_of_frames_are_no_formulas(flags, tmp_path):
    """T stands for true, and for tritium; a structure has its formula."""
    corner, cell = np.zeros((1, 3)), 4.0 * np.eye(3)
    cubes = [extended_xyz_frame(cell, np.array([number]), corner, WHOLE, {"id": str(number)}) for number in (11, 3)]
    text = "".join(cube.replace(' id="', f' converged={flag} id="') for cube, flag in zip(cubes, flags, strict=True))
    (tmp_path / "cubes.extxyz").write_text(text, encoding="utf-8")
    materials = matscout.read_materials(tmp_path / "cubes.extxyz").materials
    assert materials.formulas.tolist() == ["Na", "Li"]
    assert materials.has_structure.all()
