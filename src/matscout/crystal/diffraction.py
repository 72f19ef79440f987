"""Powder diffraction: where the peaks of crystals lie and how high they are. Compiled, one crystal after the other."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS
from matscout.errors import MatscoutError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COPPER_K_ALPHA = 1.54184
"""Å, the mean of both lines."""

SAME_ANGLE = 1e-5
"""Degrees; peaks whose angles round to the same multiple are one."""


class Peaks(NamedTuple):
    """The p peaks of one crystal.

    Parameters
    ----------
    angles
        float64 [p], 2 theta in degrees, ascending.
    intensities
        float64 [p], with Lorentz and polarisation factors, on an arbitrary scale.
    """

    angles: Floats
    intensities: Floats


class Atoms(NamedTuple):
    """What scatters, one entry for each species of a site: fractional coordinates [e, 3], kind and occupancy [e]."""

    fractional: Floats
    kinds: Integers
    occupancies: Floats


@cache
def scattering_parameters() -> Floats:
    """Coefficients a_i, b_i of the atomic scattering factors, [118, 4, 2]; NaN for elements without.

    f(s) = Z - 41.78214 s^2 sum_i a_i exp(-b_i s^2), s = sin(theta) / wavelength (M. De Graef, M. E. McHenry, Structure
    of Materials, 2012, ISBN 978-1-107-00587-7), from the table that comes with pymatgen.

    Raises
    ------
    MatscoutError
        If the installed pymatgen has no such table.
    """
    spec = find_spec("pymatgen.analysis")
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    places = [Path(folder) / "diffraction" / "atomic_scattering_params.json" for folder in folders]
    files = [path for path in places if path.is_file()]
    if not files:
        raise MatscoutError("the table of scattering factors of pymatgen is missing: pip install pymatgen")
    values = np.full((N_ELEMENTS, 4, 2), np.nan)
    for symbol, coefficients in json.loads(files[0].read_text(encoding="utf-8")).items():
        if symbol in ATOMIC_NUMBERS:
            values[ATOMIC_NUMBERS[symbol] - 1] = coefficients
    return values


@njit(cache=True)  # type: ignore[untyped-decorator]
def _phases(fractional: Floats, highest: int) -> NDArray[np.complex128]:
    """exp(2 pi i h x) for h = 0..highest at coordinates [s], [highest + 1, s]."""
    phases = np.empty((highest + 1, len(fractional)), dtype=np.complex128)
    for h in range(highest + 1):
        phases[h] = np.exp(2j * np.pi * h * fractional)
    return phases


@njit(cache=True)  # type: ignore[untyped-decorator]
def _form_factors(elements: Floats, square: float) -> Floats:
    """F of each kind of atom, [kinds], at s^2; elements [kinds, 9] are Z, a_1, b_1, ... a_4, b_4."""
    factors = np.empty(len(elements))
    for kind in range(len(elements)):
        total = 0.0
        for term in range(1, 9, 2):
            total += elements[kind, term] * np.exp(-elements[kind, term + 1] * square)
        factors[kind] = elements[kind, 0] - 41.78214 * square * total
    return factors


@njit(cache=True)  # type: ignore[untyped-decorator]
def _reflections(lattice: Floats, atoms: Atoms, elements: Floats, largest: float) -> Floats:
    """Squared reciprocal length (1/Å^2) and squared structure factor of half of all reflections, [r, 2].

    Friedel's law gives the others. Phases of an atom are products of one for each axis.
    """
    reciprocal = np.linalg.inv(lattice).T
    reach = np.empty(3, dtype=np.int64)
    for axis in range(3):
        reach[axis] = int(np.floor(largest * np.sqrt((lattice[axis] ** 2).sum()) + 1e-9))
    first, second, third = (
        _phases(atoms.fractional[:, 0], reach[0]),
        _phases(atoms.fractional[:, 1], reach[1]),
        _phases(atoms.fractional[:, 2], reach[2]),
    )
    reflections = []
    for h in range(reach[0] + 1):
        for k in range(-reach[1] if h > 0 else 0, reach[1] + 1):
            for l in range(-reach[2] if h > 0 or k > 0 else 1, reach[2] + 1):  # noqa: E741
                square = ((h * reciprocal[0] + k * reciprocal[1] + l * reciprocal[2]) ** 2).sum()
                if square > largest * largest:
                    continue
                factors, total = _form_factors(elements, square / 4.0), 0.0 + 0.0j
                for atom in range(len(atoms.kinds)):
                    along = second[abs(k), atom] if k >= 0 else np.conj(second[-k, atom])
                    up = third[abs(l), atom] if l >= 0 else np.conj(third[-l, atom])
                    total += factors[atoms.kinds[atom]] * atoms.occupancies[atom] * first[h, atom] * along * up
                reflections.append((square, total.real**2 + total.imag**2))
    pairs = np.empty((len(reflections), 2))
    for place in range(len(reflections)):
        pairs[place, 0], pairs[place, 1] = reflections[place]
    return pairs


def powder_peaks(crystals: Crystals, row: int, wavelength: float, widest: float) -> Peaks:
    """The peaks of one crystal up to an angle; none if an element has no scattering factor in the table.

    Equal to pymatgen's ``XRDCalculator``. Atoms that share a site scatter by their occupancies.

    Parameters
    ----------
    crystals, row
        Which crystal.
    wavelength
        Å.
    widest
        Largest 2 theta, degrees.
    """
    sites = slice(crystals.offsets[row], crystals.offsets[row + 1])
    entries = slice(*np.searchsorted(crystals.site_of_species, [sites.start, sites.stop]))
    numbers, kinds = np.unique(crystals.atomic_numbers[entries], return_inverse=True)
    elements = np.column_stack([numbers, scattering_parameters()[numbers - 1].reshape(-1, 8)])
    if np.isnan(elements).any():
        return Peaks(np.zeros(0), np.zeros(0))
    reflections = _reflections(
        crystals.lattices[row],
        Atoms(crystals.fractional[crystals.site_of_species[entries]], kinds, crystals.occupancies[entries]),
        elements,
        2.0 * np.sin(np.radians(widest / 2.0)) / wavelength,
    )
    theta = np.arcsin(np.minimum(wavelength * np.sqrt(reflections[:, 0]) / 2.0, 1.0))
    polarisation = (1.0 + np.cos(2.0 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta))
    return _merged(np.degrees(2.0 * theta), 2.0 * reflections[:, 1] * polarisation)


def _merged(angles: Floats, intensities: Floats) -> Peaks:
    """Peaks at one angle added up; the angle is that of the first."""
    order = np.argsort(angles, kind="stable")
    keys = np.round(angles[order] / SAME_ANGLE).astype(np.int64)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    if not len(starts):
        return Peaks(np.zeros(0), np.zeros(0))
    return Peaks(angles[order][starts], np.add.reduceat(intensities[order], starts))
