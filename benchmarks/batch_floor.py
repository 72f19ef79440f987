"""How high a candidate must rank to be proposed: ``python benchmarks/batch_floor.py`` (a minute).

For each task and draw a model learns 100 labels, ranks up to 1,400 others whose values are known, and proposes batches
of 8 by :func:`matscout.discover.diversity.diverse_batch` among those above a floor. Writes
``benchmarks/results/batch_floor.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from data_folder import data_folder
from jobs import RESULTS

import matscout
from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.discover.acquisition import acquire, order_for
from matscout.discover.diversity import diverse_batch, systems_of
from matscout.discover.goals import Aim, aim_of, parse_goals

TASKS = (
    ("matbench/expt_gap.csv.gz", "target", "max"),
    ("matbench/expt_gap.csv.gz", "target", "1.1:1.6"),
    ("matbench/log_kvrh.csv.gz", "target", "max"),
    ("matbench/dielectric.csv.gz", "target", "max"),
    ("matbench/jdft2d.csv.gz", "target", "min"),
    ("superconductors/supercon_formulas.csv.gz", "Tc", "max"),
)
FLOORS = ((None, 1.0), (0.0, 0.05), (0.0, 0.02), (0.25, 0.05), (0.5, 0.05), (0.5, 0.02), (0.75, 0.05), (0.5, 1.0))
"""Share of the way from the median score to the best that a candidate must have, and share of the ranks."""
DRAWS, ROWS, LABELS, BATCH = 3, 1500, 100, 8


def drawn(path: str, column: str, draw: int) -> Dataset:
    """Distinct formulas of a table with the median of their values."""
    table = pl.read_csv(data_folder() / path)
    target = next(name for name in table.columns if column.lower() in name.lower())
    known = table.select("formula", pl.col(target).alias("value")).drop_nulls()
    one_each = known.group_by("formula").agg(pl.col("value").median()).sort("formula")
    return matscout.read(one_each.sample(min(ROWS, one_each.height), seed=draw, shuffle=True), target="value")


def worth(dataset: Dataset, aim: Aim) -> np.ndarray:
    """How good each row truly is, as a share of those that are not better."""
    values = dataset.target("value").values
    merit = values if aim.goal.kind == "max" else -values if aim.goal.kind == "min" else -aim.distance(values)
    return np.asarray((merit.argsort().argsort() + 1) / len(merit))


def batches(path: str, column: str, goal: str, draw: int) -> Iterator[tuple[float, ...]]:
    """For each floor: proposals, systems among them, share in the true best twentieth, mean and least true place."""
    dataset = drawn(path, column, draw)
    order = np.random.default_rng(draw).permutation(len(dataset))
    labels, others = dataset[np.sort(order[:LABELS])], dataset[np.sort(order[LABELS:])]
    aim = aim_of(parse_goals([f"value={goal}"], dataset.targets)[0], labels)
    model = matscout.fit(labels, "value", model="extratrees-magpie", seed=draw, fast=True)
    predictions = model.predict(others.materials)
    scores = acquire(order_for("auto", aim.goal), predictions, aim)
    first = np.lexsort((-acquire("value", predictions, aim), -scores))
    ranked, scores, places = others.materials[first], scores[first], worth(others, aim)[first]
    for score, share in FLOORS:
        level = -np.inf if score is None else np.median(scores) + score * (scores[0] - np.median(scores))
        n = max(1, min(int((scores >= level).sum()), int(np.ceil(share * len(scores)))))
        chosen = diverse_batch(ranked[:n], BATCH)
        systems = len(set(systems_of(ranked[chosen]).tolist()))
        own = places[chosen]
        yield float(len(chosen)), float(systems), float((own > 0.95).mean()), float(own.mean()), float(own.min())


def main() -> None:
    """Write the page."""
    cells = [list(batches(*task, draw)) for task in TASKS for draw in range(DRAWS)]
    means = np.mean(cells, axis=0)
    head = "| score floor | rank floor | proposals | systems | in the true best 5 % | mean true place | worst |"
    lines = [
        "# Floor of a batch",
        "",
        *str(__doc__).split("\n\n", 1)[1].splitlines(),
        "",
        head,
        "|---|---|---|---|---|---|---|",
    ]
    for (score, share), row in zip(FLOORS, means, strict=True):
        cut = ["none" if score is None else f"{score:.0%}", f"{share:.0%}", *(f"{one:.3g}" for one in row)]
        lines.append(f"| {' | '.join(cut)} |")
    lines += ["", f"Mean of {len(cells)} draws of {len(TASKS)} tasks; a place of 1 is the best of all candidates."]
    write_text_whole(RESULTS / "batch_floor.md", "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
