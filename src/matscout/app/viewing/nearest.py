"""The labelled materials that are nearest to one structure, with what was measured for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matscout.app.wording import quantity
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import InputError
from matscout.predict.domain import Domain
from matscout.predict.features import Features
from matscout.predict.scaling import Scaling
from matscout.represent.embeddings import Embeddings

DESCRIPTOR = "structure-basic"
BY_STRUCTURE = (
    "Nearest in crystal structure: the distance is the root mean square difference of the columns of structure-basic, "
    "in standard deviations of the labelled structures."
)
BY_COMPOSITION = (
    "Nearest in composition, since {why}: the similarity is 1 for the same composition and near 0 for one with no "
    "related element."
)


@dataclass(frozen=True)
class NearLabel:
    """A labelled material: its id, formula, how near it is, and what was measured, a text for each target."""

    id: str
    formula: str
    nearness: str
    measured: tuple[str, ...]


@dataclass(frozen=True)
class NearLabels:
    """The nearest labelled materials, nearest first.

    Parameters
    ----------
    how
        What "near" means here, in a sentence.
    measure
        Heading of the column of nearness: "distance" or "similarity".
    targets
        Headings of what was measured.
    rows
        The materials.
    """

    how: str
    measure: str
    targets: tuple[str, ...]
    rows: tuple[NearLabel, ...]


def nearest_labelled(material: Materials, labels: Dataset, count: int) -> NearLabels:
    """The labelled materials nearest to one structure: in structure if the labels have structures, else in composition.

    Parameters
    ----------
    material
        A single one, with its structure.
    labels
        Rows with a value of at least one target.
    count
        How many to find at most.

    Raises
    ------
    InputError
        If no row has a value.
    """
    known = np.any([target.known for target in labels.targets.values()], axis=0)
    if not known.any():
        raise InputError(
            f"no row of {labels.provenance.source} has a value of the target; name another target (--target)"
        )
    labelled = labels[np.flatnonzero(known)]
    if labelled.materials.structures is None:
        return _by_composition(material, labelled, count, "the labels have no structures")
    return _by_structure(material, labelled, count)


def _by_structure(material: Materials, labelled: Dataset, count: int) -> NearLabels:
    # Without context columns, which say nothing of the structure.
    features = Features((DESCRIPTOR,))
    known = features.fit_transform(Embeddings(replace(labelled.materials, context={})))
    asked = features.transform(Embeddings(replace(material, context={})))
    rows = np.flatnonzero(known.represented)
    if not asked.represented[0] or not len(rows):
        return _by_composition(material, labelled, count, f"{DESCRIPTOR} is not defined for the structures")
    scaling = Scaling.fit(known.vectors[rows])
    differences = scaling.transform(known.vectors[rows]) - scaling.transform(asked.vectors)
    distances = np.sqrt((differences**2).mean(axis=1)) if known.columns else np.zeros(len(rows))
    order = np.argsort(distances, kind="stable")[:count]
    nearness = [f"{distance:.2f}" for distance in distances[order]]
    return _near_labels(labelled[rows[order]], BY_STRUCTURE, "distance", nearness)


def _by_composition(material: Materials, labelled: Dataset, count: int, why: str) -> NearLabels:
    nearest = Domain(labelled.materials.compositions, 0.0, {}).nearest(material, count)
    nearness = [f"{similarity:.2f}" for similarity in nearest.similarities[0]]
    return _near_labels(labelled[nearest.rows[0]], BY_COMPOSITION.format(why=why), "similarity", nearness)


def _near_labels(near: Dataset, how: str, measure: str, nearness: list[str]) -> NearLabels:
    rows = tuple(
        NearLabel(material.id, material.formula, words, tuple(_value(target, row) for target in near.targets.values()))
        for row, (material, words) in enumerate(zip(near.materials, nearness, strict=True))
    )
    return NearLabels(how, measure, tuple(near.targets), rows)


def _value(target: Target, row: int) -> str:
    """A measured value with its unit, "" where there is none."""
    value = target.values[row]
    if np.isnan(value):
        return ""
    if target.classes:
        return target.classes[int(value)]
    bound = "" if target.censored is None else {-1: "≤ ", 0: "", 1: "≥ "}[int(target.censored[row])]
    return bound + quantity(float(value), target.unit)
