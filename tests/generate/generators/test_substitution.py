"""Substitution: the right partners, the right origins, nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matscout.crystal.charges import balance_charges
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.generate.generators.substitution import substitute

ALL = SYMBOLS[:83]


def run(formulas, elements=ALL, limit=10_000):
    labels = Compositions.from_dicts(formulas)
    names = [" ".join(f"{symbol}{amount:g}" for symbol, amount in row.items()) for row in formulas]
    return substitute(labels, names, elements, limit)


def test_known_relatives_are_found_with_their_origin():
    candidates = run([{"Cu": 1, "In": 1, "Se": 2}])
    by_formula = dict(zip(candidates.materials.formulas, candidates.origins, strict=True))
    assert by_formula["CuInS2"] == "Cu1 In1 Se2 with Se -> S"
    assert by_formula["CuGaSe2"] == "Cu1 In1 Se2 with In -> Ga"
    assert "Cu1 In1 Se2 with " in by_formula["AgGaSe2"] and by_formula["AgGaSe2"].count("->") == 2
    assert "CuInSe2" not in by_formula


def test_amounts_and_charges_are_inherited():
    candidates = run([{"Cs": 1, "Sn": 1, "I": 3}], limit=200)
    compositions = candidates.materials.compositions
    amounts = np.sort(compositions.amounts.reshape(-1, 3), axis=1)
    assert (amounts == [1, 1, 3]).all()
    assert balance_charges(compositions).acceptable.mean() > 0.95


def test_the_most_similar_come_first():
    candidates = run([{"Ga": 1, "As": 1}], limit=2)
    assert candidates.origins.tolist()[0].startswith("Ga1 As1 with")
    assert set(candidates.materials.formulas) <= {"InAs", "GaP"}


@settings(max_examples=20)
@given(
    st.lists(st.sampled_from(["O", "S", "Ga", "In", "Zn", "Sn"]), min_size=2, max_size=6, unique=True),
    st.integers(1, 40),
)
def test_only_allowed_elements_each_composition_once(elements, limit):
    labels = [{"Cd": 1, "Te": 1}, {"Zn": 1, "O": 1}, {"Cu": 1, "In": 1, "Se": 2}]
    candidates = run(labels, elements, limit)
    assert len(candidates) <= limit
    keys = candidates.materials.compositions.keys().tolist()
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set(Compositions.from_dicts(labels).keys().tolist())
    assert {SYMBOLS[z - 1] for z in candidates.materials.compositions.elements} <= set(elements)


def test_excluded_elements_are_replaced_not_kept():
    candidates = run([{"Cd": 1, "Te": 1}], ["Zn", "Te", "Se"])
    assert set(candidates.materials.formulas) == {"ZnTe", "ZnSe"}


def test_labels_without_charges_have_relatives_too():
    candidates = run([{"Cu": 3, "Au": 1}], limit=20)
    assert "Ag" in {SYMBOLS[z - 1] for z in candidates.materials.compositions.elements}


@pytest.mark.parametrize("limit", [1, 7])
def test_the_limit_holds(limit):
    assert len(run([{"Zn": 1, "O": 1}, {"Ga": 1, "N": 1}], limit=limit)) == limit


def partners(formulas, symbol, limit=10_000):
    """What ``symbol`` was replaced by, alone or beside another substitution."""
    swaps = [swap for origin in run(formulas, limit=limit).origins for swap in origin.split(" with ")[1].split(", ")]
    return {new for old, new in (swap.split(" -> ") for swap in swaps) if old == symbol}


@pytest.mark.parametrize(
    ("formula", "symbol", "expected"),
    [
        ({"Mg": 2.16, "Si": 0.388, "Sn": 0.582, "Bi": 0.03}, "Si", {"Ge", "Pb"}),
        ({"Mg": 2.16, "Si": 0.388, "Sn": 0.582, "Bi": 0.03}, "Bi", {"P", "As", "Sb", "Te"}),
        ({"Bi": 2, "Te": 2.7, "Se": 0.3}, "Bi", {"As", "Sb"}),
        ({"Ti": 1, "Ni": 1, "Sn": 1}, "Ti", {"Zr", "Hf"}),
        ({"Cd": 1, "Te": 1}, "Cd", {"Mg", "Zn", "Hg"}),
        ({"Fe": 2, "O": 3}, "Fe", {"Mn", "Co", "Ni"}),
    ],
)
def test_partners_are_those_a_chemist_would_try(formula, symbol, expected):
    assert partners([formula], symbol) <= expected
    assert len(partners([formula], symbol)) >= min(2, len(expected))


def test_few_of_a_doping_series_are_kept_all_of_the_compounds():
    series = [{"Mg": 2, "Si": 1 - x, "Bi": x} for x in (0.01, 0.02, 0.03, 0.04, 0.05)]
    compositions = run(series).materials.compositions
    _, counts = np.unique(compositions.chemical_systems(), return_counts=True)
    assert counts.max() == 3
    compounds = [{"Ba": 1, "Ga": 2 * n, "S": 3 * n + 1} for n in range(1, 6)]
    formulas = set(run(compounds).materials.formulas)
    assert {"SrGa2S4", "SrGa4S7", "SrGa6S10", "SrGa8S13", "SrGa10S16"} <= formulas
