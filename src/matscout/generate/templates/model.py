"""From a formula to structures: proposals of known crystals, ranked, at the volume that the formula needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.generate.templates.chemistry import SlotChemistry, compositions_of
from matscout.generate.templates.features import candidate_features
from matscout.generate.templates.proposals import Proposals, ProposalSource, Wanted
from matscout.generate.templates.ranker import Ranker
from matscout.generate.templates.volumes import VolumeModel
from matscout.generate.templates.votes import NO_FORMULA

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CONSIDERED = 30
"""Prototypes with most votes that are ranked."""


@dataclass(frozen=True, eq=False)
class Guess:
    """Proposed prototypes for one formula, the likeliest first.

    Parameters
    ----------
    wanted
        The formula, in slots.
    proposals
        All that were considered, in order of votes.
    order
        int64 [c], the same by chance.
    chances
        float64 [c], by proposal: probability that it is the right one; NaN without a ranker.
    """

    wanted: Wanted
    proposals: Proposals
    order: Integers
    chances: Floats


@dataclass(frozen=True, eq=False)
class SubstitutionModel:
    """What is learnt from known crystals about replacing their elements.

    Parameters
    ----------
    source
        Where proposals come from.
    likeness
        float64 [118, 118], S of the elements (:mod:`matscout.generate.templates.likeness`).
    volumes
        Volume per atom of a composition.
    ranker
        Puts proposals in order; None leaves them in order of votes.
    """

    source: ProposalSource
    likeness: Floats
    volumes: VolumeModel
    ranker: Ranker | None

    def wanted(self, cells: Sequence[tuple[Integers, Integers]]) -> list[Wanted]:
        """Formulas in slots, from atomic numbers, ascending, and atoms of each in a primitive cell."""
        chemistry = SlotChemistry.of(cells)
        volumes = self.volumes.predict(compositions_of(cells))
        return [Wanted.of(chemistry, row, volume) for row, volume in enumerate(volumes)]

    def guess(self, wanted: Wanted, left_out: int = NO_FORMULA, most: int = CONSIDERED) -> Guess | None:
        """The proposals for one formula in order; None if no known crystal has its key."""
        proposals = self.source.propose(wanted, self.likeness, most, left_out)
        if proposals is None:
            return None
        if self.ranker is None:
            return Guess(wanted, proposals, np.arange(len(proposals)), np.full(len(proposals), np.nan))
        chances = self.ranker.chances(candidate_features(wanted, proposals))
        return Guess(wanted, proposals, np.argsort(-chances, kind="stable"), chances)
