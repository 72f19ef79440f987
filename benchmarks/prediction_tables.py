"""The page of structure prediction: match rates with intervals, from stored blocks."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jobs import RESULTS

from matscout.evaluation.binomial import BinomialShare

METHODS = ("random", "best template", "votes", "votes + ranker")
NUMBERS = (1, 5, 20)
LOOSE, STRICT = 0, 1
STOL = (0.5, 0.3)
"""What an unmatched row counts in cRMSE."""

NOTES = {
    "mp-20": "MP-20 (2-3 elements). Templates: Materials Project (<= 20 sites) and MP-20 val; learnt parts as shipped.",
    "mp-20-shipped": "MP-20 (2-3 elements). Averages and learnt parts as shipped.",
    "mpts-52-all": "Templates: Materials Project (<= 52 sites), MP-20 val and MPTS-52 val, crystals younger than the "
    "test set among them: not comparable with published figures.",
    "mpts-52-known": "Templates: crystals marked as synthesized, of formulas outside of val and test.",
    "mpts-52-shipped": "Averages and learnt parts as shipped.",
}
"""What the templates of a task are."""

Row = dict[str, Any]


def write_page(folder: Path, page: Path = RESULTS / "structure_prediction.md") -> None:
    """Write the page from all blocks of a folder."""
    rows = _stored(folder)
    lines = [
        "# Structure prediction: is the crystal of a formula among the guesses?",
        "",
        "`python benchmarks/generation.py --part csp`. Given are the elements and their numbers of atoms in the cell. "
        "Match: pymatgen's StructureMatcher (stol 0.5, ltol 0.3, angle 10, scaled); strict: 0.3, 0.2, 5. RMSE is over "
        "matched rows, over the cube root of the volume per atom; cRMSE counts an unmatched row as stol. METRe counts "
        "a row that a guess for another cell of its formula matches, too. Every formula of the test set is left out of "
        "templates, similarities, ranker and volumes. Intervals: Clopper and Pearson, 95 %. Rows by seed 0.",
        "",
        "A table with fewer than 1,000 rows shows a direction, and supports no claim.",
        "",
    ]
    for task, some in rows.items():
        lines += [
            f"## {task}",
            "",
            f"{NOTES.get(task, '')} {len(some):,} rows.".strip(),
            "",
            *_table(some),
            "",
            *_parts(some),
            "",
        ]
    page.write_text("\n".join(lines), encoding="utf-8")


def _stored(folder: Path) -> dict[str, list[Row]]:
    found: dict[str, dict[int, Row]] = defaultdict(dict)
    for path in sorted(folder.glob("*.json")):
        task = path.stem.rsplit(" ", 2)[0]
        for row in json.loads(path.read_text(encoding="utf-8")):
            held = found[task].get(row["row"])
            if held is None or _depth(row) > _depth(held):
                found[task][row["row"]] = row
    return {task: [*rows.values()] for task, rows in found.items()}


def _depth(row: Row) -> int:
    return max((len(guesses) for guesses in row["methods"].values()), default=0)


def _table(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| method | guesses | n | match % | RMSE | cRMSE | METRe % | strict match % | strict RMSE |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    many = _with_many(rows)
    for method in METHODS:
        if not any(method in row["methods"] for row in rows):
            continue
        for number in NUMBERS:
            some = many if number > 1 or method == "random" else rows
            if some:
                lines.append(f"| {method} | {number} | {len(some)} | {' | '.join(_scores(some, method, number))} |")
    return lines


def _with_many(rows: Sequence[Row]) -> list[Row]:
    """Rows in blocks of which many guesses were compared."""
    return [row for row in rows if row.get("many")]


def _scores(rows: Sequence[Row], method: str, number: int) -> list[str]:
    loose = np.array([_best(row, method, number, LOOSE) for row in rows])
    strict = np.array([_best(row, method, number, STRICT) for row in rows])
    every = np.where(np.isnan(loose), STOL[LOOSE], loose).mean()
    return [
        _share(~np.isnan(loose)),
        _mean(loose),
        f"{every:.3f}",
        _share(np.array([_of_formula(row, method, number) for row in rows])),
        _share(~np.isnan(strict)),
        _mean(strict),
    ]


def _best(row: Row, method: str, number: int, kind: int) -> float:
    found = [pair[kind] for pair in row["methods"].get(method, [])[:number] if pair[kind] is not None]
    return min(found, default=np.nan)


def _of_formula(row: Row, method: str, number: int) -> bool:
    """Whether guesses for the cell of a row, or for another cell of its formula, match it."""
    cells = [row["methods"], *row["others"]]
    return any(pair[LOOSE] is not None for one in cells for pair in one.get(method, [])[:number])


def _mean(values: np.ndarray) -> str:
    return "" if np.isnan(values).all() else f"{np.nanmean(values):.4f}"


def _share(flags: np.ndarray) -> str:
    share = BinomialShare(int(flags.sum()), len(flags))
    return f"{100 * share.share:.1f} ({100 * share.low:.1f}-{100 * share.high:.1f})"


def _parts(rows: Sequence[Row]) -> list[str]:
    """First guesses of the ranker by number of elements, and by whether a template has the key."""
    parts: list[tuple[str, Callable[[Row], bool]]] = [
        (f"{count} elements", lambda row, count=count: row["elements"] == count)
        for count in sorted({row["elements"] for row in rows})
    ]
    parts += [("key has a template", lambda row: row["template"]), ("has none", lambda row: not row["template"])]
    lines = ["| rows | n | first guess of the ranker matches, % |", "|---|---|---|"]
    return lines + [
        f"| {name} | {len(some)} | {_share(_matched(some))} |"
        for name, belongs in parts
        if (some := [row for row in rows if belongs(row)])
    ]


def _matched(rows: Iterable[Row]) -> np.ndarray:
    return np.array([not np.isnan(_best(row, "votes + ranker", 1, LOOSE)) for row in rows])
