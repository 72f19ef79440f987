"""Rounds beside measurements, each count made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.workflow.made_up_rounds import labels, round_with

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Goal
from matscout.discover.goals import aim_of
from matscout.discover.rounds import Round
from matscout.errors import UsageError
from matscout.predict.base import ClassPredictions
from matscout.remarks import codes
from matscout.workflow.round_review import review_rounds
from matscout.workflow.round_tables import review_as_json, rounds_table
from matscout.workflow.round_words import measured_sentence, outcome_words

KNOWN = {"GaAs": 1.4, "GaSb": 0.7, "InSb": 0.2}
FIRST = {
    "GaN": (2.0, 4.0),
    "AlN": (2.0, 5.0),
    "ZnO": (1.0, 2.0),
    "ZnS": (1.0, 3.0),
    "CdTe": (1.0, 1.3),
    "InN": (0.0, 1.0),
}
"""The best label is 1.4."""

MEASURED = {**KNOWN, "Ga2N2": 3.4, "AlN": 6.0, "CdTe": 1.2, "MgO": 7.7}
"""Round 1 proposes GaN, AlN and ZnO: the first lies inside, the second outside, the third is open."""

SECOND = {"ZnO": (2.0, 4.0), "ZnS": (2.0, 4.0), "InN": (0.5, 0.8)}
LATER = {**MEASURED, "ZnO": 3.3, "InN": 0.7}


@pytest.fixture
def first() -> Round:
    return round_with(labels(KNOWN), FIRST, ["GaN", "AlN", "ZnO"])


@pytest.fixture
def second() -> Round:
    return round_with(labels(MEASURED), SECOND, ["ZnS", "ZnO"], number=2)


def test_proposals_are_found_among_the_labels_however_they_are_written(first: Round) -> None:
    review = review_rounds([first], labels(MEASURED))
    states = [(one.formula, one.place, one.state, one.before) for one in review.proposals]
    assert states == [("GaN", 1, "measured", 2), ("AlN", 2, "measured", 2), ("ZnO", 3, "open", 0)]
    gan, aln, zno = (one.judgements[0] for one in review.proposals)
    assert (gan.value, gan.inside, gan.met) == (3.4, True, True)
    assert (aln.value, aln.inside, aln.met) == (6.0, False, True)
    assert (zno.value, zno.inside, zno.met) == (None, None, None)
    assert (gan.predicted, gan.lower, gan.upper) == pytest.approx((3.0, 2.0, 4.0))
    assert measured_sentence(review) == "2 of 3 proposals of round 1 are measured"
    assert outcome_words(review.proposals[0]) == (
        "GaN: gap 3.4 eV measured, 3 (2 to 4) predicted, inside, reaches the goal"
    )


def test_what_was_measured_without_being_proposed_is_judged_if_it_was_predicted(first: Round) -> None:
    cdte, mgo = review_rounds([first], labels(MEASURED)).unasked
    assert (cdte.formula, cdte.round, cdte.rank) == ("CdTe", 1, 5)
    assert (cdte.judgements[0].inside, cdte.judgements[0].met) == (True, False)
    assert (mgo.formula, mgo.round, mgo.counts) == ("MgO", 0, False)
    assert mgo.judgements[0].predicted is None


def test_promises_over_one_round(first: Round) -> None:
    review = review_rounds([first], labels(MEASURED))
    (proposals,), (everything,) = review.promises, review.promises_of_all
    assert (proposals.n, proposals.n_inside, proposals.hits) == (2, 1, 2)
    assert (everything.n, everything.n_inside, everything.hits) == (3, 2, 2)
    assert proposals.promised == pytest.approx(float(first.chances(first.aims[0])[:2].sum()))
    assert proposals.mean_error == pytest.approx((0.4 + 2.5) / 2)
    assert everything.mean_error == pytest.approx((0.4 + 2.5 + 0.05) / 3)


def test_over_several_rounds_each_material_counts_once_by_its_last_proposal(first: Round, second: Round) -> None:
    review = review_rounds([first, second], labels(LATER))
    assert [(one.round, one.formula, one.state, one.before, one.last) for one in review.proposals] == [
        (2, "ZnS", "open", 0, True),
        (2, "ZnO", "measured", 3, True),
        (1, "GaN", "measured", 2, True),
        (1, "AlN", "measured", 2, True),
        (1, "ZnO", "measured", 3, False),
    ]
    # Round 1 gave ZnO 1 to 2, round 2 gave it 2 to 4: the latter counts, and 3.3 lies in it.
    assert [one.judgements[0].inside for one in review.proposals if one.formula == "ZnO"] == [True, False]
    (proposals,), (everything,) = review.promises, review.promises_of_all
    assert (proposals.n, proposals.n_inside) == (3, 2)
    # GaN, AlN, ZnO, and without being proposed CdTe (round 1) and InN (round 2).
    assert (everything.n, everything.n_inside) == (5, 4)
    # The goal of round 2 was to beat 7.7.
    assert proposals.hits == 2
    assert {one.formula: one.round for one in review.unasked} == {"CdTe": 1, "MgO": 0, "InN": 2}


def test_a_trimmed_round_is_judged_alike(first: Round, second: Round) -> None:
    whole = review_rounds([first, second], labels(LATER))
    ranks = np.where(np.arange(len(first)) == 3, 500, first.ranks)
    trimmed = replace(first, ranks=ranks).trimmed(labels(LATER).materials)
    assert len(trimmed) == len(first) - 1
    review = review_rounds([trimmed, second], labels(LATER))
    assert (review.proposals, review.unasked, review.promises) == (whole.proposals, whole.unasked, whole.promises)


def test_repeats_are_averaged_and_bounds_are_judged_where_they_can_be(first: Round) -> None:
    materials = Materials.from_formulas([*KNOWN, "GaN", "GaN", "AlN", "ZnO"])
    values = np.array([*KNOWN.values(), 3.0, 3.6, 1.4, 1.0])
    bounds = np.array([0, 0, 0, 0, 0, 1, -1], dtype=np.int8)
    dataset = Dataset(materials, {"gap": Target("gap", values, "eV", censored=bounds)})
    gan, aln, zno = (one.judgements[0] for one in review_rounds([first], dataset).proposals)
    assert gan.value == pytest.approx(3.3)
    assert (aln.bound, aln.inside, aln.met) == (1, None, True)
    assert (zno.bound, zno.inside, zno.met) == (-1, None, False)


def test_other_conditions_are_no_test_of_a_promise() -> None:
    proposed = round_with(labels(KNOWN, [300.0] * 3), FIRST, ["GaN", "AlN"], temperature=600.0)
    now = labels({**KNOWN, "GaN": 3.4, "AlN": 3.0}, [300.0, 300.0, 300.0, 300.0, 600.0])
    review = review_rounds([proposed], now)
    assert [one.state for one in review.proposals] == ["other conditions", "measured"]
    assert review.proposals[1].conditions == "temperature 600 K"
    assert review.promises[0].n == 1
    assert not review.unasked
    assert "1 under other conditions only" in measured_sentence(review)


def test_classes_are_inside_where_the_set_holds_them() -> None:
    chances = np.array([[0.9, 0.1], [0.4, 0.6]])
    block = ClassPredictions("metal", 0.9, ("no", "yes"), chances, chances > 0.3, np.ones(2, np.bool_))
    known = Dataset(
        Materials.from_formulas(["Cu", "MgO"]),
        {"metal": Target("metal", np.array([1.0, 0.0]), None, "classification", ("no", "yes"))},
    )
    goal = Goal("metal", 1.0, 1.0)
    candidates = Materials.from_formulas(["ZnO", "Ag"])
    one = Round(
        1, (goal,), (aim_of(goal, known),), 0.9, known.materials, candidates, {"metal": block},
        np.array([2, 1]), np.array([2, 1]), np.array(["Cu", "Cu"]),
    )  # fmt: skip
    now = Dataset(
        Materials.from_formulas(["Cu", "MgO", "Ag", "ZnO"]),
        {"metal": Target("metal", np.array([1.0, 0.0, 1.0, 1.0]), None, "classification", ("no", "yes"))},
    )
    silver, zinc = (outcome.judgements[0] for outcome in review_rounds([one], now).proposals)
    assert (silver.predicted, silver.value, silver.inside, silver.met) == ("yes", "yes", True, True)
    assert (zinc.predicted, zinc.value, zinc.inside, zinc.met) == ("no", "yes", False, True)


def test_labels_that_are_gone_are_told(first: Round) -> None:
    review = review_rounds([first], labels({"GaN": 3.4, "GaAs": 1.4}))
    assert codes(review.remarks) == ["labels-of-earlier-round-absent"]
    assert "2 labels of round 1 are not among the present labels" in review.remarks[0]
    assert not review_rounds([first], labels(MEASURED)).remarks


def test_other_targets_are_refused(first: Round) -> None:
    dataset = Dataset(Materials.from_formulas(["GaN"]), {"width": Target("width", np.array([1.0]))})
    with pytest.raises(UsageError, match="round 1 looked for 'gap', but the labels have width"):
        review_rounds([first], dataset)
    with pytest.raises(UsageError, match="no earlier round"):
        review_rounds([], dataset)


def test_the_table_and_json_hold_every_outcome(first: Round, second: Round) -> None:
    review = review_rounds([first, second], labels(LATER))
    table = rounds_table(review)
    assert len(table) == len(review.proposals) + len(review.unasked)
    row = table.row(1, named=True)
    assert (row["round"], row["proposed"], row["formula"]) == (2, 2, "ZnO")
    assert (row["gap_measured"], row["gap_inside"], row["gap_goal_met"]) == (3.3, True, False)
    values = review_as_json(review)
    assert values["round"] == 3
    assert len(values["proposals"]) == 5


def test_to_equal_the_best_label_is_no_hit() -> None:
    """As stated chances have it, which are those to better it."""
    now = labels({**KNOWN, "GaN": 1.4, "AlN": 1.41})
    review = review_rounds([round_with(labels(KNOWN), FIRST, ["GaN", "AlN"])], now)
    assert [one.judgements[0].met for one in review.proposals] == [False, True]


def test_a_round_without_a_batch_says_so() -> None:
    review = review_rounds([round_with(labels(KNOWN), FIRST, [])], labels(MEASURED))
    assert measured_sentence(review) == "round 1 proposed nothing"
    assert not review.promises
    assert review.promises_of_all[0].n == 3
