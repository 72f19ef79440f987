"""Shortlists judged as shortlists: ``python benchmarks/shortlists.py [--task NAME] [--draws N] [--model NAME] ...``.

A cell is one model, fitted once on the labels of one draw of one task, and all orders that its predictions can be put
in; finished ones are lines of ``benchmarks/results/shortlists.jsonl``, so that a killed run goes on. Writes
``benchmarks/results/shortlists.md`` from all cells that are there, and tells what is missing of what was asked for.
``--processes 0`` makes nothing but the page.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from data_folder import data_folder
from jobs import CELLS, RESULTS, chosen, fail_if
from ledger import Ledger
from shortlist_cells import MODELS, OURS, Cell
from shortlist_pages import page
from shortlist_tasks import DRAWS, LABELS, SPLITS, TASKS, Split, Task, is_tried

from matscout.data.files import write_text_whole

PACKAGES = ("matscout", "scikit-learn", "numpy", "scipy", "polars")


def cells(
    tasks: Sequence[Task], splits: Sequence[Split], labels: Sequence[int], draws: int, models: Sequence[str]
) -> Iterator[Cell]:
    """All cells, draw by draw, the cheap models first."""
    tried = [(task, n) for n in labels for task in tasks if is_tried(task, n)]
    for draw in range(draws):
        for split in splits:
            for task, n in tried:
                yield from (Cell(task.name, split, n, draw, model) for model in models)


def missing(wanted: Sequence[Cell], ledger: Ledger[Cell]) -> list[str]:
    """A line for each split and number of labels: how many cells, and of what."""
    found: dict[tuple[str, int], list[Cell]] = {}
    for cell in wanted:
        if cell not in ledger:
            found.setdefault((cell.split, cell.labels), []).append(cell)
    lines = []
    for (split, labels), some in found.items():
        counts = Counter((cell.task, cell.model) for cell in some)
        what = ", ".join(f"{task} {model} x {count}" for (task, model), count in list(counts.items())[:8])
        more = f" and {len(counts) - 8} more" if len(counts) > 8 else ""
        lines.append(f"{split} split, {labels} labels: {len(some)} cells ({what}{more})")
    return lines


def facts(wanted: Sequence[Cell], ledger: Ledger[Cell], ours: str) -> dict[str, Any]:
    """What the page is made from: all cells that are there, whoever asked for them."""
    models = dict.fromkeys([*MODELS, ours])
    every = [cell for cell in cells(TASKS, SPLITS, LABELS, DRAWS, list(models)) if cell in ledger]
    there = list(dict.fromkeys([*every, *(cell for cell in wanted if cell in ledger)]))
    tasks = {cell.task for cell in there}
    files = sorted({task.file for task in TASKS if task.name in tasks})
    return {
        "date": f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "code": Cell.code(),
        "data": {file: hashlib.sha256((data_folder() / file).read_bytes()).hexdigest()[:16] for file in files},
        "ours": ours,
        "cells": [ledger[cell] for cell in there],
        "codes": ledger.codes(there),
        "missing": missing(wanted, ledger),
    }


def main() -> None:
    """Make the cells that are missing, and write the page of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", action="append", help="only these (a pattern like 'estm-*'); all if none is named")
    parser.add_argument("--split", action="append", choices=SPLITS, help="both if none is named")
    parser.add_argument("--labels", action="append", type=int, help=f"{' and '.join(map(str, LABELS))} if none is told")
    parser.add_argument("--model", action="append", help=f"{', '.join(MODELS)} if none is named")
    parser.add_argument("--ours", default=OURS, help="the model whose shortlists the page judges")
    parser.add_argument("--draws", type=int, default=DRAWS, help="how many of each split and task")
    parser.add_argument("--again", action="store_true", help="also what other code has made")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of cells and page")
    asked = parser.parse_args()
    tasks = chosen(TASKS, asked.task or ["*"])
    models = asked.model or tuple(asked.ours if model == OURS else model for model in MODELS)
    wanted = list(cells(tasks, asked.split or SPLITS, asked.labels or LABELS, asked.draws, models))
    ledger = Ledger[Cell](asked.out / "shortlists.jsonl")
    failed = ledger.make(wanted, CELLS, asked.processes, again=asked.again)
    told = asked.out / "shortlists.md"
    write_text_whole(told, page(facts(wanted, ledger, asked.ours)))
    print(f"wrote {told}")
    fail_if(failed)


if __name__ == "__main__":
    main()
