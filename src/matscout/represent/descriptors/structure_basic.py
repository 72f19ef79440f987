"""Packing, bonds, coordination, charges and stiffness of a crystal structure, 41 columns for few labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc

from matscout.crystal.crystals import Crystals
from matscout.represent.structure_representation import StructureRepresentation

if TYPE_CHECKING:
    from matscout.crystal.bonding import Bonding

Floats = NDArray[np.float64]
Columns = dict[str, Floats]

CUTOFF = 6.0
"""Å. Beyond it nothing is seen."""

FARTHEST = 3.0
"""The reach of bonds, in sums of covalent radii, that stands for "not within the cutoff"."""

SOFTNESS = 0.4
"""Å; a bond longer by so much is weaker by a factor of e."""

BOND_VALENCE = 0.37
"""Å, the same for bond valences (I. D. Brown, D. Altermatt, doi:10.1107/S0108768185002063)."""

DAMPING = 0.3
"""1/Å, of the Coulomb sums (D. Wolf et al., doi:10.1063/1.478738)."""

COULOMB = 14.399645
"""e^2 / (4 pi epsilon_0), eV Å."""


class StructureBasic(StructureRepresentation):
    """What a trial found to carry most for few labels, in columns that do not depend on the choice of the cell.

    A site that several species share has the mean of their properties; a neighbour counts as much as it is occupied.
    Bonds have weights in place of a cutoff (:func:`~matscout.crystal.bonds.bond_weights`). Element properties are
    those of Magpie; where these are blank (electronegativity of helium) the columns made of them are blank and the row
    is reported.
    """

    takes_disorder: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    columns = (
        "ln volume per atom (ln Å³)", "volume / volume of the elements", "packing of covalent spheres",
        "ln mass density (ln u/Å³)", "bond stiffness per volume (1/Å⁵)", "bonds per volume (1/Å³)",
        "reach of bonds to a chain", "reach of bonds to a layer", "reach of bonds to a framework",
        "least nearest distance (Å)", "mean nearest distance (Å)", "mean spread of bond lengths (Å)",
        "mean coordination", "deviation of coordination", "least coordination",
        "neighbours within 3 Å", "neighbours within 5 Å",
        "mean electronegativity difference of bonds", "largest electronegativity difference of bonds",
        "deviation of neighbours' electronegativity", "least neighbours' electronegativity",
        "deviation of neighbours' radius (Å)", "least neighbours' valence electrons", "ionic share of bonds",
        "Coulomb energy of bond charges (eV/atom)", "largest polarity", "mean q2", "mean q3", "mean q4", "largest q6",
        "mean spread of bond-angle cosines", "mean bond valence",
        "mean bond frequency", "largest bond frequency", "mean inverse-cube frequency", "mean Einstein frequency",
        "least Einstein frequency", "largest Einstein frequency", "ln stiffness / density", "ln Cohen modulus (ln GPa)",
        "deviation of bond valence",
    )  # fmt: skip

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 41]."""
        from matscout.crystal.bonding import Bonding

        bonding = Bonding.within(crystals, CUTOFF)
        groups = (_packing, _reach, _lengths, _coordination, _chemistry, _charges, _angles, _frequencies)
        columns = {name: column for group in groups for name, column in group(bonding).items()}
        return np.stack([columns[column] for column in self.columns], axis=1)


def _atoms(bonding: Bonding) -> Floats:
    """Atoms per cell, [n]."""
    return bonding.pool.total(np.ones(len(bonding.crystals.fractional)))


def _ionic(bonding: Bonding) -> Floats:
    """Pauling's ionic share of each bond, [p]: 1 - exp(-(electronegativity difference)^2 / 4)."""
    return np.asarray(-np.expm1(-(bonding.difference(bonding.electronegativity) ** 2) / 4.0))


def _stiffness(bonding: Bonding) -> Floats:
    """Strength of each pair as a spring, 1/Å^2, [p]: exp(-(d - r_i - r_j) / softness) / d^2."""
    lengths = bonding.pairs.distances
    return np.asarray(np.exp(-(lengths - bonding.reference) / SOFTNESS) / lengths**2 * bonding.presence)


def _valences(bonding: Bonding) -> Floats:
    """Valence of each pair with the sum of the radii as the length of a single bond, [p]."""
    return np.asarray(np.exp((bonding.reference - bonding.pairs.distances) / BOND_VALENCE) * bonding.presence)


def _packing(bonding: Bonding) -> Columns:
    volumes, atoms, pool = bonding.crystals.volumes, _atoms(bonding), bonding.pool
    return {
        "ln volume per atom (ln Å³)": np.log(volumes / atoms),
        "volume / volume of the elements": volumes / pool.total(bonding.element("GSvolume_pa")),
        "packing of covalent spheres": 4.0 / 3.0 * np.pi * pool.total(bonding.radius**3) / volumes,
        "ln mass density (ln u/Å³)": np.log(pool.total(bonding.mass) / volumes),
        "bond stiffness per volume (1/Å⁵)": pool.total(bonding.sums(_stiffness(bonding))) / 2.0 / volumes,
        "bonds per volume (1/Å³)": pool.total(bonding.coordination) / 2.0 / volumes,
    }


def _reach(bonding: Bonding) -> Columns:
    from matscout.crystal.percolation import dimension_thresholds

    pairs = bonding.pairs
    reach = pairs.distances / bonding.reference
    thresholds = dimension_thresholds(bonding.crystals.offsets, pairs.offsets, pairs.second, pairs.shifts, reach)
    names = ("reach of bonds to a chain", "reach of bonds to a layer", "reach of bonds to a framework")
    return dict(zip(names, np.minimum(thresholds, FARTHEST).T, strict=True))


def _lengths(bonding: Bonding) -> Columns:
    lengths, pool = bonding.pairs.distances, bonding.pool
    nearest = bonding.extreme(lengths, largest=False)
    spread = bonding.means((lengths - bonding.means(lengths)[bonding.first]) ** 2)
    return {
        "least nearest distance (Å)": pool.least(nearest),
        "mean nearest distance (Å)": pool.mean(nearest),
        "mean spread of bond lengths (Å)": pool.mean(np.sqrt(spread)),
    }


def _coordination(bonding: Bonding) -> Columns:
    pool, number = bonding.pool, bonding.coordination
    near, far = (bonding.sums(bonding.presence * (bonding.pairs.distances < radius)) for radius in (3.0, 5.0))
    return {
        "mean coordination": pool.mean(number),
        "deviation of coordination": pool.deviation(number),
        "least coordination": pool.least(number),
        "neighbours within 3 Å": pool.mean(near),
        "neighbours within 5 Å": pool.mean(far),
    }


def _chemistry(bonding: Bonding) -> Columns:
    pool, electronegativity, second = bonding.pool, bonding.electronegativity, bonding.pairs.second
    polar = bonding.means(np.abs(bonding.difference(electronegativity)))
    near = bonding.means(electronegativity[second])
    return {
        "mean electronegativity difference of bonds": pool.mean(polar),
        "largest electronegativity difference of bonds": pool.most(polar),
        "deviation of neighbours' electronegativity": pool.deviation(near),
        "least neighbours' electronegativity": pool.least(near),
        "deviation of neighbours' radius (Å)": pool.deviation(bonding.means(bonding.radius[second])),
        "least neighbours' valence electrons": pool.least(bonding.means(bonding.element("NValence")[second])),
        "ionic share of bonds": pool.mean(bonding.means(_ionic(bonding))),
    }


def _charges(bonding: Bonding) -> Columns:
    """Each bond moves its valence times its ionic share to the more electronegative end; then a damped Coulomb sum."""
    pool, lengths = bonding.pool, bonding.pairs.distances
    valences = _valences(bonding)
    towards = np.sign(bonding.difference(bonding.electronegativity))
    charge = bonding.sums(valences * _ionic(bonding) * towards)
    edge = erfc(DAMPING * CUTOFF) / CUTOFF
    screened = (erfc(DAMPING * lengths) / lengths - edge) * bonding.presence
    around = bonding.sums(charge[bonding.pairs.second] * screened)
    own = charge * (edge + 2.0 * DAMPING / np.sqrt(np.pi))
    sums = bonding.sums(valences)
    return {
        "Coulomb energy of bond charges (eV/atom)": COULOMB / 2.0 * pool.mean(charge * (around - own)),
        "mean bond valence": pool.mean(sums),
        "deviation of bond valence": pool.deviation(sums),
    }


def _angles(bonding: Bonding) -> Columns:
    from matscout.crystal.bonds import bond_angles

    pairs, pool = bonding.pairs, bonding.pool
    steinhardt, spread = bond_angles(pairs.offsets, pairs.vectors, pairs.distances, bonding.weights)
    return {
        "largest polarity": pool.most(steinhardt[:, 0]),
        "mean q2": pool.mean(steinhardt[:, 1]),
        "mean q3": pool.mean(steinhardt[:, 2]),
        "mean q4": pool.mean(steinhardt[:, 3]),
        "largest q6": pool.most(steinhardt[:, 4]),
        "mean spread of bond-angle cosines": pool.mean(spread),
    }


def _frequencies(bonding: Bonding) -> Columns:
    """What springs of the bonds' stiffness would do; frequencies in units without meaning of their own."""
    pool, lengths, masses = bonding.pool, bonding.pairs.distances, bonding.mass
    springs = _stiffness(bonding)
    reduced = 1.0 / (1.0 / masses[bonding.first] + 1.0 / masses[bonding.pairs.second])
    of_bonds = np.sqrt(springs / reduced)
    einstein = np.sqrt(bonding.sums(springs) / masses)
    hardness = (1971.0 - 220.0 * bonding.means(_ionic(bonding))) / bonding.means(lengths) ** 3.5
    return {
        "mean bond frequency": pool.mean(bonding.means(of_bonds)),
        "largest bond frequency": pool.most(bonding.extreme(of_bonds, largest=True)),
        "mean inverse-cube frequency": pool.mean(bonding.means(np.sqrt(1.0 / (lengths**3 * reduced)))),
        "mean Einstein frequency": pool.mean(einstein),
        "least Einstein frequency": pool.least(einstein),
        "largest Einstein frequency": pool.most(einstein),
        "ln stiffness / density": np.log(pool.total(bonding.sums(springs)) / pool.total(masses)),
        # M. L. Cohen, Phys. Rev. B 32, 7988 (1985), doi:10.1103/PhysRevB.32.7988, with a share of ionicity.
        "ln Cohen modulus (ln GPa)": np.log(pool.mean(hardness * bonding.coordination / 4.0)),
    }
