"""A target keeps to what it says of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matscout.data.dataset import Target
from matscout.errors import UsageError


def test_values_beyond_the_limits_are_refused() -> None:
    fractions = Target("yield", np.array([0.0, np.nan, 0.4, 1.0]), limits=(0.0, 1.0))
    assert fractions[[0, 3]].limits == (0.0, 1.0)
    with pytest.raises(UsageError, match="yield has values beyond its limits, 0 to 1, such as 40"):
        replace(fractions, values=100.0 * fractions.values, unit="%")
    with pytest.raises(UsageError, match=r"such as -0\.1"):
        Target("yield", np.array([-0.1, 0.4]), limits=(0.0, 1.0))
