"""A diverse batch: good first, and different."""

import numpy as np
import pytest

from matscout.data.materials import Materials
from matscout.discover.diversity import diverse_batch, similarities

FORMULAS = ["GaAs", "Ga0.99In0.01As", "Ga0.98In0.02As", "CsSnI3", "Cs0.99Rb0.01SnI3", "ZnO", "Zn0.99Mg0.01O"]


def test_the_batch_jumps_over_near_copies():
    materials = Materials.from_formulas(FORMULAS)
    assert [FORMULAS[i] for i in diverse_batch(materials, 3)] == ["GaAs", "CsSnI3", "ZnO"]


def test_equal_to_the_greedy_rule_in_a_loop():
    formulas = [*FORMULAS, "CdTe", "InP", "KBr", "FeS2", "TiO2"]
    materials = Materials.from_formulas(formulas)
    table = similarities(materials)
    chosen = [0]
    while len(chosen) < 5:
        gains = {
            i: (1 - i / len(formulas)) * (1 - max(table[i, j] for j in chosen))
            for i in range(len(formulas))
            if i not in chosen
        }
        chosen.append(max(gains, key=gains.get))
    assert diverse_batch(materials, 5).tolist() == chosen


def test_similarities_are_a_symmetric_table():
    table = similarities(Materials.from_formulas(FORMULAS))
    assert np.diag(table) == pytest.approx(1)
    assert table == pytest.approx(table.T)


def test_a_batch_is_never_larger_than_the_list():
    assert sorted(diverse_batch(Materials.from_formulas(FORMULAS[:3]), 8).tolist()) == [0, 1, 2]
