"""Labels: weights, units and bounds, and data that nothing can be learnt from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.errors import InputError, UsageError
from matscout.predict.labels import resolve_bounds, training_labels


def with_target(dataset: Dataset, **changes: object) -> Dataset:
    return replace(dataset, targets={"gap": replace(dataset.target(), **changes)})


def test_only_rows_with_a_value_are_used(make_dataset) -> None:
    dataset = make_dataset(20)
    values = dataset.target().values.copy()
    values[[3, 7]] = np.nan
    labels = training_labels(with_target(dataset, values=values))
    assert len(labels) == 18
    assert labels.weights is None
    assert labels.n_units == 18
    assert labels.unit == "material"


def test_repeats_of_a_composition_are_one_unit_and_groups_override_it(make_dataset) -> None:
    dataset = make_dataset(20)
    twice = dataset[np.tile(np.arange(20), 2)]
    labels = training_labels(twice)
    assert labels.n_units == 20
    np.testing.assert_array_equal(labels.units[:20], labels.units[20:])
    grouped = training_labels(replace(twice, groups=np.repeat(["a", "b", "c", "d"], 10)))
    assert (grouped.n_units, grouped.unit) == (4, "group")


def test_rows_with_small_errors_weigh_more_but_at_most_twice_the_usual(make_dataset) -> None:
    errors = np.full(20, 0.2)
    errors[:3] = [1e-6, 0.6, np.nan]
    weights = training_labels(with_target(make_dataset(20), errors=errors)).weights
    assert weights.mean() == pytest.approx(1.0)
    assert weights[0] / weights[5] == pytest.approx(2.0, rel=1e-6)
    assert weights[1] / weights[5] == pytest.approx(0.08 / 0.40)
    assert weights[2] == weights[5]


@pytest.mark.parametrize("errors", [None, np.full(20, np.nan), np.zeros(20)])
def test_without_useful_errors_all_rows_weigh_the_same(make_dataset, errors: np.ndarray | None) -> None:
    assert training_labels(with_target(make_dataset(20), errors=errors)).weights is None


def test_bounds_become_what_the_model_says_where_that_keeps_to_them(make_dataset) -> None:
    dataset = make_dataset(20)
    censored = np.zeros(20, dtype=np.int8)
    censored[:4] = [-1, -1, 1, 1]
    values = np.array(16 * [5.0] + 4 * [6.0])
    labels = training_labels(with_target(dataset, values=values, censored=censored))

    def predict_from(rows: np.ndarray) -> np.ndarray:
        np.testing.assert_array_equal(np.flatnonzero(~rows), [0, 1, 2, 3])
        return np.concatenate([[2.0, 9.0, 2.0, 9.0], np.full(16, -100.0)])

    np.testing.assert_array_equal(resolve_bounds(labels, predict_from), [2.0, 5.0, 5.0, 9.0] + 12 * [5.0] + 4 * [6.0])


def test_no_bounds_need_no_model(make_dataset) -> None:
    labels = training_labels(make_dataset(10))
    assert resolve_bounds(labels, lambda rows: pytest.fail("no model is needed")) is labels.values


def test_too_few_rows_are_refused(make_dataset) -> None:
    with pytest.raises(InputError, match=r"known for 4 rows; a model needs at least 5"):
        training_labels(make_dataset(4))


def test_one_class_is_refused(make_dataset) -> None:
    dataset = make_dataset(20)
    same = Target("kind", np.ones(20), None, "classification", ("insulator", "metal"))
    with pytest.raises(UsageError, match=r"every row of 'kind' is 'metal'.*unlabelled"):
        training_labels(replace(dataset, targets={"kind": same}))


def test_one_value_is_refused(make_dataset) -> None:
    with pytest.raises(InputError, match=r"every known value of 'gap' is 1\.5: there is nothing to learn"):
        training_labels(with_target(make_dataset(20), values=np.full(20, 1.5)))


def test_one_group_is_refused(make_dataset) -> None:
    with pytest.raises(InputError, match="all 20 rows of 'gap' belong to one group"):
        training_labels(replace(make_dataset(20), groups=np.full(20, "same paper")))


def test_one_measured_group_is_refused(make_dataset) -> None:
    censored = np.repeat(np.array([0, 1], dtype=np.int8), 10)
    grouped = replace(with_target(make_dataset(20), censored=censored), groups=np.repeat(["a", "b"], 10))
    with pytest.raises(InputError, match="all 10 measured rows of 'gap' belong to one group"):
        training_labels(grouped)


def test_a_subset_numbers_its_units_anew(make_dataset) -> None:
    censored = np.zeros(20, dtype=np.int8)
    censored[:6] = -1
    errors = np.linspace(0.1, 0.5, 20)
    groups = np.repeat(["a", "b", "c", "d"], 5)
    labels = training_labels(replace(with_target(make_dataset(20), censored=censored, errors=errors), groups=groups))
    judging = labels.subset(labels.measured)
    assert judging.subset(judging.measured) is judging
    assert (len(judging), judging.n_units, judging.measured.all()) == (14, 3, True)
    np.testing.assert_array_equal(judging.values, labels.values[6:])
    np.testing.assert_array_equal(judging.target.values, labels.values[6:])
    np.testing.assert_array_equal(judging.weights, labels.weights[6:])
    np.testing.assert_array_equal(judging.units, labels.units[6:] - 1)
    assert judging.materials.formulas.tolist() == labels.materials.formulas[6:].tolist()


def test_nothing_but_bounds_is_refused(make_dataset) -> None:
    censored = np.full(20, -1, dtype=np.int8)
    censored[:3] = 0
    with pytest.raises(InputError, match="only 3 of 20 values of 'gap' are measured"):
        training_labels(with_target(make_dataset(20), censored=censored))


def test_an_unknown_target_is_refused(make_dataset) -> None:
    with pytest.raises(UsageError, match="no target 'cost'"):
        training_labels(make_dataset(20), "cost")


@pytest.mark.parametrize("value", [1e300, -1e150, 1e-300, -1e-120])
def test_values_whose_squares_no_computer_holds_are_refused(make_dataset, value: float) -> None:
    dataset = make_dataset(10)
    values = dataset.target().values.copy()
    values[3] = value
    extreme = replace(dataset, targets={"gap": replace(dataset.target(), values=values)})
    with pytest.raises(InputError, match=f"as large or small as {abs(value):g}".replace("+", r"\+")):
        training_labels(extreme)


def test_zeros_are_no_extremes(make_dataset) -> None:
    dataset = make_dataset(10)
    values = dataset.target().values.copy()
    values[3], values[4], values[5] = 0.0, 1e-90, 1e90
    assert len(training_labels(replace(dataset, targets={"gap": replace(dataset.target(), values=values)}))) == 10
