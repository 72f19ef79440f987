"""Representations are transformers of scikit-learn that take formulas."""

from __future__ import annotations

import numpy as np
import polars
import pytest
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import matscout
from matscout.represent.base import Representation

SALTS = [f"{metal}{halogen}" for metal in ("Li", "Na", "K", "Rb", "Cs") for halogen in ("F", "Cl", "Br", "I")]
GAPS = np.linspace(14.0, 5.0, len(SALTS))


def _pipeline(name: str = "magpie") -> Pipeline:
    return make_pipeline(
        matscout.make_representation(name), SimpleImputer(keep_empty_features=True), StandardScaler(), Ridge()
    )


@pytest.mark.parametrize(
    "given", [SALTS, np.array(SALTS), matscout.read_materials(SALTS).materials, polars.Series(SALTS)]
)
def test_cross_validation_takes_formulas_and_materials(given: object) -> None:
    scores = cross_val_score(_pipeline(), given, GAPS, cv=4, scoring="neg_mean_absolute_error", error_score="raise")
    assert scores.shape == (4,)
    vectors = matscout.embed(SALTS, "magpie").vectors
    by_hand = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), Ridge())
    expected = cross_val_score(by_hand, vectors, GAPS, cv=4, scoring="neg_mean_absolute_error")
    np.testing.assert_allclose(scores, expected)
    predicted = cross_val_predict(_pipeline(), given, GAPS, cv=4)
    np.testing.assert_allclose(predicted, cross_val_predict(by_hand, vectors, GAPS, cv=4))


def test_a_grid_searches_representations_and_their_settings() -> None:
    """One of them makes noise of the formulas: the search must not choose it."""

    class Noise(type(matscout.make_representation("magpie"))):  # type: ignore[misc]
        def represent(self, materials):
            made = super().represent(materials)
            return type(made)(np.random.default_rng(0).normal(size=made.vectors.shape), made.rows, made.columns)

    grid = {
        "magpie": [Noise(), matscout.make_representation("magpie"), matscout.make_representation("elements=mat2vec")],
        "ridge__alpha": [0.1, 10.0],
    }
    search = GridSearchCV(_pipeline(), grid, cv=4, scoring="neg_mean_absolute_error", error_score="raise")
    search.fit(SALTS, GAPS)
    assert not isinstance(search.best_params_["magpie"], Noise)
    assert search.predict(["FrCl"]).shape == (1,)


@pytest.mark.parametrize("name", ["magpie", "elements=mat2vec"])
def test_parameters_are_read_set_and_cloned(name: str) -> None:
    made: Representation = matscout.make_representation(name)
    copied = clone(made)
    assert copied is not made
    assert copied.get_params() == made.get_params()
    assert clone(made.set_params(**made.get_params())).columns == made.columns
    np.testing.assert_array_equal(copied.fit(SALTS, GAPS).transform(SALTS), made.transform(SALTS))


def test_columns_are_called_as_in_the_embedding() -> None:
    pipeline = make_pipeline(matscout.make_representation("magpie"), ExtraTreesRegressor(5, random_state=0))
    frame = pipeline[:-1].set_output(transform="pandas").fit_transform(SALTS[:3])
    assert list(frame.columns) == list(matscout.embed(SALTS[:3], "magpie").columns)
