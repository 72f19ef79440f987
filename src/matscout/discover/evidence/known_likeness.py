"""How like materials that databases list as made a candidate is, by the model that comes with matscout."""

from __future__ import annotations

from matscout.discover.base import Brief
from matscout.discover.likeness import likeness_facts
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.generate.base import Candidates
from matscout.progress import Progress, silent


class KnownLikenessEvidence(EvidenceProvider):
    """Columns ``known_likeness_...``: percentiles, score, nearest known compound, warnings.

    Candidates are neither ranked nor filtered by them; the stage ``known-likeness`` of a funnel can do both.
    """

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """What :func:`matscout.discover.likeness.likeness_facts` says of each candidate.

        Raises
        ------
        ArtefactError
            If the weights are missing or damaged.
        """
        _, facts = likeness_facts(candidates, brief)
        return Opinion(tuple(facts))
