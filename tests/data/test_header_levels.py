"""Headers of two and three rows: groups of columns over their names, and units below."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cases.written import FORMULAS, put, workbook

from matscout.data.headers import find_header, typical_width
from matscout.data.reading import read
from matscout.data.table_files import read_table

Cells = list[list[object]]

S, SIGMA, KAPPA = "S (uV/K)", "sigma (S/cm)", "kappa (W/mK)"


def rows_of(width: int) -> Cells:
    """A formula and numbers, none of which stands twice."""
    return [[formula, *(100 * j + i + 0.5 for j in range(1, width))] for i, formula in enumerate(FORMULAS)]


def written(folder: Path, rows: Cells, merges: tuple[str, ...], kind: str) -> Path:
    """The rows as a workbook with merged cells, or as CSV with blanks for them."""
    if kind == "xlsx":
        return workbook(folder / "t.xlsx", rows, merges)
    return put(folder, "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows) + "\n")


LAYOUTS: dict[str, tuple[Cells, tuple[str, ...], list[str], dict[str, str]]] = {
    "title, blank line and one group": (
        [["Our samples"], [], ["Sample", "Transport at 300 K", None, None], ["formula", S, SIGMA, KAPPA]],
        ("A1:D1", "B3:D3"),
        ["formula", S, SIGMA, KAPPA],
        {},
    ),
    "units in a third row": (
        [
            ["Sample", "Transport at 300 K", None, None],
            ["formula", "S", "sigma", "kappa"],
            [None, "uV/K", "S/cm", "W/(m K)"],
        ],
        ("B1:D1",),
        ["formula", "S", "sigma", "kappa"],
        {"S": "uV/K", "sigma": "S/cm", "kappa": "W/(m K)"},
    ),
    "groups over all columns, names twice": (
        [["Sample", "300 K", None, "600 K", None], ["formula", S, SIGMA, S, SIGMA]],
        ("B1:C1", "D1:E1"),
        ["formula", f"300 K: {S}", f"300 K: {SIGMA}", f"600 K: {S}", f"600 K: {SIGMA}"],
        {},
    ),
    "groups over all columns, names twice, units in a third row": (
        [
            ["Sample", "film", None, "bulk", None],
            ["formula", "S", "sigma", "S", "sigma"],
            [None, "(uV/K)", "(S/cm)", "(uV/K)", "(S/cm)"],
        ],
        ("B1:C1", "D1:E1"),
        ["formula", "film: S", "film: sigma", "bulk: S", "bulk: sigma"],
        {"film: S": "uV/K", "film: sigma": "S/cm", "bulk: S": "uV/K", "bulk: sigma": "S/cm"},
    ),
    "a group of one column each": (
        [["Sample", "Electrical", "Thermal"], ["formula", SIGMA, KAPPA]],
        (),
        ["formula", SIGMA, KAPPA],
        {},
    ),
    "groups over groups": (
        [
            ["Sample", "Transport", None, None, None],
            [None, "300 K", None, "600 K", None],
            ["formula", "S", "sigma", "S", "sigma"],
            [None, "uV/K", "S/cm", "uV/K", "S/cm"],
        ],
        ("A1:A2", "B1:E1", "B2:C2", "D2:E2"),
        ["formula", "300 K: S", "300 K: sigma", "600 K: S", "600 K: sigma"],
        {"300 K: S": "uV/K", "300 K: sigma": "S/cm", "600 K: S": "uV/K", "600 K: sigma": "S/cm"},
    ),
    "a name merged downwards": (
        [["formula", "Transport", None, None], [None, S, SIGMA, KAPPA]],
        ("A1:A2", "B1:D1"),
        ["formula", S, SIGMA, KAPPA],
        {},
    ),
    "the text of a group in each of its columns": (
        [["Sample", "Transport", "Transport", "Heat"], ["formula", "S", "sigma", "kappa"]],
        (),
        ["formula", "S", "sigma", "kappa"],
        {},
    ),
    "a blank line below the groups": (
        [["Sample", "Transport", None, None], [], ["formula", S, SIGMA, KAPPA]],
        ("B1:D1",),
        ["formula", S, SIGMA, KAPPA],
        {},
    ),
    "conditions without a unit": (
        [["formula", S, None, None], [None, 300, 400, 500]],
        ("A1:A2", "B1:D1"),
        ["formula", "S: 300", "S: 400", "S: 500"],
        {"S: 300": "uV/K", "S: 400": "uV/K", "S: 500": "uV/K"},
    ),
    "names that could be formulas": (
        [["Sample", "Sizes", None, None], ["formula", "BET", "Si", "CIF"]],
        ("B1:D1",),
        ["formula", "BET", "Si", "CIF"],
        {},
    ),
}


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_headers_of_several_rows(tmp_path: Path, layout: str, kind: str) -> None:
    head, merges, names, units = LAYOUTS[layout]
    table = read_table(written(tmp_path, [*head, *rows_of(len(names))], merges, kind))
    assert table.columns == names
    assert dict(table.units) == units
    assert [table.column(name)[0] for name in names] == [FORMULAS[0], *(f"{100 * j}.5" for j in range(1, len(names)))]
    first = len(head) + 1
    assert table.row_numbers.tolist() == list(range(first, first + len(FORMULAS)))


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_numbers_below_a_header_of_several_rows(tmp_path: Path, kind: str) -> None:
    head: Cells = [["Our samples"], [], ["Sample", "Transport at 300 K", None], ["formula", S, SIGMA]]
    path = written(tmp_path, [*head, *rows_of(3)], ("B3:C3",), kind)
    dataset = read(path, target="sigma", max_bad=0.0)
    np.testing.assert_array_equal(dataset.target().values, [200.5 + i for i in range(len(FORMULAS))])
    assert (dataset.target().unit, list(dataset.materials.formulas)) == ("S/cm", FORMULAS)
    assert any(
        "two lines; above the names of the columns are 'Sample', 'Trans" in remark
        for remark in dataset.provenance.remarks
    )


def test_a_merged_cell_ends_where_the_file_says_so(tmp_path: Path) -> None:
    """In text its end is lost; here the last column stands beside the group, and has no unit from it."""
    head: Cells = [[None, "gap (eV)", None, None], ["formula", "exp", "calc", "density"]]
    table = read_table(workbook(tmp_path / "t.xlsx", [*head, *rows_of(4)], ("B1:C1",)))
    assert table.columns == ["formula", "gap: exp", "gap: calc", "density"]
    assert dict(table.units) == {"gap: exp": "eV", "gap: calc": "eV"}


@pytest.mark.parametrize(
    "lines",
    [
        ["formula,gap (eV),", "MgO,metal,film"],
        ["formula,gap (eV),", "X1,metal,film", "X2,7,film", "X3,7,bulk"],
        ["formula,gap (eV),", "MgO,n.d.,film"],
        ["formula,,gap (eV)", "MgO,film,metal"],
        ["formula,gap (eV),note", "MgO,metal,heated (K)"],
        ["formula,gap,note", "MgO,unclear,by eye"],
        ["id,gap,note", "a-1,insulator,by eye", "a-2,7.0,x"],
    ],
)
def test_a_first_row_without_numbers_is_data(lines: list[str]) -> None:
    rows = [line.split(",") for line in [*lines, "CaO,7.0,film", "NaCl,8.5,bulk", "ZnO,3.3,film"]]
    assert find_header(rows, typical_width(rows)).first == 1


@pytest.mark.parametrize("numbers", ["1.5,2.5", "3,2", "7,7"])
def test_a_row_of_numbers_without_a_name_is_data(numbers: str) -> None:
    rows = [line.split(",") for line in ["formula,gap,", f",{numbers}", "CaO,7.0,1", "NaCl,8.5,2", ",3.3,4"]]
    assert find_header(rows, 3).first == 1


def test_notes_above_a_header_are_no_groups() -> None:
    lines = ["by,A. B.,,,", "on,a Friday,,,", "in,Jena,,,", "formula,gap,gap,T,p", "MgO,7,1,2,3", "CaO,7,2,3,4"]
    header = find_header([line.split(",") for line in lines], 5)
    assert (header.first, header.names[3:]) == (4, ("T", "p"))
    assert any("2 lines above the header were skipped (by A. B." in remark for remark in header.remarks)
