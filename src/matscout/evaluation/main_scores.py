"""The score by which models of a task are compared, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matscout.data.dataset import POSITIVE_UNLABELLED, Task


@dataclass(frozen=True)
class MainScore:
    """One score.

    Parameters
    ----------
    key
        Its name among the scores.
    words
        What a reader calls it.
    smaller_is_better
        Whether it is an error.
    loss
        What is smaller where a model is better, as tables call it.
    """

    key: str
    words: str
    smaller_is_better: bool
    loss: str


MAIN_SCORES: Mapping[Task, MainScore] = {
    "regression": MainScore("mae", "mean absolute error", smaller_is_better=True, loss="MAE"),
    "classification": MainScore(
        "balanced_accuracy", "balanced accuracy", smaller_is_better=False, loss="1 - balanced accuracy"
    ),
    POSITIVE_UNLABELLED: MainScore(
        "area",
        "area under the recall curve",
        smaller_is_better=False,
        loss="mean share of the unlabelled rows above a known one",
    ),
}
