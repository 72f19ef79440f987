"""What the ranker sees of each prototype that is proposed for a formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import own_table
from matscout.generate.templates.electrostatics import COULOMB
from matscout.generate.templates.likeness import element_scales
from matscout.generate.templates.proposals import Proposals, Wanted

Floats = NDArray[np.float64]

_NO_VOTE = 1e-9
_FAR = 9.0
"""In place of a shortest distance that does not exist."""


def candidate_features(wanted: Wanted, proposals: Proposals) -> Floats:
    """Features of c proposed prototypes for one formula, float64 [c, d]."""
    return np.column_stack(
        [
            _of_votes(proposals),
            _of_replacements(wanted, proposals),
            _of_contacts(wanted, proposals),
            _of_charges(wanted, proposals),
            _of_formula(wanted, len(proposals)),
            proposals.space_groups,
        ]
    )


def _of_votes(proposals: Proposals) -> Floats:
    votes, likeness = proposals.votes + _NO_VOTE, proposals.likeness
    by_slot = proposals.by_slot.mean(axis=1)
    shares = proposals.templates / proposals.all_templates
    return np.column_stack(
        [
            np.log(votes),
            np.log(votes / (proposals.total + _NO_VOTE)),
            np.log(votes / votes.max(axis=0)),
            np.arange(len(votes)),
            likeness,
            likeness - likeness.max(),
            by_slot,
            by_slot - by_slot.max(),
            proposals.by_slot.min(axis=1),
            np.log(proposals.templates),
            np.log(shares),
            np.full(len(votes), np.log(proposals.all_templates)),
        ]
    )


def _of_replacements(wanted: Wanted, proposals: Proposals) -> Floats:
    """How the elements of the best template differ from the wanted ones."""
    scales, elements = element_scales(), proposals.elements
    weights = _shares(wanted)
    away = np.abs(scales[wanted.elements - 1][None] - scales[elements - 1])
    charge_away = np.abs(proposals.charges - wanted.charges)
    radii = np.log(wanted.radii / proposals.radii)
    radii -= (radii * weights).sum(axis=1, keepdims=True)
    equal = elements == wanted.elements
    return np.column_stack(
        [
            (away * weights[:, None]).sum(axis=1),
            away.max(axis=1),
            charge_away @ weights,
            charge_away.max(axis=1),
            np.abs(radii) @ weights,
            np.abs(radii).max(axis=1),
            equal.sum(axis=1),
            equal @ weights,
            np.log(wanted.volume / proposals.volumes),
        ]
    )


def _of_contacts(wanted: Wanted, proposals: Proposals) -> Floats:
    """Shortest distances at the predicted volume over sums of covalent radii, and the same of the template."""
    covalent = np.nan_to_num(own_table("elements").column("covalent radius (Å)"), nan=1.5)
    first, second = np.triu_indices(len(wanted.key))
    own, theirs = covalent[wanted.elements - 1], covalent[proposals.elements - 1]
    length, lengths = np.cbrt(wanted.volume), np.cbrt(proposals.volumes)[:, None]
    ratios = proposals.nearest * length / (own[first] + own[second])
    before = proposals.nearest * lengths / (theirs[:, first] + theirs[:, second])
    change = np.log(ratios / before)
    least = ratios.min(axis=1)
    return np.column_stack(
        [
            least,
            least - least.max(),
            before.min(axis=1),
            change.min(axis=1),
            change.max(axis=1),
            change[np.arange(len(change)), ratios.argmin(axis=1)],
            proposals.nearest[:, first == second].min(axis=1),
            proposals.nearest.min(axis=1),
        ]
    )


def _of_charges(wanted: Wanted, proposals: Proposals) -> Floats:
    """Contacts of ions of unlike and of like charge, and the electrostatic energy, also beside the other proposals."""
    first, second = np.triu_indices(len(wanted.key))
    product = wanted.charges[first] * wanted.charges[second]
    length = np.cbrt(wanted.volume)
    touching = proposals.nearest * length / (wanted.radii[first] + wanted.radii[second])
    bonded = np.where(product < 0, touching, _FAR).min(axis=1)
    close = np.where(product < 0, proposals.nearest, _FAR).min(axis=1)
    apart = np.where(product > 0, proposals.nearest, _FAR).min(axis=1)
    energy = proposals.coulomb @ product * (COULOMB / length)
    return np.column_stack([bonded, bonded - bonded.max(), apart, apart / close, energy, energy - energy.min()])


def _of_formula(wanted: Wanted, n: int) -> Floats:
    weights, scales = _shares(wanted), element_scales()[wanted.elements - 1]
    mean = weights @ scales
    row = [
        *mean,
        *(weights @ np.abs(scales - mean)),
        sum(wanted.key),
        len(wanted.key),
        wanted.strangeness,
        wanted.volume,
        wanted.charges.max(),
        wanted.charges.min(),
        weights.max(),
        weights.min(),
        np.log(wanted.radii.max() / wanted.radii.min()),
    ]
    return np.tile(row, (n, 1))


def _shares(wanted: Wanted) -> Floats:
    return np.array(wanted.key) / sum(wanted.key)
