"""Goals as people write them."""

import math

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.base import Goal
from matscout.discover.goals import aim_for, aim_of, parse_goals
from matscout.errors import UsageError

GAP = Target("gap", np.array([0.5, 1.0, 2.0, np.nan]), "eV")
METAL = Target("is_metal", np.array([0.0, 1.0, 0.0, 1.0]), None, "classification", ("False", "True"))
TARGETS = {"gap": GAP, "is_metal": METAL}


@pytest.mark.parametrize(
    ("text", "goal", "kind"),
    [
        ("gap=max", Goal("gap", math.inf, math.inf), "max"),
        ("gap=min", Goal("gap", -math.inf, -math.inf), "min"),
        ("gap = 1.1:1.6", Goal("gap", 1.1, 1.6), "range"),
        ("Gap=0.8", Goal("gap", 0.8, 0.8), "value"),
        ("gap=-1:", Goal("gap", -1, math.inf), "range"),
        ("gap=:2e-1", Goal("gap", -math.inf, 0.2), "range"),
        ("gap=-inf:0.2", Goal("gap", -math.inf, 0.2), "range"),
        ("gap=1:1", Goal("gap", 1, 1), "value"),
        ("is_metal=True", Goal("is_metal", 1, 1), "value"),
    ],
)
def test_goals_are_read(text, goal, kind):
    assert parse_goals([text], TARGETS) == (goal,)
    assert goal.kind == kind


def test_a_single_target_needs_no_name():
    assert parse_goals(["1.1:1.6"], {"gap": GAP}) == (Goal("gap", 1.1, 1.6),)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "at least one goal"),
        (["gap=high"], "cannot read the goal 'gap=high'"),
        (["gap=2:1"], "'gap=2:1' goes from high to low: write 1:2"),
        (["gap=:"], "'gap=:' has no end, so every value meets it"),
        (["gap=-inf:inf"], "has no end"),
        (["gap=nan"], "'gap=nan' is nan, which is not a number"),
        (["gap=nan:3"], "is nan"),
        (["gap=-1e400:2"], "contains -1e400, beyond the largest number .*: leave that end open, e.g. :2"),
        (["gap=2:1e400"], "beyond the largest number .*: leave that end open, e.g. 2:"),
        (["gap=1e400"], "beyond the largest number"),
        (["gap=inf"], "not a value to approach: use max"),
        (["gap=-inf"], "not a value to approach: use min"),
        (["gap=max:5"], 'combines max or min with a number: .*"5:" is 5 and more'),
        (["gap=1:min"], "combines max or min"),
        (["gap=1-5"], "'1-5' is not a number; for a range write \"1:5\""),
        (["gap=1..5"], "'1..5' is not a number; for a range write \"1:5\""),
        (["gap=1,5"], '"1:5", for a decimal point "1.5"'),
        (["gap=1.1:1.6 eV"], "'1.6 ev' is not a number"),
        (["band=max"], "names no target.*gap, is_metal"),
        (["max"], "name the target"),
        (["gap=max", "gap=1"], "'gap' has 2 goals"),
        (["is_metal=max"], "one of its classes False, True"),
    ],
)
def test_mistakes_are_explained(texts, message):
    with pytest.raises(UsageError, match=message):
        parse_goals(texts, TARGETS)


def dataset():
    materials = Materials.from_formulas(["GaAs", "InP", "ZnO", "CdTe"])
    return Dataset(materials, TARGETS)


def test_what_counts_as_met():
    best = aim_of(Goal("gap", math.inf, math.inf), dataset())
    assert (best.low, best.high, best.reference) == (2.0, math.inf, 2.0)
    least = aim_of(Goal("gap", -math.inf, -math.inf), dataset())
    assert (least.low, least.high, least.reference) == (-math.inf, 0.5, 0.5)
    within = aim_of(Goal("gap", 1.1, 1.6), dataset())
    tolerance = 0.1 * np.std([0.5, 1.0, 2.0])
    assert (within.low, within.high) == (1.1, 1.6)
    assert within.reference == pytest.approx(0.1)
    value = aim_of(Goal("gap", 1.0, 1.0), dataset())
    assert (value.low, value.high) == pytest.approx((1 - tolerance, 1 + tolerance))
    assert value.reference == pytest.approx(tolerance)


def test_where_the_best_label_cannot_be_beaten_what_comes_near_it_counts():
    found = np.array([20.0, 60.0, 100.0, 100.0])
    materials = Materials.from_formulas(["GaAs", "InP", "ZnO", "CdTe"])
    labels = Dataset(materials, {"yield": Target("yield", found, "%", limits=(0.0, 100.0))})
    aim = aim_of(Goal("yield", math.inf, math.inf), labels)
    assert aim.at_limit
    assert aim.low == aim.reference == pytest.approx(100 - 0.1 * found.std())
    assert aim.words == "at least 96.68 %"
    least = aim_of(Goal("yield", -math.inf, -math.inf), labels)
    assert (least.high, least.at_limit, least.words) == (20.0, False, "less than the best label, 20 %")


def test_words():
    words = [aim_of(goal, dataset()).words for goal in parse_goals(["gap=max", "is_metal=True"], TARGETS)]
    assert words == ["more than the best label, 2 eV", "is_metal = True"]
    assert aim_of(Goal("gap", 1.1, 1.6), dataset()).words == "1.1 to 1.6 eV"
    assert aim_of(Goal("gap", 1.1, math.inf), dataset()).words == "at least 1.1 eV"
    assert aim_of(Goal("gap", -math.inf, 2), dataset()).words == "at most 2 eV"
    assert aim_of(Goal("gap", -math.inf, -math.inf), dataset()).words == "less than the best label, 0.5 eV"


def test_a_target_without_values_has_no_goal():
    empty = Dataset(dataset().materials, {"gap": Target("gap", np.full(4, np.nan))})
    with pytest.raises(UsageError, match="no value of gap is known"):
        aim_of(Goal("gap", 1, 2), empty)


@pytest.mark.parametrize(
    ("values", "kind"), [([-3.0, 1.0, 2.0], "absmax"), ([0.0, 1.0, 2.0], "max"), ([-3.0, -1.0, 0.0], "min")]
)
def test_the_largest_size_is_that_of_one_sign_where_there_is_one(values, kind):
    target = Target("S", np.array(values), "uV/K")
    (goal,) = parse_goals(["S=absmax"], {"S": target})
    assert goal.kind == kind
    aim = aim_for(goal, target)
    assert abs(aim.reference) == max(abs(np.array(values)))


def test_sizes_are_met_on_both_sides():
    target = Target("S", np.array([-3.0, 1.0, 2.0]), "uV/K")
    aim = aim_for(parse_goals(["absmax"], {"S": target})[0], target)
    assert aim.is_met(np.array([-3.5, -2.0, 2.0, 3.5])).tolist() == [True, False, False, True]
    assert aim.words == "a size of more than the best label's, 3 uV/K"


def test_the_smallest_size_is_the_value_zero():
    target = Target("S", np.array([-3.0, 1.0, 2.0]), "uV/K")
    (goal,) = parse_goals(["absmin"], {"S": target})
    assert (goal.kind, goal.low) == ("value", 0.0)
