"""From scores of training rows that a fit had not seen to percentiles and, under a class prior, probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.states import Stored
from matscout.predict.uncalibrated import RawLikeness, UnseenLikeness
from matscout.remarks import Remark

Floats = NDArray[np.float64]

MEANING = (
    "the score ranks materials by their likeness to known ones; an unlabelled material may be as possible as a known "
    "one, so a low score is no proof"
)
IF_RANDOM = (
    "if known materials are a random sample of their class, and a share of {prior:g} of the unlabelled ones is of it"
)
TOP = 0.75
"""Quantile of the known rows above which rows are counted to test the assumption."""
SPREADS = 2.0
"""Standard errors by which the share of known rows there may exceed the known share of the class."""


@dataclass(frozen=True, eq=False)
class LikenessCalibration(Stored):
    """Where scores stand among those of training rows, each by a fit that had not seen it.

    Parameters
    ----------
    known, unlabelled
        float64, ascending scores of known and of unlabelled training rows.
    scores, chances
        float64 [k], ascending scores and the chance of being known there, by isotonic regression.
    known_share
        Chance that a member of the class is known; None where no class prior is stated.
    estimated_share
        The same as the data say it: the mean chance of being known over the known rows (Elkan and Noto 2008,
        doi:10.1145/1401890.1401920, equation 5).
    """

    known: Floats
    unlabelled: Floats
    scores: Floats
    chances: Floats
    known_share: float | None
    estimated_share: float

    n_units: ClassVar[int] = 0
    """It gives no intervals."""

    @classmethod
    def fit(cls, unseen: UnseenLikeness, target: Target) -> Self:
        """From the scores of n training rows by fits that had not seen them, NaN where there are none."""
        scored = np.isfinite(unseen.likeness)
        scores, known = unseen.likeness[scored], target.values[scored] == 1.0
        places, chances = isotonic(scores, known)
        estimated = float(np.interp(scores[known], places, chances).mean())
        stated = None if target.class_prior is None else share_known(target.values == 1.0, target.class_prior)
        return cls(np.sort(scores[known]), np.sort(scores[~known]), places, chances, stated, estimated)

    def require(self, level: float) -> None:
        """Any level will do: there are no intervals."""

    def likeness(self, target: str, raw: RawLikeness, assumption: str) -> KnownLikeness:
        """The scores of m materials with percentiles and, if a prior is stated, probabilities."""
        return KnownLikeness(
            target,
            raw.ids,
            raw.formulas,
            raw.scores,
            _share_below(self.known, raw.scores),
            _share_below(self.unlabelled, raw.scores),
            raw.nearest_ids,
            raw.nearest_formulas,
            raw.distances,
            raw.represented,
            self.probability(raw.scores),
            assumption,
            raw.problems,
        )

    def probability(self, scores: Floats) -> Floats | None:
        """P = g / c, at most 1, for the chance g of being known and the known share c of the class, [m]."""
        if self.known_share is None:
            return None
        return np.minimum(1.0, np.interp(scores, self.scores, self.chances) / self.known_share)

    def assumption(self, target: Target) -> str:
        """What score and probability rest on."""
        if target.class_prior is None:
            return MEANING
        return f"{MEANING}; the probability holds {IF_RANDOM.format(prior=target.class_prior)}"

    def notes(self, target: Target) -> tuple[str, ...]:
        """Whether the data contradict the prior or the assumption of a random sample."""
        if self.known_share is None:
            return ()
        return (*self._known_shares(target), *self._no_random_sample(target))

    def _known_shares(self, target: Target) -> tuple[str, ...]:
        """The known share by the prior, and by the scores alone."""
        text = (
            f"A class prior of {target.class_prior:g} means that {self.known_share:.0%} of the class is known. The "
            f"scores alone would say {self.estimated_share:.0%}, which is right only where known materials and those "
            "outside their class do not overlap."
        )
        return (Remark("known-share-of-class", text),)

    def _no_random_sample(self, target: Target) -> tuple[str, ...]:
        """Whether more of the best rows are known than the prior allows."""
        assert self.known_share is not None, "a prior is stated"
        top = float(np.quantile(self.known, TOP))
        n_known, n_others = (int((scores >= top).sum()) for scores in (self.known, self.unlabelled))
        share, n = n_known / (n_known + n_others), n_known + n_others
        if share <= self.known_share + SPREADS * np.sqrt(self.known_share * (1 - self.known_share) / n):
            return ()
        text = (
            f"Of the {n:,} rows with the highest scores {share:.0%} are known, and a class prior of "
            f"{target.class_prior:g} allows {self.known_share:.0%}: known materials are no random sample of their "
            "class (some elements and structures are made more often), or the prior is too large. Read probabilities "
            "as ranks."
        )
        return (Remark("known-no-random-sample", text),)


def share_known(known: NDArray[np.bool_], class_prior: float) -> float:
    """Chance that a member of the class is known, if this share of the unlabelled rows [n] are members, too."""
    n_known = int(known.sum())
    return n_known / (n_known + class_prior * int((~known).sum()))


def isotonic(scores: Floats, known: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Ascending scores [k] and the chance of being known there, which never falls with the score.

    Pools adjacent violators (Ayer and others 1955, doi:10.1214/aoms/1177728423); rows of one score are one block.
    """
    places, members, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    blocks: list[list[float]] = []
    for place, hits, size in zip(places, np.bincount(members, weights=known), sizes, strict=True):
        blocks.append([hits, float(size), place, place])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            later = blocks.pop()
            blocks[-1] = [blocks[-1][0] + later[0], blocks[-1][1] + later[1], blocks[-1][2], later[3]]
    ends = np.array([[low, high] for _, _, low, high in blocks]).ravel()
    chances = np.repeat([hits / size for hits, size, _, _ in blocks], 2)
    return ends, chances


def _share_below(ascending: Floats, scores: Floats) -> Floats:
    return np.searchsorted(ascending, scores, side="left") / max(len(ascending), 1)
