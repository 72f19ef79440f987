"""Whether a change of the house changes numbers: ``python benchmarks/same_numbers.py --store`` before, without after.

Digests of every bit that `auto` predicts on the bundled example and on the official folds of jdft2d, and of the first
shortlist. They hold on one machine with one set of versions and one thread, so the script starts itself with one.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars
from tasks import JDFT2D

import matscout
from matscout.app.demo import GOAL, LEFT_OUT, UNWANTED, example_labels
from matscout.data.materials import Materials
from matscout.evaluation.evaluating import scored_splits
from matscout.predict.base import Predictions

RESULT = Path(__file__).parent / "results" / "same_numbers.json"
PACKAGES = ("numpy", "scipy", "scikit-learn", "pymatgen", "polars", "torch")
LEVEL, SEED = 0.9, 0


def digest(predictions: Predictions) -> str:
    """SHA-256 of centres and ends, bit by bit."""
    found = hashlib.sha256()
    for values in (predictions.predicted, predictions.lower, predictions.upper, predictions.std):
        found.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return found.hexdigest()


def bundled() -> dict[str, str]:
    """`auto` from all rows of the bundled example, on its own rows and on those left out of it."""
    dataset = matscout.read(example_labels(), target=("band gap",))
    model = matscout.fit(dataset, seed=SEED)
    return {
        "bundled, own rows": digest(model.predict(dataset.materials, LEVEL)),
        "bundled, left out": digest(model.predict(Materials.from_formulas(LEFT_OUT), LEVEL)),
    }


def jdft2d() -> dict[str, str]:
    """`auto` on the five official folds."""
    dataset = JDFT2D.load()
    target = dataset.target()
    found = {}
    for number, split in enumerate(scored_splits(target, JDFT2D.protocol.splits(dataset, target.name, SEED))):
        model = matscout.fit(dataset[split.train], seed=SEED)
        found[f"jdft2d, fold {number}"] = digest(model.predict(dataset.materials[split.test], LEVEL))
    return found


def shortlist() -> dict[str, str]:
    """The table of a fast scout: ranks, numbers and words."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = matscout.read(example_labels(), target=("band gap",))
        out = Path(folder) / "out"
        matscout.scout(dataset, GOAL, out=out, fast=True, n_candidates=2000, exclude=UNWANTED, watch=LEFT_OUT)
        table = polars.read_csv(out / "shortlist.csv", infer_schema=False)
    plain = {name: hashlib.sha256("\n".join(map(str, table[name])).encode()).hexdigest() for name in table.columns}
    return {f"shortlist, {name}": value for name, value in plain.items()}


PARTS: dict[str, Callable[[], dict[str, str]]] = {"bundled": bundled, "shortlist": shortlist, "jdft2d": jdft2d}


def machine() -> dict[str, str]:
    """What the digests hold on."""
    return {"processor": platform.processor() or platform.machine(), **{name: version(name) for name in PACKAGES}}


def compare(stored: dict[str, str], now: dict[str, str]) -> int:
    """Print what differs; the number of differences."""
    different = [name for name in now if stored.get(name) != now[name]]
    for name in different:
        print(f"{name}: {'new' if name not in stored else 'CHANGED'}")
    gone = [name for name in stored if name not in now]
    print(
        f"{len(now) - len(different)} of {len(now)} equal bit by bit; not computed or gone: {', '.join(gone) or 'none'}"
    )
    return len(different)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--store", action="store_true", help="keep the digests in place of comparing")
    asked.add_argument("--only", choices=PARTS, action="append", help="parts to compute; all if not given")
    options = asked.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "OMP_NUM_THREADS": "1"})
    now: dict[str, str] = {}
    for name in options.only or PARTS:
        now |= PARTS[name]()
        print(f"{name}: computed", flush=True)
    if options.store:
        page = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "on": machine(), "digests": now}
        RESULT.write_text(json.dumps(page, indent=1) + "\n", encoding="utf-8")
        return
    page = json.loads(RESULT.read_text(encoding="utf-8"))
    if page["on"] != machine():
        print(f"the stored digests are of another machine: {page['on']}, here {machine()}")
    sys.exit(compare(page["digests"], now) > 0)


if __name__ == "__main__":
    main()
