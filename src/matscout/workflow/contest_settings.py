"""How strategies are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Lt

from matscout.settings.fields import SettingInfo

USUAL_STRATEGIES = ("trees", "gp", "greedy", "explore", "random")
"""All that take at most a second for a batch of a thousand rows."""


@dataclass(frozen=True, kw_only=True)
class ContestSettings:
    """How strategies are compared.

    Parameters
    ----------
    strategies
        Strategies to compare: auto, trees, gp, greedy, explore, random, or with options, trees:order=ei.
    runs
        Campaigns of each strategy; all strategies begin with the same random rows.
    batch
        Rows that are measured at a time.
    n_batches
        Number of batches; fewer if more than half of the rows would be measured.
    top
        Share of the rows that is wanted of a max, min or absmax (default: 0.01, below 300 rows 0.05).
    seed
        Seed of all random choices.
    """

    strategies: Annotated[tuple[str, ...], SettingInfo(metavar="A,B,C", commas=True)] = USUAL_STRATEGIES
    runs: Annotated[int, Ge(2)] = 20
    batch: Annotated[int, Ge(1)] = 8
    n_batches: Annotated[int, Ge(1), SettingInfo(key="batches")] = 12
    top: Annotated[float | None, Gt(0), Lt(1)] = None
    seed: Annotated[int, Ge(0)] = 0
