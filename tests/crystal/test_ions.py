"""Ion similarity against smact's table read directly, and against what chemists expect."""

import json
from pathlib import Path

import pytest
import smact

from matscout.crystal.ions import ion_similarity
from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS


def best(symbol, charge, n=1):
    scores = ion_similarity().stand_ins(ATOMIC_NUMBERS[symbol], float(charge)).copy()
    scores[ATOMIC_NUMBERS[symbol] - 1] = 0
    return {SYMBOLS[i] for i in scores.argsort()[::-1][:n]}


def test_values_are_those_of_the_table():
    path = next((Path(smact.data_directory) / "species_rep").glob("skipspecies*.json"))
    table = {(first, second): value for first, second, value in json.loads(path.read_text(encoding="utf-8"))}
    for first, second, charge in [("Sn", "Pb", 2), ("Ga", "In", 3), ("Te", "Se", -2)]:
        name = f"{abs(charge)}{'+' if charge > 0 else '-'}"
        expected = table.get((first + name, second + name), table.get((second + name, first + name)))
        assert ion_similarity().stand_ins(ATOMIC_NUMBERS[first], float(charge))[ATOMIC_NUMBERS[second] - 1] == expected


@pytest.mark.parametrize(
    ("symbol", "charge", "stand_in"),
    [("Ga", 3, "In"), ("Cu", 1, "Ag"), ("S", -2, "Se"), ("P", -3, "As"), ("La", 3, "Nd"), ("Hf", 4, "Ti")],
)
def test_the_best_stand_in_is_the_chemists(symbol, charge, stand_in):
    assert best(symbol, charge) == {stand_in}


def test_rare_states_do_not_come_in():
    silver = ATOMIC_NUMBERS["Ag"] - 1
    assert ion_similarity().stand_ins(ATOMIC_NUMBERS["Bi"], 3.0)[silver] == 0
    assert ion_similarity().stand_ins(ATOMIC_NUMBERS["Cu"], 1.0)[silver] > 0.5


def test_without_a_whole_charge_any_common_charge_counts():
    values = [ion_similarity().stand_ins(ATOMIC_NUMBERS["Fe"], charge) for charge in (float("nan"), 2.5, 2.0)]
    assert (values[0] == values[1]).all()
    assert (values[0] >= values[2]).all()
