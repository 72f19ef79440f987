"""Whatever is said of a row names the line of it in the file, where titles, blanks and left-out rows stand above."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.cases.written import put

from matscout.data.reading import read, read_materials
from matscout.data.repeats import merge_repeats
from matscout.errors import InputError, UsageError
from matscout.workflow.asked_scales import on_scales
from matscout.workflow.labels import missing_labels, striking_values
from matscout.workflow.mapping import map_materials

ABOVE = ["Our lab", "", "measured in May", "formula;kappa (W/m K);T (K);route"]


def table(folder: Path, *rows: str) -> tuple[Path, list[str]]:
    lines = [*ABOVE, *rows]
    return put(folder, "\n".join(lines) + "\n"), lines


def line_of(lines: list[str], text: str) -> int:
    (line,) = (number for number, line in enumerate(lines, start=1) if text in line)
    return line


def test_problems_and_readings_of_cells(tmp_path: Path) -> None:
    path, lines = table(
        tmp_path, "MgO;1,5;300;a", "not one;2,5;301;a", "", "CaO;none of it;302;a", "Cu2O·CuO;3,5 ± 0,1;303;a",
        "NaCl;~4,5;304;a", "KCl;<5,5;305;a", "ZnO;6,5 mW/(m K);rt;a", "LiF;7,5;warm;a", "TiO2;;307;a",
    )  # fmt: skip
    dataset = read(path, target="kappa", context=["T"], max_bad=1.0)
    assert {problem.row for problem in dataset.problems} >= {6, 8}
    for problem in dataset.problems:
        assert problem.value in lines[problem.row - 1]
    assert len(dataset.readings) > 5
    for reading in dataset.readings:
        assert reading.written in lines[reading.row - 1]
    for number, formula in zip(dataset.numbering, dataset.materials.formulas, strict=True):
        assert str(formula) in lines[number - 1]
    (missing,) = missing_labels(dataset)
    assert f"({line_of(lines, 'TiO2')})" in missing


def test_errors_and_remarks_on_rows(tmp_path: Path) -> None:
    values = ["1.5", "2.5", "0", "3.5", "90000"]
    formulas = ["MgO", "CaO", "NaCl", "KCl", "ZnO"]
    rows = [f"{formula};{value};300;a" for formula, value in zip(formulas, values, strict=True)]
    path, lines = table(tmp_path, "nothing;1;300;a", "", *rows)
    dataset = read(path, target="kappa", max_bad=1.0)
    with pytest.raises(UsageError, match=rf"\(the first: 0, row {line_of(lines, 'NaCl')}\)"):
        on_scales(dataset, {"": "log"})
    (striking,) = striking_values(dataset)
    assert f"in row {line_of(lines, 'ZnO')}," in striking


def test_repeats_that_disagree(tmp_path: Path) -> None:
    path, _ = table(tmp_path, "nothing;1;300;a", *(f"{name};metal;300;a" for name in ["MgO", "CaO", "NaCl", "KCl"]))
    put(tmp_path, path.read_text() + "MgO;insulator;300;a\nCaO;insulator;300;b\nKCl;metal;300;a\n")
    dataset = read(path, target="kappa", max_bad=1.0)
    told = [problem for problem in merge_repeats(dataset, "kappa").problems if "disagree" in problem.reason]
    assert [re.findall(r"\(row (\d+)\)", problem.reason) for problem in told] == [["6", "10"], ["7", "11"]]


def test_materials_without_a_vector(tmp_path: Path) -> None:
    path, lines = table(tmp_path, "nothing;1;300;a", "MgO;1;300;a", "", "OgO;2;300;a")
    with pytest.raises(InputError, match=rf"the first without a vector: row {line_of(lines, 'OgO')}: 'OgO'"):
        map_materials(read_materials(path, max_bad=1.0), "elements=megnet16", colour="chemistry")


def test_rows_without_a_file_count_from_one() -> None:
    np.testing.assert_array_equal(read_materials(["MgO", "CaO"]).numbering, [1, 2])
