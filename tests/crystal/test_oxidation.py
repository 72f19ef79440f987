from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.crystal.oxidation import guess_oxidation_states, ionic_radii, species_table
from matscout.data.compositions import Compositions
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS

TEXTBOOK = {
    "rock salt": {"Na": (1, 1), "Cl": (1, -1)},
    "haematite": {"Fe": (2, 3), "O": (3, -2)},
    "gallium arsenide": {"Ga": (1, 3), "As": (1, -3)},
    "silicon carbide": {"Si": (1, 4), "C": (1, -4)},
    "chalcopyrite CuInSe2": {"Cu": (1, 1), "In": (1, 3), "Se": (2, -2)},
    "kesterite": {"Cu": (2, 1), "Zn": (1, 2), "Sn": (1, 4), "S": (4, -2)},
    "perovskite SrTiO3": {"Sr": (1, 2), "Ti": (1, 4), "O": (3, -2)},
    "pyrite": {"Fe": (1, 2), "S": (2, -1)},
    "skutterudite": {"Co": (4, 3), "Sb": (12, -1)},
    "nitre": {"K": (1, 1), "N": (1, 5), "O": (3, -2)},
    "bismuth telluride selenide": {"Bi": (2, 3), "Te": (2.7, -2), "Se": (0.3, -2)},
    "BiCuSeO": {"Bi": (1, 3), "Cu": (1, 1), "Se": (1, -2), "O": (1, -2)},
    "tin selenide": {"Sn": (1, 2), "Se": (1, -2)},
    "Mg3Sb2": {"Mg": (3, 2), "Sb": (2, -3)},
    "iron aluminide": {"Fe": (1, 0), "Al": (1, 0)},
    "silicon": {"Si": (1, 0)},
}


def guess(amounts: dict[str, float]) -> dict[str, float]:
    compositions = Compositions.from_dicts([amounts])
    symbols = [SYMBOLS[number - 1] for number in compositions.elements]
    return dict(zip(symbols, guess_oxidation_states(compositions).states.tolist(), strict=True))


@pytest.mark.parametrize("compound", TEXTBOOK)
def test_textbook_compounds(compound):
    entries = TEXTBOOK[compound]
    amounts = {symbol: float(amount) for symbol, (amount, _) in entries.items()}
    assert guess(amounts) == {symbol: state for symbol, (_, state) in entries.items()}


def plain_guess(amounts: dict[str, float]) -> tuple[float, ...]:
    """All combinations one by one, by the definition in the docstring of the module."""
    table, total = species_table(), sum(amounts.values())

    def cost(choice: tuple[int, ...]) -> float:
        numbers = [ATOMIC_NUMBERS[symbol] - 1 for symbol in amounts]
        states = [table.states[number, position] for number, position in zip(numbers, choice, strict=True)]
        charge = sum(amount * state for amount, state in zip(amounts.values(), states, strict=True)) / total
        shares = sum(table.costs[number, position] for number, position in zip(numbers, choice, strict=True))
        return shares + 10 * abs(charge) + 50 * charge**2

    best = min(itertools.product(range(6), repeat=len(amounts)), key=cost)
    states = [table.states[ATOMIC_NUMBERS[s] - 1, position] for s, position in zip(amounts, best, strict=True)]
    return tuple(states) if min(states) < 0 < max(states) else (0.0,) * len(amounts)


@given(st.dictionaries(st.sampled_from(SYMBOLS), st.floats(0.05, 9.0), min_size=1, max_size=4))
def test_equals_trying_all_combinations_one_by_one(amounts):
    assert guess(amounts) == dict(zip(amounts, plain_guess(amounts), strict=True))


def test_metal_with_a_trace_of_another_is_a_metal():
    assert guess({"Cu": 0.99, "Be": 0.01}) == {"Cu": 0, "Be": 0}
    assert guess({"Si": 0.99, "P": 0.01}) == {"Si": 0, "P": 0}
    assert not any(guess({"Fe": 1.0, "Cr": 1.0, "Mn": 1.0, "Co": 1.0, "Ni": 1.0, "Al": 0.1}).values())


@given(
    st.dictionaries(st.sampled_from(SYMBOLS), st.integers(1, 20).map(float), min_size=1, max_size=8),
    st.integers(2, 9),
)
def test_size_of_the_formula_does_not_matter(amounts, factor):
    assert guess(amounts) == guess({symbol: factor * amount for symbol, amount in amounts.items()})


def test_doping_keeps_the_host_and_shows_as_charge():
    compositions = Compositions.from_dicts([{"Pb": 0.98, "Na": 0.02, "Te": 1.0}])
    states = guess_oxidation_states(compositions)
    assert dict(zip(compositions.to_dict(0), states.states, strict=True)) == {"Na": 1.0, "Pb": 2.0, "Te": -2.0}
    assert states.charge[0] == pytest.approx(-0.01)


def test_twenty_elements_are_bounded_work():
    amounts = {symbol: 1.0 + number / 100 for number, symbol in enumerate(SYMBOLS[20:40])}
    states = guess_oxidation_states(Compositions.from_dicts([amounts] * 200))
    assert np.isfinite(states.cost).all()


def test_all_elements_alone_are_metals():
    compositions = Compositions.from_dicts([{symbol: 1.0} for symbol in SYMBOLS])
    assert not guess_oxidation_states(compositions).states.any()


def test_radii_against_shannon():
    """R. D. Shannon, Acta Cryst. A32, 751 (1976): means over the coordinations listed there."""
    compositions = Compositions.from_dicts([{"Mg": 1.0, "O": 1.0}])
    oxygen, magnesium = ionic_radii(compositions, guess_oxidation_states(compositions).states)
    assert oxygen == pytest.approx(np.mean([1.35, 1.36, 1.38, 1.40, 1.42]), abs=1e-3)
    assert magnesium == pytest.approx(np.mean([0.57, 0.66, 0.72, 0.89]), abs=1e-3)
