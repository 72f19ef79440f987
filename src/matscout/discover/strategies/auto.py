"""The model of ``scout``, fitted to every second batch; quick trees between, since it takes seconds to fit."""

from __future__ import annotations

from functools import partial

from matscout.data.kinds import Kind
from matscout.discover.acquisition import check_order
from matscout.discover.strategy import Floats, ModelStrategy, Strategy, Turn, quick_trees
from matscout.predict.fitting import make_model
from matscout.predict.model import Predictor


class AutoStrategy(Strategy):
    """The model ``auto`` without transfer, whose networks learned from the labels of many pools.

    Parameters
    ----------
    kind
        Of the rows.
    order
        As ``--order`` of ``scout``.
    every
        It is fitted to each such batch.
    """

    def __init__(self, kind: Kind, order: str = "auto", every: int = 2) -> None:
        asked = check_order(order)
        self._every = every
        self._full = ModelStrategy(_auto, asked)
        self._quick = ModelStrategy(partial(quick_trees, kind), asked)

    def scores(self, turn: Turn) -> Floats:
        """By ``auto`` at every second batch."""
        return (self._quick if turn.number % self._every else self._full).scores(turn)


def _auto(seed: int) -> Predictor:
    return make_model("auto:donor=none", metric="rmse", fast=True, seed=seed)
