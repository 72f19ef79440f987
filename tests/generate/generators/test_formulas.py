"""Generated candidates: as many as wanted, of the right elements, new."""

import numpy as np
import pytest
from tests.generate.making import generate

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.generate.pools import element_pool, pool_words
from matscout.remarks import codes

LABELS = ["GaAs", "CdTe", "ZnO", "Cu2ZnSnSe4", "CsSnBr3", "CuInSe2", "GaN", "PbS", "TiO2", "Si"]


def labels(formulas=LABELS):
    return Dataset(Materials.from_formulas(formulas))


def symbols(candidates):
    return {SYMBOLS[z - 1] for z in candidates.materials.compositions.elements}


def test_as_many_as_wanted_and_none_of_them_labelled():
    candidates = generate(labels(), 2000, exclude=["Cd", "Pb", "As"])
    keys = candidates.materials.compositions.keys()
    assert len(candidates) == len(set(keys)) == 2000
    assert not set(keys) & set(labels().materials.compositions.keys())
    assert not symbols(candidates) & {"Cd", "Pb", "As"}
    assert {"CuInS2", "Cu2ZnSnS4", "CsSnI3"} <= set(candidates.materials.formulas)
    enumerated = (candidates.origins == "enumerated").sum()
    assert 1000 <= enumerated <= 1980
    assert f"{enumerated:,} candidates by enumeration" in candidates.remarks[1]


def test_the_order_of_the_labels_does_not_matter_much():
    forward, backward = generate(labels(), 500), generate(labels(LABELS[::-1]), 500)
    common = set(forward.materials.compositions.keys()) & set(backward.materials.compositions.keys())
    assert len(common) > 450


def test_named_elements_only():
    candidates = generate(labels(), 300, elements=["Zn", "Sn", "S", "Se"])
    assert symbols(candidates) == {"Zn", "Sn", "S", "Se"}
    assert len(candidates) < 300
    assert codes(candidates.remarks)[-1] == "fewer-candidates-than-wanted"


def test_the_pool_is_that_of_the_labels_and_their_likes():
    pool = element_pool(labels(["GaN", "ZnO"]).materials.compositions)
    assert {"Ga", "N", "Zn", "O", "In", "S"} <= set(pool)
    assert not {"U", "Tc", "He"} & set(pool)
    assert "U" in element_pool(labels(["UO2"]).materials.compositions)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"elements": ["Zn", "Xx"]}, "'Xx' is not"), ({"elements": ["Zn", "S"], "exclude": ["S"]}, "at least two.*Zn")],
)
def test_mistakes_are_explained(options, message):
    with pytest.raises(UsageError, match=message):
        generate(labels(), 10, **options)


def test_equal_input_gives_equal_output():
    first, second = generate(labels(), 300), generate(labels(), 300)
    assert np.array_equal(first.materials.ids, second.materials.ids)


def test_many_elements_are_told_by_how_they_differ_from_those_of_the_labels():
    of_labels = Compositions.from_dicts([{"Na": 1, "Cl": 1}, {"K": 1, "Br": 1}])
    assert pool_words(of_labels, ("Na", "Cl", "Br")) == "Elements: Na, Cl, Br."
    pool = ("Li", "F", "Na", "Mg", "Cl", "K", "Ca", "Rb", "Sr", "I", "Cs", "Ba", "O")
    likes = ", ".join(symbol for symbol in pool if symbol not in ("Na", "Cl", "K"))
    assert pool_words(of_labels, pool) == (
        f"Elements: 3 of the labels and 10 that resemble these ({likes}); of the labels not Br."
    )
