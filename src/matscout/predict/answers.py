"""From what a predictor says to predictions with error bars."""

from __future__ import annotations

from typing import Any

from matscout.data.dataset import Target
from matscout.predict.base import Answer, ClassPredictions, Predictions
from matscout.predict.calibration import ClassCalibration, NumberCalibration
from matscout.predict.likeness_calibration import LikenessCalibration
from matscout.predict.uncalibrated import Raw, RawClasses, RawDraws, RawLikeness, RawNumbers

Calibration = NumberCalibration | ClassCalibration | LikenessCalibration


def answer(target: Target, calibration: Calibration, raw: Raw, level: float, assumption: str) -> Answer:
    """Predictions of ``target`` at nominal coverage ``level``; ``assumption`` says what the coverage rests on."""
    if isinstance(calibration, LikenessCalibration):
        assert isinstance(raw, RawLikeness)
        return calibration.likeness(target.name, raw, assumption)
    columns: dict[str, Any] = {
        "target": target.name,
        "level": level,
        "in_domain": raw.represented,
        "assumption": assumption,
        "problems": raw.problems,
    }
    if isinstance(calibration, ClassCalibration):
        assert isinstance(raw, RawClasses)
        sets = calibration.sets(raw, level)
        return ClassPredictions(classes=target.classes, probabilities=raw.probabilities, sets=sets, **columns)
    assert isinstance(raw, RawNumbers | RawDraws)
    return Predictions(unit=target.unit, distribution=calibration.distribution(raw, level), **columns)
