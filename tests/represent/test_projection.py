"""Projection against a singular value decomposition, scikit-learn, and what a map must keep: who is near whom."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from matscout.errors import InputError, UsageError
from matscout.represent.projection import Projection, project, standardised

METHODS = ["pca", "tsne", pytest.param("umap", marks=pytest.mark.slow)]


def vectors(n: int = 40, d: int = 7, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d)) * np.arange(1, d + 1) + 5


@pytest.mark.parametrize("shape", [(40, 7), (600, 5), (8, 30)])
def test_pca_is_the_singular_value_decomposition(shape: tuple[int, int]) -> None:
    given = vectors(*shape)
    left, singular, _ = np.linalg.svd(given - given.mean(axis=0), full_matrices=False)
    found = project(given, "pca")
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(left[:, :2] * singular[:2]), atol=1e-8)
    np.testing.assert_allclose(found.explained, (singular**2 / (singular**2).sum())[:2])
    assert found.axes[0] == f"PC 1 ({100 * singular[0] ** 2 / (singular**2).sum():.0f} % of the variance)"


def test_pca_does_not_depend_on_the_order_of_rows_or_the_seed() -> None:
    given, order = vectors(), np.random.default_rng(1).permutation(40)
    first, second = project(given, "pca"), project(given[order], "pca", seed=5)
    np.testing.assert_allclose(second.coordinates, first.coordinates[order], atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_equal_seeds_give_equal_maps(method: str) -> None:
    first, second = project(vectors(), method, seed=3), project(vectors(), method, seed=3)  # type: ignore[arg-type]
    np.testing.assert_array_equal(first.coordinates, second.coordinates)
    assert first.coordinates.shape == (40, 2)
    assert np.isfinite(first.coordinates).all()
    assert (first.explained is None) == (method != "pca")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [5, 6])
def test_the_smallest_maps(method: str, n: int) -> None:
    found = project(vectors(n, 3), method)  # type: ignore[arg-type]
    assert len(np.unique(found.coordinates, axis=0)) == n


@pytest.mark.parametrize("method", METHODS)
def test_clusters_stay_together(method: str) -> None:
    kinds = np.arange(90) % 3
    rng = np.random.default_rng(2)
    given = np.eye(3)[kinds] * 20 + rng.normal(size=(90, 3))
    places = project(given, method).coordinates  # type: ignore[arg-type]
    distances = np.linalg.norm(places[:, None] - places, axis=2) + 1e9 * np.eye(90)
    assert (kinds[distances.argmin(axis=1)] == kinds).all()


@pytest.mark.slow
def test_threads_of_others_are_left_alone() -> None:
    """In a process of its own: numba, which UMAP needs, begins only once with threads for every core."""
    code = (
        "import torch, numpy as np; from matscout.represent.projection import project; "
        "project(np.random.default_rng(0).normal(size=(20, 3))); print(torch.get_num_threads())"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert told.stdout.split()[-1] == "1"


def test_a_single_column_lies_on_a_line() -> None:
    found = project(np.arange(6.0)[:, None], "pca")
    np.testing.assert_allclose(found.coordinates[:, 1], 0, atol=1e-12)
    np.testing.assert_allclose(found.explained, (1, 0))


def test_standardised_equals_scikit_learn_without_blanks() -> None:
    np.testing.assert_allclose(standardised(vectors()), StandardScaler().fit_transform(vectors()))


def test_standardised_drops_what_is_constant_or_blank_and_fills_with_the_median() -> None:
    given = np.array(
        [[0.1, 1.0, np.nan, 5.0], [0.1, np.nan, np.nan, 7.0], [0.1, 3.0, np.nan, 9.0], [0.1, 8.0, np.nan, 1]]
    )
    filled = np.array([[1.0, 5.0], [3.0, 7.0], [3.0, 9.0], [8.0, 1.0]])
    np.testing.assert_allclose(standardised(given), (filled - filled.mean(axis=0)) / filled.std(axis=0))
    assert standardised(np.full((4, 2), np.nan)).shape == (4, 0)
    assert standardised(np.full((1000, 1), 0.1)).shape == (1000, 0)


def test_axes_without_a_meaning_have_only_names() -> None:
    assert Projection(np.zeros((5, 2)), "umap", 0).axes == ("UMAP 1", "UMAP 2")
    assert Projection(np.zeros((5, 2)), "tsne", 0).axes == ("t-SNE 1", "t-SNE 2")


def test_what_cannot_be_a_map_is_refused() -> None:
    with pytest.raises(InputError, match="at least 5 materials, but there are 4"):
        project(vectors(4), "pca")
    with pytest.raises(InputError, match="all 6 vectors are equal"):
        project(np.ones((6, 3)), "tsne")
    with pytest.raises(InputError, match="all 6 vectors are equal"):
        project(np.ones((6, 0)), "pca")
    with pytest.raises(UsageError, match="umap, tsne, pca"):
        project(vectors(), "som")  # type: ignore[arg-type]
