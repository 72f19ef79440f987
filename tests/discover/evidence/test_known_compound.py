"""The columns on known compounds agree with what is called new."""

import numpy as np

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.evidence.known_compound import KnownCompound
from matscout.discover.novelty import novelty
from matscout.generate.base import Candidates


def test_known_and_new_agree():
    materials = Materials.from_formulas(["HgS", "Cs2KSb", "Li17Er3O11"])
    labels = Materials.from_formulas(["GaAs"])
    brief = Brief(Dataset(labels, {}))
    facts = KnownCompound().evidence(Candidates(materials, np.full(3, "")), brief).facts
    columns = {fact.column: fact.values.tolist() for fact in facts}
    assert columns["known"] == ["made", "calculated", ""]
    assert columns["known_name"] == ["cinnabar or metacinnabar", "", ""]
    assert columns["known_by"][1] == "OQMD"
    assert novelty(materials, labels).tolist() == [
        "known compound, not in your table",
        "calculated before, not in your table",
        "new element",
    ]
