"""Strategies: a family of plug-ins that choose which rows are measured next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout import registry
from matscout.data.dataset import Dataset
from matscout.data.kinds import KINDS, Kind
from matscout.data.materials import Materials
from matscout.discover.acquisition import AskedOrder, acquire, order_for
from matscout.discover.base import Goal
from matscout.discover.goals import Aim
from matscout.discover.prediction import predict_candidates
from matscout.errors import UsageError
from matscout.predict.fitting import make_model
from matscout.predict.model import Predictor
from matscout.represent.addresses import Address

Floats = NDArray[np.float64]

LEVEL = 0.6
"""Coverage of the intervals: low enough for the few rows of the first batch."""


@dataclass(frozen=True, eq=False)
class Turn:
    """What a strategy knows when it chooses a batch.

    Parameters
    ----------
    known
        The rows measured so far, with their labels.
    rest
        m materials that can be measured.
    goal, aim
        What is looked for, and what reaching it means by the labels so far.
    number
        Of the batch, from 0.
    seed
        Of random choices in this turn.
    """

    known: Dataset
    rest: Materials
    goal: Goal
    aim: Aim
    number: int
    seed: int


class Strategy(ABC):
    """Chooses batches of one campaign; one file in ``discover/strategies`` each, whose constructor takes its options.

    An object plays one campaign from its first batch to its last, and may remember what it learned.
    """

    kinds: ClassVar[tuple[Kind, ...]] = KINDS
    """Of the rows that it can choose from."""

    @abstractmethod
    def scores(self, turn: Turn) -> Floats:
        """A number for each material that can be measured, [m]; the largest are measured next."""


class ModelStrategy(Strategy):
    """Fits a model to what is measured, and takes what its predictions promise.

    Parameters
    ----------
    make
        A seed -> what learns.
    order
        How predictions become scores, see :func:`~matscout.discover.acquisition.acquire`; "auto" for what suits the
        goal.
    """

    def __init__(self, make: Callable[[int], Predictor], order: AskedOrder = "auto") -> None:
        self._make = make
        self._order = order

    def scores(self, turn: Turn) -> Floats:
        """By the distributions that a model fitted to all labels so far predicts."""
        model = self._make(turn.seed).fit(turn.known, turn.goal.target)
        predictions = predict_candidates(model, turn.rest, LEVEL)
        return acquire(order_for(self._order, turn.goal), predictions, turn.aim, turn.seed)


def quick_trees(kind: Kind, seed: int) -> Predictor:
    """Quick trees on the plain representation of a kind of rows."""
    return make_model(f"trees={kind.representation}", metric="rmse", fast=True, seed=seed)


def make_strategy(address: str, kind: Kind) -> Callable[[], Strategy]:
    """What makes a strategy for each campaign anew.

    Parameters
    ----------
    address
        Its name, with options: ``"trees"``, ``"trees:order=ei"``.
    kind
        Of the rows.

    Raises
    ------
    UsageError
        If there is none of that name, it has no such option, or it does not take rows of this kind.
    """
    parsed = Address.parse(address)
    maker: Any = registry.load_class("strategies", parsed.name)
    if kind not in maker.kinds:
        raise UsageError(f"the strategy {parsed.name} does not take {kind.plural}: use another one, such as trees")
    return partial(maker, kind, **parsed.arguments(maker))
