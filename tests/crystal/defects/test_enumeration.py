"""Arrangements that differ by symmetry: against the lemma of Burnside, pymatgen, and counting by hand."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from pymatgen.analysis.structure_matcher import StructureMatcher
from pymatgen.core import Lattice, Structure

from matscout.crystal.defects.enumeration import count_arrangements, listed_arrangements
from matscout.crystal.defects.reading import host_crystal
from matscout.errors import InputError

MOS2 = Structure(
    Lattice.from_parameters(3.19, 3.19, 14.879, 90, 90, 120),
    ["Mo", "S", "S"],
    [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.144826], [2 / 3, 1 / 3, 0.355174]],
)
SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
VACANCY_S, VACANCY_MO, SE_ON_S, K_ON_NA, VACANCY_CL = 16 * 256, 42 * 256, 16 * 256 + 34, 11 * 256 + 19, 17 * 256
CASES = [
    (MOS2, (3, 3, 1), {VACANCY_S: 2}),
    (MOS2, (3, 3, 1), {VACANCY_S: 1, SE_ON_S: 1, VACANCY_MO: 1}),
    (MOS2, (4, 4, 1), {VACANCY_S: 2, SE_ON_S: 1}),
    (MOS2, (2, 3, 1), {VACANCY_MO: 2, VACANCY_S: 1}),
    (SALT, (1, 1, 1), {K_ON_NA: 2, VACANCY_CL: 1}),
    (SALT, (2, 1, 1), {K_ON_NA: 3}),
]


def matrix_of(size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(np.diag(size).ravel().tolist())


@pytest.mark.parametrize(("host", "size", "counts"), CASES)
def test_as_many_as_burnside_counts(host: Structure, size: tuple[int, ...], counts: dict[int, int]) -> None:
    crystal = host_crystal(host)
    listing = listed_arrangements(crystal, matrix_of(size), Counter(counts))
    assert listing.complete
    assert len(listing.defects) == count_arrangements(crystal, matrix_of(size), Counter(counts))
    assert listing.multiplicities.sum() == listing.n_all
    assert len(np.unique(listing.defects.keys())) == len(listing.defects)


def test_as_many_as_structures_differ_for_pymatgen() -> None:
    crystal = host_crystal(SALT)
    listing = listed_arrangements(crystal, matrix_of((2, 1, 1)), Counter({K_ON_NA: 3}))
    cell = SALT.copy()
    cell.make_supercell((2, 1, 1))
    sodium = [at for at, site in enumerate(cell) if site.specie.symbol == "Na"]
    made = []
    for chosen in combinations(sodium, 3):
        one = cell.copy()
        for at in chosen:
            one.replace(at, "K")
        made.append(one)
    groups = StructureMatcher(primitive_cell=False, scale=False).group_structures(made)
    # pymatgen may also exchange the axes of the supercell, which keeps no arrangement apart here.
    assert len(groups) <= len(listing.defects)
    own = [listing.defects.structures().to_pymatgen(row) for row in range(len(listing.defects))]
    assert len(StructureMatcher(primitive_cell=False, scale=False).group_structures(own)) == len(groups)


def test_shells_of_a_pair_of_vacancies_are_listed_with_their_numbers() -> None:
    """By hand: 32 sites of S in a 4 x 4 cell; the other is above it, or in one of four rings of two layers."""
    listing = listed_arrangements(host_crystal(MOS2), matrix_of((4, 4, 1)), Counter({VACANCY_S: 2}))
    assert listing.multiplicities.sum() == 32 * 31 // 2
    pairs = listing.defects.pairs()
    shells = dict(zip(pairs.distances.round(2).tolist(), listing.multiplicities.tolist(), strict=True))
    assert shells[3.13] == 16
    assert shells[3.19] == 96


def test_of_too_many_a_random_choice_is_drawn() -> None:
    crystal, counts = host_crystal(MOS2), Counter({VACANCY_S: 4, VACANCY_MO: 1})
    listing = listed_arrangements(crystal, matrix_of((6, 6, 1)), counts, most=50, seed=1)
    assert not listing.complete
    assert 40 <= len(listing.defects) <= 50
    assert (listing.defects.sizes == 5).all()
    again = listed_arrangements(crystal, matrix_of((6, 6, 1)), counts, most=50, seed=1)
    assert listing.defects.keys().tolist() == again.defects.keys().tolist()


def test_more_defects_than_sites_are_refused() -> None:
    with pytest.raises(InputError, match="has 4 such sites"):
        listed_arrangements(host_crystal(MOS2), matrix_of((2, 2, 1)), Counter({VACANCY_MO: 5}))
