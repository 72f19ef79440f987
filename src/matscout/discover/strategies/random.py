"""A random order."""

from __future__ import annotations

import numpy as np

from matscout.data.kinds import Kind
from matscout.discover.strategy import Floats, Strategy, Turn


class RandomStrategy(Strategy):
    """Draws. What it finds on average is known exactly; drawn campaigns show how much that varies.

    Parameters
    ----------
    kind
        Of the rows.
    """

    def __init__(self, kind: Kind) -> None:
        pass

    def scores(self, turn: Turn) -> Floats:
        """Random numbers."""
        return np.random.default_rng(turn.seed).random(len(turn.rest))
