"""What each task of a target asks of models: labels in words, the calibration, and what predictions then rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matscout.data.dataset import POSITIVE_UNLABELLED, Target, Task
from matscout.errors import UsageError
from matscout.predict.answers import Calibration
from matscout.predict.base import LeftOut
from matscout.predict.calibration import ClassCalibration, NumberCalibration, class_accuracy, number_scores
from matscout.predict.conformal import Calibrator, assumption
from matscout.predict.labels import Labels
from matscout.predict.likeness_calibration import LikenessCalibration
from matscout.predict.recall_curves import summary as recall_summary
from matscout.predict.states import State
from matscout.predict.uncalibrated import UnseenClasses, UnseenLikeness, UnseenNumbers

AnyUnseen = UnseenNumbers | UnseenClasses | UnseenLikeness

LABELS: Mapping[Task, str] = {
    "regression": "numbers",
    "classification": "classes",
    POSITIVE_UNLABELLED: "known and unlabelled rows",
}
"""What is learned of each task."""

CALIBRATIONS: Mapping[Task, type[Calibration]] = {
    "regression": NumberCalibration,
    "classification": ClassCalibration,
    POSITIVE_UNLABELLED: LikenessCalibration,
}
"""Of each task."""


@dataclass(frozen=True, eq=False)
class Calibrated:
    """What is learned from labels that were left out while fitting; see :class:`matscout.predict.model.Model`."""

    calibration: Calibration
    assumption: str
    scores: Mapping[str, float]
    left_out: LeftOut | None = None


def calibrate(unseen: AnyUnseen, labels: Labels, calibrator: Calibrator) -> Calibrated:
    """The calibration that suits what was said of the labels before they were seen."""
    if isinstance(unseen, UnseenLikeness):
        likeness = LikenessCalibration.fit(unseen, labels.target)
        scores = recall_summary(likeness.known, likeness.unlabelled) if unseen.scores is None else unseen.scores
        return Calibrated(likeness, likeness.assumption(labels.target), scores)
    if isinstance(unseen, UnseenClasses):
        classes = ClassCalibration.fit(unseen, labels)
        scores = class_accuracy(unseen, labels) if unseen.scores is None else unseen.scores
        return Calibrated(classes, _rests_on(labels, classes.n_units, ""), scores)
    numbers = NumberCalibration.fit(unseen, labels, calibrator)
    scores = number_scores(unseen, labels) if unseen.scores is None else unseen.scores
    left_out = numbers.left_out(unseen, labels)
    return Calibrated(numbers, _rests_on(labels, numbers.n_units, calibrator.origin), scores, left_out)


def _rests_on(labels: Labels, n_units: int, origin: str) -> str:
    return assumption(labels.unit, n_units, origin) if n_units else ""


def stored_calibration(target: Target, state: State) -> Calibration:
    """The calibration of a stored model."""
    kind: Any = CALIBRATIONS[target.task]
    calibration: Calibration = kind.from_state(state)
    return calibration


def require_task(name: str, tasks: frozenset[Task], target: Target) -> None:
    """Refuse a target of a task that a model does not learn.

    Raises
    ------
    UsageError
        If ``tasks`` do not hold that of the target.
    """
    if target.task not in tasks:
        learns = " and ".join(words for task, words in LABELS.items() if task in tasks)
        raise UsageError(f"{name} learns {learns}, but {target.name} has {LABELS[target.task]}: use another model")
