"""``matscout check`` says how columns and cells were read, on the terminal and in a file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from matscout.app.cli import run

CELLS = {"Bi2Te3": "0,85", "PbTe": "1,2", "SnSe": "k. A.", "GeTe": "0,5 ± 0,1", "Sb2Te3": "8.7E-1", "Cu2Se": "1.234"}
TABLE = "Formel;ZT;T (°C)\n" + "".join(f"{formula};{cell};27\n" for formula, cell in CELLS.items())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def checked(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = run(["check", str(path), "--target", "ZT", "--context", "T", *options])
    shown = capsys.readouterr()
    return code, shown.out + shown.err


def test_a_line_for_each_column_and_the_cells_that_are_not_plain(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = checked(table, capsys)
    assert code == 0
    assert "Column 'ZT' (target): decimal comma ('0,85' can only be read this way), no unit, linear" in shown
    assert "Column 'T (°C)' (context): no decimals, °C (header), linear; cells not in plain form: none." in shown
    assert "5 cells are not in plain form" in shown
    assert "may be 1.234 or 1234" in shown


def test_only_the_first_cells_of_a_rule_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    rows = "".join(f"NaCl{i};{i},5;1\n" for i in range(1, 21))
    path.write_text(f"formula;ZT;T\n{rows}", encoding="utf-8")
    _, shown = checked(path, capsys)
    assert "20 cells are not in plain form" in shown
    assert "... 17 more by the same rules (decimal comma 20)" in shown


def test_all_of_them_in_a_file(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("out.csv", "out.json"):
        code, _ = checked(table, capsys, "--save", str(table.with_name(name)))
        assert code == 0
    with table.with_name("out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[2] == {"row": "4", "column": "ZT", "written": "k. A.", "read as": "no value", "rule": "no value"}
    told = json.loads(table.with_name("out.json").read_text(encoding="utf-8"))
    assert [column["column"] for column in told["columns"]] == ["T (°C)", "ZT"]
    assert told["columns"][1]["changed"]["decimal comma"] == 2
    assert [cell["read_as"] for cell in told["cells"]] == ["0.85", "1.2", "no value", "0.5 ± 0.1", "0.87"]


def test_other_endings_are_refused(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = checked(table, capsys, "--save", str(table.with_name("out.xlsx")))
    assert code == 2
    assert "does not end in .csv or .json, the format that is written" in shown


@pytest.mark.parametrize(
    ("options", "number"),
    [(("--decimal", "."), "12.35"), (("--decimal", ","), "1.234e+04"), (("--thousands",), "1.234e+04")],
)
def test_an_open_column_is_refused_until_the_user_decides(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], number: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("formula;ZT;T\nNaCl;1.234;1\nKCl;12.345;1\nMgO;950;1\n", encoding="utf-8")
    code, shown = checked(path, capsys)
    assert code == 1
    assert "can be read two ways: '1.234' may be 1.234 or 1234" in shown
    code, shown = checked(path, capsys, *options)
    assert code == 0
    assert f" {number} " in shown
