"""Elastic moduli of crystals whose atoms follow the cell (clamped ions), from energies of strained cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.simulate.energies import GIGAPASCAL

Floats = NDArray[np.float64]
EnergiesOf = Callable[[Crystals], Floats]
"""Energy of each cell, eV, [n], e.g. of a force field."""

STRAIN = 0.02
"""The energy of a learnt force field is not smooth at smaller strains: of silicon in CHGNet, strains of .003, .005 and
.01 give bulk moduli of 47, 54 and 70 GPa; at .02 they agree with the pressures within a tenth.
"""

_PLACES = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
"""Voigt's order."""

_DIRECTIONS = np.vstack([np.eye(6), [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]])
"""Six single strains and an expansion, [7, 6]."""


@dataclass(frozen=True, eq=False)
class ElasticModuli:
    """Of n polycrystals of randomly turned grains, GPa, [n]; negative where the crystal is not stable."""

    bulk: Floats
    shear: Floats


def voigt_moduli(crystals: Crystals, energies: EnergiesOf, strain: float = STRAIN) -> ElasticModuli:
    """Voigt's averages, for which 15 energies are enough in any crystal system.

    They need but sums of the stiffness tensor: the curvature along six single strains, and along an expansion.

    Parameters
    ----------
    crystals
        The cells as they are; they need not be free of stress.
    energies
        What gives the energies of cells.
    strain
        Size of the strains; the error goes with its square.
    """
    strains = strain * np.vstack([np.zeros(6), _DIRECTIONS, -_DIRECTIONS])
    totals = energies(strained(crystals, strains)).reshape(len(crystals), len(strains))
    at_rest, there, back = np.split(totals, [1, 1 + len(_DIRECTIONS)], axis=1)
    curvatures = (there + back - 2.0 * at_rest) / strain**2 / crystals.volumes[:, None] * GIGAPASCAL
    bulk = curvatures[:, 6] / 9.0
    return ElasticModuli(bulk, (curvatures[:, :3].sum(axis=1) - 3.0 * bulk) / 10.0 + curvatures[:, 3:6].sum(axis=1) / 5)


def strained(crystals: Crystals, strains: Floats) -> Crystals:
    """Each of n crystals under each of k Lagrangian strains [k, 6] in Voigt's order (shears doubled): n k crystals.

    Those of one crystal follow each other; atoms stay at the same fractions of the cell.
    """
    tensors = np.zeros((len(strains), 3, 3))
    for number, (row, column) in enumerate(_PLACES):
        tensors[:, row, column] = tensors[:, column, row] = strains[:, number] / (1.0 if row == column else 2.0)
    squares, axes = np.linalg.eigh(np.eye(3) + 2.0 * tensors)
    stretches = np.einsum("kij,kj,klj->kil", axes, np.sqrt(squares), axes)
    copies = crystals[np.repeat(np.arange(len(crystals)), len(strains))]
    return replace(copies, lattices=np.einsum("nij,kjl->nkil", crystals.lattices, stretches).reshape(-1, 3, 3))
