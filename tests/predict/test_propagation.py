"""Propagated uncertainties against distributions that are known."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.stats import chi2
from tests.foretold import foretold

from matscout.errors import UsageError
from matscout.predict.base import Predictions
from matscout.predict.propagation import propagate


def predictions(middle: list[float], below: float, above: float, *, level: float = 0.9) -> Predictions:
    values = np.array(middle)
    inside = np.arange(len(middle)) == 0
    return foretold(values, values - below, values + above, target="x", unit=None, level=level, inside=inside)


def logarithmic(middle: list[float], factor: float, *, level: float = 0.9) -> Predictions:
    """Intervals from middle / factor to middle * factor."""
    values = np.array(middle)
    return foretold(values, values / factor, values * factor, target="x", unit=None, level=level)


def test_one_property_comes_back_as_it_was() -> None:
    for given, positive in ((predictions([-1.0, 3.0], 1.0, 2.0), ()), (logarithmic([2.0, 30.0], 3.0), ("x",))):
        found = propagate({"x": given}, lambda drawn: drawn["x"], target="x", positive=positive)
        np.testing.assert_allclose(found.predicted, given.predicted, atol=0.1 * (given.upper - given.predicted).max())
        np.testing.assert_allclose(found.lower, given.lower, rtol=0.15)
        np.testing.assert_allclose(found.upper, given.upper, rtol=0.1)


def test_a_product_of_powers_has_the_width_of_its_normal_logarithm() -> None:
    sigma, kappa = logarithmic([1e5], 2.0), logarithmic([2.0], 1.5, level=0.8)
    found = propagate({"s": sigma, "k": kappa}, lambda d: d["s"] / d["k"], target="ratio", positive=("s", "k"))
    width = np.hypot(np.log(2.0) / 1.6449, np.log(1.5) / 1.2816)
    assert found.predicted[0] == pytest.approx(5e4, rel=0.03)
    assert np.log(found.upper[0] / found.lower[0]) == pytest.approx(2 * 1.6449 * width, rel=0.05)
    assert found.unit is None
    assert "as if their errors were independent" in found.assumption


def test_a_square_is_not_the_square_of_the_middle() -> None:
    found = propagate({"s": predictions([0.0], 1.6449, 1.6449)}, lambda drawn: drawn["s"] ** 2, target="square")
    # Chi squared with one degree of freedom.
    np.testing.assert_allclose(
        [found.lower[0], found.predicted[0], found.upper[0]], [0.0039, 0.455, 3.84], rtol=0.06, atol=0.002
    )
    assert found.std[0] == pytest.approx(chi2(1).std(), rel=0.1)


def test_an_interval_that_was_cut_off_at_zero_stays_above_zero() -> None:
    cut = predictions([1.0, 2.0], 1.0, 3.0)
    found = propagate({"k": cut}, lambda drawn: 1.0 / drawn["k"], target="inverse", positive={"k"})
    assert (found.lower > 0).all()
    assert found.upper[0] == pytest.approx(4.0, rel=0.1)
    alone = propagate({"k": predictions([1.0], 0.6, 3.0)}, lambda d: 1.0 / d["k"], target="inverse", positive={"k"})
    assert alone.upper[0] == pytest.approx(2.5, rel=0.1)
    assert alone.lower[0] == pytest.approx(0.25, rel=0.1)


@hypothesis.given(st.lists(st.floats(-1.0, 0.999), min_size=2, max_size=6), st.floats(1.001, 5.0))
def test_wider_intervals_never_make_a_narrower_one(ends: list[float], upper: float) -> None:
    lower = np.sort(np.array(ends))
    told = foretold(1.0, lower, upper, target="k", unit=None)
    found = propagate({"k": told}, lambda drawn: 1.0 / drawn["k"], target="inverse", positive={"k"})
    assert (np.diff(found.upper) <= 1e-9).all()
    assert (found.upper <= 1.2 * upper).all()


def test_an_interval_that_nearly_reaches_zero_is_no_reason_for_vanishing_values() -> None:
    nearly = foretold(1.0, 1e-12, 4.0, target="k", unit=None)
    found = propagate({"k": nearly}, lambda drawn: 1.0 / drawn["k"], target="inverse", positive={"k"})
    assert found.predicted[0] == pytest.approx(1.0, rel=0.1)
    assert found.upper[0] == pytest.approx(4.0, rel=0.15)


def test_what_is_told_of_a_material_does_not_depend_on_the_others() -> None:
    given = {"a": predictions([1.0, 2.0, 3.0], 0.4, 0.1)}
    whole = propagate(given, lambda drawn: drawn["a"] ** 2, target="q")
    alone = propagate({"a": predictions([3.0], 0.4, 0.1)}, lambda drawn: drawn["a"] ** 2, target="q")
    assert alone.lower[0] == whole.lower[2]


def test_draws_depend_on_the_seed_only_and_domains_are_shared() -> None:
    given = {"a": predictions([1.0, 2.0], 0.1, 0.1), "b": logarithmic([1.0, 2.0], 1.1)}
    one, same, other = (propagate(given, lambda d: d["a"] * d["b"], target="p", seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.lower, same.lower)
    assert (one.lower != other.lower).all()
    assert one.in_domain.tolist() == [True, False]


def test_what_does_not_fit_is_refused() -> None:
    given = {"a": predictions([1.0, 2.0], 0.1, 0.1)}
    for wrong, law, reason in (
        ({}, lambda d: d, "are of the same materials"),
        ({**given, "b": predictions([1.0], 1.0, 1.0)}, lambda d: d["a"], "are of the same materials"),
        (given, lambda d: d["a"].mean(axis=1), r"makes an array \(2,\)"),
        (given, lambda d: d["a"] * np.array([[1.0], [np.nan]]), "nan in row 2, which are not numbers"),
    ):
        with pytest.raises(UsageError, match=reason):
            propagate(wrong, law, target="q")
    with pytest.raises(UsageError, match="b is declared positive but is not predicted; the predictions are of a"):
        propagate(given, lambda d: d["a"], target="q", positive=["b"])
    with pytest.raises(UsageError, match="predicted to be -2 in row 2"):
        propagate({"a": predictions([1.0, -2.0], 1.0, 1.0)}, lambda d: d["a"], target="q", positive=["a"])
    with pytest.raises(UsageError, match="level is between 0 and 1"):
        propagate(given, lambda d: d["a"], target="q", level=90)
