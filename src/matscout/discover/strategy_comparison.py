"""Strategies compared: which would have found the best of the labelled rows with the fewest measurements?

Measures of H. Liang and others (2021, doi:10.1038/s41524-021-00656-9) and B. Rohr and others (2020,
doi:10.1039/C9SC05999G). All strategies begin with the same rows, and chance is not simulated: its expectations from
these rows are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.read_only import lock
from matscout.discover.labelled_pool import Game, LabelledPool, hits_by_random
from matscout.shown import ShownTable

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CHANCE = "chance"
"""In tables, the exact expectation of a random order."""

SHARES = (0.5, 0.8)
"""Shares of the wanted rows at which accelerations are reported."""

SIGNIFICANT = 0.05
"""Of paired tests."""

FEWEST_RUNS = 6
"""Of fewer pairs Wilcoxon's test is never significant."""


@dataclass(frozen=True, eq=False, repr=False)
class StrategyComparison(ShownTable):
    """Campaigns of several strategies on one pool of labelled rows.

    Parameters
    ----------
    pool
        The rows, and which of them are wanted.
    game
        How campaigns were played.
    runs
        Name of a strategy -> int64 [r, measured], the rows of each campaign in the order in which they were measured;
        campaign i begins with the same rows for all.
    seconds
        Name of a strategy -> seconds that choosing a batch took, on average.
    """

    pool: LabelledPool
    game: Game
    runs: Mapping[str, Integers]
    seconds: Mapping[str, float]

    def __post_init__(self) -> None:
        lock(self)

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def names(self) -> tuple[str, ...]:
        """The strategies, the one that found most first."""
        return tuple(sorted(self.runs, key=lambda name: -float(self.shares(name)[:, -1].mean())))

    @property
    def n_runs(self) -> int:
        """Campaigns of each strategy."""
        return len(next(iter(self.runs.values())))

    @property
    def n_wanted(self) -> int:
        """Rows that should be found."""
        return int(self.pool.wanted.sum())

    @property
    def title(self) -> str:
        """What is looked for in which rows."""
        words = f"{self.pool.target.name} {self.pool.aim.words}" if not self.pool.goal.is_extreme else "best"
        drawn = "" if self.pool.n_all <= len(self.pool) else f" drawn from {self.pool.n_all:,}"
        return f"{self.n_wanted} {words} of {counted(len(self.pool), 'row')}{drawn}, {self.game.n_measured} measured"

    def shares(self, name: str) -> Floats:
        """The share of the wanted rows found after each measurement, [r, measured - n_start + 1]."""
        hits = np.cumsum(self.pool.wanted[self.runs[name]], axis=1)
        return np.asarray(hits[:, self.game.n_start - 1 :] / self.n_wanted)

    @cached_property
    def share_by_chance(self) -> Floats:
        """The same, expected of a random order from the same first rows, mean over the campaigns, [measured + 1]."""
        some = next(iter(self.runs.values()))
        measured = np.arange(self.game.n_start, self.game.n_measured + 1)
        hits = [hits_by_random(self.pool.wanted, run, measured) for run in some]
        return np.asarray(np.mean(hits, axis=0) / self.n_wanted)

    def first_hits(self, name: str) -> Floats:
        """The number of measurements until the first wanted row, [r]; infinity where none was found."""
        wanted = self.pool.wanted[self.runs[name]]
        return np.where(wanted.any(axis=1), wanted.argmax(axis=1) + 1.0, np.inf)

    def enhancement(self, name: str) -> float:
        """How many times the share that is expected of chance was found in the end."""
        return float(self.shares(name)[:, -1].mean() / self.share_by_chance[-1])

    def acceleration(self, name: str, share: float) -> float | None:
        """How many times as many measurements chance needs for a share of the wanted rows; None if it is not reached.

        Chance finds wanted rows at a steady rate beyond the first rows, so that its number may exceed those measured.
        """
        reached = np.flatnonzero(self.shares(name).mean(axis=0) >= share)
        if not len(reached):
            return None
        n_start, first = self.game.n_start, float(self.share_by_chance[0])
        by_chance = n_start + max(share - first, 0.0) / (1 - first) * (len(self.pool) - n_start) if first < 1 else 0.0
        return float(by_chance / (n_start + reached[0]))

    def p_value(self, one: str, other: str) -> float:
        """Of Wilcoxon's test on the shares found in the end, paired by their first rows; 1 where all are equal."""
        from scipy.stats import wilcoxon

        differences = self.shares(one)[:, -1] - self.shares(other)[:, -1]
        return 1.0 if not differences.any() else float(wilcoxon(differences).pvalue)

    def p_against_chance(self, name: str) -> float:
        """Of Wilcoxon's test on the shares found in the end, against what chance finds from each start on average."""
        from scipy.stats import wilcoxon

        expected = [
            hits_by_random(self.pool.wanted, run, self.game.measured[[0, -1]])[-1] / self.n_wanted
            for run in self.runs[name]
        ]
        differences = self.shares(name)[:, -1] - np.array(expected)
        return 1.0 if not differences.any() else float(wilcoxon(differences).pvalue)

    @property
    def verdict(self) -> str:
        """Which strategy is to be preferred, and whether the campaigns can say so."""
        best, *others = self.names
        low, high = self._interval(best)
        words = (
            f"{best} found {self.shares(best)[:, -1].mean():.0%} of the {self.n_wanted} wanted rows "
            f"({low:.0%} to {high:.0%}, 90 % interval over {counted(self.n_runs, 'campaign')}) within "
            f"{self.game.n_measured} of {len(self.pool):,} measurements; chance finds {self.share_by_chance[-1]:.0%}."
        )
        if self.n_runs < FEWEST_RUNS:
            return f"{words} So few campaigns tell nothing apart: play {FEWEST_RUNS} or more."
        if self.p_against_chance(best) > SIGNIFICANT or self.enhancement(best) <= 1:
            return f"{words} No strategy is better than chance beyond what may be luck."
        near = [name for name in others if self.p_value(best, name) > SIGNIFICANT]
        if near:
            return f"{words} These campaigns do not tell it apart from {', '.join(near)}."
        return words if not others else f"{words} It is better than all others beyond what may be luck."

    def _interval(self, name: str) -> tuple[float, float]:
        """5 and 95 % of the mean share found in the end, by bootstrap over the campaigns."""
        shares = self.shares(name)[:, -1]
        draws = np.random.default_rng(0).choice(shares, (2000, len(shares))).mean(axis=1)
        low, high = np.quantile(draws, (0.05, 0.95))
        return float(low), float(high)

    def in_a_line(self) -> str:
        """The verdict."""
        return self.verdict

    def to_frame(self) -> polars.DataFrame:
        """A row for each strategy, the one that found most first, and one for chance."""
        import polars

        rows = [self._row(name) for name in self.names]
        chance = dict.fromkeys(rows[0]) | {"strategy": CHANCE, "share found": float(self.share_by_chance[-1])}
        return polars.DataFrame([*rows, chance], infer_schema_length=None)

    def _row(self, name: str) -> dict[str, object]:
        low, high = self._interval(name)
        hits = self.first_hits(name)
        quarters = [float(value) for value in np.quantile(hits, (0.25, 0.5, 0.75), method="inverted_cdf")]
        return {
            "strategy": name,
            "share found": float(self.shares(name)[:, -1].mean()),
            "share found, 5 %": low,
            "share found, 95 %": high,
            "times chance": self.enhancement(name),
            **{f"acceleration at {share:.0%}": self.acceleration(name, share) for share in SHARES},
            "first hit, median": _finite(quarters[1]),
            "first hit, quartiles": " to ".join("never" if np.isinf(one) else f"{one:.0f}" for one in quarters[::2]),
            "campaigns without a hit": int(np.isinf(hits).sum()),
            "p against chance": self.p_against_chance(name),
            "p against the first": None if name == self.names[0] else self.p_value(self.names[0], name),
            "seconds a batch": self.seconds[name],
        }

    def campaigns(self) -> polars.DataFrame:
        """A row for each measurement of each campaign: run, strategy, step, row, value, share found so far."""
        import polars

        frames = []
        numbers = np.asarray(self.pool.dataset.numbering)
        values = self.pool.target.values
        for name in self.names:
            shares = np.cumsum(self.pool.wanted[self.runs[name]], axis=1) / self.n_wanted
            for run, rows in enumerate(self.runs[name]):
                columns = {
                    "strategy": [name] * len(rows),
                    "run": np.full(len(rows), run + 1),
                    "step": np.arange(1, len(rows) + 1),
                    "row": numbers[rows],
                    "formula": self.pool.dataset.materials.formulas[rows].tolist(),
                    **{name: column[rows] for name, column in self.pool.dataset.materials.context.items()},
                    self.pool.target.label: values[rows],
                    "share found": shares[run],
                }
                frames.append(polars.DataFrame(columns))
        return polars.concat(frames)


def _finite(value: float) -> float | None:
    return None if np.isinf(value) else value
