"""Columns that are called like the score of another model, such as the crystal-likeness score."""

from __future__ import annotations

import re

from matscout.data.dataset import Target
from matscout.remarks import Remark

_SCORE = re.compile(r"(cl|crystal[ _-]?likeness|synthesi[sz]ability)?[ _-]?score", re.IGNORECASE)


def score_remarks(target: Target) -> tuple[Remark, ...]:
    """A remark where a target of numbers is called like the output of another model."""
    if target.task != "regression" or not _SCORE.fullmatch(target.name.strip()):
        return ()
    text = (
        f"Target {target.name!r} is called like a score. If another model computed it, what is learned is that model's "
        "opinion: no accuracy here says anything about materials."
    )
    return (Remark("score-of-a-model", text),)
