"""Folders and archives of mixed files: what holds a structure, what it is called, and that no row ever shifts."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matscout.data.calculation_folders import names_of
from matscout.data.reading import read_materials
from matscout.data.sources import holds_structures, load_source
from matscout.data.structure_files import read_structure_source
from matscout.data.structure_folders import Unread, is_named_like_a_structure
from matscout.errors import InputError
from matscout.remarks import codes

CASES = Path(__file__).parents[1] / "cases" / "structures"
ELEMENTS = ["Li", "Na", "K", "Rb", "Cs", "Cu", "Ag", "Au", "Al", "Ga"]


def poscar(symbol: str) -> str:
    return f"title\n1.0\n4 0 0\n0 4 0\n0 0 4\n{symbol} Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"


def cif(symbol: str) -> str:
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    cell = "\n".join(f"_cell_{name} {value}" for name, value in zip(names, (4, 4, 4, 90, 90, 90), strict=True))
    loop = "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z"
    return f"data_x\n{cell}\n_symmetry_Int_Tables_number 1\n{loop}\n{symbol}1 0 0 0\nCl1 .5 .5 .5\n"


def xyz(symbol: str) -> str:
    return f'2\nLattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3\n{symbol} 0 0 0\nCl 2 2 2\n'


GOOD = {".vasp": poscar, ".cif": cif, ".xyz": xyz, "": poscar, ".txt": cif, ".dat": xyz, ".backup": poscar}
BAD = {".cif": "data_x\n", ".vasp": "nothing", ".xyz": "3\n", ".json": "{}", ".res": "TITL\n"}
OTHER = {".csv": "a,b\n1,2\n", ".png": "\x89PNG", ".md": "# words", ".pdf": "%PDF", "": "words", ".txt": "5.0 4.0\n"}

member = st.one_of(
    st.tuples(st.just("good"), st.sampled_from(sorted(GOOD)), st.sampled_from(ELEMENTS)),
    st.tuples(st.just("bad"), st.sampled_from(sorted(BAD)), st.just("")),
    st.tuples(st.just("other"), st.sampled_from(sorted(OTHER)), st.just("")),
)


def text_of(kind: str, ending: str, symbol: str) -> str:
    return GOOD[ending](symbol) if kind == "good" else BAD[ending] if kind == "bad" else OTHER[ending]


def zip_of(folder: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return path


@settings(max_examples=80, deadline=None)
@given(
    st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from(["", "1", "b"])), member, min_size=1, max_size=9)
)
def test_rows_names_and_structures_belong_together(files):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "set"
        folder.mkdir()
        wanted, bad, other = {}, 0, 0
        for (stem, more), (kind, ending, symbol) in files.items():
            path = folder / f"{stem}{more}{ending}"
            if path.exists():
                continue
            path.write_text(text_of(kind, ending, symbol), encoding="utf-8")
            if kind == "good":
                wanted[path.name] = symbol
            bad += kind == "bad"
            other += kind == "other"
        for source in (folder, zip_of(folder, Path(name) / "set.zip")):
            found = read_structure_source(source)
            symbols = [str(found.structures.to_pymatgen(row)[0].specie) for row in range(len(found.ids))]
            by_name = dict(zip(found.ids, symbols, strict=True))
            stems = Counter(
                Path(path).stem for path in [*wanted, *(p.name for p in folder.iterdir() if _is_bad(files, p.name))]
            )
            expected = {
                path if stems[Path(path).stem] > 1 else Path(path).stem: symbol for path, symbol in wanted.items()
            }
            assert by_name == expected
            assert sum(problem.dropped for problem in found.problems) == bad
            assert len(found.remarks) == (other > 0)
            assert sorted({*found.rows.tolist(), *(problem.row - 1 for problem in found.problems)}) == list(
                range(len(wanted) + bad)
            )


def _is_bad(files, name: str) -> bool:
    written = {}
    for (stem, more), (kind, ending, _) in files.items():
        written.setdefault(f"{stem}{more}{ending}", kind)
    return written[name] == "bad"


def test_a_table_keeps_its_rows_beside_bad_members(tmp_path):
    for name, text in {
        "a.cif": cif("Li"),
        "a.vasp": "nothing",
        "b.cif": "data_",
        "c": poscar("K"),
        "d.png": "x",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = load_source(tmp_path)
    assert source.table.column("id") == ["a.cif", "c"]
    assert source.table.row_numbers.tolist() == [1, 4]
    assert source.table.n_rows == 4
    dataset = read_materials(tmp_path, max_bad=0.5)
    assert dataset.materials.formulas.tolist() == ["LiCl", "KCl"]
    assert any("1 picture" in remark for remark in dataset.provenance.remarks)


def test_the_case_of_one_stem():
    source = read_structure_source(CASES / "same-names")
    assert source.ids == ("x.mcif", "x.xsf", "x.xyz")
    assert source.problems == ()


@pytest.mark.parametrize("name", sorted(path.name for path in (CASES / "structure-file-names").iterdir()))
def test_a_single_file_is_judged_by_its_content(name):
    path = CASES / "structure-file-names" / name
    assert holds_structures(path)
    if name == "POSCAR-vasp4-unnamed":
        with pytest.raises(InputError, match="its elements are not named"):
            read_materials(path)
    else:
        assert read_materials(path).materials.formulas.tolist() == ["NaCl"]


TABLES = {
    "three columns of numbers": "a b c\n1 2 3\n4 5 6\n7 8 9\n1 2 3\n4 5 6\n",
    "formulas": "formula,gap\nNaCl,8.5\nSi,1.1\n",
    "structures in cells": 'id,cif\n1,"' + cif("Li").replace('"', '""') + '"\n',
    "a list": "NaCl\nKCl\nSi\n",
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("ending", [".csv", ".txt", ""])
def test_tables_are_no_structures(name, ending, tmp_path):
    (tmp_path / f"data{ending}").write_text(TABLES[name], encoding="utf-8")
    assert not holds_structures(tmp_path / f"data{ending}")


@pytest.mark.parametrize(
    ("places", "names"),
    [
        (["a.cif", "b.cif"], ["a", "b"]),
        (["a.cif", "a.vasp", "b.cif"], ["a.cif", "a.vasp", "b"]),
        (["a.cif", "a.cif.gz"], ["a.cif", "a.cif.gz"]),
        (["x/a.cif", "y/a.cif", "b.cif"], ["x/a.cif", "y/a.cif", "b"]),
        (["mp-1/POSCAR", "mp-2/POSCAR"], ["mp-1", "mp-2"]),
        (["mp-1/POSCAR", "mp-1/CONTCAR", "mp-2/POSCAR"], ["mp-1/POSCAR", "mp-1/CONTCAR", "mp-2"]),
        (["a/run/POSCAR", "b/run/CONTCAR"], ["a/run", "b/run"]),
        (["POSCAR.Na", "POSCAR.K", "CONTCAR"], ["POSCAR.Na", "POSCAR.K", "CONTCAR"]),
    ],
)
def test_names(places, names):
    assert names_of(places) == names
    assert len(set(names)) == len(places)


def test_what_is_not_read_is_counted_by_kind():
    unread = Unread()
    for kind in ("picture", "picture", "PDF", "folder", "collection of structures", "collection of structures"):
        unread.add(kind)
    assert unread.remarks() == (
        "Not read, since no structure was recognised in it: 2 pictures, 2 collections of structures, 1 PDF, 1 folder.",
    )
    assert codes(unread.remarks()) == ["files-without-structure"]
    assert Unread().remarks() == ()


def test_a_folder_of_pictures_says_so(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match=r"there are no structure files in .* 1 picture"):
        load_source(tmp_path)


@pytest.mark.parametrize(
    "name", ["POSCAR", "CONTCAR_2", "a/geometry.in", "x.CIF", "x.cif.gz", "vasprun.xml", "x.res.bz2"]
)
def test_names_of_structures(name):
    assert is_named_like_a_structure(name)


@pytest.mark.parametrize("name", ["x", "x.csv", "x.txt", "x.gz", "cif", "readme.md"])
def test_other_names(name):
    assert not is_named_like_a_structure(name)


def calculations(folder: Path) -> Path:
    """Four folders of VASP: before, after and in the middle of a relaxation, and one with a density."""
    files = {
        "a/POSCAR": poscar("Li"),
        "b/POSCAR": poscar("Na"),
        "b/CONTCAR": poscar("K"),
        "c/POSCAR": poscar("Rb"),
        "c/CONTCAR": "",
        "more/d/CONTCAR": poscar("Cs"),
        "more/d/CHGCAR": poscar("Cs") + "\n2 2 2\n0 1 2 3 4\n5 6 7\n",
        "a/INCAR": "ENCUT = 500\n",
        "e.cif": cif("Cu"),
    }
    for place, text in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_folders_of_calculations_are_read_by_their_last_geometries(packed, tmp_path):
    source = calculations(tmp_path / "set")
    if packed:
        source = Path(shutil.make_archive(str(tmp_path / "set"), "zip", source))
    dataset = read_materials(source)
    assert dict(zip(dataset.materials.ids, dataset.materials.formulas, strict=True)) == {
        **{"a": "LiCl", "b": "KCl", "c": "RbCl", "d": "CsCl", "e": "CuCl"}
    }
    told = " ".join(dataset.provenance.remarks)
    for part in ("1 POSCAR (CONTCAR beside it)", "1 CONTCAR (POSCAR beside it)", "1 CHGCAR (CONTCAR beside it)"):
        assert part in told


def test_a_table_names_folders_within_a_folder(tmp_path):
    calculations(tmp_path / "set")
    (tmp_path / "labels.csv").write_text("id,gap\na,1\nb,2\nd,3\ne,4\nmore/d/CONTCAR,5\n", encoding="utf-8")
    dataset = read_materials(tmp_path / "labels.csv", structure=str(tmp_path / "set"))
    assert dataset.materials.formulas.tolist() == ["LiCl", "KCl", "CsCl", "CuCl", "CsCl"]


def test_folders_without_end_are_not_followed(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "POSCAR").write_text(poscar("Li"), encoding="utf-8")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    deep = tmp_path.joinpath(*"bcdefg")
    deep.mkdir(parents=True)
    (deep / "POSCAR").write_text(poscar("Na"), encoding="utf-8")
    dataset = read_materials(tmp_path)
    assert dataset.materials.ids.tolist() == ["a"]
    assert any("2 folders" in remark for remark in dataset.provenance.remarks)


def test_a_table_in_a_folder_is_told_with_the_way_to_read_it(tmp_path):
    (tmp_path / "a.cif").write_text(cif("Li"), encoding="utf-8")
    (tmp_path / "id_prop.csv").write_text("id,gap\na,9.4\n", encoding="utf-8")
    remarks = read_materials(tmp_path).provenance.remarks
    (told,) = [remark for remark in remarks if "id_prop.csv" in remark]
    assert told.endswith(f"--structure {tmp_path}.")
    assert read_materials(tmp_path / "id_prop.csv", structure=str(tmp_path)).materials.formulas.tolist() == ["LiCl"]
