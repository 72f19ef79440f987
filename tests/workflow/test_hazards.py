"""What is left out for its hazards, and said so."""

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.filters import screen
from matscout.generate.base import Candidates
from matscout.workflow.hazards import AT_HOME, hazard_plan, left_out
from matscout.workflow.search import GivenCandidates, Search, find_field

FORMULAS = ["GaN", "Ag3N", "USe2", "BiN", "ThO2", "ZnO"]


def candidates(formulas=FORMULAS):
    return Candidates(Materials.from_formulas(formulas), np.full(len(formulas), "made up"), usual_filters=())


def labels(formulas):
    materials = Materials.from_formulas(formulas)
    return Dataset(materials, {"gap": Target("gap", np.arange(len(materials), dtype=float), "eV")})


def field(own, allow=()):
    search = Search(candidates=GivenCandidates(candidates()), allow=allow, must=())
    return find_field(labels(own), search)


def left(considered):
    return considered.screening.candidates.materials.formulas.tolist()


def test_explosive_and_radioactive_candidates_are_left_out_with_reasons():
    considered = field(["GaAs", "InP", "Si"])
    assert left(considered) == ["GaN", "ZnO"]
    lost = {
        formula: reason
        for removal in considered.screening.candidates.lost
        for formula, reason in zip(removal.formulas, removal.reasons, strict=True)
    }
    assert set(lost) == {"Ag3N", "USe2", "BiN", "ThO2"}
    assert lost["Ag3N"].startswith("explosive: nitrides")
    assert lost["USe2"].startswith("radioactive: thorium and uranium")
    assert [remark.code for remark in considered.remarks] == ["hazardous-left-out"] * 2
    assert "2 candidates left out as explosive: Ag3N, BiN. --allow explosive" in considered.remarks[0]


@pytest.mark.parametrize(
    ("allow", "kept"), [(("radioactive",), ["GaN", "USe2", "ThO2", "ZnO"]), (("explosive", "radioactive"), FORMULAS)]
)
def test_what_is_allowed_stays(allow, kept):
    assert left(field(["GaAs", "InP", "Si"], allow)) == kept


def test_who_works_with_uranium_keeps_it():
    considered = field(["UO2", "UN", "Si"])
    assert left(considered) == ["GaN", "USe2", "ThO2", "ZnO"]
    assert [remark.code for remark in considered.remarks] == ["hazardous-kept", "hazardous-left-out"]
    assert "67% of the labels" in considered.remarks[0]


def test_a_few_radioactive_rows_of_a_collection_say_nothing():
    own = ["UO2", *[f"Zn{n}O" for n in range(1, int(1 / AT_HOME) + 5)]]
    assert left(field(own)) == ["GaN", "ZnO"] or left(field(own)) == ["GaN"]


def test_nothing_is_said_where_nothing_is_hazardous():
    plan = hazard_plan(candidates(["GaN", "ZnO"]), labels(["Si"]).materials, ())
    assert plan.filters == ()
    assert left_out(screen(candidates(["GaN", "ZnO"]), labels(["Si"]).materials)) == ()
