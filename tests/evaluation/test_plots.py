"""Figures draw what they are given, in the colours they are given, at one size."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from sklearn.metrics import roc_curve

from matscout.errors import UsageError
from matscout.evaluation import plots
from matscout.evaluation.evaluating import evaluate
from matscout.evaluation.learning import learning_curve


@pytest.fixture
def numbers(fake_fit, dataset_of):
    return evaluate(dataset_of(50))


@pytest.fixture
def classes(fake_fit, dataset_of):
    return evaluate(dataset_of(60, classes=True))


def svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg")
    return text.getvalue()


def test_parity_tells_misses_from_hits(numbers):
    found = numbers.out_of_fold["auto"]
    figure = plots.parity_plot(numbers.target, found)
    hits, misses = (artist for artist in figure.axes[0].collections if isinstance(artist, PathCollection))
    assert len(hits.get_offsets()) + len(misses.get_offsets()) == 50
    assert len(hits.get_offsets()) == round(50 * numbers.scores["auto"]["coverage"])
    assert figure.axes[0].get_xlabel() == "measured y (eV)"


def test_every_figure_uses_only_the_colours_of_the_palette(numbers, classes, fake_fit, dataset_of):
    palette = plots.Palette("#111111", "#eeeeee", "#222222", "#333333", "#444444")
    masked = evaluate(dataset_of(150), protocol="masked", n_labels=(10, 20, 50), repeats=2)
    figures = [
        plots.parity_plot(numbers.target, numbers.out_of_fold["auto"], palette),
        plots.calibration_plot(numbers.calibration, "auto", palette),
        plots.learning_plot(learning_curve(masked, "mae"), "auto", palette),
        plots.error_plot(numbers.target, numbers.out_of_fold["auto"], palette),
        plots.confusion_plot(classes.target, classes.out_of_fold["auto"], palette),
        plots.roc_plot(classes.target, classes.out_of_fold["auto"], palette),
    ]
    for figure in figures:
        assert tuple(figure.get_size_inches()) == plots.SIZE
        colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg(figure)))
        assert colours <= {"#111111", "#eeeeee", "#222222", "#333333", "#444444"}


def test_roc_rates_equal_scikit_learn():
    rng = np.random.default_rng(0)
    member, scores = rng.random(80) < 0.4, np.round(rng.random(80), 1)
    false, true, _ = roc_curve(member, scores, drop_intermediate=False)
    np.testing.assert_allclose(plots._roc_rates(member, scores), [false, true])


def test_the_wrong_figure_is_refused(numbers, classes):
    with pytest.raises(UsageError, match="confusion_plot"):
        plots.parity_plot(classes.target, classes.out_of_fold["auto"])
    with pytest.raises(UsageError, match="parity_plot"):
        plots.roc_plot(numbers.target, numbers.out_of_fold["auto"])


@pytest.mark.parametrize(
    ("metric", "name"), [("brier", "Brier score"), ("roc_auc", "ROC-AUC"), ("log_loss", "log loss")]
)
def test_scores_of_classes_have_names_on_the_axis(fake_fit, dataset_of, metric, name):
    masked = evaluate(dataset_of(90, classes=True), protocol="masked", n_labels=(25, 50), baselines=())
    figure = plots.learning_plot(learning_curve(masked, metric), "auto")
    assert figure.axes[0].get_ylabel() == name
