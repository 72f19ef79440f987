from dataclasses import replace

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.errors import UsageError
from matscout.predict import recipes
from matscout.predict.base import ClassPredictions, Predictions
from matscout.predict.class_stack import best_temperature, log_loss, sharpen
from matscout.predict.conformal import Scores
from matscout.predict.folds import inner_folds
from matscout.predict.labels import training_labels
from matscout.predict.members import resolved
from matscout.predict.model import Model
from matscout.predict.models.auto import Auto
from matscout.predict.recipes import Effort, LearnerRecipe, Training
from matscout.remarks import codes
from matscout.represent.pooling import POOLINGS


@pytest.fixture(scope="module")
def labelled(make_dataset) -> Dataset:
    return make_dataset(120, context=True, n_groups=12)


@pytest.fixture(scope="module")
def fitted(labelled) -> Model:
    return Auto(fast=True, seed=1).fit(labelled[:80])


def test_it_beats_the_median_and_covers(labelled, fitted) -> None:
    rest = labelled[80:]
    values = rest.target("gap").values
    predictions = fitted.predict(rest.materials, level=0.8)
    assert isinstance(predictions, Predictions)
    error = np.abs(predictions.predicted - values).mean()
    assert error < 0.7 * np.abs(values - np.median(labelled[:80].target("gap").values)).mean()
    covered = ((values >= predictions.lower) & (values <= predictions.upper)).mean()
    assert 0.6 <= covered <= 0.97
    assert (fitted.predict(rest.materials, level=0.9).upper >= predictions.upper).all()
    assert "new group" in predictions.assumption


def test_the_summary_tells_what_was_chosen(fitted) -> None:
    summary = fitted.summary
    assert (summary.n_rows, summary.n_units, summary.unit, summary.n_folds) == (80, 12, "group", 5)
    weights = [candidate.weight for candidate in summary.candidates]
    assert sum(weights) == pytest.approx(1.0)
    assert weights == sorted(weights, reverse=True)
    assert all(candidate.error > 0 for candidate in summary.candidates)
    # A combination judged on the rows that chose its weights is at least about as good as its heaviest part.
    assert summary.error <= 1.02 * summary.candidates[0].error
    assert fitted.scores == {"mae": summary.error}
    assert Model.from_state(fitted.state()).summary == summary


def test_progress_covers_judging_and_fitting(make_dataset) -> None:
    steps: list[tuple[str, int, int]] = []
    Auto(fast=True).fit(make_dataset(20), progress=lambda step, done, total: steps.append((step, done, total)))
    assert all(0 <= done <= total for _, done, total in steps)
    assert any(step.startswith("final fit") for step, _, _ in steps)
    assert len({step for step, _, _ in steps}) > 4


def test_ten_rows_are_enough(make_dataset) -> None:
    dataset = make_dataset(14)
    predictions = Auto(fast=True).fit(dataset[:10]).predict(dataset.materials[10:], level=0.9)
    assert np.isfinite(predictions.upper).all()


def test_targets_that_are_never_negative_stay_so(make_dataset) -> None:
    dataset = make_dataset(60)
    values = np.maximum(dataset.target("gap").values - 4.0, 0.0)
    assert 0.1 < (values == 0).mean() < 0.9
    bounded = replace(dataset, targets={"gap": Target("gap", values, "eV")})
    model = Auto(fast=True).fit(bounded[:45])
    predictions = model.predict(bounded.materials)
    assert predictions.lower.min() == 0.0
    assert predictions.predicted.min() >= 0.0
    assert "no-value-negative" in codes(model.summary.notes)
    assert any(candidate.label.startswith("hurdle") for candidate in model.summary.candidates)


def test_a_one_sided_sample_of_a_signed_quantity_is_not_bounded(make_dataset) -> None:
    dataset = make_dataset(40)
    target = replace(dataset.target(), values=dataset.target().values - dataset.target().values.min(), unit="eV")
    dataset = replace(dataset, targets={"gap": target})
    assert Auto(fast=True).fit(dataset).predict(dataset.materials).lower.min() == 0.0
    signed = replace(dataset, targets={"S": replace(target, name="S", unit="µV/K")})
    assert Auto(fast=True).fit(signed).predict(dataset.materials).lower.min() < 0.0


def test_shifted_below_zero_there_is_no_bound(make_dataset) -> None:
    dataset = make_dataset(30)
    values = dataset.target("gap").values - dataset.target("gap").values.mean()
    free = replace(dataset, targets={"gap": Target("gap", values, "eV")})
    model = Auto(fast=True).fit(free)
    assert model.predict(free.materials).lower.min() < 0
    assert "no-value-negative" not in codes(model.summary.notes)


def test_bounds_are_used_and_told(make_dataset) -> None:
    dataset = make_dataset(50)
    true = dataset.target("gap").values
    limit = float(np.quantile(true, 0.8))
    censored = (true > limit).astype(np.int8)
    capped = replace(dataset, targets={"gap": Target("gap", np.minimum(true, limit), "eV", censored=censored)})
    model = Auto(fast=True).fit(capped)
    assert "bounds-replaced" in codes(model.summary.notes)
    assert model.predict(capped.materials).predicted[censored == 1].mean() >= limit - 0.2


@pytest.mark.parametrize("grouped", [False, True])
def test_scores_agree_with_outside_measurement_however_many_bounds(make_dataset, grouped: bool) -> None:
    """Two thirds of the values are loose bounds; what they are replaced by must not flatter the reported error."""
    dataset, new = make_dataset(150, seed=1, n_groups=30 if grouped else 0), make_dataset(300, seed=2)
    censored = np.where(np.arange(150) % 3 > 0, 1, 0).astype(np.int8)
    values = np.where(censored, 0.3, 1.0) * dataset.target().values
    capped = replace(dataset, targets={"gap": Target("gap", values, "eV", censored=censored)})
    model = Auto(fast=True).fit(capped)
    predictions = model.predict(new.materials, level=0.8)
    outside = np.abs(predictions.predicted - new.target().values)
    assert 0.7 * outside.mean() < model.scores["mae"] < 1.3 * outside.mean()
    covered = (predictions.lower <= new.target().values) & (new.target().values <= predictions.upper)
    assert 0.65 < covered.mean() < 0.95


def test_a_test_fold_has_no_say_in_what_replaces_bounds(make_dataset) -> None:
    censored = np.where(np.arange(40) % 2 > 0, 1, 0).astype(np.int8)
    dataset = make_dataset(40)
    labels = training_labels(replace(dataset, targets={"gap": replace(dataset.target(), censored=censored)}))
    vectors = np.random.default_rng(0).normal(size=(40, 5))
    folds = inner_folds(labels.units, 5, 0, labels.measured)
    inside, recipe, effort = folds != 0, LearnerRecipe("extra-trees", "x"), Effort(20, 0)
    changed = np.where(inside, labels.values, labels.values + 100.0)
    first, second = (
        resolved(
            Training({"x": vectors}, {"x": (np.arange(5),)}, values, replace(labels, values=values), folds),
            inside,
            recipe,
            effort,
        )
        for values in (labels.values, changed)
    )
    np.testing.assert_array_equal(first.values[inside], second.values[inside])
    assert (first.values[inside] > labels.values[inside]).any()
    alone = resolved(first, ~labels.measured, recipe, effort)
    assert alone is first


def test_main_features_are_properties_of_elements_and_context(labelled, fitted) -> None:
    explanations = fitted.explain(labelled.materials[80:84], k=4)
    assert all(len(explanation.neighbours) == 4 for explanation in explanations)
    names = [name for explanation in explanations for name, _ in explanation.features]
    assert len(names) == 16
    assert not any(name.split(" ")[0] in POOLINGS for name in names)
    for explanation in explanations:
        sizes = [abs(effect) for _, effect in explanation.features]
        assert sizes == sorted(sizes, reverse=True)


def test_rmse_predicts_means_and_mae_medians(make_dataset) -> None:
    dataset = make_dataset(60)
    heavy = np.exp(2.0 * np.random.default_rng(0).normal(size=60))
    skewed = replace(dataset, targets={"gap": Target("gap", heavy, None, asked_scale="linear")})
    by_mae = Auto(fast=True, metric="mae").fit(skewed).predict(skewed.materials).predicted
    by_rmse = Auto(fast=True, metric="rmse").fit(skewed).predict(skewed.materials).predicted
    assert np.median(by_mae) < np.median(by_rmse)


def test_classes_have_calibrated_probabilities(make_dataset) -> None:
    dataset = make_dataset(140, task="classification")
    model = Auto(fast=True).fit(dataset[:90])
    rest = dataset[90:]
    predictions = model.predict(rest.materials, level=0.8)
    assert isinstance(predictions, ClassPredictions)
    truth = rest.target("kind").values.astype(int)
    shares = np.bincount(dataset.target("kind").values[:90].astype(int)) / 90
    assert log_loss(predictions.probabilities, truth) < 0.9 * -np.log(shares[truth]).mean()
    assert predictions.sets[np.arange(50), truth].mean() > 0.65
    assert model.scores == {"log_loss": model.summary.error}


def test_scores_pool_rows_but_units_limit_the_level(make_dataset) -> None:
    labels = training_labels(make_dataset(60, n_groups=12))
    scores = np.random.default_rng(0).exponential(size=60)
    pooled = Scores.of_rows(scores, labels.units, "groups")
    assert pooled.shares.sum() == pytest.approx(60 / 61)
    # as split conformal has it for 60 rows: the ceil(0.9 * 61) = 55th smallest score
    assert pooled.quantile(0.9) == np.sort(scores)[54]
    with pytest.raises(UsageError, match="groups"):
        pooled.quantile(0.95)


def test_the_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(0)
    honest = rng.dirichlet([1.0, 1.0, 1.0], size=4000)
    truth = np.array([rng.choice(3, p=row) for row in honest])
    overconfident = sharpen(np.maximum(honest, 1e-6), 0.5)
    temperature = best_temperature(overconfident, truth)
    assert temperature == pytest.approx(2.0, rel=0.1)
    assert log_loss(sharpen(overconfident, temperature), truth) < log_loss(overconfident, truth)
    assert sharpen(honest, 1.0) == pytest.approx(honest)


def test_over_decades_small_and_large_values_have_error_bars_of_their_own_size(make_dataset) -> None:
    dataset = make_dataset(160)
    decades = replace(dataset, targets={"sigma": Target("sigma", 10 ** (0.4 * dataset.target().values), "S/m")})
    rest = decades[110:]
    predictions = Auto(fast=True).fit(decades[:110]).predict(rest.materials, level=0.8)
    values, predicted = rest.target("sigma").values, predictions.predicted
    # By factors: all intervals are alike but for their size, and either half may be the longer one.
    down, up = np.log(predicted / predictions.lower), np.log(predictions.upper / predicted)
    np.testing.assert_allclose(down / up, down[0] / up[0], rtol=1e-6)
    assert 0.5 < down[0] / up[0] < 2.0
    covered = (values >= predictions.lower) & (values <= predictions.upper)
    small = np.argsort(predicted) < len(values) // 2
    assert 0.6 < covered[small].mean() <= 1.0
    assert 0.6 < covered[~small].mean() <= 1.0
    assert (predictions.upper < 100 * predicted).all()
    assert (predictions.std < 5 * predicted).all()


@pytest.mark.slow
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_hopeless_recipes_on_trial_are_given_up(make_dataset, task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "HOPELESS", 0.0)
    summary = Auto().fit(make_dataset(40, task=task)).summary
    given_up = [candidate for candidate in summary.candidates if candidate.given_up]
    n_trials = 3 if task == "regression" else 2
    assert len(given_up) == n_trials
    assert all(candidate.weight == 0.0 and np.isfinite(candidate.error) for candidate in given_up)
    monkeypatch.setattr(recipes, "HOPELESS", np.inf)
    everything = Auto().fit(make_dataset(40, task=task)).summary.candidates
    assert not any(candidate.given_up for candidate in everything)
    assert {candidate.label.split(" on ")[0] for candidate in everything} >= {"boosting", "networks"}
