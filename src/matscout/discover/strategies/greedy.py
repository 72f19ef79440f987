"""Trees on plain descriptors; the best predicted values, whatever their error."""

from __future__ import annotations

from functools import partial

from matscout.data.kinds import Kind
from matscout.discover.strategy import ModelStrategy, quick_trees


class GreedyStrategy(ModelStrategy):
    """Exploits only.

    Parameters
    ----------
    kind
        Of the rows.
    """

    def __init__(self, kind: Kind) -> None:
        super().__init__(partial(quick_trees, kind), "value")
