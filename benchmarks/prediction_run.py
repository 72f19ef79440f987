"""Runs the part ``csp`` of ``generation.py``: blocks of rows, each stored, so that a stopped run goes on."""

from __future__ import annotations

import json

import numpy as np
from jobs import CELLS
from prediction_tables import write_page
from structure_matching import matching
from structure_prediction import BLOCK, Predictor, block_of, tasks

FOLDER = CELLS / "generation"
SEED = 0


def predict_structures(names: list[str], rows: int, many: int) -> None:
    """Compare guesses with the crystals of test sets.

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
