"""Ranking: the order is that of the scores, the table says what a chemist needs."""

import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.foretold import foretold

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.acquisition import acquire
from matscout.discover.base import Goal
from matscout.discover.conditions import expand_context
from matscout.discover.filters import screen
from matscout.discover.goals import aim_of, parse_goals
from matscout.discover.ranking import rank
from matscout.discover.stages.in_domain import InDomain
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates
from matscout.predict.base import ClassPredictions
from matscout.remarks import codes

LABELLED = Materials.from_formulas(["GaAs", "InP", "ZnO", "CdTe", "CuInSe2"])
GAP = Target("gap", np.array([1.42, 1.34, 3.3, 1.5, 1.04]), "eV")
COST = Target("cost", np.array([5.0, 6.0, 1.0, 4.0, np.nan]), "EUR/g")
METAL = Target("metal", np.array([0.0, 0, 0, 1, 1]), None, "classification", ("no", "yes"))
LABELS = Dataset(LABELLED, {"gap": GAP, "cost": COST, "metal": METAL})

FORMULAS = ["CuInS2", "ZnS", "GaN", "CdSe", "InP", "NaCl2", "CuGaSe2"]
CENTRES = np.array([1.5, 3.6, 3.4, 1.7, 1.35, 1.3, 1.2])


def candidates(formulas=FORMULAS):
    return Candidates(Materials.from_formulas(formulas), np.array([f"origin of {f}" for f in formulas]))


def predictions(centres=CENTRES, target=GAP, width=0.3, in_domain=None):
    lower, upper = centres - 1.6 * np.asarray(width), centres + 1.6 * np.asarray(width)
    inside = True if in_domain is None else in_domain
    return foretold(centres, lower, upper, target=target.name, unit=target.unit, inside=inside)


def goals(*texts):
    return parse_goals(texts, LABELS.targets)


def ranked(*texts, blocks=None, **options):
    return rank(candidates(), blocks or {"gap": predictions()}, goals(*texts), LABELS, **options)


@pytest.mark.parametrize(
    ("text", "order"), list(product(["gap=max", "gap=min", "gap=1.1:1.6", "gap=1.5"], ["ei", "ucb"]))
)
def test_the_order_is_that_of_the_scores(text, order):
    shortlist = ranked(text, order=order)
    (goal,) = goals(text)
    scores = acquire(order, predictions(), aim_of(goal, LABELS))
    table = shortlist.table
    assert table["score"].to_list() == sorted(scores, reverse=True)
    for row in table.iter_rows(named=True):
        position = FORMULAS.index(row["formula"])
        assert row["score"] == scores[position]
        assert shortlist.ranks[position] == row["rank"]
        assert row["gap_predicted"] == CENTRES[position]


def test_the_table_has_the_promised_columns():
    table = ranked("gap=1.1:1.6", batch=2).table
    assert table.columns == [
        "rank",
        "id",
        "formula",
        "system",
        "system_rank",
        "gap_predicted",
        "gap_std",
        "gap_lower",
        "gap_upper",
        "gap_knows_more",
        "gap_goal_probability",
        "score",
        "in_domain",
        "similarity",
        "nearest",
        "novelty",
        "batch",
        "purpose",
        "origin",
        "reasons",
    ]
    assert table["rank"].to_list() == list(range(1, 8))
    assert table["batch"].drop_nulls().to_list() == [1], "one candidate alone is above the floor"
    assert table["batch"][0] is None, "the first is a label, which nobody need make"
    assert table["batch"][1] == 1


def test_labels_are_proposed_only_where_there_is_nothing_else():
    every = ranked("gap=1.1:1.6", batch=7).table.drop_nulls("batch")
    assert every["formula"].is_in(LABELS.materials.formulas.tolist()).sum() == 0
    known = candidates(LABELS.materials.formulas.tolist())
    block = {"gap": predictions(np.arange(float(len(known))))}
    assert rank(known, block, goals("gap=max"), LABELS, batch=2).table["batch"].drop_nulls().len() == 2


def test_drawn_orders_follow_the_seed():
    orders = [ranked("gap=max", order="thompson", seed=seed).table["id"].to_list() for seed in range(6)]
    assert ranked("gap=max", order="thompson", seed=0).table["id"].to_list() == orders[0]
    assert any(one != orders[0] for one in orders)


def test_the_best_of_each_chemical_system_is_marked():
    formulas = ["Bi2Te2.7Se0.3", "ZnS", "BiTeSe", "GaN", "Bi2TeSe2"]
    blocks = {"gap": predictions(np.array([5.0, 4.0, 3.0, 2.0, 1.0]))}
    table = rank(candidates(formulas), blocks, goals("gap=max"), LABELS).table
    assert table["system"].to_list() == ["Bi-Se-Te", "S-Zn", "Bi-Se-Te", "Ga-N", "Bi-Se-Te"]
    assert table["system_rank"].to_list() == [1, 1, 2, 1, 3]
    assert table["rank"].to_list() == [1, 2, 3, 4, 5]


def test_nearest_label_novelty_and_reasons():
    rows = {row["formula"]: row for row in ranked("gap=1.1:1.6").table.iter_rows(named=True)}
    assert rows["CuInS2"]["nearest"] == "CuInSe2"
    assert rows["InP"]["similarity"] == pytest.approx(1)
    novelty = {formula: row["novelty"] for formula, row in rows.items()}
    assert novelty["InP"] == "already labelled"
    assert novelty["CdSe"] == "known compound, not in your table"
    assert novelty["ZnS"] == "known compound, not in your table"
    reason = rows["CuInS2"]["reasons"]
    assert reason.startswith("gap 1.5 eV (1.02 to 1.98 at 90 %), ")
    assert "% chance of 1.1 to 1.6 eV; nearest label CuInSe2 (" in reason
    assert "measured 1.04 eV" in reason
    assert "charge-balanced (In3+ Cu+ S2-)" in reason
    assert reason.endswith("scarce in the crust: In")
    assert "cadmium" in rows["CdSe"]["reasons"]
    assert "not charge-balanced" in rows["NaCl2"]["reasons"]


def test_near_copies_of_labels_are_named():
    formulas = ["In1.004P0.996", "In1.2P0.8"]
    rows = rank(candidates(formulas), {"gap": predictions(np.array([1.4, 1.5]))}, goals("gap=max"), LABELS).table
    near, far = sorted(rows.iter_rows(named=True), key=lambda row: row["formula"])
    assert (near["novelty"], far["novelty"]) == ("near-duplicate of a label", "new ratio")
    assert "; near-duplicate of label InP (under 0.5 % of the atoms differ); " in near["reasons"]
    assert "near-copy" not in far["reasons"]


def test_the_funnel_and_who_removed_whom():
    inside = [True, True, False, True, True, True, True]
    shortlist = ranked(
        "gap=1.1:1.6",
        blocks={"gap": predictions(in_domain=inside)},
        require=["neutral", "in-domain", "new"],
        exclude=["Cd"],
    )
    assert shortlist.funnel == (
        ("candidates", 7),
        ("without Cd", 6),
        ("no label and no near-duplicate of one", 5),
        ("charge-balanced (or metals only)", 4),
        (InDomain.step, 3),
    )
    removed = dict(zip(FORMULAS, shortlist.removed_by.tolist(), strict=True))
    assert removed["CdSe"] == "without Cd"
    assert removed["GaN"] == InDomain.step
    assert [formula for formula, step in removed.items() if not step] == ["CuInS2", "ZnS", "CuGaSe2"]
    assert shortlist.ranks.tolist() == [
        shortlist.table["formula"].to_list().index(f) + 1 if not removed[f] else 0 for f in FORMULAS
    ]


def test_candidates_outside_the_domain_are_ranked_but_marked():
    shortlist = ranked("gap=max", blocks={"gap": predictions(in_domain=[False] * 7)})
    assert not shortlist.table["in_domain"].any()
    assert "outside the domain" in shortlist.table["reasons"][0]
    assert "unlike-the-labels" in codes(shortlist.remarks)


def test_no_candidate_left_is_said_with_the_counts():
    with pytest.raises(InputError, match=r"no candidate is left \(candidates: 7, only Xe: 0\)"):
        ranked("gap=max", elements=["Xe"])


def test_several_goals():
    costs = np.array([1.0, 2, 3, 4, 5, 6, 7])
    blocks = {"gap": predictions(), "cost": predictions(costs, COST)}
    shortlist = ranked("gap=max", "cost=min", blocks=blocks, order="value")
    expected = [f for f, gap, cost in zip(FORMULAS, CENTRES, costs, strict=True) if not dominated(gap, cost, costs)]
    assert set(shortlist.table.filter(shortlist.table["pareto"])["formula"]) == set(expected)
    probability = ranked("gap=max", "cost=min", blocks=blocks, order="probability").table
    product_of_both = (probability["gap_goal_probability"] * probability["cost_goal_probability"]).to_numpy()
    assert probability["score"].to_numpy() == pytest.approx(np.sqrt(product_of_both))
    assert "goals-combined" in codes(shortlist.remarks)


def dominated(gap, cost, costs):
    pairs = zip(CENTRES, costs, strict=True)
    return any(g >= gap and c <= cost and (g > gap or c < cost) for g, c in pairs)


def test_a_class_as_goal():
    chances = np.linspace(0.1, 0.9, 7)
    block = ClassPredictions(
        "metal",
        0.9,
        ("no", "yes"),
        np.stack([1 - chances, chances], axis=1),
        np.ones((7, 2), dtype=bool),
        np.ones(7, dtype=bool),
    )
    table = ranked("metal=yes", blocks={"metal": block}).table
    assert table["formula"].to_list() == FORMULAS[::-1]
    assert table["metal_class"].to_list() == ["yes"] * 3 + ["no"] * 4
    assert table["metal_goal_probability"][0] == pytest.approx(0.9)
    assert "90 % chance of metal = yes" in table["reasons"][0]


def test_each_candidate_stands_under_its_best_conditions():
    warm = Materials(
        LABELLED.ids, LABELLED.formulas, LABELLED.compositions, None, {"temperature": np.linspace(300, 900, 5)}
    )
    labels = Dataset(warm, {"gap": GAP})
    conditions = expand_context(candidates(), {"temperature": "300:900"}, labels)
    temperature = conditions.materials.context["temperature"]
    best = np.array([300, 400, 500, 600, 700, 800, 900.0])
    centres = 2 - np.abs(temperature - best[conditions.rows]) / 1000 + conditions.rows / 100
    block = predictions(centres)
    shortlist = rank(candidates(), {"gap": block}, goals("gap=max"), labels, conditions=conditions, order="value")
    assert len(shortlist) == 7
    assert dict(zip(shortlist.table["formula"], shortlist.table["temperature"], strict=True)) == dict(
        zip(FORMULAS, best, strict=True)
    )
    assert "at temperature 900" in shortlist.table["reasons"][0]
    with pytest.raises(ValueError, match="7 predictions of gap for 49 rows"):
        rank(candidates(), {"gap": predictions()}, goals("gap=max"), labels, conditions=conditions)


def test_what_a_filter_removes_need_not_be_predicted():
    screening = screen(candidates(), LABELLED, require=["new"], exclude=["Cd"])
    conditions = expand_context(candidates(), {}, LABELS, rows=screening.rows)
    block = predictions(CENTRES[screening.rows])
    part = rank(
        candidates(), {"gap": block}, goals("gap=max"), LABELS, conditions=conditions, require=["new"], exclude=["Cd"]
    )
    whole = ranked("gap=max", require=["new"], exclude=["Cd"])
    assert part.table.equals(whole.table)
    assert part.ranks.tolist() == whole.ranks.tolist()
    with pytest.raises(ValueError, match="has no predictions under any condition"):
        rank(candidates(), {"gap": block}, goals("gap=max"), LABELS, conditions=conditions)


def test_conditions_outside_the_domain_are_not_chosen():
    warm = Materials(LABELLED.ids, LABELLED.formulas, LABELLED.compositions, None, {"temperature": np.full(5, 300.0)})
    labels = Dataset(warm, {"gap": GAP})
    conditions = expand_context(candidates(), {"temperature": "300:900"}, labels)
    temperature = conditions.materials.context["temperature"]
    block = predictions(temperature / 300, in_domain=temperature < 450)
    shortlist = rank(
        candidates(), {"gap": block}, goals("gap=max"), labels, conditions=conditions, require=["in-domain"]
    )
    assert set(shortlist.table["temperature"]) == {400.0}


def test_the_table_is_cut_but_every_rank_is_known():
    shortlist = ranked("gap=max", n_rows=3)
    assert len(shortlist) == 3
    assert sorted(shortlist.ranks.tolist()) == [1, 2, 3, 4, 5, 6, 7]


def test_mistakes_are_explained():
    with pytest.raises(UsageError, match="no predictions of 'cost'; there are gap"):
        ranked("cost=min")
    with pytest.raises(UsageError, match="there is no order 'best'"):
        ranked("gap=max", order="best")
    with pytest.raises(UsageError, match="there is no filter"):
        ranked("gap=max", require=["cheap"])


@settings(max_examples=25)
@given(st.permutations(range(len(FORMULAS))))
def test_the_order_of_the_candidates_does_not_matter(permutation):
    order = list(permutation)
    shuffled = rank(
        candidates([FORMULAS[i] for i in order]), {"gap": predictions(CENTRES[order])}, goals("gap=1.1:1.6"), LABELS
    )
    assert shuffled.table["formula"].to_list() == ranked("gap=1.1:1.6").table["formula"].to_list()


@pytest.mark.slow
def test_a_hundred_thousand_candidates():
    rng = np.random.default_rng(0)
    n = 100_000
    elements = rng.choice(["Li", "Zn", "Ga", "Sn", "Cu", "In", "O", "S", "Se", "N", "P", "Cl"], size=(n, 3))
    rows = [{symbol: float(i % 7 + 1) for i, symbol in enumerate(set(row))} for row in elements.tolist()]
    compositions = Compositions.from_dicts(rows)
    names = np.array([f"c{i}" for i in range(n)])
    many = Candidates(Materials(names, names, compositions), names)
    began = time.perf_counter()
    shortlist = rank(
        many,
        {"gap": predictions(rng.uniform(0, 6, n), width=0.4)},
        (Goal("gap", 1.1, 1.6),),
        LABELS,
        require=["neutral", "in-domain", "new"],
        exclude=["Cl"],
        batch=8,
    )
    print(f"\n{n:,} candidates ranked in {time.perf_counter() - began:.1f} s")  # noqa: T201
    assert len(shortlist) == 1000
