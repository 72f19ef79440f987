"""What the ranker sees of each prototype that is proposed for a formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import own_table
from matscout.generate.templates.chemistry import SlotChemistry
from matscout.generate.templates.likeness import element_scales
from matscout.generate.templates.pool import KeyTemplates, TemplatePool
from matscout.generate.templates.votes import Votes

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_EPSILON = 1e-9


@dataclass(frozen=True, eq=False)
class Wanted:
    """One formula, by slot.

    Parameters
    ----------
    elements, charges, radii
        [k]: atomic numbers, guessed oxidation states, radii (Å).
    strangeness
        Cost of the guess.
    volume
        Å3 per atom, as predicted.
    """

    elements: Integers
    charges: Floats
    radii: Floats
    strangeness: float
    volume: float

    @classmethod
    def of(cls, chemistry: SlotChemistry, row: int, volume: float) -> Wanted:
        """One row of many."""
        slots = slice(0, len(chemistry.keys[row]))
        return cls(
            chemistry.elements[row, slots],
            chemistry.charges[row, slots],
            chemistry.radii[row, slots],
            float(chemistry.strangeness[row]),
            volume,
        )


def candidate_features(
    wanted: Wanted, pool: TemplatePool, key: KeyTemplates, votes: Votes, chosen: Integers
) -> Floats:
    """Features of c prototypes (``chosen``, in order of votes) for one formula, float64 [c, d]."""
    entries = votes.best[chosen]
    parts = [
        _of_votes(votes, chosen),
        _of_replacements(wanted, pool, key, entries),
        _of_contacts(wanted, pool, key, entries),
        _of_formula(wanted, key, len(chosen)),
        pool.space_groups[key.templates[entries]][:, None],
    ]
    return np.column_stack(parts)


def _of_votes(votes: Votes, chosen: Integers) -> Floats:
    total = np.array([votes.votes.sum(), votes.sharp.sum(), votes.soft.sum()])
    amounts = np.column_stack([votes.votes, votes.sharp, votes.soft])[chosen]
    likeness = votes.likeness[chosen]
    by_slot = votes.by_slot[chosen]
    return np.column_stack([
        np.log(amounts + _EPSILON),
        np.log((amounts + _EPSILON) / (total + _EPSILON)),
        np.log((amounts + _EPSILON) / (amounts.max(axis=0) + _EPSILON)),
        np.arange(len(chosen)),
        likeness,
        likeness - likeness.max(),
        by_slot.mean(axis=1),
        by_slot.min(axis=1),
        by_slot.mean(axis=1) - by_slot.mean(axis=1).max(),
        np.log(votes.templates[chosen]),
        np.log(votes.templates[chosen] / votes.templates.sum()),
        np.full(len(chosen), np.log(votes.templates.sum())),
    ])


def _of_replacements(wanted: Wanted, pool: TemplatePool, key: KeyTemplates, entries: Integers) -> Floats:
    """How the elements of the best template differ from the wanted ones."""
    scales, elements = element_scales(), key.elements[entries]
    weights = np.array(key.key) / sum(key.key)
    away = np.abs(scales[wanted.elements - 1][None] - scales[elements - 1])
    templates, orders = key.templates[entries], key.orders[entries]
    charges = np.take_along_axis(pool.chemistry.charges[templates], orders, axis=1)
    radii = np.take_along_axis(pool.chemistry.radii[templates], orders, axis=1)
    charge_away = np.abs(charges - wanted.charges)
    radius_ratio = np.log(wanted.radii / radii)
    radius_ratio -= (radius_ratio * weights).sum(axis=1, keepdims=True)
    equal = elements == wanted.elements
    return np.column_stack([
        (away * weights[:, None]).sum(axis=1),
        away.max(axis=1),
        charge_away @ weights,
        charge_away.max(axis=1),
        np.abs(radius_ratio) @ weights,
        np.abs(radius_ratio).max(axis=1),
        equal.sum(axis=1),
        equal @ weights,
        np.log(wanted.volume / pool.volumes[templates]),
    ])


def _of_contacts(wanted: Wanted, pool: TemplatePool, key: KeyTemplates, entries: Integers) -> Floats:
    """Shortest distances at the predicted volume over sums of radii, and the same of the template."""
    covalent = np.nan_to_num(own_table("elements").column("covalent radius (Å)"), nan=1.5)
    first, second = np.triu_indices(len(key.key))
    length = wanted.volume ** (1 / 3)
    templates, elements = key.templates[entries], key.elements[entries]
    nearest = key.nearest[entries].astype(np.float64)
    bonds = covalent[wanted.elements - 1]
    ratios = nearest * length / (bonds[first] + bonds[second])
    theirs = covalent[elements - 1]
    own_length = pool.volumes[templates, None] ** (1 / 3)
    template_ratios = nearest * own_length / (theirs[:, first] + theirs[:, second])
    change = np.log(ratios / template_ratios)
    smallest = ratios.min(axis=1)
    unlike = wanted.charges[first] * wanted.charges[second] < 0
    like = wanted.charges[first] * wanted.charges[second] > 0
    ionic = nearest * length / (wanted.radii[first] + wanted.radii[second])
    big = np.full((len(entries), 1), 9.0)
    bonded = np.column_stack([np.where(unlike, ionic, 9.0), big]).min(axis=1)
    apart = np.column_stack([np.where(like, nearest, 9.0), big]).min(axis=1)
    close = np.column_stack([np.where(unlike, nearest, 9.0), big]).min(axis=1)
    alike = nearest[:, first == second].min(axis=1)
    return np.column_stack([
        smallest, smallest - smallest.max(), template_ratios.min(axis=1), change.min(axis=1), change.max(axis=1),
        np.abs(change[np.arange(len(entries)), ratios.argmin(axis=1)]), bonded, bonded - bonded.max(),
        apart / close, apart, alike, nearest.min(axis=1),
    ])  # fmt: skip


def _of_formula(wanted: Wanted, key: KeyTemplates, n: int) -> Floats:
    weights = np.array(key.key) / sum(key.key)
    scales = element_scales()[wanted.elements - 1]
    mean = weights @ scales
    spread = weights @ np.abs(scales - mean)
    row = [
        *mean, *spread, sum(key.key), len(key.key), wanted.strangeness, wanted.volume, wanted.charges.max(),
        wanted.charges.min(), weights.max(), weights.min(), np.log(wanted.radii.max() / wanted.radii.min()),
    ]  # fmt: skip
    return np.tile(row, (n, 1))
