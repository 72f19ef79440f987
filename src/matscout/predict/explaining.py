"""Why a prediction is what it is: labelled materials like it, and the properties that move it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Target
from matscout.predict.features import Features
from matscout.represent.pooling import POOLINGS

Floats = NDArray[np.float64]

MATERIALS_AT_ONCE = 32

Effects = tuple[tuple[str, float], ...]
Neighbours = tuple[tuple[str, float | str, float], ...]


def property_of(column: str) -> str:
    """The property that a column tells about, without statistic, table and category.

    >>> property_of("MagpieData mean Electronegativity [magpie]"), property_of("route = film")
    ('Electronegativity', 'route')
    """
    words = column.split(" [", 1)[0].split(" = ", 1)[0].split(" ")
    statistic = next((position for position, word in enumerate(words[:-1]) if word in POOLINGS), None)
    return " ".join(words if statistic is None else words[statistic + 1 :])


def labelled_neighbours(
    target: Target, formulas: NDArray[np.str_], rows: NDArray[np.int64], similarities: Floats
) -> Neighbours:
    """(formula, measured value or class label, similarity) of the labelled materials at ``rows`` [k] of the target."""
    values: list[float | str] = [
        target.classes[int(value)] if target.classes else float(value) for value in target.values[rows]
    ]
    return tuple(
        (str(formula), value, float(similarity))
        for formula, value, similarity in zip(formulas[rows], values, similarities, strict=True)
    )


def main_effects(
    vectors: Mapping[str, Floats],
    features: Mapping[str, Features],
    outcome: Callable[[Mapping[str, Floats]], Floats],
    k: int,
    target: Target,
) -> list[Effects]:
    """The k properties that move the prediction of each of m materials most, (name, effect), largest first.

    The effect of a property is what the outcome loses when all columns that tell about it, in whatever statistic and
    representation, are set to their medians over the training rows: in the unit of the target, or in decades where it
    is judged by factors. Effects of related properties overlap, so they do not add up to the prediction.

    Parameters
    ----------
    vectors
        Name of a column set -> float64 [m, d] as made by its features.
    features
        Name of a column set -> its fitted features.
    outcome
        Vectors like the above with any number of rows -> float64 [rows, c]: a prediction (c = 1), or probabilities, of
        which the greatest of each material is explained.
    k
        Most properties per material; those without any effect are left out.
    target
        What is predicted; says whether effects are differences or factors.
    """
    columns: dict[str, list[tuple[str, int]]] = {}
    for name, fitted in features.items():
        for position, column in enumerate(fitted.columns):
            columns.setdefault(property_of(column).lower(), []).append((name, position))
    n = len(next(iter(vectors.values())))
    if not columns:
        return [()] * n
    blocks = [
        _effects(
            {name: block[start : start + MATERIALS_AT_ONCE] for name, block in vectors.items()},
            features,
            lambda rows: target.placed(outcome(rows)),
            columns,
        )
        for start in range(0, n, MATERIALS_AT_ONCE)
    ]
    names = [property_of(features[name].columns[position]) for ((name, position), *_) in columns.values()]
    return [_largest(names, row, k) for block in blocks for row in block]


def _effects(
    vectors: Mapping[str, Floats],
    features: Mapping[str, Features],
    outcome: Callable[[Mapping[str, Floats]], Floats],
    columns: Mapping[str, list[tuple[str, int]]],
) -> Floats:
    """Effect of each property on each material, [materials, properties]."""
    # Variant 0 is the material itself, variant i + 1 the one without property i.
    variants = {name: np.repeat(block[:, None, :], len(columns) + 1, axis=1) for name, block in vectors.items()}
    for i, members in enumerate(columns.values()):
        for name, position in members:
            variants[name][:, i + 1, position] = features[name].medians[position]
    flat = {name: block.reshape(-1, block.shape[2]) for name, block in variants.items()}
    n = len(next(iter(vectors.values())))
    outcomes = outcome(flat).reshape(n, len(columns) + 1, -1)
    explained = outcomes[:, 0].argmax(axis=1)
    chosen = np.take_along_axis(outcomes, explained[:, None, None], axis=2)[:, :, 0]
    return np.asarray(chosen[:, :1] - chosen[:, 1:], dtype=np.float64)


def _largest(names: list[str], effects: Floats, k: int) -> Effects:
    order = np.argsort(-np.abs(effects), kind="stable")[:k]
    return tuple((names[i], float(effects[i])) for i in order if effects[i] != 0.0)
