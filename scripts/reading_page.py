"""The page "What matscout reads, and what it refuses": the cases of the tests, read now, in tables."""

from __future__ import annotations

import csv
import json
import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, cast

from matscout.data.formulas import format_formula, parse_formulas
from matscout.data.quantities import UnclearNumbersError
from matscout.data.reading import read
from matscout.data.structure_compositions import compositions_of
from matscout.data.structure_files import read_structures

CASES = Path(__file__).parents[1] / "tests" / "cases"
EACH = 5
"""Rows of one kind."""
FORMULAS = ("MgO", "CaO", "NaCl", "ZnO", "Al2O3", "TiO2", "GaAs", "InP", "PbTe", "SnSe")
HEAD = """# What matscout reads, and what it refuses

These are cases of our tests, read when this page was made. What is refused leaves its row out and says why; what is not
in plain form is told with the rule by which it was read (`matscout check`, column "read as")."""


def page() -> str:
    """The page in Markdown."""
    parts = [
        HEAD,
        "## Formulas",
        _table(("kind", "written", "read as, or the reason", "rule"), _formulas()),
        "## Columns of numbers",
        _table(("kind", "heading", "cells", "read as"), _columns()),
        "## Structures",
        "A site that several elements share counts once for each of them.",
        _table(("kind", "file", "read as, or the reason"), _structures()),
    ]
    return "\n\n".join(parts) + "\n"


def _formulas() -> Iterator[tuple[str, ...]]:
    with (CASES / "formulas.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    for case in _first_of_each_kind(cases):
        alloys = cast("Literal['wt%', 'at%'] | None", case["alloys"] or None)
        parsed = parse_formulas([case["input"]], alloys=alloys)
        if not len(parsed.rows):
            yield case["kind"], _code(case["input"]), parsed.problems[0].reason, ""
            continue
        rules = dict.fromkeys(reading.rule for reading in parsed.readings)
        written = f"{_code(case['input'])}{f' (--alloys {alloys})' if alloys else ''}"
        yield case["kind"], written, _code(format_formula(parsed.compositions.to_dict(0))), "; ".join(rules)


def _columns() -> Iterator[tuple[str, ...]]:
    for case in json.loads((CASES / "columns.json").read_text(encoding="utf-8")):
        cells, delimiter = case["cells"], case["delimiter"]
        lines = [f"{formula}{delimiter}{cell}" for formula, cell in zip(FORMULAS, cells, strict=False)]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv"
            path.write_text("\n".join([f"formula{delimiter}{case['heading']}", *lines]) + "\n", encoding="utf-8")
            yield case["kind"], _code(case["heading"]), ", ".join(map(_code, cells)), _read_as(path, len(cells))


def _read_as(path: Path, n: int) -> str:
    """The values of a column in its unit, "left out" where there is none; or what is asked."""
    try:
        dataset = read(path, max_bad=1.0)
    except UnclearNumbersError as error:
        return str(error).split(";")[0]
    target = dataset.target()
    assert dataset.row_numbers is not None
    found = dict(zip(dataset.row_numbers.tolist(), target.values.tolist(), strict=True))
    values = [found.get(row, math.nan) for row in range(2, n + 2)]
    texts = ["none" if math.isnan(value) else f"{value:.6g}" for value in values]
    return f"{', '.join(texts)}{f' {target.unit}' if target.unit else ''}"


def _structures() -> Iterator[tuple[str, ...]]:
    folder = CASES / "structures"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    cases = [{"kind": path.parent.name.replace("-", " "), "path": path} for path in files]
    for case in _first_of_each_kind(cases):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = read_structures([case["path"]])
        if len(parsed.rows):
            formula = format_formula(compositions_of(parsed.structures).to_dict(0))
            n = int(parsed.structures.offsets[1])
            told = f"{_code(formula)}, {n} atoms"
        else:
            told = parsed.problems[0].reason
        yield case["kind"], _code(case["path"].name), told


def _first_of_each_kind(cases: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    counts: dict[str, int] = {}
    for case in cases:
        counts[case["kind"]] = counts.get(case["kind"], 0) + 1
        if counts[case["kind"]] <= EACH:
            yield case


def _code(text: str) -> str:
    return f"`{text}`"


def _table(heads: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
