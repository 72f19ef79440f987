"""Scales of targets: which values are told apart by factors, and what is said where they cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.scales import check_scale, natural_scale, scale_remark
from matscout.errors import UsageError
from matscout.remarks import codes

RNG = np.random.default_rng(0)
DECADES = 10.0 ** RNG.uniform(-3.0, 1.0, 200)
FEW = 10.0 ** RNG.uniform(0.0, 1.0, 200)
GAPS = RNG.uniform(0.1, 6.0, 200)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (DECADES, "log"),
        (10.0 ** np.linspace(0, 4, 50), "log"),
        (10.0 ** np.linspace(0, 4, 50) - 1.0, "linear"),
        (10.0 ** np.linspace(0, 1, 50), "linear"),
        (FEW, "linear"),
        (GAPS, "linear"),
        (np.append(DECADES, 0.0), "linear"),
        (np.append(DECADES, -1.0), "linear"),
        (-DECADES, "linear"),
        # One row makes no decades.
        (np.append(GAPS, 1e6 * GAPS.max()), "linear"),
        (np.append(GAPS[:40], 1e6 * GAPS.max()), "linear"),
        (np.append(GAPS, 1e-6 * GAPS.min()), "linear"),
        (np.append(GAPS[:40], 1e-6 * GAPS.min()), "linear"),
        (np.full(20, 3.0), "linear"),
        (np.zeros(20), "linear"),
        (np.array([2.0]), "linear"),
        (np.empty(0), "linear"),
    ],
    ids=[
        "four decades",
        "four even decades",
        "with its zero",
        "one even decade",
        "one decade",
        "gaps",
        "a zero",
        "a negative one",
        "all negative",
        "one far above",
        "one far above few",
        "one far below",
        "one far below few",
        "constant",
        "zeros",
        "one",
        "none",
    ],
)
def test_only_positive_values_over_decades_are_told_apart_by_factors(values, scale):
    assert natural_scale(values) == scale
    assert Target("x", values).scale == scale


@given(st.floats(1e-9, 1e9), st.permutations(range(20)))
def test_neither_the_unit_nor_the_order_of_rows_changes_the_scale(factor, order):
    for values in (DECADES[:20], FEW[:20], GAPS[:20]):
        assert natural_scale(factor * values[order]) == natural_scale(values)


def test_the_scale_is_that_of_known_values():
    assert Target("x", np.append(DECADES, np.nan)).scale == "log"
    assert Target("x", np.full(3, np.nan)).scale == "linear"


def test_classes_and_what_has_limits_are_linear():
    assert Target("yield", DECADES, "%", limits=(0.0, 100.0)).scale == "linear"
    metal = Target("metal", np.array([0.0, 1.0]), None, "classification", ("no", "yes"))
    assert metal.scale == metal.on_scale("log").scale == "linear"


def test_what_is_asked_for_is_taken():
    for asked in ("linear", "log"):
        assert Target("x", DECADES).on_scale(asked).scale == asked
        assert Target("x", GAPS).on_scale(asked).scale == asked
    assert Target("x", DECADES).on_scale("linear").on_scale("auto").scale == "log"


def test_no_logarithm_is_asked_of_values_that_have_none():
    values = np.append(np.nan, DECADES)
    values[[7, 9]] = 0.0, -2.0
    sentence = r"2 of 200 values of 'kappa' are 0 or negative .*\(the first: 0, row 8\).*--scale linear"
    with pytest.raises(UsageError, match=sentence):
        Target("kappa", values).on_scale("log")
    assert Target("kappa", values).on_scale("linear").scale == "linear"


def dataset():
    n = len(DECADES)
    formulas = [f"Na{row + 1}Cl" for row in range(n)]
    targets = {"kappa": Target("kappa", DECADES, "W/(m K)"), "gap": Target("gap", GAPS, "eV")}
    return Dataset(Materials.from_formulas(formulas), targets)


def scales(data):
    return [target.scale for target in data.targets.values()]


def test_all_targets_or_one_are_put_on_a_scale():
    data = dataset()
    assert scales(data) == ["log", "linear"]
    assert scales(data.on_scale("log")) == ["log", "log"]
    assert scales(data.on_scale("linear")) == ["linear", "linear"]
    assert scales(data.on_scale("log", "gap")) == ["log", "log"]
    assert scales(data.on_scale("linear", "kappa (W/(m K))")) == ["linear", "linear"]
    assert scales(data.on_scale("linear", "gap")) == ["log", "linear"]
    assert scales(data.on_scale("linear").on_scale("auto")) == ["log", "linear"]
    assert scales(data.on_scale("log")[:5]) == ["log", "log"]


def test_unknown_names_are_refused_with_those_there_are():
    with pytest.raises(UsageError, match="no target 'density'; the targets are kappa, gap"):
        dataset().on_scale("log", "density")
    with pytest.raises(UsageError, match="no scale 'ln'; choose one of auto, linear, log"):
        dataset().on_scale("ln")
    assert [check_scale(scale) for scale in ("auto", "linear", "log")] == ["auto", "linear", "log"]


def test_a_reader_is_told_of_decades_and_of_what_has_no_logarithm():
    assert codes([scale_remark("kappa", 10.0 ** np.linspace(0, 4, 50))]) == ["judged-by-factors"]
    assert scale_remark("gap", GAPS) == ""
    assert scale_remark("gap", np.append(GAPS, -1.0)) == ""
    values = np.append(DECADES, [0.0, -1.0])
    remark = scale_remark("kappa", values)
    assert "2 of 202 values are 0 or negative" in remark
    assert "detection limit" in remark
    for empty in (np.empty(0), np.zeros(4), -GAPS):
        assert scale_remark("x", empty) == ""
