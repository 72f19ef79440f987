"""Archives and arrays of structures: every member an entry, a bad one a problem, a bad archive a plain refusal."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.data.reading import read_materials
from matscout.data.structure_arrays import read_structure_arrays, write_structure_arrays
from matscout.data.structure_files import read_structure_source
from matscout.data.structures import Structures
from matscout.errors import InputError

POSCAR = "title\n1.0\n3 0 0\n0 3 0\n0 0 3\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
LITHIUM = POSCAR.replace("Na", "Li")
MEMBERS = {
    "set/salt.vasp": POSCAR.encode(),
    "set/mp-7/POSCAR": LITHIUM.encode(),
    "set/packed.vasp.gz": gzip.compress(POSCAR.encode()),
    "set/broken.cif": b"data_x\n_cell_length_a 3\n",
    "set/readme.txt": b"about these files",
    "__MACOSX/set/salt.vasp": b"\0",
}


def zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in MEMBERS.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path) -> Path:
    mode = "w" if path.suffix == ".tar" else f"w:{path.suffix.removeprefix('.').replace('tgz', 'gz')}"
    with tarfile.open(path, mode) as archive:
        for name, content in MEMBERS.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["all.zip", "all.tar", "all.tar.gz", "all.tgz", "all.tar.bz2", "all.tar.xz"])
def test_every_member_is_an_entry(name, tmp_path):
    source = read_structure_source((zipped if name.endswith("zip") else tarred)(tmp_path / name))
    assert source.ids == ("salt", "mp-7", "packed")
    assert source.rows.tolist() == [0, 1, 2]
    assert source.structures.atomic_numbers.tolist() == [11, 17, 3, 17, 11, 17]
    assert [(problem.row, problem.dropped) for problem in source.problems] == [(4, True)]
    assert source.remarks == ("Not read, since no structure was recognised in it: 1 text.",)


def test_an_archive_can_be_read_wherever_a_file_can(tmp_path):
    dataset = read_materials(zipped(tmp_path / "all.zip"), max_bad=0.5)
    assert dataset.materials.formulas.tolist() == ["NaCl", "LiCl", "NaCl"]


def test_a_damaged_member_costs_only_itself(tmp_path):
    path = zipped(tmp_path / "all.zip")
    content = bytearray(path.read_bytes())
    at = content.find(b"title")
    content[at : at + 5] = b"TITLE"
    path.write_bytes(content)
    source = read_structure_source(path)
    assert source.ids == ("mp-7", "packed")
    assert "cannot be unpacked" in source.problems[0].reason


@pytest.mark.parametrize("name", ["bad.zip", "bad.tar", "bad.tar.gz"])
def test_a_damaged_archive_is_refused_in_plain_words(name, tmp_path):
    (tmp_path / name).write_bytes(b"this is no archive")
    with pytest.raises(InputError, match=r"not a readable archive .*; pack it again"):
        read_structure_source(tmp_path / name)


def test_of_a_shortened_archive_the_first_members_are_read(tmp_path):
    path = tarred(tmp_path / "all.tar.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[:185])
    source = read_structure_source(path)
    assert source.ids == ("salt",)
    assert "damaged after its structure 1" in source.problems[-1].reason
    path.write_bytes(whole[:20])
    with pytest.raises(InputError, match="not a readable archive"):
        read_structure_source(path)


@pytest.mark.parametrize("name", ["all.tar", "all.tar.xz"])
def test_a_shortened_archive_says_so_wherever_it_is_cut(name, tmp_path):
    """Also within the head of a member, which Python takes for the end."""
    path = tarred(tmp_path / name)
    whole = path.read_bytes()
    assert not any("damaged" in problem.reason for problem in read_structure_source(path).problems)
    end = len(whole.rstrip(bytes(1))) if name == "all.tar" else len(whole) - 60
    n_complete = []
    for length in range(end // 3, end, end // 23):
        path.write_bytes(whole[:length])
        try:
            source = read_structure_source(path)
        except InputError as error:
            assert "not a readable archive" in str(error)
            continue
        n_complete.append(len(source.ids))
        assert "damaged after its structure" in source.problems[-1].reason
    assert len(set(n_complete)) > 1


def arrays(**changed: np.ndarray) -> dict[str, np.ndarray]:
    plain = {
        "lattice": np.array([np.eye(3) * 3.0, np.eye(3) * 4.0], dtype=np.float32),
        "n_sites": np.array([2, 1]),
        "atomic_number": np.array([11, 17, 29], dtype=np.uint8),
        "frac_coords": np.array([[0, 0, 0], [0.5, 0.5, 0.5], [0, 0, 0]], dtype=np.float32),
        "material_id": np.array(["salt", "copper"]),
    }
    return {name: array for name, array in (plain | changed).items() if array is not None}


def test_written_arrays_are_read_again_with_partial_occupancies(tmp_path):
    lattice = Lattice.cubic(4.0)
    given = [
        Structure(lattice, [{"Fe": 0.25, "Mn": 0.75}, "O"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        Structure(lattice, ["Cu"], [[0, 0, 0]]),
    ]
    structures = Structures.from_pymatgen(given)
    path = write_structure_arrays(tmp_path / "all.npz", np.array(["alloy", "copper"]), structures)
    names, again = read_structure_arrays(path)
    assert names == ("alloy", "copper")
    for name, column in structures.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], column)


def test_arrays_are_structures(tmp_path):
    np.savez(tmp_path / "all.npz", **arrays())
    source = read_structure_source(tmp_path / "all.npz")
    assert source.ids == ("salt", "copper")
    assert source.structures.offsets.tolist() == [0, 2, 3]
    assert source.structures.to_pymatgen(0).composition.reduced_formula == "NaCl"
    assert read_materials(tmp_path / "all.npz").materials.formulas.tolist() == ["NaCl", "Cu"]


def test_arrays_without_names_are_counted(tmp_path):
    np.savez(tmp_path / "all.npz", **arrays(material_id=None))
    assert read_structure_source(tmp_path / "all.npz").ids == ("1", "2")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"lattice": None}, "has no array lattice"),
        ({"n_sites": np.array([2, 2])}, r"atomic_number is \[3\], not \[4\]"),
        ({"atomic_number": np.array([11, 17, 0])}, "atomic numbers lie from 0 to 17"),
        ({"material_id": np.array(["one"])}, r"material_id is \[1\], not \[2\]"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changed, words, tmp_path):
    np.savez(tmp_path / "all.npz", **arrays(**changed))
    with pytest.raises(InputError, match=words):
        read_structure_source(tmp_path / "all.npz")


def test_a_file_that_only_looks_like_arrays_is_refused(tmp_path):
    (tmp_path / "all.npz").write_bytes(b"PK something")
    with pytest.raises(InputError, match="not a readable file of arrays"):
        read_structure_source(tmp_path / "all.npz")
