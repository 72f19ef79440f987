"""Whether a candidate is known beyond the labels: its name, and the tables that list it as made or calculated."""

from __future__ import annotations

import numpy as np

from matscout.discover.base import Brief
from matscout.discover.known_compounds import what_is_known
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.progress import Progress, silent

SOURCE = EvidenceSource("tables of known compounds")
MEANING = (
    "made: a mineral, a compound with a name, or listed as synthesised or measured; calculated: in a database of "
    "calculations only; empty: in none of these tables, which are incomplete"
)


class KnownCompound(EvidenceProvider):
    """Columns ``known`` (made, calculated, or nothing), ``known_name`` and ``known_by``."""

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """What :func:`matscout.discover.known_compounds.what_is_known` says of each candidate."""
        known = what_is_known(candidates.materials.compositions)
        words = np.select([known.made, known.calculated], ["made", "calculated"], "")
        names = "mineral or compound with this formula, or one near it"
        return Opinion(
            (
                Evidence("known", "known", words, MEANING, SOURCE, emphasis="note"),
                Evidence("known_name", "known as", known.names, names, SOURCE, emphasis="note"),
                Evidence("known_by", "known by", known.sources, "tables that contain the formula", SOURCE),
            )
        )
