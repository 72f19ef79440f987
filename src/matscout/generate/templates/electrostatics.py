"""Electrostatic energy of charges in slots: once for a template, then for any charges by a sum over pairs of slots."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from matscout.generate.templates.profiles import pair_table

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COULOMB = 14.39964
"""eV Å between two elementary charges."""
SCREENING, REAL_REACH, WAVE_REACH = 1.7, 2.2, 11.5
"""Splitting parameter, longest distance and largest wave number, in units of the cube root of the volume per atom; the
energy of NaCl is right to 1e-6."""


def coulomb_sums(lattices: Floats, offsets: Integers, fractional: Floats, slots: Integers, n_slots: int) -> Floats:
    """Ewald sums between the slots of n crystals, float64 [n, pairs].

    The energy per atom is the sum over pairs of q q' times these, times :data:`COULOMB` over the cube root of the
    volume per atom (Å); a charge that is left over is neutralised by an even background. Arguments are those of
    :func:`matscout.generate.templates.profiles.contact_profiles`.
    """
    out = np.zeros((len(lattices), n_slots * (n_slots + 1) // 2))
    _fill(lattices, offsets, fractional, slots, pair_table(n_slots), out)
    return out


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fill(  # noqa: PLR0917
    lattices: Floats, offsets: Integers, fractional: Floats, slots: Integers, pairs: Integers, out: Floats
) -> None:
    for row in range(len(lattices)):
        start, stop = offsets[row], offsets[row + 1]
        atoms = stop - start
        length = (abs(np.linalg.det(lattices[row])) / atoms) ** (1 / 3)
        lattice = lattices[row] / length
        _real_part(lattice, fractional[start:stop], slots[start:stop], pairs, out[row])
        _wave_part(lattice, fractional[start:stop], slots[start:stop], pairs, out[row])
        out[row] /= atoms


@njit(cache=True)  # type: ignore[untyped-decorator]
def _real_part(lattice: Floats, fractional: Floats, slots: Integers, pairs: Integers, out: Floats) -> None:
    inverse = np.linalg.inv(lattice)
    images = np.empty(3, dtype=np.int64)
    for axis in range(3):
        images[axis] = math.ceil(REAL_REACH * math.sqrt((inverse[:, axis] ** 2).sum()))
    for one in range(len(fractional)):
        out[pairs[slots[one], slots[one]]] -= SCREENING / math.sqrt(math.pi)
        for other in range(one, len(fractional)):
            delta = fractional[other] - fractional[one]
            delta -= np.floor(delta)
            pair = pairs[slots[one], slots[other]]
            weight = 0.5 if one == other else 1.0
            for i in range(-images[0] - 1, images[0] + 1):
                for j in range(-images[1] - 1, images[1] + 1):
                    for k in range(-images[2] - 1, images[2] + 1):
                        square = 0.0
                        for axis in range(3):
                            along = (delta[0] + i) * lattice[0, axis] + (delta[1] + j) * lattice[1, axis]
                            along += (delta[2] + k) * lattice[2, axis]
                            square += along * along
                        if 1e-8 < square < REAL_REACH * REAL_REACH:
                            distance = math.sqrt(square)
                            out[pair] += weight * math.erfc(SCREENING * distance) / distance


@njit(cache=True)  # type: ignore[untyped-decorator]
def _wave_part(lattice: Floats, fractional: Floats, slots: Integers, pairs: Integers, out: Floats) -> None:
    volume, n_slots = float(len(fractional)), len(pairs)
    waves = 2 * math.pi * np.linalg.inv(lattice).T
    counts = np.zeros(n_slots)
    for slot in slots:
        counts[slot] += 1
    most = np.empty(3, dtype=np.int64)
    for axis in range(3):
        most[axis] = int(WAVE_REACH * math.sqrt((lattice[axis] ** 2).sum()) / (2 * math.pi))
    cosines, sines = np.empty(n_slots), np.empty(n_slots)
    for i in range(most[0] + 1):
        for j in range(-most[1], most[1] + 1):
            for k in range(-most[2], most[2] + 1):
                if i == 0 and (j < 0 or (j == 0 and k <= 0)):
                    continue
                wave = i * waves[0] + j * waves[1] + k * waves[2]
                square = (wave**2).sum()
                if square > WAVE_REACH * WAVE_REACH:
                    continue
                cosines[:], sines[:] = 0.0, 0.0
                for site in range(len(fractional)):
                    phase = 2 * math.pi * (i * fractional[site, 0] + j * fractional[site, 1] + k * fractional[site, 2])
                    cosines[slots[site]] += math.cos(phase)
                    sines[slots[site]] += math.sin(phase)
                factor = 4 * math.pi / volume * math.exp(-square / (4 * SCREENING * SCREENING)) / square
                for one in range(n_slots):
                    for other in range(one, n_slots):
                        twice = 1.0 if one == other else 2.0
                        product = cosines[one] * cosines[other] + sines[one] * sines[other]
                        out[pairs[one, other]] += twice * factor * product
    background = math.pi / (2 * volume * SCREENING * SCREENING)
    for one in range(n_slots):
        for other in range(one, n_slots):
            twice = 1.0 if one == other else 2.0
            out[pairs[one, other]] -= twice * background * counts[one] * counts[other]
