"""Strategies compared on labelled rows: campaigns played, each kept as soon as it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.counting import listed
from matscout.data.dataset import Dataset
from matscout.data.given import Given, as_dataset
from matscout.data.repeats import merge_repeats
from matscout.discover.goals import parse_goals
from matscout.discover.labelled_pool import Game, LabelledPool, fitting_game
from matscout.discover.strategy import Strategy, make_strategy
from matscout.discover.strategy_comparison import StrategyComparison
from matscout.errors import InputError, UsageError
from matscout.evaluation.cells import dataset_digest
from matscout.evaluation.code import PREDICTING
from matscout.predict.origins import library_versions
from matscout.progress import Progress, WorkPart, in_notebooks, silent
from matscout.registry import find
from matscout.represent.addresses import Address
from matscout.store import Store, key_of
from matscout.workflow.contest_settings import USUAL_STRATEGIES, ContestSettings

KIND = "campaign"

FEW, TOP_OF_FEW, TOP = 300, 0.05, 0.01
"""The best 1 % is wanted of an extreme; of fewer than 300 rows the best 5 %."""


@dataclass(frozen=True, eq=False)
class StrategyContest:
    """All campaigns of a comparison.

    Parameters
    ----------
    pool
        The labelled rows.
    game
        How campaigns are played.
    makers
        Name of a strategy -> what makes it anew.
    settings
        As asked for.
    """

    pool: LabelledPool
    game: Game
    makers: dict[str, Callable[[], Strategy]]
    settings: ContestSettings

    @classmethod
    def of(cls, dataset: Dataset, goal: str, settings: ContestSettings) -> StrategyContest:
        """Repeats of a material are one row.

        Parameters
        ----------
        dataset
            Labelled rows.
        goal
            As for ``scout``: ``"max"``, ``"gap=1.1:1.6"``.
        settings
            How.

        Raises
        ------
        UsageError, InputError
            If a goal or strategy cannot be read, or there are too few rows.
        """
        (asked,) = parse_goals([goal], dataset.targets)
        merged = merge_repeats(replace(dataset, groups=None), asked.target)
        target = merged.target(asked.target)
        values = target.values[target.known]
        if len(np.unique(values)) < 2:
            raise InputError(f"all labels of {asked.target!r} are equal: there is nothing to look for")
        n_rows = len(values)
        top = settings.top if settings.top is not None else TOP_OF_FEW if n_rows < FEW else TOP
        pool = LabelledPool.of(merged, asked.target, asked, seed=settings.seed, top=top)
        twice = [name for name in dict.fromkeys(settings.strategies) if settings.strategies.count(name) > 1]
        if twice:
            raise UsageError(f"{listed(twice)} is named twice; name each strategy once")
        kind = dataset.materials.kind
        makers = {name: make_strategy(name, kind) for name in settings.strategies}
        return cls(pool, fitting_game(len(pool), settings.batch, settings.n_batches), makers, settings)

    @cached_property
    def digest(self) -> str:
        """Of the rows and of what is looked for."""
        goal = asdict(self.pool.goal)
        return key_of(dataset_digest(self.pool.dataset, self.pool.target.name), goal, asdict(self.game))

    def key(self, name: str, run: int) -> str:
        """What a campaign is stored by."""
        module = find("strategies", Address.parse(name).name).target.partition(":")[0]
        code = digest_of_code("matscout.discover.labelled_pool", module, *PREDICTING)
        return key_of(KIND, self.digest, name, self.settings.seed + run, code, library_versions())

    def campaign(self, name: str, run: int, store: Store | None) -> tuple[NDArray[np.int64], float]:
        """The rows of one campaign in the order in which they are measured, and the seconds that choosing took."""
        kept = None if store is None else store.get_bytes(KIND, self.key(name, run))
        if kept is not None:
            record: dict[str, Any] = json.loads(kept)
            return np.array(record["rows"], dtype=np.int64), float(record["seconds"])
        began = time.perf_counter()
        rows = self.pool.play(self.makers[name], self.game, self.settings.seed + run)
        seconds = (time.perf_counter() - began) / self.game.n_batches
        if store is not None:
            record = {"rows": rows.tolist(), "seconds": seconds}
            store.put_bytes(KIND, self.key(name, run), json.dumps(record).encode())
        return rows, seconds

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Strategy and number of each campaign."""
        return ((name, run) for name in self.makers for run in range(self.settings.runs))

    def parts(self, store: Store) -> list[WorkPart]:
        """Each campaign as work for another process."""
        return [
            WorkPart(
                f"{name}, campaign {run + 1}",
                partial(self.campaign, name, run, store),
                partial(self._is_kept, name, run, store),
            )
            for name, run in self.pairs()
        ]

    def _is_kept(self, name: str, run: int, store: Store) -> bool:
        return store.get_bytes(KIND, self.key(name, run)) is not None

    def play(self, store: Store | None = None, progress: Progress = silent) -> StrategyComparison:
        """All campaigns, those that are stored from the store."""
        pairs, played = list(self.pairs()), {}
        for done, (name, run) in enumerate(pairs):
            progress(f"{name}, campaign {run + 1}", done, len(pairs))
            played[name, run] = self.campaign(name, run, store)
        progress("campaigns", len(pairs), len(pairs))
        numbers = range(self.settings.runs)
        runs = {name: np.array([played[name, run][0] for run in numbers]) for name in self.makers}
        seconds = {name: float(np.mean([played[name, run][1] for run in numbers])) for name in self.makers}
        return StrategyComparison(self.pool, self.game, runs, seconds)


def compare_strategies(
    dataset: Given,
    goal: str,
    strategies: str | Sequence[str] = USUAL_STRATEGIES,
    *,
    runs: int = 20,
    batch: int = 8,
    n_batches: int = 12,
    top: float | None = None,
    seed: int = 0,
    progress: Progress = in_notebooks,
) -> StrategyComparison:
    """Play campaigns on labelled rows: which strategy would have found the best with the fewest measurements?

    Parameters
    ----------
    dataset
        Labelled materials: what :func:`matscout.read` made, or what it reads, a path or a frame.
    goal
        As for :func:`matscout.scout`: ``"max"``, ``"gap=1.1:1.6"``.
    strategies
        Names in the catalogue (``matscout.registry.plug_ins("strategies")``), with options: ``"trees:order=ei"``.
    runs
        Campaigns of each; all strategies begin with the same random rows.
    batch, n_batches
        Rows that are chosen at a time, and how often; less often if more than half of the rows would be measured.
    top
        The share of the rows that is wanted where the goal is max, min or absmax; None: 1 %, of fewer than 300 rows
        5 %. Rows that equal the last of them are wanted, too.
    seed
        Of random choices.
    progress
        Called with the name of the step and the amount that is done.

    Raises
    ------
    UsageError
        If a goal or strategy cannot be read.
    InputError
        If there are too few rows for a single batch.
    """
    named = (strategies,) if isinstance(strategies, str) else tuple(strategies)
    settings = ContestSettings(strategies=named, runs=runs, batch=batch, n_batches=n_batches, top=top, seed=seed)
    return StrategyContest.of(as_dataset(dataset, "dataset"), goal, settings).play(None, progress)
