"""Vibrations of a crystal in which all cells move alike (phonons at the Gamma point), from forces on moved atoms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import atomic_masses

Floats = NDArray[np.float64]
ForcesOn = Callable[[Crystals], Floats]
"""Forces on all sites, eV/Å, [s, 3]."""

DISTANCE = 0.03
"""Å; how far an atom is moved. In single precision smaller steps drown in rounding."""


def gamma_frequencies(crystal: Crystals, forces: ForcesOn) -> Floats:
    """Frequencies of all modes of one crystal, ascending, THz, [3 s]; negative for imaginary ones.

    Only atoms and directions that symmetry does not give are moved (phonopy; A. Togo et al., J. Phys. Condens. Matter
    35, 353001 (2023), doi:10.1088/1361-648X/acd831). Three of the modes move the crystal as a whole: they are near 0.

    Parameters
    ----------
    crystal
        One ordered crystal; it need not be free of forces.
    forces
        What gives the forces.
    """
    phonons = _phonopy(crystal)
    cells = phonons.supercells_with_displacements
    moved = crystal[np.zeros(len(cells), dtype=np.int64)]
    moved = replace(moved, fractional=np.concatenate([cell.scaled_positions for cell in cells]))
    phonons.forces = forces(moved).reshape(len(cells), -1, 3)
    phonons.produce_force_constants()
    phonons.symmetrize_force_constants()
    phonons.run_qpoints([[0.0, 0.0, 0.0]])
    return np.asarray(np.sort(phonons.qpoints.frequencies[0]), dtype=np.float64)


def optical(frequencies: Floats) -> Floats:
    """All but the three modes that move the crystal as a whole, those nearest to 0, ascending, [3 s - 3]."""
    return np.sort(frequencies[np.argsort(np.abs(frequencies))[3:]])


def _phonopy(crystal: Crystals) -> Any:
    """Phonopy with the displacements to be made."""
    package = import_module("phonopy")
    atoms = import_module("phonopy.structure.atoms").PhonopyAtoms(
        numbers=crystal.atomic_numbers,
        cell=crystal.lattices[0],
        scaled_positions=crystal.fractional,
        # The package lacks those of some radioactive elements.
        masses=atomic_masses()[crystal.atomic_numbers - 1],
    )
    phonons = package.Phonopy(atoms, supercell_matrix=np.eye(3, dtype=int), primitive_matrix=np.eye(3), log_level=0)
    phonons.generate_displacements(distance=DISTANCE)
    return phonons
