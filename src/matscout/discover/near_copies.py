"""Near-copies: compositions that measurements could hardly tell from labelled ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from matscout.data.compositions import Compositions

NEAR_COPY = 0.01
"""L1 distance of atomic fractions below which two compositions of equal elements are near-copies.

It says that less than half a percent of the atoms are of another element. X-ray analysis in an electron microscope is
commonly off by some 2 % of each content, half a percent of the atoms where an element makes up a quarter of them: such
materials could hardly be told apart. Pr1.29Lu0.71S3 and Pr1.3Lu0.7S3 are 0.004 apart; a dopant step of 0.05 in a host
of five atoms is 0.02, twice the limit.
"""

_ROUNDING = 1e-9


def closest_ratio(compositions: Compositions, labels: Compositions) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The labelled composition of the same elements with the nearest ratio.

    Returns
    -------
    distances : float64 [n]
        L1 distance of the atomic fractions, 0 to 2; infinite where no label has these elements.
    rows : int64 [n]
        Position of that label; -1 where there is none.
    """
    distances, rows = np.full(len(compositions), np.inf), np.full(len(compositions), -1, dtype=np.int64)
    labelled = _by_system(labels)
    for system, own in _by_system(compositions).items():
        if system in labelled:
            theirs = labelled[system]
            nearest = KDTree(_ratios(labels[theirs])).query(_ratios(compositions[own]), p=1)
            distances[own], rows[own] = nearest[0], theirs[nearest[1]]
    return distances, rows


def is_near_copy(distances: NDArray[np.float64]) -> NDArray[np.bool_]:
    """True where :func:`closest_ratio` found a label nearer than :data:`NEAR_COPY`, equal ones included, [n]."""
    return np.asarray(distances < NEAR_COPY - _ROUNDING)


def _by_system(compositions: Compositions) -> dict[str, NDArray[np.int64]]:
    """Chemical system -> positions of its compositions."""
    systems, which = np.unique(compositions.chemical_systems(), return_inverse=True)
    order = np.argsort(which, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(which, minlength=len(systems)))[:-1]) if len(systems) else []
    return dict(zip(systems.tolist(), parts, strict=True))


def _ratios(compositions: Compositions) -> NDArray[np.float64]:
    """Fractions of compositions that all have the same k elements, [n, k]."""
    return compositions.fractions.reshape(len(compositions), -1)
