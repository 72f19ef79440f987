"""A Gaussian process; expected improvement by default."""

from __future__ import annotations

from matscout.data.kinds import COMPOUNDS, Kind
from matscout.discover.acquisition import check_order
from matscout.discover.strategy import ModelStrategy
from matscout.predict.fitting import make_model
from matscout.predict.model import Predictor


class GpStrategy(ModelStrategy):
    """The model ``gp``.

    Parameters
    ----------
    kind
        Of the rows.
    order
        As ``--order`` of ``scout``.
    """

    kinds = COMPOUNDS

    def __init__(self, kind: Kind, order: str = "ei") -> None:
        super().__init__(_process, check_order(order))


def _process(seed: int) -> Predictor:
    return make_model("gp", metric="rmse", fast=True, seed=seed)
