"""What is stored by its fields comes back as it was."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Provenance, Target
from matscout.data.materials import Materials
from matscout.errors import ArtefactError
from matscout.predict.card import Card, describe
from matscout.predict.states import State, Stored
from matscout.remarks import Remark, codes


@dataclass(frozen=True)
class Told(Stored):
    words: str
    notes: tuple[str, ...] = ()


def again(told: Told) -> Told:
    return Told.from_state(State(json.loads(json.dumps(told.state().spec))))


def test_remarks_keep_their_codes_and_plain_texts_of_earlier_models_are_read() -> None:
    found = again(Told(Remark("so", "So."), ("Plain.", Remark("few-rows", "There are few rows."))))
    assert (found.words, codes([found.words])) == ("So.", ["so"])
    assert found.notes == ("Plain.", "There are few rows.")
    assert codes(found.notes) == ["few-rows"]


def card() -> Card:
    labels = Dataset(Materials.from_formulas(["ZnO", "GaN"]), {"gap": Target("gap", np.array([3.3, 3.4]), "eV")})
    read = Provenance("gaps.csv", remarks=("Plain.", Remark("few-rows", "There are few rows.")))
    told = replace(labels, provenance=read)
    return describe(told, "gap", model="gp", metric="mae", assumption="none", scores={})


def test_a_card_keeps_the_codes_of_its_remarks() -> None:
    found = Card.from_json(json.loads(json.dumps(card().to_json())))
    assert found == card()
    assert codes(found.remarks) == ["few-rows"]


@pytest.mark.parametrize("damage", [3, {"remark": 3}, {"remark": ["few-rows"]}, {"text": "Plain."}])
def test_what_is_no_remark_is_told(damage: object) -> None:
    with pytest.raises(ArtefactError, match="its card is damaged"):
        Card.from_json({**card().to_json(), "remarks": [damage]})
