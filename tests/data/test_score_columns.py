"""Scores of other models as targets."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import matscout
from matscout.data.dataset import Target
from matscout.data.score_columns import score_remarks
from matscout.remarks import codes


@pytest.mark.parametrize("name", ["clscore", "CLscore", "score", "crystal-likeness score", "synthesizability_score"])
def test_scores_are_remarked_on(name: str) -> None:
    frame = pl.DataFrame({"formula": ["NaCl", "KBr", "LiF"], name: [0.1, 0.5, 0.9]})
    assert "score-of-a-model" in codes(matscout.read(frame, target=name).provenance.remarks)


@pytest.mark.parametrize("name", ["gap", "scored", "underscore", "score of hardness"])
def test_other_targets_are_not(name: str) -> None:
    assert score_remarks(Target(name, np.zeros(3))) == ()
