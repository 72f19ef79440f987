"""Distributions: quantiles, chances, expected values and draws are those of one and the same thing."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import norm
from tests.foretold import foretold

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.acquisition import Order, acquire
from matscout.discover.goals import aim_of, parse_goals
from matscout.predict.base import Predictions
from matscout.predict.distributions import NO_LIMITS, Distribution
from matscout.predict.profiles import MOST_KNOTS, NORMAL, ErrorShape, Profile
from matscout.predict.states import State
from matscout.predict.transforms import LINEAR, LOGARITHMIC, TargetTransform

SHARES = np.array([0.002, 0.05, 0.2, 0.37, 0.5, 0.63, 0.8, 0.95, 0.998])
LEVELS = (0.1, 0.5, 0.8, 0.9, 0.99)
SCALES = pytest.mark.parametrize("scale", [LINEAR, LOGARITHMIC], ids=["linear", "log"])


def excess(said: Distribution, place: float, *, above: bool, scale: TargetTransform) -> np.ndarray:
    """E[(S(Y) - s)+], or E[(s - S(Y))+] if not ``above``."""
    if above:
        return said.expected_between(lambda places: places - place, place, np.inf, scale)
    return said.expected_between(lambda places: place - places, -np.inf, place, scale)


def shape_of(gaps: list[float]) -> ErrorShape:
    """The shape of errors that differ by some gaps."""
    sizes = np.cumsum(gaps)
    return ErrorShape.of(sizes, np.arange(1, len(sizes) + 1) / (len(sizes) + 1))


gaps = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=30)
shapes = st.one_of(st.just(NORMAL), gaps.map(shape_of))
profiles = st.builds(Profile, shapes, st.one_of(st.none(), shapes))


@st.composite
def distributions(
    draw: st.DrawFn, *, profile: st.SearchStrategy[Profile] = profiles, limited: bool = True, symmetric: bool = False
) -> Distribution:
    """One to five rows."""
    n = draw(st.integers(1, 5))
    columns = {
        name: np.array(draw(st.lists(st.floats(low, high), min_size=n, max_size=n)))
        for name, low, high in (("centre", -5.0, 5.0), ("below", 0.05, 5.0), ("above", 0.05, 5.0))
    }
    if symmetric:
        columns["above"] = columns["below"]
    scale = draw(st.sampled_from([LINEAR, LOGARITHMIC]))
    limits = NO_LIMITS
    if limited:
        ends = (-np.inf, np.inf), (-2.0, np.inf), (-np.inf, 3.0), (-1.0, 1.0)
        low, high = draw(st.sampled_from(ends))
        limits = (math.exp(low), math.exp(high)) if scale == LOGARITHMIC else (low, high)
    unsure = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))) if draw(st.booleans()) else None
    return Distribution(scale, **columns, profiles=(draw(profile),), unsure=unsure, limits=limits)


def inside(said: Distribution, values: np.ndarray) -> np.ndarray:
    """Whether values lie truly within the limits, elementwise."""
    low, high = said.limits
    return (values > low * (1 + 1e-9 * np.sign(low))) & (values < high * (1 - 1e-9 * np.sign(high)))


def on_scale(said: Distribution, values: np.ndarray) -> np.ndarray:
    """Values in the unit on the scale, elementwise."""
    return np.log(values) if said.scale.kind == "log" else values


@given(distributions())
def test_chances_and_quantiles_are_inverse(said: Distribution) -> None:
    for share in SHARES:
        values = said.quantile(share)
        free = inside(said, values)
        np.testing.assert_allclose(said.cdf(values)[free], share, rtol=1e-6)
        low, high = said.limits
        assert (said.cdf(values)[values >= high] == 1.0).all()
        assert (said.cdf(values)[values <= low] >= share - 1e-9).all()


@given(distributions(limited=False), st.floats(0.01, 0.99))
def test_the_chance_is_where_a_search_finds_the_quantile(said: Distribution, share: float) -> None:
    value = float(said.quantile(share)[0])
    found = brentq(lambda one: float(said.quantile(one)[0]) - value, 1e-4, 1 - 1e-4, xtol=1e-12)
    assert said.cdf(value)[0] == pytest.approx(found, abs=1e-7)


@given(distributions())
def test_neither_chances_nor_quantiles_go_back(said: Distribution) -> None:
    quantiles = np.array([said.quantile(share) for share in np.linspace(0.001, 0.999, 101)])
    assert (np.diff(quantiles, axis=0) >= 0).all()
    ends = [limit for limit in said.limits if np.isfinite(limit)]
    grid = np.sort(np.concatenate([quantiles.ravel(), ends, np.nextafter(ends, -np.inf), [-1e3, 0.0, 1e3]]))
    chances = np.array([said.cdf(value) for value in grid])
    assert (np.diff(chances, axis=0) >= -1e-12).all()
    assert ((chances >= 0) & (chances <= 1)).all()


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=1, max_size=40))
def test_equal_errors_are_taken(errors: list[float]) -> None:
    sizes = np.sort(errors)
    shape = ErrorShape.of(sizes, np.arange(1, len(sizes) + 1) / (len(sizes) + 1))
    said = Distribution(LINEAR, np.zeros(1), np.ones(1), np.ones(1), (Profile(shape),))
    quantiles = [said.quantile(share)[0] for share in SHARES]
    assert (np.diff(quantiles) >= 0).all()
    assert np.isfinite(quantiles).all()
    chances = [said.cdf(value)[0] for value in quantiles]
    assert (np.diff(chances) >= -1e-9).all()


@pytest.mark.parametrize("n", [MOST_KNOTS // 2, 5 * MOST_KNOTS])
def test_a_shape_goes_through_its_errors(n: int) -> None:
    sizes = np.sort(np.random.default_rng(n).lognormal(size=n))
    levels = np.arange(1, n + 1) / (n + 1)
    shape = ErrorShape.of(sizes, levels)
    assert len(shape.steps) <= MOST_KNOTS + 1
    expected = ndtri(0.5 + levels / 2)
    # Of too many errors some are left out: their level is off by no more than knots are apart.
    apart = 1e-9 if n < MOST_KNOTS else 2 * expected[-1] / MOST_KNOTS
    np.testing.assert_allclose(shape.step(sizes), expected, atol=apart)
    steps = np.linspace(0.0, 6.0, 50)
    np.testing.assert_allclose(shape.step(shape.size(steps)), steps, rtol=1e-6, atol=1e-9)
    last = shape.sizes[-1] / shape.steps[-1]
    assert shape.size(10.0) == pytest.approx(10.0 * last)


@pytest.mark.parametrize("level", LEVELS)
@given(said=distributions(limited=False))
def test_the_ends_of_an_interval_and_its_middle_have_the_chances_they_promise(said: Distribution, level: float) -> None:
    told = Predictions("y", None, level, said, np.ones(len(said), dtype=bool))
    np.testing.assert_allclose(said.cdf(told.lower), (1 - level) / 2, rtol=1e-6)
    np.testing.assert_allclose(said.cdf(told.predicted), 0.5, rtol=1e-6)
    np.testing.assert_allclose(said.cdf(told.upper), (1 + level) / 2, rtol=1e-6)


@SCALES
def test_at_a_limit_the_chance_jumps(scale: TargetTransform) -> None:
    low, high = 1.0, 5.0
    centre = scale.forward(np.array([0.1, 1.0, 2.0, 4.0, 50.0]))
    said = Distribution(scale, centre, np.ones(5), np.ones(5), limits=(low, high))
    np.testing.assert_array_equal(said.cdf(np.nextafter(low, 0.0)), 0.0)
    np.testing.assert_array_equal(said.cdf(high), 1.0)
    at_low, below_high = said.cdf(low), said.cdf(np.nextafter(high, 0.0))
    assert (at_low > 0.0).all()
    assert (below_high < 1.0).all()
    # What is moved into the limits has half of its chance beyond.
    np.testing.assert_allclose(at_low[:2], 0.5)
    np.testing.assert_allclose(below_high[4], 0.5)
    assert said.quantile(0.5).tolist() == pytest.approx([1.0, 1.0, 2.0, 4.0, 5.0])


def test_no_chance_is_below_zero_on_a_logarithmic_scale() -> None:
    said = Distribution(LOGARITHMIC, np.zeros(2), np.ones(2), np.ones(2), limits=(0.0, np.inf))
    for value in (-1.0, 0.0):
        np.testing.assert_array_equal(said.cdf(value), 0.0)
    assert (said.quantile(1e-9) > 0).all()


@given(distributions())
def test_draws_have_the_quantiles(said: Distribution) -> None:
    drawn = said.samples(20_000, 0)
    assert drawn.shape == (len(said), 20_000)
    steps = np.random.default_rng(0).standard_normal(20_000)
    for share in SHARES[1:-1]:
        values = said.quantile(share)
        below = (on_scale(said, drawn) <= on_scale(said, values)[:, None] + 1e-9).sum(axis=1)
        np.testing.assert_allclose(below[inside(said, values)], (steps <= ndtri(share)).sum(), atol=2)


def test_draws_depend_on_the_seed_only_and_not_on_other_rows() -> None:
    said = Distribution(LOGARITHMIC, np.array([0.0, 1.0, 3.0]), np.ones(3), np.full(3, 0.5))
    np.testing.assert_array_equal(said.samples(50, 3), said.samples(50, 3))
    np.testing.assert_array_equal(said[[2]].samples(50, 3), said.samples(50, 3)[[2]])
    assert (said.samples(50, 3) != said.samples(50, 4)).all()


@settings(max_examples=25)
@given(distributions(), st.floats(-3.0, 3.0), st.booleans())
def test_expected_values_are_the_means_of_samples(said: Distribution, place: float, above: bool) -> None:
    # A width of 5 on the logarithm has a mean that a few of its largest values make.
    assume(said.scale == LINEAR or max(said.below.max(), said.above.max()) < 0.5)
    assume(said.scale == LINEAR or max(part.shape.size(3.0) for part in said.profiles) < 4.0)
    drawn = said.samples(200_000, 1)
    error = 5 * drawn.std(axis=1) / math.sqrt(200_000) + 1e-6
    assert (np.abs(said.mean - drawn.mean(axis=1)) <= error + 1e-3 * np.abs(said.mean)).all()
    sign = 1.0 if above else -1.0
    gains = np.maximum(sign * (on_scale(said, drawn) - place), 0.0)
    # The sum of 201 steps is off by up to a part of 10,000 of a width where the ramp begins.
    widths = np.maximum(said.below, said.above) * max(float(part.shape.size(1.0)) for part in said.profiles)
    error = 5 * gains.std(axis=1) / math.sqrt(200_000) + 1e-3 * widths + 1e-6
    assert (np.abs(excess(said, place, above=above, scale=said.scale) - gains.mean(axis=1)) <= error).all()


@SCALES
@given(st.floats(-3.0, 3.0), st.floats(0.01, 2.0))
def test_of_a_normal_distribution_they_are_the_textbook_formulas(
    scale: TargetTransform, centre: float, width: float
) -> None:
    said = Distribution(scale, np.array([centre]), np.array([width]), np.array([width]))
    u = centre / width
    expected = width * (norm.pdf(u) + u * norm.cdf(u))
    assert excess(said, 0.0, above=True, scale=scale)[0] == pytest.approx(expected, abs=1e-4 * width)
    assert excess(said, 0.0, above=False, scale=scale)[0] == pytest.approx(expected - centre, abs=1e-4 * width)
    assert said.deviation[0] == pytest.approx(width, rel=1e-4)
    if scale == LINEAR:
        assert said.mean[0] == pytest.approx(centre, abs=1e-6 * width)
        assert said.std[0] == pytest.approx(width, rel=1e-4)
    elif width < 1:
        assert said.mean[0] == pytest.approx(math.exp(centre + width**2 / 2), rel=1e-4)
        assert said.std[0] == pytest.approx(math.exp(centre) * math.sinh(width), rel=1e-3)


@settings(max_examples=25)
@given(distributions(), st.floats(-3.0, 3.0))
def test_an_excess_is_what_is_left_of_the_chances_beyond(said: Distribution, place: float) -> None:
    """E[(Y - s)+] is the integral of the chance to be above, from s on: cdf against excess, on the scale.

    Steps of a shape fall between the places of either integral: up to half of a place each.
    """
    said = said[[0]]

    def chance_above(at: float) -> float:
        return 1.0 - float(said.cdf(said.scale.inverse(np.array([at])))[0])

    end = float(on_scale(said, said.quantile(norm.cdf(5.0)))[0])
    places = np.linspace(place, max(end, place), 2000)
    found = np.trapezoid([chance_above(at) for at in places], places)
    width = float(on_scale(said, said.quantile(0.84))[0] - on_scale(said, said.quantile(0.16))[0])
    tolerance = 6e-3 * width + (places[1] - places[0]) / 2 + 1e-5
    assert excess(said, place, above=True, scale=said.scale)[0] == pytest.approx(found, abs=tolerance)


def test_on_another_scale_an_excess_is_that_of_the_values_there() -> None:
    said = Distribution(LOGARITHMIC, np.array([0.5]), np.array([0.3]), np.array([0.3]))
    drawn = said.samples(200_000, 2)[0]
    gains = np.maximum(drawn - 2.0, 0.0)
    error = 5 * gains.std() / math.sqrt(len(drawn)) + 1e-4
    assert excess(said, 2.0, above=True, scale=LINEAR)[0] == pytest.approx(gains.mean(), abs=error)
    flat = Distribution(LINEAR, np.array([2.0]), np.array([0.3]), np.array([0.3]))
    drawn = np.log(flat.samples(200_000, 2)[0])
    gains = np.maximum(drawn - 0.7, 0.0)
    error = 5 * gains.std() / math.sqrt(len(drawn)) + 1e-4
    assert excess(flat, 0.7, above=True, scale=LOGARITHMIC)[0] == pytest.approx(gains.mean(), abs=error)


blind_ones = st.builds(Profile, shapes, shapes)


@given(distributions(profile=blind_ones))
def test_no_interval_is_wider_than_that_of_one_who_knows_nothing(said: Distribution) -> None:
    for level in LEVELS:
        low, high = (on_scale(said, said.quantile((1 + side * level) / 2)) for side in (-1, 1))
        widest = float(said.profiles[0].blind.size(ndtri(0.5 + level / 2)))
        assert (high - low <= widest * (1 + 1e-9) + 1e-9).all()


@given(distributions())
def test_it_knows_more_unless_its_rows_are_marked(said: Distribution) -> None:
    np.testing.assert_array_equal(said.knows_more, True if said.unsure is None else ~said.unsure)


@given(distributions(), st.floats(-3, 3))
def test_an_interval_spans_what_lies_between_its_ends(said: Distribution, place: float) -> None:
    value = float(said.scale.inverse(np.array([place]))[0])
    within = (said.quantile(0.05) <= value) & (value <= said.quantile(0.95))
    np.testing.assert_array_equal(said.spans(value), within)


def everything(said: Distribution) -> np.ndarray:
    """Whatever is told of each row, [rows, k]."""
    columns = [*(said.quantile(share) for share in SHARES), said.cdf(0.5), said.mean, said.std, said.knows_more]
    return np.column_stack([*columns, excess(said, 0.1, above=True, scale=said.scale), said.reach(1.5, LINEAR)])


@given(distributions(), st.data())
def test_what_is_told_of_a_row_does_not_depend_on_the_others(said: Distribution, data: st.DataObject) -> None:
    rows = np.array(data.draw(st.lists(st.integers(0, len(said) - 1), max_size=6)), dtype=np.int64)
    np.testing.assert_allclose(everything(said[rows]), everything(said)[rows], rtol=1e-12, atol=1e-12)
    chosen = np.arange(len(said)) % 2 == 0
    np.testing.assert_allclose(everything(said[chosen]), everything(said)[chosen], rtol=1e-12, atol=1e-12)


@given(st.lists(distributions(), min_size=1, max_size=3), st.data())
def test_joined_ones_keep_their_profiles_and_come_back(parts: list[Distribution], data: st.DataObject) -> None:
    parts = [part for part in parts if part.scale == parts[0].scale]
    joined = Distribution.joined(parts)
    assert len(joined.profiles) == len(parts)
    expected = np.concatenate([everything(part) for part in parts])
    np.testing.assert_allclose(everything(joined), expected, rtol=1e-12, atol=1e-12)
    rows = np.array(data.draw(st.permutations(range(len(joined)))))
    np.testing.assert_allclose(everything(joined[rows]), expected[rows], rtol=1e-12, atol=1e-12)
    twice = Distribution.joined([joined[rows], joined])
    assert len(twice.profiles) == len(parts)
    np.testing.assert_allclose(everything(twice), np.concatenate([expected[rows], expected]), rtol=1e-12, atol=1e-12)
    state = twice.state()
    again = Distribution.from_state(State(json.loads(json.dumps(state.spec)), state.arrays))
    np.testing.assert_array_equal(everything(again), everything(twice))
    assert again.widest_limits == twice.widest_limits


def test_joined_ones_keep_their_limits() -> None:
    one = np.ones(1)
    parts = [Distribution(LINEAR, one, one, 9 * one, limits=limits) for limits in ((0.0, 5.0), (-1.0, 2.0))]
    joined = Distribution.joined(parts)
    assert joined.quantile(0.99).tolist() == [5.0, 2.0]
    assert joined.widest_limits == (-1.0, 5.0)
    assert Distribution.joined(parts[:1] * 2).limits == (0.0, 5.0)


def test_no_rows_are_taken() -> None:
    none = Distribution(LINEAR, np.empty(0), np.empty(0), np.empty(0))
    assert everything(none).shape[0] == len(none) == 0
    some = Distribution(LINEAR, np.zeros(2), np.ones(2), np.ones(2))
    assert len(Distribution.joined([none, some])) == 2


def test_what_is_no_distribution_is_refused() -> None:
    with pytest.raises(ValueError, match=r"differ in length: \[2, 1, 2\]"):
        Distribution(LINEAR, np.zeros(2), np.ones(1), np.ones(2))
    with pytest.raises(ValueError, match="lower <= predicted <= upper"):
        Distribution.between(np.array([1.0]), np.array([1.5]), np.array([2.0]), 0.9)
    with pytest.raises(ValueError, match="differ in length"):
        Predictions("y", None, 0.9, Distribution(LINEAR, *np.ones((3, 2))), np.ones(1, dtype=bool))
    with pytest.raises(ValueError, match="finite"):
        Predictions("y", None, 0.9, Distribution(LINEAR, np.array([np.nan]), *np.ones((2, 1))), np.ones(1, dtype=bool))


@given(st.floats(-3, 3), st.floats(0.0, 2.0), st.floats(0.0, 2.0), st.sampled_from(LEVELS))
def test_what_lies_between_two_ends_has_them(middle: float, below: float, above: float, level: float) -> None:
    for scale in (LINEAR, LOGARITHMIC):
        columns = [scale.inverse(np.array([value])) for value in (middle, middle - below, middle + above)]
        said = Distribution.between(*columns, level, scale=scale)
        found = [said.quantile(share) for share in (0.5, 0.5 - level / 2, 0.5 + level / 2)]
        np.testing.assert_allclose(found, columns, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("goal", ["max", "min", "0.5:2", ":-1", "1.2:", "0.3"])
@pytest.mark.parametrize("order", ["probability", "ei", "quantile", "ucb", "value", "thompson"])
def test_a_column_on_the_logarithm_is_ordered_as_the_column_of_its_logarithms(goal: str, order: Order) -> None:
    rng = np.random.default_rng(0)
    places, materials = rng.normal(size=12), Materials.from_formulas([f"Na{row + 1}Cl" for row in range(12)])
    columns = rng.normal(size=40), *rng.uniform(0.1, 2.0, (2, 40))
    profile = Profile(shape_of([0.2, 0.5, 0.1, 1.5]), shape_of([2.0, 1.0, 1.0]))
    found = []
    for scale, asked in ((LOGARITHMIC, "log"), (LINEAR, "linear")):
        target = Target("y", scale.inverse(places), asked_scale=asked)
        ends = [scale.inverse(np.array([float(end)]))[0] if end else end for end in goal.split(":") if goal[0] != "m"]
        texts = [":".join(str(end) for end in ends) or goal]
        labels = Dataset(materials, {"y": target})
        aim = aim_of(parse_goals(texts, labels.targets)[0], labels)
        said = Distribution(scale, *columns, profiles=(profile,))
        found.append(acquire(order, Predictions("y", None, 0.9, said, np.ones(40, dtype=bool)), aim))
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-7)
    # All but those without a chance, which are equal.
    first, second = (scores.argsort(kind="stable") for scores in found)
    np.testing.assert_allclose(found[0][first], found[0][second], atol=1e-7)


def test_a_standard_deviation_of_factors_is_told_in_decades() -> None:
    central = norm.cdf(1.0) - norm.cdf(-1.0)
    ends = np.array([2.0, 3.0]), np.array([50.0, 300.0])
    by_factors = foretold(np.array([10.0, 30.0]), *ends, level=central, scale=LOGARITHMIC)
    name, deviations = by_factors.shown_std
    assert name == "std_decades"
    np.testing.assert_allclose(deviations, [np.log10(5.0), 1.0], rtol=1e-4)
    by_differences = foretold(10.0, 8.0, 12.0, level=central)
    name, deviations = by_differences.shown_std
    assert name == "std"
    np.testing.assert_allclose(deviations, [2.0], rtol=1e-4)
