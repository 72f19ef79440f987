"""Effects of properties against a plain loop, and on a function whose effects are known."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.data.dataset import Target
from matscout.predict.explaining import labelled_neighbours, main_effects, property_of
from matscout.predict.features import Features
from matscout.represent.embeddings import Embeddings


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("MagpieData avg_dev CovalentRadius", "CovalentRadius"),
        ("cation std_dev electronegativity [ionic]", "electronegativity"),
        ("mean valence electrons", "valence electrons"),
        ("fraction O [element-fraction]", "fraction O"),
        ("route = film", "route"),
        ("temperature", "temperature"),
        ("mode", "mode"),
    ],
)
def test_columns_of_one_property_share_its_name(column: str, expected: str) -> None:
    assert property_of(column) == expected


def test_effects_equal_a_plain_loop(make_dataset) -> None:
    materials = make_dataset(50, context=True).materials
    features = {
        "a": Features(("magpie",)).fit(Embeddings(materials)),
        "b": Features(("magpie", "element-fraction")).fit(Embeddings(materials)),
    }
    vectors = {name: fitted.transform(Embeddings(materials)).vectors for name, fitted in features.items()}
    rng = np.random.default_rng(0)
    slopes = {name: rng.normal(size=block.shape[1]) for name, block in vectors.items()}

    def outcome(rows: dict[str, np.ndarray]) -> np.ndarray:
        return sum(np.tanh(rows[name] @ slopes[name] / 1e4) for name in rows)[:, None]

    whole = outcome(vectors)[:, 0]
    effects = main_effects(vectors, features, outcome, 1000, Target("y", whole))
    assert len(effects) == 50
    for wanted in ("electronegativity", "temperature", "route", "fraction o"):
        changed = {name: block.copy() for name, block in vectors.items()}
        for name, fitted in features.items():
            for position, column in enumerate(fitted.columns):
                if property_of(column).lower() == wanted:
                    changed[name][:, position] = fitted.medians[position]
        expected = whole - outcome(changed)[:, 0]
        found = [{key.lower(): effect for key, effect in row}.get(wanted, 0.0) for row in effects]
        np.testing.assert_allclose(found, expected, atol=1e-12)
    sizes = [abs(effect) for _, effect in effects[0]]
    assert sizes == sorted(sizes, reverse=True)


def test_for_classes_the_probability_of_the_predicted_one_is_explained(make_dataset) -> None:
    materials = make_dataset(10, context=True).materials
    features = {"x": Features(()).fit(Embeddings(materials))}
    vectors = {"x": features["x"].transform(Embeddings(materials)).vectors}
    temperature = features["x"].columns.index("temperature")

    def outcome(rows: dict[str, np.ndarray]) -> np.ndarray:
        hot = 1.0 / (1.0 + np.exp(-(rows["x"][:, temperature] - 600.0) / 100.0))
        return np.stack([1.0 - hot, hot], axis=1)

    classes = Target("phase", np.zeros(10), None, "classification", ("cold", "hot"))
    median = features["x"].medians[temperature]
    for row, effects in enumerate(main_effects(vectors, features, outcome, 3, classes)):
        far = abs(vectors["x"][row, temperature] - 600.0) > abs(median - 600.0)
        (name, effect), *rest = effects
        assert name == "temperature"
        assert rest == []
        assert effect > 0 or not far


def test_effects_on_what_is_judged_by_factors_are_decades(make_dataset) -> None:
    materials = make_dataset(10, context=True).materials
    features = {"x": Features(()).fit(Embeddings(materials))}
    vectors = {"x": features["x"].transform(Embeddings(materials)).vectors}
    temperature = features["x"].columns.index("temperature")
    median = features["x"].medians[temperature]

    def outcome(rows: dict[str, np.ndarray]) -> np.ndarray:
        return 10.0 ** (rows["x"][:, [temperature]] / 100.0)

    decades = main_effects(vectors, features, outcome, 1, Target("y", np.array([1.0, 1e6]), "S/m", asked_scale="log"))
    for row, effects in enumerate(decades):
        expected = (vectors["x"][row, temperature] - median) / 100.0
        assert dict(effects).get("temperature", 0.0) == pytest.approx(expected)


def test_a_labelled_neighbour_has_its_number_or_the_name_of_its_class() -> None:
    formulas, rows, similarities = np.array(["NaCl", "MgO", "ZnS"]), np.array([2, 0]), np.array([0.9, 0.5])
    numbers = Target("gap", np.array([8.5, 7.8, 3.6]), "eV")
    classes = Target("polar", np.array([0.0, 0.0, 1.0]), None, "classification", ("no", "yes"))
    assert labelled_neighbours(numbers, formulas, rows, similarities) == (("ZnS", 3.6, 0.9), ("NaCl", 8.5, 0.5))
    assert labelled_neighbours(classes, formulas, rows, similarities) == (("ZnS", "yes", 0.9), ("NaCl", "no", 0.5))
