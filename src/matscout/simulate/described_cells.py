"""Crystals as a force field sees them: energies without forces, and the mean features of their atoms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals, parts_by_sites
from matscout.data.read_only import lock
from matscout.data.structures import Structures
from matscout.extras import require
from matscout.progress import Progress, silent
from matscout.simulate.force_field import ForceField

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DescribedCells:
    """What a force field reads of n crystals.

    Parameters
    ----------
    energies
        float64 [n], total energies, eV/atom; NaN where there is none.
    features
        float64 [n, w], means over the atoms of what it reads their energies from; NaN where there is none. None for a
        force field without such features.
    """

    energies: Floats
    features: Floats | None

    def __post_init__(self) -> None:
        lock(self)


def described_cells(
    structures: Structures, field: ForceField, step: str = "energies", progress: Progress = silent
) -> DescribedCells:
    """Energies and features of n structures; what cannot be computed has none, without a reason.

    Parameters
    ----------
    structures
        n structures.
    field
        The force field.
    step, progress
        Told how many are done, under the name of a step.

    Raises
    ------
    MissingExtraError
        If the package of the force field is not installed.
    """
    require(*field.packages, extra=field.extra)
    crystals = Crystals.from_structures(structures)
    usable = np.flatnonzero([reason is None for reason in field.refusals(crystals)])
    energies, features = np.full(len(crystals), np.nan), None
    for part in parts_by_sites(np.diff(crystals.offsets)[usable], field.sites_at_once):
        rows = usable[part]
        totals, means = _described(field, crystals[rows])
        energies[rows] = totals / np.diff(crystals.offsets)[rows]
        if means is not None:
            features = np.full((len(crystals), means.shape[1]), np.nan) if features is None else features
            features[rows] = means
        progress(step, int(rows[-1]) + 1, len(crystals))
    return DescribedCells(energies, features)


def _described(field: ForceField, crystals: Crystals) -> tuple[Floats, Floats | None]:
    """Energies of cells, eV, [n] and mean features [n, w]; one that fails does not take the others with it."""
    try:
        return _read_out(field, crystals)
    except Exception:
        if len(crystals) == 1:
            return np.array([np.nan]), None
        parts = [_described(field, crystals[np.array([row])]) for row in range(len(crystals))]
        return np.concatenate([totals for totals, _ in parts]), _stacked([means for _, means in parts])


def _stacked(means: list[Floats | None]) -> Floats | None:
    width = next((one.shape[1] for one in means if one is not None), None)
    if width is None:
        return None
    return np.concatenate([np.full((1, width), np.nan) if one is None else one for one in means])


def _read_out(field: ForceField, crystals: Crystals) -> tuple[Floats, Floats | None]:
    sites = field.sites(crystals)
    if sites is None:
        return field.batch(crystals).energy, None
    features, totals = sites
    means = np.add.reduceat(features, crystals.offsets[:-1], axis=0) / np.diff(crystals.offsets)[:, None]
    return totals, means
