"""Facts about each of many crystals that their table counts: parsable, distances, density, charges, symmetry."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import BALANCED, NOT_IONIC, balance_charges
from matscout.crystal.cif_writing import plain_cif
from matscout.crystal.closest_pairs import closest_pairs
from matscout.crystal.space_groups import niggli_reduced
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.crystal.volumes import expected_volumes
from matscout.data.compositions import Compositions
from matscout.data.elements import atomic_masses
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.data.unit_cells import have_volume, volumes_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SYMPREC = 0.1
"""Å; angles within 5 degrees."""

MOST_ATOMS = 200
SAME_SITE = 1e-3
"""Å, up to which a site that was read back is the site that was written."""

NEAREST = 0.5
"""Å, the limit of CDVAE (T. Xie et al., arXiv:2110.06197)."""
NEAREST_RATIO = 0.7
"""Sums of covalent radii; of 400 crystals of MP-20 the least is 0.75."""
VOLUMES = (0.6, 1.7)
"""Of the expected volume per atom."""
ATOM_DENSITIES = (1e-5, 0.5)
"""Atoms per Å³, the range of LeMat-GenBench,"""
MASS_DENSITIES = (0.01, 25.0)
"""and its g/cm³."""

_GRAMS = 1.66053906892
"""g/cm³ of one u/Å³ (CODATA 2022)."""


@dataclass(frozen=True, eq=False)
class CrystalSampleFacts:
    """What is counted of n crystals.

    Parameters
    ----------
    parsable
        bool [n], whether each comes back from its CIF with the same sites, and has a sane cell.
    distances, ratios
        float64 [n], the nearest atoms in Å and in sums of covalent radii.
    volume_ratios
        float64 [n], volume over the expected one; NaN where an element is unknown.
    volumes
        float64 [n], Å³ per atom.
    densities
        float64 [n], g/cm³.
    neutral, metals
        bool [n], whether whole oxidation states add up to zero, and whether there are only metals or one element.
    smact, smact_without_alloys
        bool [n], SMACT's validity with and without its rule for alloys.
    space_groups
        uint8 [n], found at :data:`SYMPREC`; 0 where none is found.
    free
        int64 [n], free coordinates of all orbits.
    labels
        text [n], of prototypes, found at :data:`SYMPREC`; "" where no symmetry is found.
    """

    parsable: Flags
    distances: Floats
    ratios: Floats
    volume_ratios: Floats
    volumes: Floats
    densities: Floats
    neutral: Flags
    metals: Flags
    smact: Flags
    smact_without_alloys: Flags
    space_groups: NDArray[np.uint8]
    free: NDArray[np.int64]
    labels: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.parsable)

    @property
    def apart(self) -> Flags:
        """Whether no atoms are too near by either measure, [n]."""
        return np.asarray((self.distances > NEAREST) & (self.ratios > NEAREST_RATIO))

    @property
    def usual_volume(self) -> Flags:
        """Whether the volume is near the expected one, [n]."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.volume_ratios >= VOLUMES[0]) & (self.volume_ratios <= VOLUMES[1]))

    @property
    def usual_density(self) -> Flags:
        """Whether the density is within the wide range of LeMat-GenBench, [n]."""
        atoms = (1.0 / self.volumes >= ATOM_DENSITIES[0]) & (1.0 / self.volumes <= ATOM_DENSITIES[1])
        return np.asarray(atoms & (self.densities >= MASS_DENSITIES[0]) & (self.densities <= MASS_DENSITIES[1]))

    @property
    def valid(self) -> Flags:
        """Rows a to d of the table together, [n]: parsable, atoms apart, usual volume, neutral or metals only."""
        return self.parsable & self.apart & self.usual_volume & (self.neutral | self.metals)


def sample_facts(materials: Materials, *, read_back: bool = True) -> CrystalSampleFacts:
    """The facts about ordered crystals.

    Parameters
    ----------
    materials
        n materials, all with structures.
    read_back
        Whether each is written as a CIF and read again by pymatgen, which takes 5 ms; else all count as parsable.
    """
    structures = materials.structures
    if structures is None:
        raise ValueError("facts of crystals need structures")
    nearest, compositions = closest_pairs(structures), materials.compositions
    volumes = volumes_of(structures.lattices) / np.maximum(np.diff(structures.offsets), 1)
    charges, valid = balance_charges(compositions).verdicts, _smact(compositions)
    symmetry = found_symmetry(structures)
    return CrystalSampleFacts(
        np.array([_is_sane(structures, row, read_back) for row in range(len(structures))], dtype=np.bool_),
        nearest.distances,
        nearest.ratios,
        volumes / expected_volumes(compositions),
        volumes,
        _GRAMS * _mean_masses(compositions) / volumes,
        charges == BALANCED,
        charges == NOT_IONIC,
        valid[:, 0],
        valid[:, 1],
        symmetry.space_groups,
        symmetry.free,
        symmetry.labels,
    )


@dataclass(frozen=True, eq=False)
class FoundSymmetry:
    """Space groups (0 where none is found), free coordinates and prototype labels of n structures, [n] each."""

    space_groups: NDArray[np.uint8]
    free: NDArray[np.int64]
    labels: NDArray[np.str_]


def found_symmetry(structures: Structures) -> FoundSymmetry:
    """The symmetry of structures within :data:`SYMPREC`."""
    made = symmetrised(structures, SYMPREC)
    groups, free = np.zeros(len(structures), dtype=np.uint8), np.zeros(len(structures), dtype=np.int64)
    labels = np.full(len(structures), "", dtype=object)
    groups[made.rows] = made.crystals.space_groups
    free[made.rows] = _free_coordinates(made.crystals)
    labels[made.rows] = made.crystals.prototype_labels()
    return FoundSymmetry(groups, free, labels.astype(np.str_))


def _free_coordinates(crystals: SymmetricCrystals) -> NDArray[np.int64]:
    return np.bincount(crystals.owners, crystals.free.sum(axis=1), len(crystals)).astype(np.int64)


def _mean_masses(compositions: Compositions) -> Floats:
    masses = atomic_masses()[compositions.elements.astype(np.int64) - 1]
    return np.bincount(compositions.rows, compositions.fractions * masses, len(compositions)).astype(np.float64)


def _smact(compositions: Compositions) -> Flags:
    """SMACT's validity of each composition with and without its rule for alloys, [n, 2]."""
    rows = [compositions.to_dict(row) for row in range(len(compositions))]
    texts = ["".join(f"{symbol}{round(amount)}" for symbol, amount in row.items()) for row in rows]
    return np.array([_smact_of(text) for text in texts], dtype=np.bool_).reshape(-1, 2)


@lru_cache(maxsize=100_000)
def _smact_of(formula: str) -> tuple[bool, bool]:
    from smact.screening import smact_validity

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(smact_validity(formula)), bool(smact_validity(formula, include_alloys=False))
        except (ValueError, KeyError, TypeError, AttributeError, NameError):
            # SMACT knows no state of some elements, and raises for them.
            return False, False


def _is_sane(structures: Structures, row: int, read_back: bool) -> bool:
    one = structures[row : row + 1]
    finite = np.isfinite(one.lattices).all() and np.isfinite(one.fractional_coordinates).all()
    if not finite or not 1 <= len(one.atomic_numbers) <= MOST_ATOMS or not _has_reduced_cell(one.lattices[0]):
        return False
    return not read_back or comes_back(plain_cif(structures, row), structures, row)


def _has_reduced_cell(lattice: Floats) -> bool:
    """Whether a lattice has a Niggli-reduced cell that is not flat.

    The vectors as given may be as oblique as one likes: they describe the same crystal.
    """
    reduced = niggli_reduced(lattice)
    return bool(np.isfinite(reduced).all() and have_volume(reduced))


def comes_back(text: str, structures: Structures, row: int) -> bool:
    """Whether pymatgen reads a CIF, and finds the sites of a structure in it."""
    from pymatgen.io.cif import CifParser

    expected = structures.to_pymatgen(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            structure = CifParser.from_str(text).parse_structures(primitive=False)[0]
        except (ValueError, IndexError, AssertionError, KeyError):
            return False
    if len(structure) != len(expected) or structure.composition != expected.composition:
        return False
    apart = expected.lattice.get_all_distances(structure.frac_coords, expected.frac_coords)
    return bool(apart.min(axis=0).max() < SAME_SITE)
