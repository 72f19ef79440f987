"""Vectors on one scale."""

from __future__ import annotations

import numpy as np

from matscout.discover.index.standards import FURTHEST, Standard


def standard_of(vectors: np.ndarray) -> Standard:
    known = ~np.isnan(vectors)
    return Standard.of(known.sum(axis=0), np.nansum(vectors, axis=0), np.nansum(vectors**2, axis=0))


def test_components_have_equal_spread_and_vectors_length_one() -> None:
    vectors = np.random.default_rng(0).normal([1, 1000, -3], [1, 200, 1e-3], size=(500, 3))
    standard = standard_of(vectors)
    np.testing.assert_allclose(standard.mean, vectors.mean(axis=0))
    np.testing.assert_allclose(standard.scale, vectors.std(axis=0), rtol=1e-6)
    near = np.clip((vectors - vectors.mean(axis=0)) / vectors.std(axis=0), -FURTHEST, FURTHEST)
    expected = near / np.linalg.norm(near, axis=1, keepdims=True)
    np.testing.assert_allclose(standard.apply(vectors), expected, atol=1e-5)


def test_where_nothing_varies_equal_vectors_are_alike() -> None:
    vectors = np.tile([4.0, -200.0, 0.0, np.nan], (3, 1))
    standard = standard_of(vectors)
    (same,) = {tuple(row) for row in standard.apply(vectors).tolist()}
    np.testing.assert_allclose(same, [0.5**0.5, -(0.5**0.5), 0.0, 0.0], rtol=1e-6)
    other = standard.apply(np.array([[4.0, 200.0, 0.0, 1.0]]))[0]
    assert abs(float(other @ np.array(same))) < 1e-6


def test_what_does_not_vary_and_blanks_say_nothing() -> None:
    vectors = np.array([[1.0, 5.0, 2.0], [2.0, 5.0, np.nan], [3.0, 5.0, 4.0]])
    standard = standard_of(vectors)
    assert standard.scale[1] == 0
    assert standard.mean[2] == 3.0
    applied = standard.apply(vectors)
    assert (applied[:, 1] == 0).all()
    # The second is the mean in all that is known of it: it has no direction.
    assert (applied[1] == 0).all()
    assert np.isfinite(applied).all()
