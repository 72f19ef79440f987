"""Structures from texts, files, folders, databases and JSON, checked against pymatgen and ASE."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition, Lattice, Structure
from pymatgen.io.cif import CifWriter

from matscout.data import structure_bytes, structure_readings, structure_texts
from matscout.data.budgets import Budget
from matscout.data.structure_files import read_structure_source, read_structures
from matscout.data.structure_texts import recognised_format
from matscout.errors import InputError, MissingExtraError

ROCK_SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
SKEWED = Structure(
    Lattice.from_parameters(3.1, 4.2, 5.3, 80, 95, 105),
    ["Ti", "O", "O"],
    [[0.1, 0.2, 0.3], [0.45, 0.55, 0.65], [0.8, 0.15, 0.9]],
)
DISORDERED = Structure(Lattice.cubic(4), [{"Na": 0.7, "K": 0.3}, {"Cl": 0.9}], [[0, 0, 0], [0.5, 0.5, 0.5]])

CIF = """data_test
_cell_length_a 5.6
_cell_length_b 5.6
_cell_length_c 5.6
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Na1 Na 0 0 0 0.7
K1 K 0 0 0 0.3
Cl1 Cl 0.5 0.5 0.5 1
"""
POSCAR = "title\n1.0\n3 0 0\n0 3 0\n0 0 3\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"
EXTENDED_XYZ = (
    '2\nLattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3 energy=-1.5 name="a b"\nNa 0 0 0\nCl 1.5 1.5 1.5\n'
)


def as_extended_xyz(structure: Structure) -> str:
    from ase.io import write
    from pymatgen.io.ase import AseAtomsAdaptor

    text = io.StringIO()
    write(text, AseAtomsAdaptor.get_atoms(structure, msonable=False), format="extxyz")
    return text.getvalue()


WRITERS = {
    "cif": lambda structure: str(CifWriter(structure, significant_figures=10)),
    "poscar": lambda structure: structure.to(fmt="poscar"),
    "extxyz": as_extended_xyz,
    "json": lambda structure: json.dumps(structure.as_dict()),
}


def assert_same_crystal(read, row: int, expected: Structure) -> None:
    """Same cell up to rotation, same atoms; CIF and POSCAR may reorder them."""
    found = read.structures.to_pymatgen(row)
    np.testing.assert_allclose(found.lattice.parameters, expected.lattice.parameters, atol=1e-6)
    assert found.composition.almost_equals(expected.composition, rtol=1e-8)
    distances = found.lattice.get_all_distances(found.frac_coords, expected.frac_coords)
    np.testing.assert_allclose(distances.min(axis=1), 0, atol=1e-5)


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("structure", [ROCK_SALT, SKEWED], ids=["rock-salt", "skewed"])
def test_each_format_as_text_and_path(name, structure, tmp_path):
    text = WRITERS[name](structure)
    path = tmp_path / "unnamed"
    path.write_text(text, encoding="utf-8")
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert recognised_format(text) == name
    parsed = read_structures([text, path, str(path), packed])
    assert parsed.rows.tolist() == [0, 1, 2, 3]
    assert parsed.problems == ()
    for row in range(4):
        assert_same_crystal(parsed, row, structure)


@pytest.mark.parametrize("name", ["cif", "json"])
def test_partial_occupancy_is_kept(name):
    parsed = read_structures([WRITERS[name](DISORDERED)])
    assert_same_crystal(parsed, 0, DISORDERED)
    assert sorted(parsed.structures.occupancies) == pytest.approx([0.3, 0.7, 0.9])
    assert parsed.problems == ()


def test_cif_with_symmetry_and_shared_sites():
    parsed = read_structures([CIF])
    assert parsed.problems == ()
    assert parsed.structures.to_pymatgen(0).composition.almost_equals(Composition("Na2.8K1.2Cl4"))


def test_ase_reads_the_same_from_extended_xyz():
    from ase.io import read

    atoms = read(io.StringIO(EXTENDED_XYZ), format="extxyz")
    ours = read_structures([EXTENDED_XYZ]).structures
    np.testing.assert_allclose(ours.lattices[0], atoms.cell.array)
    np.testing.assert_array_equal(ours.atomic_numbers, atoms.numbers)
    np.testing.assert_allclose(ours.fractional_coordinates, atoms.get_scaled_positions())


def test_oxidation_states_and_isotopes():
    charged = ROCK_SALT.copy()
    charged.add_oxidation_state_by_element({"Na": 1, "Cl": -1})
    parsed = read_structures([WRITERS["json"](charged), POSCAR.replace("Na Cl", "Li D")])
    assert_same_crystal(parsed, 0, ROCK_SALT)
    assert set(parsed.structures[[1]].atomic_numbers.tolist()) == {1, 3}
    assert [(problem.row, problem.reason, problem.dropped) for problem in parsed.problems] == [
        (2, "D counts as H", False)
    ]


BAD = {
    "": "it is empty",
    "nowhere.cif": "there is no such file",
    "x" * 5000: "cannot be opened",
    "two\nlines": "no CIF, POSCAR, extended XYZ, JSON",
    CIF.replace("0.3\n", "0.6\n"): "sum to > 1",
    CIF.replace("_cell_length_a 5.6", "_cell_length_a ?"): "could not convert string to float",
    CIF.replace("Cl1 Cl", "Xx1 Xx"): "Xx is not an element",
    CIF.split("loop_", maxsplit=1)[0]: "it lists no atoms",
    POSCAR.replace("Na Cl\n", ""): "its elements are not named",
    POSCAR.replace(".5 .5 .5", ".5 .5"): "Cannot parse coordinates",
    POSCAR.replace("0 3 0", "3 0 0"): "its unit cell has no volume",
    EXTENDED_XYZ.replace("Lattice", "Cell"): "no Lattice with nine numbers",
    EXTENDED_XYZ.replace("2\n", "3\n", 1): "it ends before the 3 atoms",
    EXTENDED_XYZ.replace("0 0 0\n", "0 0\n"): "the atom line 'Na 0 0' is too short",
    EXTENDED_XYZ.replace("species:S:1:pos:R:3", "type:I:1:xyz:R:3"): "lack species or pos",
    "{": "Expecting property name",
    "[1, 2]": "not a pymatgen structure in JSON",
    '{"lattice": {"matrix": [[1]]}, "sites": []}': "its unit cell has no volume",
    '{"lattice": {"matrix": [[3, 0, 0], [0, 3, 0], [0, 0, 3]]}, "sites": []}': "it has no atoms",
    CIF.replace("F m -3 m", "F m -3 q"): "its space group F m -3 q is not recognised",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_structure_is_listed_and_the_others_are_read(text):
    parsed = read_structures([POSCAR, text, EXTENDED_XYZ])
    assert parsed.rows.tolist() == [0, 2]
    assert len(parsed.structures) == 2
    (problem,) = parsed.problems
    assert problem.row == 2
    assert problem.dropped
    assert BAD[text] in problem.reason


def test_warnings_become_remarks():
    slightly_over = CIF.replace("0.3\n", "0.301\n")
    parsed = read_structures([CIF + slightly_over.replace("data_test", "data_more"), slightly_over])
    assert [problem.dropped for problem in parsed.problems] == [False, False]
    assert "the first of its 2 structures is used" in parsed.problems[0].reason
    assert "sum to > 1" in parsed.problems[1].reason
    assert parsed.structures[[1]].occupancies.sum() == pytest.approx(8)


def test_a_cif_without_its_sum_formula_is_fine():
    header, _, _ = CIF.partition("Na1 Na")
    short = header.replace("_atom_site_type_symbol\n", "").replace("_atom_site_occupancy\n", "")
    parsed = read_structures([short + "Na 0 0 0\nCl 0.5 0.5 0.5\n"])
    assert len(parsed.structures) == 1
    assert parsed.problems == ()


def test_no_structures():
    parsed = read_structures([])
    assert len(parsed.structures) == len(parsed.rows) == len(parsed.problems) == 0


def test_large_files_are_skipped(tmp_path, monkeypatch):
    monkeypatch.setattr(structure_bytes, "BUDGET", Budget(bytes_per_structure=1000))
    monkeypatch.setattr(structure_texts, "BUDGET", Budget(bytes_per_structure=1000))
    large = tmp_path / "large.cif"
    large.write_text(CIF + "#" * 1000, encoding="utf-8")
    parsed = read_structures([large, CIF, large.read_text(encoding="utf-8")])
    assert parsed.rows.tolist() == [1]
    assert all("more than" in problem.reason for problem in parsed.problems)


@pytest.mark.parametrize("name", ["cif", "poscar", "extxyz"])
def test_structures_with_too_many_atoms_are_skipped(name, monkeypatch):
    monkeypatch.setattr(structure_readings, "BUDGET", Budget(sites=5))
    (problem,) = read_structures([WRITERS[name](ROCK_SALT)]).problems
    assert "atoms, more than 5" in problem.reason


@settings(max_examples=50)
@given(
    st.one_of(
        st.text(max_size=200), st.lists(st.sampled_from([*CIF.splitlines(), *POSCAR.splitlines()])).map("\n".join)
    )
)
def test_any_text_is_read_or_listed(text):
    parsed = read_structures([text])
    assert len(parsed.rows) + sum(problem.dropped for problem in parsed.problems) == 1


def test_folder(tmp_path):
    for name, text in {
        "b.cif": CIF,
        "a.vasp": POSCAR,
        "c.extxyz": EXTENDED_XYZ,
        "d.json": WRITERS["json"](SKEWED),
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "broken.cif").write_text("data_", encoding="utf-8")
    (tmp_path / "b.poscar").write_text(POSCAR, encoding="utf-8")
    (tmp_path / "labels.csv").write_text("id,gap\na,1\n", encoding="utf-8")
    (tmp_path / ".hidden").write_text("", encoding="utf-8")
    (tmp_path / "e.cif.gz").write_bytes(gzip.compress(CIF.encode()))
    source = read_structure_source(tmp_path)
    assert source.ids == ("a", "b.cif", "b.poscar", "c", "d", "e")
    assert len(source.structures) == 6
    names = sorted(path.name for path in tmp_path.iterdir() if path.name[0] != "." and path.name != "labels.csv")
    assert [names[row] for row in source.rows] == ["a.vasp", "b.cif", "b.poscar", "c.extxyz", "d.json", "e.cif.gz"]
    assert source.properties["energy"] == [None, None, None, -1.5, None, None]
    reasons = {(problem.value, problem.dropped): problem.reason for problem in source.problems}
    assert list(reasons) == [("broken", True)]
    assert source.remarks == ("Not read, since no structure was recognised in it: 1 table.",)


def test_folder_without_files(tmp_path):
    with pytest.raises(InputError, match="holds no files"):
        read_structure_source(tmp_path)


def test_missing_source(tmp_path):
    with pytest.raises(InputError, match="no file or folder"):
        read_structure_source(tmp_path / "nowhere")


def test_single_file(tmp_path):
    (tmp_path / "salt.cif").write_text(CIF, encoding="utf-8")
    assert read_structure_source(tmp_path / "salt.cif").ids == ("salt",)


def test_extended_xyz_with_several_frames(tmp_path):
    path = tmp_path / "run.extxyz"
    path.write_text(EXTENDED_XYZ + EXTENDED_XYZ.replace("-1.5 ", "-1.6 "), encoding="utf-8")
    source = read_structure_source(path)
    assert source.ids == ("1", "2")
    assert source.properties == {"energy": [-1.5, -1.6], "name": ["a b", "a b"]}


def test_extended_xyz_that_is_cut_short(tmp_path):
    path = tmp_path / "run.extxyz"
    path.write_text(EXTENDED_XYZ + "7\n", encoding="utf-8")
    with pytest.raises(InputError, match="ends before the 7 atoms"):
        read_structure_source(path)


def test_ase_database(tmp_path):
    from ase import Atoms
    from ase.calculators.singlepoint import SinglePointCalculator
    from ase.db import connect
    from pymatgen.io.ase import AseAtomsAdaptor

    path = tmp_path / "store.db"
    with connect(path) as store:
        store.write(AseAtomsAdaptor.get_atoms(SKEWED, msonable=False), gap=3.2, route="sol-gel")
        store.write(Atoms("H2", [[0, 0, 0], [0, 0, 0.7]]))
        atoms = AseAtomsAdaptor.get_atoms(ROCK_SALT, msonable=False)
        atoms.calc = SinglePointCalculator(atoms, energy=-27.0)
        store.write(atoms, gap=8.5)
    source = read_structure_source(path)
    assert source.ids == ("1", "3")
    assert source.rows.tolist() == [0, 2]
    assert source.properties == {"gap": [3.2, 8.5], "route": ["sol-gel", None], "energy": [None, -27.0]}
    assert_same_crystal(source, 0, SKEWED)
    assert_same_crystal(source, 1, ROCK_SALT)
    (problem,) = source.problems
    assert (problem.row, problem.reason) == (2, "its unit cell has no volume")


def test_ase_database_without_ase(tmp_path, monkeypatch):
    (tmp_path / "store.db").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "ase", None)
    monkeypatch.delitem(sys.modules, "ase.db", raising=False)
    with pytest.raises(MissingExtraError, match=r"matscout\[structures\]"):
        read_structure_source(tmp_path / "store.db")


SALT, TITANIA = ROCK_SALT.as_dict(), SKEWED.as_dict()
DOCUMENTS = {
    "one": (TITANIA, ("1",), {}),
    "list": ([SALT, TITANIA], ("1", "2"), {}),
    "mapping": ({"mp-1": SALT, "mp-2": TITANIA}, ("mp-1", "mp-2"), {}),
    "entries": (
        [{"@class": "ComputedStructureEntry", "structure": SALT, "energy": -27.0, "entry_id": "mp-22862"}],
        ("mp-22862",),
        {"energy": [-27.0], "entry_id": ["mp-22862"]},
    ),
    "mapping of entries": (
        {"a": {"structure": SALT, "gap": 8.5}, "b": {"structure": TITANIA, "note": "x"}},
        ("a", "b"),
        {"gap": [8.5, None], "note": [None, "x"]},
    ),
    "split table": (
        {"index": ["m-0", "m-1"], "columns": ["structure", "gap"], "data": [[SALT, 8.5], [TITANIA, 3.2]]},
        ("m-0", "m-1"),
        {"gap": [8.5, 3.2]},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("ending", [".json", ".json.gz"])
def test_pymatgen_json(name, ending, tmp_path):
    document, ids, properties = DOCUMENTS[name]
    text = json.dumps(document).encode()
    path = tmp_path / f"structures{ending}"
    path.write_bytes(gzip.compress(text) if ending.endswith("gz") else text)
    source = read_structure_source(path)
    assert source.ids == ids
    assert source.properties == properties
    assert source.problems == ()
    assert_same_crystal(source, len(ids) - 1, SKEWED if TITANIA in (document, *_nested(document)) else ROCK_SALT)


def _nested(document):
    values = list(document.values()) if isinstance(document, dict) else document
    flat = [inner for value in values for inner in (value.values() if isinstance(value, dict) else [])]
    rows = [
        cell for value in values if isinstance(value, list) for row in value if isinstance(row, list) for cell in row
    ]
    return [*values, *flat, *rows]


def test_json_with_bad_entries(tmp_path):
    path = tmp_path / "mixed.json"
    path.write_text(json.dumps([SALT, {"no": "structure"}, 7, TITANIA]), encoding="utf-8")
    source = read_structure_source(path)
    assert source.ids == ("1", "4")
    assert source.rows.tolist() == [0, 3]
    assert [problem.row for problem in source.problems] == [2, 3]


def test_json_chooses_no_code_to_run(tmp_path):
    trap = {"@module": "subprocess", "@class": "Popen", "args": ["touch", str(tmp_path / "trapped")]}
    document = json.loads(json.dumps(SALT))
    document["sites"][0]["properties"] = trap
    document["properties"] = trap
    path = tmp_path / "trap.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert len(read_structure_source(path).structures) == 1
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b""])
def test_unreadable_json(content, tmp_path):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not readable JSON"):
        read_structure_source(path)


@pytest.mark.parametrize(
    ("file", "column"),
    [("mp_elasticity/structures.csv.gz", "formula_pretty"), ("superconductors/3dsc_mp_structures.csv.gz", None)],
)
def test_structures_of_the_shared_data(data_dir, file, column):
    with gzip.open(Path(data_dir) / file, "rt", encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))[::250]
    parsed = read_structures([row["cif"] for row in rows])
    assert len(parsed.rows) == len(rows)
    for place, row in enumerate(rows):
        found = parsed.structures.to_pymatgen(place)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference = Structure.from_str(row["cif"], fmt="cif")
        assert found.composition.almost_equals(reference.composition, rtol=1e-6)
        assert found.volume == pytest.approx(reference.volume)
        if column:
            assert found.composition.reduced_formula == Composition(row[column]).reduced_formula


@pytest.mark.parametrize(
    "text",
    [
        '{"index":5,"columns":["a"],"data":[["lattice"]],"lattice":1}',
        '{"index":[1,2],"columns":["a"],"data":[["x"]],"lattice":{}}',
        '{"index":[1],"columns":["structure"],"data":[7],"lattice":{}}',
        '{"index":[1],"columns":[["a"]],"data":[null],"lattice":{}}',
        '{"ids":[[1]],"nextid":3,"lattice":{}}',
        '{"lattice":' + "[" * 3000,
    ],
)
def test_json_that_lists_no_structures_is_an_error_in_words(text, tmp_path):
    path = tmp_path / "set.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(
        InputError,
        match=r"does not list its structures in the expected form|not readable JSON|json: it holds no structures",
    ):
        read_structure_source(path)


@pytest.mark.parametrize("content", [b"garbage \xe9\n", b"\x8f\xff\xfe", b"formula,gap\n", b"7\n"])
def test_a_json_file_of_other_bytes_is_an_error(content, tmp_path):
    from matscout.data.sources import load_source

    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"is not valid JSON|contains no records"):
        load_source(path)
