"""The back-test against brute force over all draws, and with models whose outcome is known."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.foretold import foretold

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover.back_test import back_test
from matscout.discover.base import Goal
from matscout.discover.labelled_pool import chance_of_any, expected_best
from matscout.errors import InputError

N = 100
FORMULAS = [f"Ga{i}As{N + 1 - i}" for i in range(1, N + 1)]
VALUES = np.random.default_rng(3).permutation(np.arange(N) / 10)
TRUTH = dict(zip(FORMULAS, VALUES, strict=True))
HIGHEST, LOWEST = Goal("y", np.inf, np.inf), Goal("y", -np.inf, -np.inf)


def dataset():
    return Dataset(Materials.from_formulas(FORMULAS), {"y": Target("y", VALUES, "eV")})


class KnowsAll:
    """Predicts the truth (times ``sign``) and remembers what it was shown."""

    def __init__(self, sign=1.0):
        self.sign = sign
        self.shown = []

    def fit(self, dataset, target=None, progress=None):
        self.shown.append(set(dataset.materials.formulas.tolist()))
        return self

    def predict(self, materials, level=0.9):
        assert not self.shown[-1] & set(materials.formulas.tolist())
        centre = self.sign * np.array([TRUTH[formula] for formula in materials.formulas])
        return foretold(centre, centre - 1, centre + 1, level=level)


@given(
    st.lists(st.floats(-9, 9), min_size=2, max_size=7).flatmap(lambda v: st.tuples(st.just(v), st.integers(1, len(v))))
)
def test_the_expected_best_is_the_mean_over_all_draws(case):
    values, n_drawn = case
    expected = np.mean([max(drawn) for drawn in combinations(values, n_drawn)])
    assert expected_best(np.array(values), n_drawn) == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n), st.integers(1, n))))
def test_the_chance_is_the_share_of_all_draws(case):
    n, wanted, drawn = case
    draws = list(combinations(range(n), drawn))
    assert chance_of_any(n, wanted, drawn) == pytest.approx(np.mean([min(draw) < wanted for draw in draws]))


@pytest.mark.parametrize(("goal", "best"), [(HIGHEST, 9.9), (LOWEST, 0.0)])
def test_a_perfect_model_finds_the_best_at_once(goal, best):
    result = back_test(dataset(), "y", goal, lambda seed: KnowsAll(), batch=4, n_batches=3, n_runs=6)
    assert result.found_best == result.n_runs == 6
    assert result.measured.tolist() == [8, 12, 16, 20]
    assert result.curve[1:] == pytest.approx(best)
    assert result.curve_label == "best y (eV) so far"
    found = f"{result.found_by_random:.1f}"
    assert f"6 of 6; from the same first rows, a random order finds it in {found} of 6" in result.sentence


def first_rows(seed):
    """The values that campaign ``seed`` begins with: a permutation by NumPy, as documented."""
    return VALUES[np.random.default_rng(seed).permutation(N)[:8]]


def test_chance_goes_on_from_the_first_rows_of_each_campaign():
    result = back_test(dataset(), "y", HIGHEST, lambda seed: KnowsAll(), batch=8, n_batches=1, n_runs=5)
    rng, ends, found = np.random.default_rng(1), [], 0.0
    for seed in range(5):
        first = first_rows(seed)
        rest = np.setdiff1d(VALUES, first)
        ends.append(np.mean([max(first.max(), rng.choice(rest, 8, replace=False).max()) for _ in range(4000)]))
        found += 1.0 if first.max() == VALUES.max() else 8 / (N - 8)
    assert (
        result.curve[0] == result.curve_by_random[0] == pytest.approx(np.mean([first_rows(s).max() for s in range(5)]))
    )
    assert result.curve_by_random[1] == pytest.approx(np.mean(ends), abs=0.02)
    assert result.found_by_random == pytest.approx(found)


@pytest.mark.parametrize("goal", [HIGHEST, LOWEST])
def test_values_over_decades_have_geometric_means(goal):
    decades = Target("y", 10.0 ** (2 * VALUES - 10), "S/m")
    wide = Dataset(Materials.from_formulas(FORMULAS), {"y": decades})
    sign = 1.0 if goal is HIGHEST else -1.0
    narrow = back_test(dataset(), "y", goal, lambda seed: KnowsAll(sign), batch=8, n_batches=2, n_runs=3)
    result = back_test(wide, "y", goal, lambda seed: KnowsAll(sign), batch=8, n_batches=2, n_runs=3)
    assert (narrow.scale, result.scale) == ("linear", "log")
    np.testing.assert_allclose(np.log10(result.curve_by_random), 2 * narrow.curve_by_random - 10, atol=1e-9)


def test_a_model_that_is_always_wrong_is_worse_than_chance():
    result = back_test(dataset(), "y", HIGHEST, lambda seed: KnowsAll(-1.0), batch=8, n_batches=5, n_runs=4)
    assert result.curve[-1] < result.curve_by_random[-1]
    assert not result.beats_chance


def test_a_range_counts_its_hits():
    result = back_test(dataset(), "y", Goal("y", 4.0, 4.9), lambda seed: KnowsAll(), batch=8, n_batches=2, n_runs=3)
    assert result.n_wanted == 10
    assert result.hits == 10
    at_first = np.array([((first_rows(seed) >= 4.0) & (first_rows(seed) <= 4.9)).sum() for seed in range(3)])
    shares = (result.measured - 8) / (N - 8)
    assert result.curve_by_random == pytest.approx(np.mean(at_first + np.outer(shares, 10 - at_first), axis=1))
    assert result.hits_by_random == result.curve_by_random[-1]
    assert "10.0 of the 10 rows with 4 to 4.9 eV" in result.sentence


def test_a_range_that_no_row_meets_is_approached():
    result = back_test(dataset(), "y", Goal("y", 20.0, 21.0), lambda seed: KnowsAll(), n_batches=1, n_runs=2)
    assert result.n_wanted == 1
    assert result.found_best == 2
    assert "the model found the best row in 2 of 2" in result.sentence


def test_what_is_closest_to_a_range_over_decades_is_so_by_factors():
    values = np.where(np.arange(N) % 20 == 0, 1e5, np.where(np.arange(N) % 20 == 1, 3e6, 1e9))
    wide = Dataset(Materials.from_formulas(FORMULAS), {"y": Target("y", values, "eV")}).on_scale("log")
    result = back_test(wide, "y", Goal("y", 1e4, 2e4), lambda seed: KnowsAll(), n_batches=1, n_runs=2)
    assert result.n_wanted == N // 20, "1e5 is five times too much"
    above = back_test(wide, "y", Goal("y", 8e5, 9e5), lambda seed: KnowsAll(), n_batches=1, n_runs=2)
    assert above.n_wanted == N // 20, "3e6 is 3.3 times too much, 1e5 is 8 times too little and yet nearer in eV"
    assert "of the 5 rows closest to 8e+05 to 9e+05 eV" in above.sentence
    assert above.curve_label == "rows that are closest to the goal so far"


def test_no_more_than_half_of_the_rows_are_used():
    result = back_test(dataset(), "y", HIGHEST, lambda seed: KnowsAll(), batch=8, n_batches=50, n_runs=1)
    assert result.n_batches == 5
    with pytest.raises(InputError, match="needs at least 32 labelled rows; there are 20"):
        back_test(dataset()[np.arange(20)], "y", HIGHEST, lambda seed: KnowsAll())


def test_rows_without_a_value_do_not_take_part():
    values = VALUES.copy()
    values[:40] = np.nan
    partly = Dataset(Materials.from_formulas(FORMULAS), {"y": Target("y", values, "eV")})
    assert back_test(partly, "y", HIGHEST, lambda seed: KnowsAll(), n_runs=1).n_rows == 60


def test_the_usual_model_beats_chance_on_a_smooth_property():
    rng = np.random.default_rng(0)
    symbols = ["O", "S", "Se", "Te", "F", "Cl", "Br", "I", "N", "P"]
    cations = ["Li", "Na", "K", "Mg", "Ca", "Sr", "Zn", "Cd"]
    formulas = [f"{cation}{anion}" for cation in cations for anion in symbols]
    hardness = np.array([len(cations) - cations.index(f[:-1] if f[:-1] in cations else f[:-2]) for f in formulas])
    values = hardness + rng.normal(0, 0.1, len(formulas))
    small = Dataset(Materials.from_formulas(formulas), {"y": Target("y", values)})
    steps = []
    first = back_test(small, None, HIGHEST, batch=6, n_batches=3, n_runs=3, progress=lambda *step: steps.append(step))
    assert steps == [("back-test", run, 3) for run in (1, 2, 3)]
    assert first.curve[-1] > first.curve_by_random[-1]
    assert first.beats_chance
    again = back_test(small, None, HIGHEST, batch=6, n_batches=3, n_runs=3)
    assert first.curve.tolist() == again.curve.tolist()


def test_classes_can_be_looked_for():
    labels = (VALUES > 8).astype(float)
    classes = Target("y", labels, None, "classification", ("low", "high"))
    small = Dataset(Materials.from_formulas(FORMULAS), {"y": classes})
    result = back_test(small, "y", Goal("y", 1, 1), batch=8, n_batches=2, n_runs=2)
    assert result.n_wanted == int(labels.sum())
    assert "rows with y = high" in result.sentence
