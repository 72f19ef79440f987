"""Canonical forms of arrangements, against all images sorted by numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.canonical_forms import canonical_forms, kind_bounds


def by_brute_force(row: NDArray[np.int64], codes: NDArray[np.int64], permutations: NDArray[np.int32]) -> list[int]:
    """The least of all images, each kind sorted."""
    images = [sorted(zip(codes.tolist(), image, strict=True)) for image in permutations[:, row].tolist()]
    return [site for _, site in min(images)]


def test_forms_are_the_least_images() -> None:
    rng = np.random.default_rng(0)
    permutations = np.array([rng.permutation(12) for _ in range(30)], dtype=np.int32)
    for kinds in ([5], [5, 5, 5], [3, 5, 5, 9]):
        codes = np.array(kinds, dtype=np.int64)
        rows = np.array([rng.permutation(12)[: len(codes)] for _ in range(20)])
        forms = canonical_forms(rows, kind_bounds(codes), permutations)
        assert forms.tolist() == [by_brute_force(row, codes, permutations) for row in rows]


def test_no_defect_is_a_form_of_its_own() -> None:
    nothing = np.zeros((2, 0), dtype=np.int64)
    identity = np.arange(3, dtype=np.int32)[None]
    assert canonical_forms(nothing, kind_bounds(nothing[0]), identity).shape == (2, 0)
