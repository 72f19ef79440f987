"""Which candidates an earlier round proposed, and whether the labels hold them now."""

from __future__ import annotations

import numpy as np

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Brief, Goal
from matscout.discover.evidence.earlier_proposals import PROPOSED_BEFORE, EarlierProposals
from matscout.generate.base import Candidates


def words(formulas: list[str], proposed: dict[int, list[str]]) -> list[str]:
    materials = Materials.from_formulas(["GaAs", "MgO", "ZnS"])
    labels = Dataset(materials, {"gap": Target("gap", np.array([1.4, 7.7, np.nan]), "eV")})
    rounds = {number: Materials.from_formulas(names) for number, names in proposed.items()}
    brief = Brief(labels, (Goal("gap", np.inf, np.inf),), proposed=rounds)
    candidates = Candidates(Materials.from_formulas(formulas), np.full(len(formulas), "made up"))
    facts = EarlierProposals().evidence(candidates, brief).facts
    assert [fact.column for fact in facts] == [PROPOSED_BEFORE] * len(facts)
    return facts[0].values.tolist() if facts else []


def test_rounds_are_named_and_what_is_measured_is_said() -> None:
    assert words(["Ga2N2", "MgO", "ZnS", "InP", "CdTe"], {1: ["GaN", "MgO", "ZnS"], 2: ["GaN", "InP"]}) == [
        "proposed in rounds 1 and 2, not measured yet",
        "proposed in round 1, measured",
        # The labels hold it without a value.
        "proposed in round 1, not measured yet",
        "proposed in round 2, not measured yet",
        "",
    ]


def test_a_first_round_has_no_such_column() -> None:
    assert words(["GaN"], {}) == []
