"""One model on one draw, and what came of the shortlists made from its predictions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast, get_args

import numpy as np
from ledger import CODE, Measured
from numpy.typing import NDArray
from shortlist_scores import (
    LISTED,
    LabelSpread,
    aim_at_best,
    calibration,
    hits,
    is_best,
    promised,
    ranking,
    reaches,
)
from shortlist_tasks import BY_NAME, Split, as_labels, divide

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.acquisition import Order, acquire, probability
from matscout.discover.goals import Aim, aim_of
from matscout.predict.base import Predictions
from matscout.predict.domain import Domain
from matscout.predict.fitting import fit

NEAREST = "nearest-label"
"""No model: the value of the most similar label."""
OURS = "auto"
MODELS = (NEAREST, "extratrees-magpie", "gp", OURS)
"""The cheap ones first."""
LEVEL = 0.9


@dataclass(frozen=True)
class Cell(Measured):
    """A model by its address on a draw."""

    decided_by: ClassVar[tuple[str, ...]] = (*CODE, "matscout.discover.acquisition", "matscout.discover.goals")

    task: str
    split: Split
    labels: int
    draw: int
    model: str

    @property
    def name(self) -> str:
        return f"{self.task}, {self.split}, {self.labels} labels, draw {self.draw}, {self.model}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """Hits of every order, widths and chances; and of which rows."""
        task = BY_NAME[self.task]
        dataset = task.load()
        families = task.families() if self.split == "family" else None
        division = divide(len(dataset), families, self.labels, self.draw)
        values = dataset.target().values
        labels = as_labels(dataset, division.labels, families)
        candidates, truth = dataset.materials[division.candidates], values[division.candidates]
        best = is_best(task.goodness(truth))
        found: dict[str, Any] = {
            "task": self.task,
            "split": self.split,
            "labels": self.labels,
            "draw": self.draw,
            "model": self.model,
            "rows": division.mark,
            "n": len(truth),
            "best": int(best.sum()),
            "beyond": int(reaches(aim_of(task.goal, labels), truth).sum()),
        }
        if self.model == NEAREST:
            return found | _of_nearest(labels, candidates, task.goodness, best)
        aims = {
            "top": aim_at_best(task.goal, task.goodness(values), task.unit or None),
            "better": aim_of(task.goal, labels),
        }
        predictions, more = _predicted(self.model, labels, candidates, self.draw)
        return found | judged(predictions, aims, labels.target(), truth, best) | more


def _of_nearest(labels: Dataset, candidates: Materials, goodness: Any, best: NDArray[np.bool_]) -> dict[str, Any]:
    start = time.process_time()
    nearest = Domain.yardstick(labels.materials).nearest(candidates).rows[:, 0]
    ranked = ranking(goodness(labels.target().values[nearest]))
    return {"orders": {"value": hits(ranked, best)}, "seconds": [0.0, time.process_time() - start]}


def _predicted(model: str, labels: Dataset, candidates: Materials, seed: int) -> tuple[Predictions, dict[str, Any]]:
    """And the seconds of fitting and predicting, and the share of the candidates that pretraining held."""
    start = time.process_time()
    fitted = fit(labels, model=model, fast=True, seed=seed)
    learned = time.process_time()
    predictions = cast(Predictions, fitted.predict(candidates, LEVEL))
    seconds = [learned - start, time.process_time() - learned]
    seen = [float(rows.mean()) for rows in fitted.seen(candidates).values()]
    return predictions, {"seconds": seconds, "seen": max(seen, default=0.0)}


def judged(
    predictions: Predictions,
    aims: dict[str, Aim],
    labels: Target,
    truth: NDArray[np.float64],
    best: NDArray[np.bool_],
) -> dict[str, Any]:
    """All orders that one model's predictions can be put in.

    Parameters
    ----------
    predictions
        Of m candidates.
    aims
        "top": to belong to the best 5 % of the task; "better": to beat the best label, by which they are put in order.
    labels
        What was learned from.
    truth, best
        Values of the candidates, and which are the best of them.
    """
    scale = LabelSpread.of(labels)
    widths = scale.widths(predictions)
    inside = (predictions.lower <= truth) & (truth <= predictions.upper)
    chances = {name: probability(predictions, aim) for name, aim in aims.items()}
    came = {name: reaches(aim, truth) for name, aim in aims.items()}
    orders = {}
    for order in get_args(Order):
        ranked = ranking(acquire(order, predictions, aims["better"]))
        first = ranked[:LISTED]
        orders[order] = {
            **hits(ranked, best),
            "width": float(np.median(widths[first])),
            "inside": float(inside[first].mean()),
            **{name: promised(chances[name], came[name], ranked) for name in aims},
        }
    return {
        "logarithmic": scale.logarithmic,
        "width": float(np.median(widths)),
        "inside": float(inside.mean()),
        **{name: calibration(chances[name], came[name]) for name in aims},
        "orders": orders,
    }
