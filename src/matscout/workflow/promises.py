"""How good promises were: intervals and chances stated before a measurement, compared with what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, part_of, unit_behind

FEW = 20
"""Of fewer measured materials a sentence warns that they show little."""

CENTRAL = 0.95
"""Chance allows what happens in so many cases if all promises hold."""


@dataclass(frozen=True)
class TargetOutcome:
    """What was promised of one target of one material, and what was measured.

    Parameters
    ----------
    target, unit
        The property.
    predicted
        A number, or a class; None where the material was not among the candidates.
    lower, upper
        The interval; None for classes.
    likely
        The classes of the prediction set; none for numbers.
    chance
        To reach the goal; None without a prediction.
    value
        The mean of the measurements (on the scale of the target), or the class of most; None if there is none yet.
    bound
        -1 where the true value is at most ``value``, 1 where it is at least that, 0 where it was measured.
    inside
        Whether the value lies in the interval or set; None if that is not known.
    met
        Whether it reaches the goal of that round; None if that is not known.
    """

    target: str
    unit: str | None
    predicted: float | str | None = None
    lower: float | None = None
    upper: float | None = None
    likely: tuple[str, ...] = ()
    chance: float | None = None
    value: float | str | None = None
    bound: int = 0
    inside: bool | None = None
    met: bool | None = None


@dataclass(frozen=True)
class Promise:
    """How often intervals and chances of one target held, each measured material counted once.

    Parameters
    ----------
    target, error_unit
        The property, and the unit of its errors.
    n, n_inside
        Measured materials with an interval, and how many lay inside.
    expected_inside
        How many should on average.
    inside_by_chance
        From how many to how many chance allows if the intervals hold.
    n_chances, promised, hits
        Measured materials with a chance, the sum of these chances, and how many reached the goal of their round.
    hits_by_chance
        From how many to how many chance allows if the chances hold and materials are independent.
    mean_error
        Mean absolute error of the predictions, on the scale of the target; None for classes.
    """

    target: str
    error_unit: str | None
    n: int
    n_inside: int
    expected_inside: float
    inside_by_chance: tuple[int, int]
    n_chances: int
    promised: float
    hits: int
    hits_by_chance: tuple[int, int]
    mean_error: float | None = None

    @property
    def sentence(self) -> str:
        """The counts in words, with a warning where they are few."""
        words = [self._intervals, self._chances] if self.n else [self._chances]
        warning = f" {counted(self.n_chances, 'value')} {'shows' if self.n_chances == 1 else 'show'} little yet."
        return f"{self.target}: {'; '.join(words)}.{warning if self.n_chances < FEW else ''}"

    @property
    def _intervals(self) -> str:
        unit = unit_behind(self.error_unit)
        error = "" if self.mean_error is None else f", mean absolute error {self.mean_error:.3g}{unit}"
        return (
            f"{part_of(self.n_inside, self.n, 'value')} in the stated interval ({self.expected_inside:.1f} expected, "
            f"{_span(self.inside_by_chance, self.n_inside)}){error}"
        )

    @property
    def _chances(self) -> str:
        return (
            f"{self.hits:,} reached the goal of their round ({self.promised:.1f} expected from the stated chances, "
            f"{_span(self.hits_by_chance, self.hits)})"
        )


def promise_of(
    judged: Sequence[tuple[TargetOutcome, float]], error_unit: str | None, errors: NDArray[np.float64] | None
) -> Promise | None:
    """How good the promises of one target were; None if nothing is measured.

    Parameters
    ----------
    judged
        Judgements of different materials, each with the level of its interval.
    error_unit
        Unit of the errors.
    errors
        float64 [k], errors of the predictions on the scale of the target; None for classes.
    """
    levels = [level for one, level in judged if one.inside is not None]
    inside = sum(one.inside is True for one, _ in judged)
    chances = [one.chance for one, _ in judged if one.met is not None and one.chance is not None]
    hits = sum(one.met is True for one, _ in judged if one.chance is not None)
    if not chances:
        return None
    mean_error = float(np.abs(errors).mean()) if errors is not None and len(errors) else None
    return Promise(
        judged[0][0].target,
        error_unit,
        len(levels),
        inside,
        float(sum(levels)),
        allowed_by_chance(levels),
        len(chances),
        float(sum(chances)),
        hits,
        allowed_by_chance(chances),
        mean_error,
    )


def allowed_by_chance(chances: Sequence[float]) -> tuple[int, int]:
    """The central 95 % of how many independent events of these chances come true (a Poisson-binomial distribution)."""
    law = np.ones(1)
    for chance in chances:
        law = np.convolve(law, [1.0 - chance, chance])
    below = np.cumsum(law)
    ends = ((1 - CENTRAL) / 2, (1 + CENTRAL) / 2)
    low, high = (min(int(np.searchsorted(below, end - 1e-12)), len(chances)) for end in ends)
    return low, high


def _span(ends: tuple[int, int], count: int) -> str:
    """What chance allows, and whether a count lies outside."""
    low, high = ends
    words = f"{low} by chance" if low == high else f"{low} to {high} by chance"
    if count < low:
        return f"{words}: fewer than chance allows"
    return f"{words}: more than chance allows" if count > high else words
