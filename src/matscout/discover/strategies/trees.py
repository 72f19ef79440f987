"""Trees on plain descriptors; the order that suits the goal (a value exceeded in one case of four; near it for ranges).

The model and the order of the back-test of ``scout``.
"""

from __future__ import annotations

from functools import partial

from matscout.data.kinds import Kind
from matscout.discover.acquisition import check_order
from matscout.discover.strategy import ModelStrategy, quick_trees


class TreesStrategy(ModelStrategy):
    """Quick trees.

    Parameters
    ----------
    kind
        Of the rows.
    order
        As ``--order`` of ``scout``.
    """

    def __init__(self, kind: Kind, order: str = "auto") -> None:
        super().__init__(partial(quick_trees, kind), check_order(order))
