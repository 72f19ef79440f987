"""Structure files that ended a run once: each is refused in the package's words, or read."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from matscout.data import structure_folders, structure_parsing
from matscout.data.budgets import Budget
from matscout.data.reading import read_materials
from matscout.data.structure_collections import entries_of
from matscout.data.structure_files import read_structure_source, read_structures
from matscout.errors import InputError

FOLDER = Path(__file__).parent / "hostile_structures"
POSCAR = "title\n1.0\n3 0 0\n0 3 0\n0 0 3\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
REASONS = {
    "bigcount.xyz": "ends before the 999999999999 atoms",
    "broken.cif.gz": "it cannot be opened",
    "index_bad1.json": "does not list its structures",
    "index_bad2.json": "does not list its structures",
    "index_bad4.json": "not a pymatgen structure",
    "index_bad5.json": "does not list its structures",
    "isnpy.npz": "not a readable file of arrays",
    "lie.tar": "more than 20 MB",
    "lie_1e12.npz": "claims the shape",
    "lie_bool.npz": "not a readable file of arrays",
    "neg.npz": "n_sites must hold numbers of atoms",
    "nosites.npz": "it has no atoms",
    "occ.npz": "occupancy is not between 0 and 1",
    "occ0.npz": "occupancy is not between 0 and 1",
    "poscar_1e9_atoms.vasp": "it announces 1000000000",
    "sigfpe_1e7.xyz": "Å long",
    "sigfpe_huge_vector.xyz": "Å long",
    "sites_nan.json": "occupancy of Na is nan",
}


@pytest.mark.parametrize("name", REASONS)
def test_refused_in_words(name):
    with pytest.raises(InputError) as raised:
        read_materials(FOLDER / name, max_bad=1)
    assert REASONS[name] in str(raised.value)


@pytest.mark.parametrize("name", [name for name in REASONS if name.endswith((".xyz", ".vasp", ".gz", ".json"))])
def test_a_bad_file_costs_only_itself(name, tmp_path):
    (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    (tmp_path / "good").write_text(POSCAR, encoding="utf-8")
    source = read_structure_source(tmp_path)
    assert source.ids == ("good",)
    assert len(source.problems) == 1


def test_blank_lines_are_harmless():
    assert len(read_structures([FOLDER / "cif_1000_blank_lines.cif"]).structures) == 1


def test_a_bad_member_costs_only_itself():
    assert len(read_structure_source(FOLDER / "gzgz.zip").ids) == 1


LATTICES = [
    np.diag([1e7, 3, 3]),
    np.diag([1e200, 1e200, 1e200]),
    np.diag([3, 3, 1e-6]),
    np.array([[3, 0, 0], [3, 1e-9, 0], [0, 0, 3]]),
    np.diag([1e-4, 900, 900]),
    np.array([[3, 0, 0], [0, 3, 0], [0, 0, np.nan]]),
    np.zeros((3, 3)),
]


@pytest.mark.parametrize("place", range(len(LATTICES)))
def test_cells_that_native_code_could_not_stand(place, tmp_path):
    rows = LATTICES[place].tolist()
    words = " ".join(str(value) for row in rows for value in row)
    vectors = "\n".join(" ".join(map(str, row)) for row in rows)
    texts = [
        f'1\nLattice="{words}" Properties=species:S:1:pos:R:3\nNa 0 0 0\n',
        f"title\n1.0\n{vectors}\nNa\n1\nDirect\n0 0 0\n",
        json.dumps(
            {"lattice": {"matrix": rows}, "sites": [{"species": [{"element": "Na", "occu": 1}], "abc": [0, 0, 0]}]}
        ),
    ]
    parsed = read_structures(texts)
    assert len(parsed.structures) == 0
    assert len(parsed.problems) == 3
    np.savez(
        tmp_path / "a.npz",
        lattice=[rows, np.eye(3) * 4],
        n_sites=[1, 1],
        atomic_number=[11, 11],
        frac_coords=np.zeros((2, 3)),
    )
    source = read_structure_source(tmp_path / "a.npz")
    assert source.ids == ("2",)
    assert source.problems[0].dropped


ARRAYS = {
    "fractions of atoms": {"n_sites": np.array([1.5, 0.5])},
    "fractions of numbers": {"atomic_number": np.array([11.7, 17])},
    "texts": {"lattice": np.array(["x"])},
    "flags": {"frac_coords": np.zeros((2, 3), dtype=bool)},
    "objects": {"material_id": np.array([{}, 1], dtype=object)},
    "overflow": {"n_sites": np.array([2**62, 2**62])},
    "two dimensions": {"n_sites": np.array([[2]])},
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_are_none(name, tmp_path):
    good = {"lattice": np.eye(3)[None] * 4, "n_sites": [2], "atomic_number": [11, 17], "frac_coords": np.zeros((2, 3))}
    np.savez(tmp_path / "a.npz", **{**good, **ARRAYS[name]})
    with pytest.raises(InputError, match=r"a\.npz"):
        read_structure_source(tmp_path / "a.npz")


def test_occupancies_of_every_reader():
    site = '{{"species": [{{"element": "Na", "occu": {0}}}], "abc": [0, 0, 0]}}'
    texts = [
        '{"lattice": {"matrix": [[3,0,0],[0,3,0],[0,0,3]]}, "sites": [' + site.format(value) + "]}"
        for value in ("0", "-5", "NaN", "7", "1e400", '"x"', "null")
    ]
    parsed = read_structures(texts)
    assert len(parsed.structures) == 0
    assert [problem.row for problem in parsed.problems] == list(range(1, len(texts) + 1))


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, f"w:{path.suffix[1:].replace('tar', '')}") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_an_archive_is_read_up_to_its_budget(name, tmp_path, monkeypatch):
    monkeypatch.setattr(structure_folders, "BUDGET", Budget(bytes_unpacked=5000))
    members = {f"{place}.vasp": POSCAR.encode() + b"\n" * 1000 for place in range(10)}
    path = (zipped if name.endswith("zip") else tarred)(tmp_path / name, members)
    source = read_structure_source(path)
    assert source.ids == ("0", "1", "2", "3")
    assert [problem.row for problem in source.problems] == [5]
    assert "unpacks to more than" in source.problems[0].reason


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_the_number_of_members_is_limited(name, tmp_path, monkeypatch):
    monkeypatch.setattr(structure_folders, "BUDGET", Budget(entries=3))
    members = {f"{place}.vasp": POSCAR.encode() for place in range(10)}
    source = read_structure_source((zipped if name.endswith("zip") else tarred)(tmp_path / name, members))
    assert source.ids == ("0", "1", "2")
    assert source.problems[0].dropped


def test_texts_that_are_long_travel_in_small_parts(tmp_path, monkeypatch):
    members = {f"{place}.vasp": POSCAR.encode() + b" " * 2000 for place in range(30)}
    path = zipped(tmp_path / "a.zip", members)
    monkeypatch.setattr(structure_parsing, "BUDGET", Budget(bytes_held=6000))
    monkeypatch.setattr(structure_parsing, "processors", lambda: 1)
    parts = list(structure_parsing.in_parts(entries_of(path), 64))
    assert [len(part) for part in parts] == [1] * 30
    assert len(read_structure_source(path).ids) == 30


def test_halves_of_characters_in_names_are_replaced(tmp_path):
    site = {"species": [{"element": "Na", "occu": 1}], "abc": [0, 0, 0]}
    structure = {"lattice": {"matrix": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]}, "sites": [site]}
    document = {"a\ud800": {"structure": structure, "note\ud800": "b\udfff", "count": 10**30}}
    (tmp_path / "a.json").write_text(json.dumps(document), encoding="utf-8")
    dataset = read_materials(tmp_path / "a.json")
    assert dataset.materials.ids.tolist() == ["a?"]


def test_what_is_no_archive_at_all(tmp_path):
    for name in ("a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.db", "a.npz", "a.json", "a.extxyz"):
        (tmp_path / name).write_bytes(b"\x00\xff" * 50)
        with pytest.raises(InputError):
            read_structure_source(tmp_path / name)


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_end_in_words(seed, tmp_path):
    chance = random.Random(seed)
    members = {"a.vasp": POSCAR.encode(), "b.vasp.gz": gzip.compress(POSCAR.encode()), "c/POSCAR": POSCAR.encode()}
    arrays = tmp_path / "a.npz"
    np.savez(arrays, lattice=np.eye(3)[None] * 4, n_sites=[2], atomic_number=[11, 17], frac_coords=np.zeros((2, 3)))
    for path in (
        zipped(tmp_path / "a.zip", members),
        tarred(tmp_path / "a.tar", members),
        tarred(tmp_path / "a.tar.gz", members),
        arrays,
    ):
        content = path.read_bytes()
        for _ in range(25):
            changed = bytearray(content)
            for _ in range(chance.randint(1, 4)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            path.write_bytes(bytes(changed[: chance.choice([None, chance.randrange(len(changed))])]))
            try:
                read_structure_source(path)
            except InputError as error:
                assert str(error)
