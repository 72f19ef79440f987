"""Generated crystals, measured: part 1 predicts structures of known formulas.

    python benchmarks/generation.py --part csp [--task mp-20] [--rows 1000] [--many 300]

Blocks of rows are stored in ``benchmarks/cells/generation``; the same command goes on where it was stopped, and writes
the page from what is there.
"""

from __future__ import annotations

import argparse
import json

import numpy as np
from jobs import CELLS
from prediction_tables import write_page
from structure_matching import matching
from structure_prediction import BLOCK, Predictor, block_of, tasks

FOLDER = CELLS / "generation"
SEED = 0


def predict_structures(names: list[str], rows: int, many: int) -> None:
    """Part 1: compare guesses with the crystals of test sets.

    Parameters
    ----------
    names
        Tasks; all if empty.
    rows
        Rows of each whose first guess is compared.
    many
        Of these, the first that many are compared for 20 guesses.
    """
    for name, task in tasks(FOLDER).items():
        if names and name not in names:
            continue
        predictor = Predictor(task, task.test(), FOLDER)
        order = np.random.default_rng(SEED).permutation(len(predictor.test))[:rows]
        with matching() as matcher:
            for start in range(0, len(order), BLOCK):
                path = FOLDER / "csp" / f"{name} {start} {'many' if start < many else 'one'}.json"
                if not path.is_file():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    block = block_of(predictor, order[start : start + BLOCK], start < many, matcher)
                    path.with_suffix(".part").write_text(json.dumps(block), encoding="utf-8")
                    path.with_suffix(".part").rename(path)
                    print(f"{name}: {start + len(block)} of {len(order)}, {matcher.too_long} took too long", flush=True)
    write_page(FOLDER / "csp")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=("csp",), default="csp")
    parser.add_argument("--task", action="append", default=[], help="a task of the part; all by default")
    parser.add_argument("--rows", type=int, default=1000, help="rows of each test set, by seed 0")
    parser.add_argument("--many", type=int, default=300, help="rows with 20 guesses")
    given = parser.parse_args()
    predict_structures(given.task, given.rows, given.many)


if __name__ == "__main__":
    main()
