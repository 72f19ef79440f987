"""What is new about a material, seen from those that are labelled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.data.reactions import Reactions
from matscout.discover.same_structures import has_same_structure

NEAR_COPY = 0.01
"""L1 distance of atomic fractions below which two compositions of equal elements are near-copies.

It says that less than half a percent of the atoms are of another element. X-ray analysis in an electron microscope is
commonly off by some 2 % of each content, half a percent of the atoms where an element makes up a quarter of them: such
materials could hardly be told apart. Pr1.29Lu0.71S3 and Pr1.3Lu0.7S3 are 0.004 apart; a dopant step of 0.05 in a host
of five atoms is 0.02, twice the limit.
"""

SAME_CONDITION = 2e-3
"""Share by which a condition may differ from that of a label and be the same: 333 K is 60 °C."""

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
            found = KDTree(_ratios(labels[theirs])).query(_ratios(compositions[own]), p=1)
            distances[own], rows[own] = found[0], theirs[found[1]]
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


def is_labelled(materials: Materials, labels: Materials) -> NDArray[np.bool_]:
    """True where a label has the same composition and, where all have structures, the same structure, [n].

    Of reactions: where one with the same molecules was run, under the conditions that the candidates bring, if any.
    """
    if materials.reactions is not None:
        return _is_run(materials, labels)
    if materials.structures is None or labels.structures is None:
        return np.isin(materials.keys(), labels.keys())
    return has_same_structure(materials, labels)


def _is_run(materials: Materials, labels: Materials) -> NDArray[np.bool_]:
    shared = [(materials.context[name], labels.context[name]) for name in labels.context if name in materials.context]
    own = zip(materials.keys().tolist(), *(_as_labelled(*columns).tolist() for columns in shared), strict=True)
    known = set(zip(labels.keys().tolist(), *(theirs.tolist() for _, theirs in shared), strict=True))
    return np.fromiter(map(known.__contains__, own), np.bool_, len(materials))


def _as_labelled(
    column: NDArray[np.float64] | NDArray[np.str_], labelled: NDArray[np.float64] | NDArray[np.str_]
) -> NDArray[np.float64] | NDArray[np.str_]:
    """Numbers that nearly are one of the labels' become it; the others, and words, stay as they are, [n]."""
    if column.dtype.kind != "f" or labelled.dtype.kind != "f" or not np.isfinite(labelled).any():
        return column
    values, levels = column.astype(np.float64), np.unique(labelled[np.isfinite(labelled)].astype(np.float64))
    nearest = levels[np.abs(values[:, None] - levels).argmin(axis=1)]
    return np.where(np.abs(values - nearest) <= SAME_CONDITION * np.abs(nearest), nearest, values)


def is_known(materials: Materials, labels: Materials) -> NDArray[np.bool_]:
    """True where a label is the same material or a near-copy of other composition, [n].

    A near-copy is one by composition alone, since structures of doped crystals are hardly ever written alike.
    """
    if materials.reactions is not None:
        return is_labelled(materials, labels)
    near = is_near_copy(closest_ratio(materials.compositions, labels.compositions)[0])
    same_composition = np.isin(materials.compositions.keys(), labels.compositions.keys())
    return np.where(same_composition, is_labelled(materials, labels), near)


def novelty(materials: Materials, labels: Materials) -> NDArray[np.str_]:
    """What is new about each: nothing, the structure, the ratio, the combination of elements, or an element, [n].

    Of a reaction: nothing, the conditions, the combination of molecules, or a molecule.
    """
    if materials.reactions is not None and labels.reactions is not None:
        return _novelty_of_reactions(materials, labels, materials.reactions, labels.reactions)
    own, theirs = materials.compositions, labels.compositions
    seen = np.isin(np.arange(256), theirs.elements)
    all_seen = np.bincount(own.rows, ~seen[own.elements], len(own)) == 0
    distances, rows = closest_ratio(own, theirs)
    words = {
        "already labelled": is_labelled(materials, labels),
        "new structure of a labelled composition": np.isin(own.keys(), theirs.keys()),
        "near-copy of a label": is_near_copy(distances),
        "new ratio": rows >= 0,
        "new combination of elements": all_seen,
    }
    return np.select(list(words.values()), list(words), "new element")


def _novelty_of_reactions(
    materials: Materials, labels: Materials, own: Reactions, theirs: Reactions
) -> NDArray[np.str_]:
    seen = np.isin(own.molecules, theirs.molecules[np.unique(theirs.members)])
    all_seen = np.bincount(own.rows, ~seen[own.members], len(own)) == 0
    words = {
        "already labelled": is_labelled(materials, labels),
        "new conditions": np.isin(materials.keys(), labels.keys()),
        "new combination": all_seen,
    }
    return np.select(list(words.values()), list(words), "new molecule")
