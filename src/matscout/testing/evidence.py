"""What every provider of evidence must do, whoever wrote it: speak of each candidate, whatever the order."""

from __future__ import annotations

from typing import Any

import numpy as np

from matscout import registry
from matscout.data.dataset import Dataset, Target
from matscout.data.kinds import COMPOSITION
from matscout.data.materials import Materials
from matscout.discover.base import Brief, Goal
from matscout.discover.opinions import EvidenceProvider
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.remarks import codes
from matscout.testing.contract import Contract

FORMULAS = ["NaCl", "GaAs", "ZnO", "CdTe", "UPu3"]


def candidates() -> Candidates:
    """Five compounds, of which a gap is predicted."""
    n = len(FORMULAS)
    predicted = Evidence("gap_predicted", "gap", np.linspace(1, 2, n), "made up", EvidenceSource("model"), "eV")
    return Candidates(Materials.from_formulas(FORMULAS), np.full(n, "x")).with_facts([predicted])


def brief() -> Brief:
    """Alloys of two oxides with a gap, which shall be large."""
    labels = Dataset(
        Materials.from_formulas([f"Zn{1 - x:.2f}Mg{x:.2f}O" for x in np.linspace(0.1, 0.9, 12)]),
        {"gap": Target("gap", np.linspace(3.3, 4.9, 12), "eV")},
    )
    return Brief(labels, (Goal("gap", np.inf, np.inf),))


class EvidenceContract(Contract):
    """A fact speaks of all candidates, and says what it means."""

    family = "evidence"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """Those that have something to say of compounds."""
        return COMPOSITION in plug_in.kinds

    def test_it_speaks_of_every_candidate_whatever_their_order(self, name: str) -> None:
        provider: EvidenceProvider = registry.load_class("evidence", name)()
        given, order = candidates(), np.array([3, 1, 4, 0, 2])
        first, again = (provider.evidence(some, brief()) for some in (given, given[order]))
        assert len(codes(first.remarks)) == len(first.remarks)
        for one, other in zip(first.facts, again.facts, strict=True):
            assert len(one) == len(given)
            assert one.meaning
            assert not one.meaning.endswith(".")
            if one.values.dtype.kind == "f":
                np.testing.assert_allclose(other.values, one.values[order], rtol=1e-4)
            else:
                assert other.values.tolist() == one.values[order].tolist()
