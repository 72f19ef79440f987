"""Materials from formulas and structures; pymatgen writes the structures and is the truth for what they are made of."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Composition, Lattice, Structure

from matscout.data.reading import read, read_materials
from matscout.data.roles import Request, choose_roles
from matscout.data.row_materials import read_row_materials
from matscout.data.sources import load_source
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import InputError, UsageError

ROCKSALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
SILICON = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.43), ["Si"], [[0, 0, 0]])
ALLOY = Structure(Lattice.cubic(3.6), [{"Cu": 0.75, "Au": 0.25}], [[0, 0, 0]])
CIFS = [structure.to(fmt="cif") for structure in (ROCKSALT, SILICON, ALLOY)]


def rows(*lines):
    return "\n".join(["id,formula,gap", *lines])


def test_compositions_of_structures_are_those_of_pymatgen():
    structures = [ROCKSALT, SILICON, ALLOY]
    compositions = compositions_of(Structures.from_pymatgen(structures))
    for i, structure in enumerate(structures):
        assert Composition(compositions.to_dict(i)).almost_equals(structure.composition)


@given(st.lists(st.lists(st.sampled_from(["Na", "Cl", "O", "Fe"]), min_size=1, max_size=6), min_size=1, max_size=5))
def test_compositions_of_any_cells(cells):
    structures = [
        Structure(Lattice.cubic(9), cell, np.linspace(0, 0.9, len(cell))[:, None].repeat(3, 1)) for cell in cells
    ]
    compositions = compositions_of(Structures.from_pymatgen(structures))
    assert [compositions.to_dict(i) for i in range(len(cells))] == [
        {symbol: cell.count(symbol) for symbol in compositions.to_dict(i)} for i, cell in enumerate(cells)
    ]
    assert compositions.amounts.sum() == sum(len(cell) for cell in cells)


def test_a_column_of_cif_text(tmp_path):
    import polars as pl

    pl.DataFrame({"formula": ["NaCl", "Si", "Cu3Au"], "gap": [8.5, 1.1, 0.0], "cif": CIFS}).write_csv(
        tmp_path / "s.csv"
    )
    dataset = read(tmp_path / "s.csv")
    assert dataset.materials.structures is not None
    assert dataset.materials[np.array([2])].material(0).structure.composition.almost_equals(ALLOY.composition)
    assert list(dataset.materials.formulas) == ["NaCl", "Si", "Cu3Au"]
    np.testing.assert_array_equal(dataset.row_numbers, [2, 3, 4])
    assert not dataset.problems


@pytest.mark.parametrize("labelled", [True, False])
def test_a_row_whose_structure_is_of_other_elements_is_read_by_its_formula(tmp_path, labelled):
    import polars as pl

    table = pl.DataFrame({"formula": ["KCl", "Si", "Cu3Au"], "gap": [8.5, 1.1, 0.0], "cif": CIFS})
    table.write_csv(tmp_path / "s.csv")
    dataset = read(tmp_path / "s.csv") if labelled else read_materials(tmp_path / "s.csv")
    told = [(problem.row, problem.value, problem.reason, problem.dropped) for problem in dataset.problems]
    assert told == [(2, "KCl", "the structure is NaCl; the formula of the row is used", False)]
    assert dataset.materials.compositions.to_dict(0).keys() == {"K", "Cl"}
    assert dataset.materials.has_structure.tolist() == [False, True, True]
    table.head(1).write_csv(tmp_path / "one.csv")
    alone = read_materials(tmp_path / "one.csv")
    assert alone.materials.compositions.to_dict(0).keys() == {"K", "Cl"}
    assert alone.materials.structures is None


def test_a_structure_of_the_same_elements_in_other_amounts_counts_with_a_remark(tmp_path):
    import polars as pl

    pl.DataFrame({"formula": ["NaCl", "CuAu"], "gap": [8.5, 0.0], "cif": [CIFS[0], CIFS[2]]}).write_csv(
        tmp_path / "s.csv"
    )
    dataset = read(tmp_path / "s.csv")
    assert [(problem.row, problem.reason, problem.dropped) for problem in dataset.problems] == [
        (3, "the structure is Au0.25Cu0.75", False)
    ]
    assert dataset.materials.compositions.to_dict(1) == {"Cu": 0.75, "Au": 0.25}


def test_a_row_without_a_formula_and_a_structure_is_listed_once(tmp_path):
    (tmp_path / "cifs").mkdir()
    (tmp_path / "cifs" / "m1.cif").write_text(CIFS[0], encoding="utf-8")
    (tmp_path / "cifs" / "m3.cif").write_text("data_\n_cell_length_a x\n", encoding="utf-8")
    (tmp_path / "labels.csv").write_text(rows("m1,NaCl,8.5", "m2,Xx2,1.1", "m3,Yy2,1.2", "m4,,1"), encoding="utf-8")
    dataset = read(tmp_path / "labels.csv", structure=str(tmp_path / "cifs"), max_bad=0.9)
    assert [(problem.row, problem.value) for problem in dataset.problems] == [(3, "Xx2"), (4, "Yy2"), (5, "")]
    assert all(problem.dropped for problem in dataset.problems)
    assert "of its structure" in dataset.problems[1].reason


def test_a_column_of_paths_with_bad_ones(tmp_path):
    (tmp_path / "cifs").mkdir()
    for name, text in zip(["a", "b"], CIFS, strict=False):
        (tmp_path / "cifs" / f"{name}.cif").write_text(text, encoding="utf-8")
    (tmp_path / "cifs" / "broken.cif").write_text("data_\n_cell_length_a x\n", encoding="utf-8")
    lines = ["cifs/a.cif,8.5", "cifs/b.cif,1.1", "cifs/broken.cif,2", "cifs/none.cif,3", ",4"]
    (tmp_path / "s.csv").write_text("\n".join(["file,gap", *lines]), encoding="utf-8")
    dataset = read(tmp_path / "s.csv", structure="file", max_bad=0.7)
    np.testing.assert_array_equal(dataset.row_numbers, [2, 3])
    assert sorted(problem.row for problem in dataset.problems if problem.dropped) == [4, 5, 6]
    assert list(dataset.materials.formulas) == ["NaCl", "Si"]


def test_a_folder_is_matched_by_the_names_of_its_files(tmp_path):
    (tmp_path / "cifs").mkdir()
    for name, text in zip(["m1", "m2"], CIFS, strict=False):
        (tmp_path / "cifs" / f"{name}.cif").write_text(text, encoding="utf-8")
    (tmp_path / "labels.csv").write_text(rows("m2,Si,1.1", "m1,NaCl,8.5", "m3,Ge,0.7"), encoding="utf-8")
    dataset = read(tmp_path / "labels.csv", structure="cifs", max_bad=0.5)
    assert list(dataset.materials.ids) == ["m2", "m1", "m3"]
    assert dataset.materials.material(0).structure.composition.reduced_formula == "Si"
    assert dataset.materials.has_structure.tolist() == [True, True, False], "m3 is read by its formula"
    assert not dataset.problems
    (tmp_path / "other.csv").write_text("id,gap\nx1,1\nx2,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no file in .* has the name of an entry"):
        read(tmp_path / "other.csv", structure="cifs")
    (tmp_path / "cifs" / "m1.txt").write_text(CIFS[0], encoding="utf-8")
    with pytest.raises(InputError, match=r"m1 in column 'id' of labels\.csv could be m1\.cif or m1\.txt"):
        read(tmp_path / "labels.csv", structure="cifs", max_bad=0.5)
    (tmp_path / "files.csv").write_text("file,gap\nm2.cif,1.1\nm1.cif,8.5\n", encoding="utf-8")
    assert read(tmp_path / "files.csv", structure="cifs").materials.formulas.tolist() == ["Si", "NaCl"]


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_an_archive_is_matched_like_a_folder(tmp_path, ending):
    """By names with or without ending; a broken member leaves its row to the formula."""
    folder = tmp_path / "cifs"
    folder.mkdir()
    for name, text in zip(["m1", "m2"], CIFS, strict=False):
        (folder / f"{name}.cif").write_text(text, encoding="utf-8")
    (folder / "m4.cif").write_text("data_m4\n_cell_length_a 4\n", encoding="utf-8")
    packed = shutil.make_archive(str(tmp_path / "packed"), {"zip": "zip", "tar.gz": "gztar"}[ending], folder)
    lines = ["m2,Si,1.1", "m1.cif,NaCl,8.5", "m3,Ge,0.7", "m4,KCl,8.7"]
    (tmp_path / "labels.csv").write_text(rows(*lines), encoding="utf-8")
    dataset = read(tmp_path / "labels.csv", structure=packed)
    assert dataset.materials.formulas.tolist() == ["Si", "NaCl", "Ge", "KCl"]
    assert dataset.materials.has_structure.tolist() == [True, True, False, False]
    assert dataset.materials.material(1).structure.composition.reduced_formula == "NaCl"
    assert [(problem.row, problem.dropped) for problem in dataset.problems] == [(5, False)]
    assert f"Structures were read from {Path(packed).name}, matched by column 'id'." in dataset.provenance.remarks
    (tmp_path / "other.csv").write_text("id,gap\nx1,1\nx2,2\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no file in .* has the name of an entry"):
        read(tmp_path / "other.csv", structure=packed)


def test_a_folder_as_the_source(tmp_path):
    for name, text in zip(["m1", "m2"], CIFS, strict=False):
        (tmp_path / f"{name}.cif").write_text(text, encoding="utf-8")
    (tmp_path / "broken.cif").write_text("data_\n_cell_length_a x\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    dataset = read_materials(tmp_path, max_bad=0.5)
    assert list(dataset.materials.ids) == ["m1", "m2"]
    assert dataset.provenance.n_rows == 3
    assert [problem.value for problem in dataset.problems if problem.dropped] == ["broken"]
    with pytest.raises(UsageError, match="spreadsheet"):
        read_materials(tmp_path, sheet="a")


def test_files_named_by_elements_keep_their_structures(tmp_path):
    """A cell of NaCl in a file called K.cif is no contradiction: the names of files are no formulas."""
    for name, text in zip(["K", "Ca", "MgO"], CIFS, strict=True):
        (tmp_path / f"{name}.cif").write_text(text, encoding="utf-8")
    dataset = read_materials(tmp_path)
    assert dataset.materials.has_structure.all()
    assert dict(zip(dataset.materials.ids, dataset.materials.formulas, strict=True))["K"] == "NaCl"
    assert not dataset.problems


def test_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match="holds no files"):
        read_materials(tmp_path)


def test_pymatgen_json_and_ase_database_with_properties(tmp_path):
    import json

    from ase.db import connect
    from pymatgen.io.ase import AseAtomsAdaptor

    entries = [
        {"material_id": f"m{i}", "gap": gap, "structure": s.as_dict()}
        for i, (gap, s) in enumerate([(8.5, ROCKSALT), (1.1, SILICON)])
    ]
    (tmp_path / "s.json").write_text(json.dumps(entries), encoding="utf-8")
    dataset = read(tmp_path / "s.json", target="gap")
    assert list(dataset.materials.ids) == ["m0", "m1"]
    np.testing.assert_array_equal(dataset.target().values, [8.5, 1.1])
    with connect(tmp_path / "s.db") as database:
        for gap, structure in [(8.5, ROCKSALT), (1.1, SILICON)]:
            database.write(AseAtomsAdaptor.get_atoms(structure, msonable=False), gap=gap)
    dataset = read(tmp_path / "s.db", target="gap")
    np.testing.assert_array_equal(dataset.target().values, [8.5, 1.1])
    assert dataset.materials.structures is not None


def test_neither_formula_nor_structure():
    import polars as pl

    with pytest.raises(
        InputError, match=r"no column of .* contains formulas, structures or reactions \(columns: gap\)"
    ):
        read(pl.DataFrame({"gap": [1.0, 2.0]}))


def test_how_formulas_were_read_stands_with_the_rows_and_the_column_of_the_table(tmp_path):
    path = tmp_path / "formulas.csv"
    path.write_text("name,formula\na,Bi2Te3\nb,CuSO4·5H2O\n,\nc,La1-xSrxMnO3 (x=0.3)\nd,YBCO\n", encoding="utf-8")
    source = load_source(path)
    made = read_row_materials(source, choose_roles(source, Request(wants_target=False)))
    assert [(reading.row, reading.column, reading.read_as, reading.rule) for reading in made.readings] == [
        (3, "formula", "CuH10SO9", "adduct"),
        (5, "formula", "Sr0.3La0.7MnO3", "x = 0.3 inserted"),
    ]
