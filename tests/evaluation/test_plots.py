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


def test_named_rows_stand_apart_beside_their_points(numbers):
    found = numbers.out_of_fold["auto"]
    named = {int(row): f"row {row}" for row in found.rows[:5]}
    axes = plots.parity_plot(numbers.target, found, named=named).axes[0]
    assert [text.get_text() for text in axes.texts] == list(named.values())
    for text, row in zip(axes.texts, named, strict=True):
        place = int(np.flatnonzero(found.rows == row)[0])
        assert tuple(text.xy) == (numbers.target.values[row], found.predictions.predicted[place])
    places = np.array([text.xyann for text in axes.texts])
    assert ((places > 0) & (places < 1)).all()
    apart = np.abs(places[:, None] - places) >= np.array([plots.NAME_WIDTH, plots.LINE_HEIGHT]) - 1e-9
    assert apart.any(axis=2)[~np.eye(5, dtype=bool)].all()


def seen_by(colour: str, loss: str) -> np.ndarray:
    """CIELAB (D65) of a colour as those see it who lack a kind of cone: matrices of Machado and others 2009,
    doi:10.1109/TVCG.2009.113, severity 1."""
    rgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(LOSSES[loss]) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ linear / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


LOSSES = {
    "none": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


@pytest.mark.parametrize("loss", LOSSES)
def test_three_curves_are_told_apart_with_every_kind_of_colour_vision(loss):
    colours = [seen_by(colour, loss) for colour in (plots.LIGHT.accent, plots.LIGHT.second, plots.LIGHT.third)]
    for place, one in enumerate(colours):
        for other in colours[place + 1 :]:
            assert np.linalg.norm(one - other) > 20


def test_calibration_curves_differ_in_colour_dash_and_marker(numbers):
    curves = dict.fromkeys(("auto", "trees", "gp"), numbers.calibration["auto"])
    lines = [line for line in plots.calibration_plot(curves, "auto").axes[0].get_lines() if line.get_label() in curves]
    assert len(lines) == 3
    for look in ("get_color", "get_linestyle", "get_marker"):
        assert len({getattr(line, look)() for line in lines}) == 3


def test_every_figure_uses_only_the_colours_of_the_palette(numbers, classes, fake_fit, dataset_of):
    palette = plots.Palette("#111111", "#eeeeee", "#222222", "#333333", "#444444", "#555555")
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
        assert colours <= {"#111111", "#eeeeee", "#222222", "#333333", "#444444", "#555555"}


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
