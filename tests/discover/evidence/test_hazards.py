"""The columns on hazards."""

import numpy as np

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.evidence.hazards import Hazards
from matscout.generate.base import Candidates


def opinion(formulas):
    materials = Materials.from_formulas(formulas)
    return Hazards().evidence(Candidates(materials, np.full(len(materials), "")), Brief(Dataset(materials, {})))


def test_kinds_statements_and_sources_have_a_column_each():
    columns = {fact.column: fact.values.tolist() for fact in opinion(["GaN", "PbS", "Cs2KSb"]).facts}
    assert columns["hazard"][0] == ""
    assert columns["hazard"][1] == "toxic (lead and its compounds); restricted (lead)"
    assert "H360 may damage fertility" in columns["hazard_statements"][1]
    assert columns["hazard_source"][1].startswith("CLP Annex VI, 082-001-00-6")
    assert columns["hazard"][2].startswith("water-reactive (alkali-rich")


def test_there_are_no_columns_without_hazards():
    assert opinion(["GaN", "ZnO"]).facts == ()
