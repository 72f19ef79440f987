"""Hazards of candidates: the kind, the GHS statements, and the source of the classification."""

from __future__ import annotations

import numpy as np

from matscout.crystal.hazards import hazards_of
from matscout.discover.base import Brief
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.progress import Progress, silent

SOURCE = EvidenceSource("hazard rules")


class Hazards(EvidenceProvider):
    """Columns ``hazard``, ``hazard_statements`` and ``hazard_source``; nothing where no candidate has a hazard.

    Candidates are not ordered by them; explosive and radioactive ones are left out before, unless that is allowed.
    """

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """The hazards by family of substances, see :mod:`matscout.crystal.hazards`."""
        known = hazards_of(candidates.materials.compositions)
        if not any(known):
            return Opinion()
        words = [dict.fromkeys(f"{one.kind} ({one.family})" for one in own) for own in known]
        statements = [dict.fromkeys(part for one in own for part in one.statements.split(", ")) for own in known]
        sources = [dict.fromkeys(one.source for one in own) for own in known]
        meaning = "hazards of the family of substances; a hint for planning, not the classification of a product"
        return Opinion(
            (
                _texts("hazard", "hazard", words, meaning),
                _texts("hazard_statements", "hazard statements", statements, "GHS statements for that family"),
                _texts("hazard_source", "hazard source", sources, "source of the classification of the family"),
            )
        )


def _texts(column: str, heading: str, parts: list[dict[str, None]], meaning: str) -> Evidence:
    values = np.array(["; ".join(own) for own in parts], dtype=np.str_)
    if column == "hazard":
        return Evidence(column, heading, values, meaning, SOURCE, use="filter", emphasis="warning")
    return Evidence(column, heading, values, meaning, SOURCE)
