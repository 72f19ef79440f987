"""A diverse batch: good first, and different."""

import numpy as np
import polars as pl
import pytest

from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.discover.diversity import (
    FLOOR_FEWEST,
    FLOOR_SHARE,
    diverse_batch,
    similarities,
    system_noun,
    worth_making,
)
from matscout.discover.host_systems import host_systems

FORMULAS = ["GaAs", "Ga0.99In0.01As", "Ga0.98In0.02As", "CsSnI3", "Cs0.99Rb0.01SnI3", "ZnO", "Zn0.99Mg0.01O"]


def test_the_batch_jumps_over_near_copies():
    materials = Materials.from_formulas(FORMULAS)
    assert [FORMULAS[i] for i in diverse_batch(materials, 3)] == ["GaAs", "CsSnI3", "ZnO"]


def test_equal_to_the_greedy_rule_in_a_loop():
    formulas = [*FORMULAS, "CdTe", "InP", "KBr", "FeS2", "TiO2"]
    materials = Materials.from_formulas(formulas)
    table = similarities(materials)
    chosen = [0]
    systems = ["GaAs", "GaAs", "GaAs", "CsSnI", "CsSnI", "ZnO", "ZnO", *formulas[7:]]
    while len(chosen) < 12:
        free = [i for i in range(len(formulas)) if i not in chosen]
        unused = [i for i in free if systems[i] not in {systems[j] for j in chosen}]
        gains = {i: (1 - i / len(formulas)) * (1 - max(table[i, j] for j in chosen)) for i in unused or free}
        chosen.append(max(gains, key=gains.get))
    assert diverse_batch(materials, 12).tolist() == chosen


def test_one_of_each_chemical_system_as_long_as_there_are_others():
    formulas = ["Bi2Te2.7Se0.3", "BiTeSe", "Bi2TeSe2", "Bi2Te2Se", "ZnO", "ZnO2", "GaAs", "SnS"]
    chosen = [formulas[i] for i in diverse_batch(Materials.from_formulas(formulas), 5)]
    assert chosen[0] == "Bi2Te2.7Se0.3"
    assert {"GaAs", "SnS"} < set(chosen[:4])
    assert len({"ZnO", "ZnO2"} & set(chosen[:4])) == 1


def test_similarities_are_a_symmetric_table():
    table = similarities(Materials.from_formulas(FORMULAS))
    assert np.diag(table) == pytest.approx(1)
    assert table == pytest.approx(table.T)


def test_a_batch_is_never_larger_than_the_list():
    assert sorted(diverse_batch(Materials.from_formulas(FORMULAS[:3]), 8).tolist()) == [0, 1, 2]


@pytest.mark.parametrize(
    ("formula", "system"),
    [
        ("Bi2Te2.7Se0.3", "Bi-Se-Te"),
        ("Li0.02In0.02Pb0.96Te", "Pb-Te"),
        ("Ga0.9In0.1As", "As-Ga-In"),
        ("Si", "Si"),
        ("Fe22C", "Fe"),
    ],
)
def test_dopants_do_not_count_towards_the_system(formula, system):
    materials = Materials.from_formulas([formula, "NaCl"], counts_atoms=True)
    assert host_systems(materials.compositions).tolist() == [system, "Cl-Na"]


def test_no_compositions_have_no_systems():
    assert len(host_systems(Materials.from_formulas(["Si"]).compositions[np.zeros(0, dtype=np.int64)])) == 0


@pytest.mark.parametrize(
    ("reactions", "noun"),
    [
        (["CCBr>>CCO", "CCCBr>>CCCO"], "product"),
        (["CCBr.O>CO>", "CCCBr.O>CO>"], "set of reactants"),
        (["CCBr>>CCO", "CCCBr.O>CO>"], "product, or set of reactants"),
    ],
)
def test_a_system_is_called_what_it_is(reactions, noun):
    plate = read(pl.DataFrame({"rxn": reactions, "yield (%)": [10.0, 20.0]}), reaction="rxn", target="yield")
    assert system_noun(plate.materials) == noun
    assert system_noun(Materials.from_formulas(["NaCl"])) == "chemical system"


def test_the_floor_is_half_way_from_the_median_score_to_the_best():
    scores = np.array([1.0, 0.8, 0.6, 0.4, 0.2, 0.2, 0.2])
    assert worth_making(scores) == 2, "the median is 0.4, and half way up from there to 1.0 is 0.7"


def test_of_many_candidates_the_first_few_per_cent_are_above_the_floor():
    assert worth_making(np.ones(10_000)) == FLOOR_SHARE * 10_000
    assert worth_making(np.ones(100)) == FLOOR_FEWEST
    assert worth_making(np.ones(5)) == 5
    assert worth_making(np.zeros(0)) == 0
    assert worth_making(np.array([5.0, *np.zeros(999)])) == 1
