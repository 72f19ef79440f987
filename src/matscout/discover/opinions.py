"""Providers of evidence: what is said of ranked candidates besides their predictions, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from matscout.data.kinds import COMPOUNDS, Kind
from matscout.discover.base import Brief, Shortlist
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence
from matscout.progress import Progress, silent
from matscout.registry import load_class, plug_ins


@dataclass(frozen=True)
class Opinion:
    """What a provider says.

    Parameters
    ----------
    facts
        Evidence on the candidates, in their order.
    remarks
        What a reader should know, a sentence each.
    """

    facts: tuple[Evidence, ...] = ()
    remarks: tuple[str, ...] = ()


class EvidenceProvider(ABC):
    """Says something of candidates; one file in ``discover/evidence`` each, whose constructor takes nothing."""

    with_ranking = False
    """Whether the ranking asks it itself, as its reasons need what it says."""

    kinds: ClassVar[tuple[Kind, ...]] = COMPOUNDS
    """Kinds of candidates of which it has something to say."""

    @abstractmethod
    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """What it says of each candidate; nothing where it does not apply or something is missing.

        Parameters
        ----------
        candidates
            The ranked ones, best first, with their predictions among the facts.
        brief
            Labels, goals and seed.
        progress
            Told how far the work is.
        """


def add_evidence(shortlist: Shortlist, brief: Brief, progress: Progress = silent) -> Shortlist:
    """The shortlist with what all providers say of its rows, and what a reader should know of it."""
    for plug_in in plug_ins("evidence"):
        provider: EvidenceProvider = load_class("evidence", plug_in.name)()
        if brief.labels.materials.kind in provider.kinds and not provider.with_ranking:
            progress(f"evidence: {plug_in.name}", 0, 1)
            opinion = provider.evidence(shortlist.candidates, brief, progress)
            shortlist = shortlist.with_evidence(opinion.facts, opinion.remarks)
    return shortlist
