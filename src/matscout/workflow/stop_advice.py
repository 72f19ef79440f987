"""Whether another batch is worth making: what the next candidates are likely to bring, compared with the noise."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, unit_behind
from matscout.data.dataset import Dataset, Target
from matscout.data.repeats import material_keys
from matscout.discover.acquisition import probability
from matscout.discover.diversity import systems_of
from matscout.discover.goals import TOLERANCE, Aim, aim_of
from matscout.discover.novelty import is_labelled
from matscout.discover.purposes import expected_gain
from matscout.predict.base import Predictions
from matscout.workflow.round_review import RoundReview
from matscout.workflow.search import Ranking

NEXT = 20
"""How many candidates the advice is about."""

FEW_HITS = 0.5
"""Fewer expected hits than this are hardly worth a batch."""

TINY = 1e-12
"""A gain of no more is none."""

SMALLEST_SHOWN = 0.05
"""Fewer expected hits are written as none."""

IDLE = 2
"""Rounds without a hit before the advice is to stop."""

FEWEST_REPEATS = 5
"""Degrees of freedom from which the spread of repeats is believed."""


@dataclass(frozen=True)
class StopAdvice:
    """What the next candidates are likely to bring.

    Parameters
    ----------
    count
        How many candidates it is about: the first ones that are not labelled.
    hits
        How many of them reach the goals on average: the sum of their chances.
    gain
        By how much the best of them betters the best label on average, on the scale of the target; None with several
        goals, or where the goal is a range, a value or a class.
    unit
        Of the gain: that of the target, or decades.
    noise
        What measurements of one material differ by, on the same scale; None where there is no gain.
    noise_source
        Where that comes from.
    recent_hits, recent_chances
        Proposals of the last round that reached their goal, and the sum of the chances of all that are measured.
    idle_rounds
        The last rounds, one after the other, whose measured proposals brought no hit.
    beyond
        Candidates that a model which can extrapolate puts beyond the best label; 0 where it was not asked.
    """

    count: int
    hits: float
    gain: float | None = None
    unit: str | None = None
    noise: float | None = None
    noise_source: str = ""
    recent_hits: int = 0
    recent_chances: float = 0.0
    idle_rounds: int = 0
    beyond: int = 0

    @property
    def is_below_noise(self) -> bool:
        """Whether the gain cannot be told from noise."""
        return self.gain is not None and self.noise is not None and self.gain < self.noise

    @property
    def expects_little(self) -> bool:
        """Whether another batch is hardly worth making, if the chances hold."""
        return self.is_below_noise or self.hits < FEW_HITS

    @property
    def says_stop(self) -> bool:
        """Whether nothing speaks for another batch: neither the chances, nor the last rounds, nor extrapolation."""
        return self.expects_little and self.idle_rounds >= IDLE and not self.beyond

    @property
    def sentences(self) -> tuple[str, ...]:
        """The advice in words."""
        first = f"The next {self.count} are likely to bring {self._hits} that reach the goal{self._gain}."
        return (first, self._why, self._what_to_do) if self.expects_little else (first,)

    @property
    def _hits(self) -> str:
        return f"{self.hits:.1f}" if self.hits >= SMALLEST_SHOWN else "none"

    @property
    def _gain(self) -> str:
        if self.gain is None or self.gain <= TINY:
            return ""
        return f"; the best of them exceeds the best label by {self._amount(self.gain)} on average"

    @property
    def _why(self) -> str:
        if self._gain and self.is_below_noise and self.noise is not None:
            return f"That is below the noise of the measurements ({self._amount(self.noise)}, {self.noise_source})."
        return "That is less than one hit in two such batches."

    @property
    def _what_to_do(self) -> str:
        if self.recent_hits:
            hits = f"But the last round brought {counted(self.recent_hits, 'hit')}"
            if self.recent_hits > self.recent_chances:
                hits += f", more than its chances added up to ({self.recent_chances:.1f})"
            return f"{hits}: make one more batch before you stop."
        if self.beyond:
            return (
                "But a Gaussian process, which can extrapolate beyond the labels, predicts "
                f"{counted(self.beyond, 'candidate')} beyond the best label (the column that ends in _extrapolated): "
                "make these before you stop."
            )
        if self.idle_rounds < IDLE:
            return f"But chances of a record are rough: judge after {IDLE} rounds without a hit, not before."
        idle = (
            f"The last {self.idle_rounds} rounds brought no hit, so another batch of these candidates has little chance"
        )
        return f"{idle}: stop, add other candidates, or change the goal."

    def _amount(self, size: float) -> str:
        if self.unit == "decades":
            return f"a factor of {10**size:.3g}"
        return f"{size:.2g}{unit_behind(self.unit)}"


def stop_advice(ranking: Ranking, labels: Dataset, review: RoundReview | None = None) -> StopAdvice | None:
    """What the first candidates that are not labelled are likely to bring; None if there are none.

    Chances are those that are stated of each, corrected where unseen rows asked for that. For the gain, candidates of
    one chemical system go together, and systems are independent.

    Parameters
    ----------
    ranking
        The present ranking.
    labels
        The labelled rows that it rests on.
    review
        What became of earlier proposals.
    """
    shown = ranking.shortlist.candidates.materials
    unlabelled = np.flatnonzero(~is_labelled(shown, labels.materials))
    first = unlabelled[:NEXT]
    if not len(first):
        return None
    rows = ranking.shortlist_rows[first]
    aims = [aim_of(goal, labels) for goal in ranking.goals]
    blocks = [ranking.predictions[goal.target][rows] for goal in ranking.goals]
    pairs = zip(blocks, aims, strict=True)
    hits = float(np.prod([probability(block, aim) for block, aim in pairs], axis=0).sum())
    records = [] if review is None else records_of(review)
    idle = len(list(takewhile(lambda record: not record[0], records)))
    recent = records[0] if records else (0, 0.0)
    advice = StopAdvice(len(first), hits, recent_hits=recent[0], recent_chances=recent[1], idle_rounds=idle)
    if len(aims) > 1 or not isinstance(blocks[0], Predictions):
        return advice
    gain = expected_gain(blocks[0], aims[0], systems_of(shown[first]))
    if gain is None:
        return advice
    return replace(_with_gain(advice, gain, aims[0], labels), beyond=_beyond(ranking, aims[0], unlabelled))


def records_of(review: RoundReview) -> list[tuple[int, float]]:
    """Hits, and the sum of the chances, of the measured proposals of each round that has some, the last round first."""
    records = []
    for one in reversed(review.rounds):
        measured = [outcome.judgements for outcome in review.of_round(one.number) if outcome.state == "measured"]
        if measured:
            hits = sum(all(judgement.met for judgement in judgements) for judgements in measured)
            chances = (math.prod(judgement.chance or 0.0 for judgement in judgements) for judgements in measured)
            records.append((hits, sum(chances)))
    return records


def _beyond(ranking: Ranking, aim: Aim, places: NDArray[np.int64]) -> int:
    """How many unlabelled candidates the extrapolating model puts beyond the best label."""
    fact = ranking.shortlist.facts.get(f"{aim.goal.target}_extrapolated")
    return 0 if fact is None else int(aim.is_met(fact.values[places]).sum())


def _with_gain(advice: StopAdvice, gain: float, aim: Aim, labels: Dataset) -> StopAdvice:
    target = labels.target(aim.goal.target)
    noise, source = noise_of(target, labels)
    return replace(advice, gain=gain, unit=target.error_unit, noise=noise, noise_source=source)


def noise_of(target: Target, labels: Dataset) -> tuple[float, str]:
    """What measurements of one material differ by on the scale of a target, and where that comes from.

    The median of the stated errors; else the spread of repeats under the same conditions, pooled over materials
    (``sqrt(sum of squared deviations / degrees of freedom)``); else a tenth of the standard deviation of the labels,
    within which a goal that is a value counts as met.
    """
    known = np.flatnonzero(target.known)
    values = target.placed(target.values[known])
    if target.errors is not None and target.scale == "linear":
        stated = target.errors[known]
        stated = stated[stated > 0]
        if len(stated):
            return float(np.median(stated)), "the median of the stated errors"
    _, group = np.unique([str(key) for key in material_keys(labels.materials[known])], return_inverse=True)
    means = np.bincount(group, values) / np.bincount(group)
    freedom = len(values) - len(means)
    spread = float(np.sqrt(np.square(values - means[group]).sum() / freedom)) if freedom else 0.0
    if freedom >= FEWEST_REPEATS and spread > 0:
        return spread, "the spread of repeated measurements"
    return TOLERANCE * float(values.std()), "taken as a tenth of the spread of the labels"
