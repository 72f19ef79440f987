"""The stage ranks, and drops nothing unless a share is stated."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.discover.funnel import FunnelStep, sift
from matscout.discover.stages.known_likeness import KnownLikenessStage
from matscout.errors import UsageError
from matscout.testing.stages import brief, candidates


def test_all_pass_and_the_most_like_known_ones_come_first() -> None:
    given = candidates()
    passed = sift(given, [FunnelStep("known-likeness")], brief())
    assert len(passed) == len(given)
    places = passed.facts["known_likeness_percentile_unlabelled"].values
    assert (np.diff(places) <= 0).all()


def test_a_stated_share_passes_and_the_others_have_a_reason_in_plain_words() -> None:
    given = candidates()
    passed = sift(given, [FunnelStep("known-likeness", {"keep": 0.3})], brief())
    assert len(passed) == int(np.ceil(0.3 * len(given)))
    reasons = passed.lost[-1].reasons
    assert all("less like known materials than the 30% to keep (above " in one for one in reasons)
    assert not any("synthesi" in one for one in reasons)


@pytest.mark.parametrize("share", [0.0, 1.5, -1.0])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(UsageError, match="keep of known-likeness is a share"):
        KnownLikenessStage(keep=share)
