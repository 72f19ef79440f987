"""No batch where a model is hardly better than the constant guess."""

import numpy as np
import pytest
from tests.evaluation.test_doubts import evaluation, noise

from matscout.discover.base import Goal
from matscout.remarks import codes
from matscout.workflow.ranking import no_batch
from matscout.workflow.side_by_side import SideBySide

GOALS = (Goal("y", np.inf, np.inf),)


def test_a_good_model_may_propose():
    assert no_batch(GOALS, [SideBySide(evaluation(noise(0.5)))]) == ()


@pytest.mark.parametrize("errors", [noise(6.0), noise(2.9)])
def test_a_model_no_better_than_a_guess_proposes_nothing(errors):
    refusal = no_batch(GOALS, [SideBySide(evaluation(errors))])
    assert codes(refusal) == ["no-batch"]
    assert "model of y is hardly better than the constant guess" in refusal[0]


def test_models_of_other_targets_do_not_count():
    assert no_batch((Goal("z", np.inf, np.inf),), [SideBySide(evaluation(noise(6.0)))]) == ()


def test_without_scores_nothing_is_refused():
    assert no_batch(GOALS, []) == ()
