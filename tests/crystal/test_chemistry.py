"""The element tables against smact's objects and well-known values."""

import numpy as np
import pytest
from smact.utils.oxidation import ICSD24OxStatesFilter

from matscout.crystal.chemistry import check_symbols, element_facts
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.errors import UsageError


def row(symbol):
    return ATOMIC_NUMBERS[symbol] - 1


def test_oxidation_states_are_those_smact_uses_by_default():
    table = ICSD24OxStatesFilter().filter(consensus=3).set_index("element")["oxidation_state"]
    facts = element_facts()
    for symbol, states in table.items():
        own = facts.charges[row(symbol)][: facts.n_charges[row(symbol)]]
        assert sorted(own.tolist()) == sorted(int(state) for state in str(states).split())


def test_shares_fall_and_sum_to_one():
    facts = element_facts()
    known = facts.n_charges > 0
    assert facts.shares[known].sum(axis=1) == pytest.approx(1)
    assert (np.diff(facts.shares, axis=1) <= 1e-12).all()


def test_known_values():
    facts = element_facts()
    assert facts.electronegativity[row("F")] == pytest.approx(3.98, abs=0.1)
    assert facts.mass[row("Pb")] == pytest.approx(207.2, abs=0.1)
    assert facts.abundance[row("Si")] > 1e5 > facts.abundance[row("Te")]
    # CRC Handbook of Chemistry and Physics, "Abundance of elements in the earth's crust and in the sea", mg/kg.
    handbook = {"S": 350, "Nb": 20, "Lu": 0.8, "Ge": 1.5, "Ta": 2, "Cu": 60, "P": 1050, "Ga": 19, "Yb": 3.2, "Zr": 165}
    for symbol, abundance in handbook.items():
        assert facts.abundance[row(symbol)] == pytest.approx(abundance), symbol
    assert facts.charges[row("O"), 0] == -2
    assert facts.metal[row("Cu")] and not facts.metal[row("O")]
    assert np.isnan(facts.electronegativity[row("He")])


@pytest.mark.parametrize(
    ("symbols", "message"),
    [
        (("li", "o"), r"'li' and 'o' are not symbols of elements; did you mean Li, O\?"),
        (("LI",), r"'LI' is not the symbol of an element; did you mean Li\?"),
        (("lithium", "Fe"), r"'lithium' is not the symbol of an element; did you mean Li\?"),
        (("Nx",), "'Nx' is not the symbol of an element; did you mean N"),
        (("li", "??"), "'li' and '\\?\\?' are not symbols of elements; give symbols with commas"),
    ],
)
def test_what_is_no_symbol_is_told_with_what_is_meant(symbols, message):
    with pytest.raises(UsageError, match=message):
        check_symbols(symbols)
    check_symbols(("Li", "Og"))
