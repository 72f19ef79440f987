"""What is new about a candidate, compared with the labels."""

from __future__ import annotations

from matscout.data.kinds import KINDS
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.novelty import novelty
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.progress import Progress, silent

SOURCE = EvidenceSource("labels")


class Novelty(EvidenceProvider):
    """The column ``novelty``; the ranking asks for it."""

    with_ranking = True
    kinds = KINDS

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """What is new about each."""
        return Opinion((novelty_fact(candidates.materials, brief.labels.materials),))


def novelty_fact(materials: Materials, labels: Materials) -> Evidence:
    """The column ``novelty`` of m candidates."""
    meaning = (
        "what is new compared with the labels: nothing, the ratio, the combination of elements, or an element; or "
        "that the compound is known elsewhere"
    )
    return Evidence("novelty", "what is new", novelty(materials, labels), meaning, SOURCE)
