"""Where the weights lie that come with matscout, and those that come with its checkout only."""

from __future__ import annotations

import os
from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
"""A folder for each, as ``matscout pretrain`` writes it to ``RUN_DIR/artefact``."""
VARIABLE = "MATSCOUT_WEIGHTS"
FOR_MEASURING = ("composition-donor-strict", "crystal-denoising", "deep-infomax", "polysrl-strict")
"""No default uses them: they stand in tables of the benchmarks, and are no part of what is installed."""


def measuring_folder() -> Path:
    """Where weights for measuring lie: the folder named by ``MATSCOUT_WEIGHTS``, else that of a checkout."""
    return Path(os.environ.get(VARIABLE) or Path(__file__).parents[3] / "benchmarks" / "weights")


def how_to_get(name: str) -> str:
    """What must be done to have the weights called ``name``."""
    if name in FOR_MEASURING:
        return (
            f"its weights, which are for measuring and only part of a checkout of matscout: set {VARIABLE} to "
            "CHECKOUT/benchmarks/weights"
        )
    return "a released matscout, with its weights"
