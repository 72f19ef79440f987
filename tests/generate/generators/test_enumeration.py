"""Enumeration against trying every formula with smact."""

import time
from itertools import combinations, product
from math import gcd

import numpy as np
import pytest
from pymatgen.core import Composition
from smact import Element, Species, metals
from smact.oxidation_states import OxidationStateProbabilityFinder
from smact.screening import ICSD24FilterConfig, pauling_test, smact_validity
from smact.utils.oxidation import ICSD24OxStatesFilter

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.generate.generators.enumeration import enumerate_neutral
from matscout.remarks import codes

COMMON = ICSD24FilterConfig(commonality=5)


LIKELIHOOD = OxidationStateProbabilityFinder()


def likely(states):
    """True if smact knows every pair of cation and anion, as (symbol, charge), or has no record of either."""
    for cation, anion in product(states, states):
        if cation[1] > 0 > anion[1]:
            try:
                found = LIKELIHOOD.pair_probability(Species(*cation), Species(*anion))
            except KeyError:
                continue
            if found < 0.02:
                return False
    return True


def salt(states):
    """True if every anion is more electronegative than every metal by 0.05, and copper(II) stands beside none it takes
    electrons from."""
    for (cation, charge), (anion, other) in product(states, states):
        if charge > 0 > other:
            margin = Element(anion).pauling_eneg - Element(cation).pauling_eneg
            if (cation in metals and margin < 0.0499) or (
                (cation, charge) == ("Cu", 2) and anion in ("P", "S", "As", "Se", "Sb", "Te", "I")
            ):
                return False
    return True


def valid_states(amounts, states):
    return any(
        sum(charge * amounts[symbol] for symbol, charge in zip(amounts, charges, strict=True)) == 0
        and pauling_test(charges, [Element(symbol).pauling_eneg for symbol in amounts])
        and likely(list(zip(amounts, charges, strict=True)))
        and salt(list(zip(amounts, charges, strict=True)))
        for charges in product(*(states[symbol] for symbol in amounts))
    )


def brute_force(elements, max_elements):
    table = ICSD24OxStatesFilter().filter(consensus=3, commonality=5).set_index("element")["oxidation_state"]
    states = {symbol: [int(charge) for charge in table[symbol].split()] for symbol in elements}
    valid = []
    for n in range(2, max_elements + 1):
        for chosen in combinations(elements, n):
            for ratio in product(range(1, 5), repeat=n):
                amounts = dict(zip(chosen, ratio, strict=True))
                if sum(ratio) > 8 or gcd(*ratio) > 1:
                    continue
                if valid_states(amounts, states):
                    assert smact_validity(Composition(amounts), include_alloys=False, icsd_filter=COMMON)
                    valid.append(amounts)
    return set(Compositions.from_dicts(valid).keys().tolist())


@pytest.mark.parametrize(
    ("elements", "max_elements"),
    [
        (["Cs", "Sn", "I", "Cl", "O"], 3),
        (["Cu", "Zn", "Sn", "S"], 4),
        (["Fe", "Mo", "Br", "S", "H"], 3),
        (["Mg", "Ge", "Sb", "Te", "B"], 3),
    ],
)
def test_equal_to_trying_everything(elements, max_elements):
    found = enumerate_neutral(elements, 100_000, max_elements=max_elements)
    assert set(found.materials.compositions.keys().tolist()) == brute_force(elements, max_elements)
    assert set(found.origins) == {"enumerated"}


def test_metals_of_nearly_equal_electronegativity_make_no_salt():
    found = enumerate_neutral(["Mg", "Pb", "Ge", "Sb", "Te", "Ga"], 100_000).materials.formulas.tolist()
    assert {"Sb2Te3", "GeTe", "GaSb"} <= set(found)
    assert "MgPbGe2Sb4" not in found


def test_a_limit_keeps_the_most_plausible():
    elements = ["Li", "Na", "Zn", "Ga", "Sn", "Sb", "O", "S", "Se", "Cl"]
    everything = enumerate_neutral(elements, 10**6).materials.formulas.tolist()
    some = enumerate_neutral(elements, 50).materials.formulas.tolist()
    assert some == everything[:50]
    assert len(set(everything)) == len(everything) > 1000


def test_weights_decide_what_comes_first():
    elements = ["Na", "K", "Cl", "Br"]
    first = enumerate_neutral(elements, 1, weights={"Na": 0.1, "K": 0.9, "Cl": 0.1, "Br": 0.9})
    assert first.materials.formulas.tolist() == ["KBr"]
    without = enumerate_neutral(elements, 100, weights={"Na": 0.0}).materials.compositions
    assert 11 not in without.elements


def test_usual_ratios_come_first():
    found = enumerate_neutral(["Cu", "O"], 10, ratio_weights={(1, 2): 0.9, (1, 1): 0.1})
    assert found.materials.formulas.tolist()[:2] == ["Cu2O", "CuO"]
    plain = enumerate_neutral(["Cu", "O"], 10)
    assert plain.materials.formulas.tolist()[:2] == ["CuO", "Cu2O"]


def test_elements_without_known_states_are_named():
    found = enumerate_neutral(["Na", "Cl", "He"], 10)
    assert found.materials.formulas.tolist() == ["NaCl"]
    assert "elements-not-enumerated" in codes(found.remarks)
    assert len(enumerate_neutral(["Na", "He"], 10)) == 0


def test_limits_of_the_method_are_refused():
    with pytest.raises(ValueError, match="at most 4 elements"):
        enumerate_neutral(["Na", "Cl"], 10, max_elements=5)


@pytest.mark.slow
def test_a_hundred_thousand_in_seconds():
    elements = [symbol for symbol in SYMBOLS[:57] if symbol not in ("He", "Ne", "Ar", "Kr", "Xe", "Tc")]
    began = time.perf_counter()
    found = enumerate_neutral(elements, 100_000)
    print(f"\n{len(found):,} candidates in {time.perf_counter() - began:.1f} s")  # noqa: T201
    assert len(found) == 100_000
    rows = np.random.default_rng(0).choice(len(found), 200, replace=False)
    for row in rows:
        amounts = found.materials.compositions.to_dict(row)
        assert smact_validity(Composition(amounts), include_alloys=False), amounts
