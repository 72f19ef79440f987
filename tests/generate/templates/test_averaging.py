"""Averages of crystals that are described in different ways."""

from __future__ import annotations

import numpy as np
import pytest
from tests.generate.templates.known import PEROVSKITE, ROCK_SALT, ZINC_BLENDE, crystal

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.generate.templates.aligning import LaidCrystal
from matscout.generate.templates.averaging import averaged
from matscout.generate.templates.likeness import role_likeness, role_pairs
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.proposals import Wanted


def rutile(metal: int, anion: int, u: float, ratio: float) -> SymmetricCrystals:
    """Rutile with its free coordinate and ratio of axes."""
    return SymmetricCrystals.of(
        [136],
        np.array([[4.6, 4.6, 4.6 * ratio, 90.0, 90.0, 90.0]]),
        offsets=np.array([0, 2]),
        letters=["a", "f"],
        elements=[metal, anion],
        free=np.array([[0.0, 0.0, 0.0], [u, u, 0.0]]),
    )


@pytest.fixture(scope="module")
def pool() -> TemplatePool:
    made = [
        rutile(22, 8, 0.30, 0.64),
        rutile(50, 8, 0.31, 0.68),
        crystal(ROCK_SALT),
        crystal(ROCK_SALT, 19, 35),
        crystal(ZINC_BLENDE),
        crystal(PEROVSKITE),
    ]
    joined = SymmetricCrystals.joined(made)
    return TemplatePool.of(joined.structures(primitive=True), joined.space_groups.astype(np.int64))


def test_prototypes_of_one_formula_are_not_kept(pool: TemplatePool) -> None:
    table = averaged(pool, symmetrised(pool.structures), pool.volumes, np.ones(6, dtype=np.bool_))
    assert sorted(table.space_groups.tolist()) == [136, 225]
    assert table.members.tolist() == [2, 2]
    assert not table.has((1, 1, 3))


def test_free_coordinates_and_axes_are_means(pool: TemplatePool) -> None:
    table = averaged(pool, symmetrised(pool.structures), pool.volumes, np.ones(6, dtype=np.bool_))
    row = int(np.flatnonzero(table.space_groups == 136)[0])
    mean = table.crystals[np.array([row])]
    assert mean.lattices[0, 2] / mean.lattices[0, 0] == pytest.approx(0.66, abs=0.001)
    free = mean.first_positions[mean.free.any(axis=1)][0]
    assert min(free[0] % 0.5, 0.5 - free[0] % 0.5) == pytest.approx(0.195, abs=1e-6)
    assert mean.volumes[0] == pytest.approx(1.0, abs=1e-3)


def test_crystals_are_laid_on_one_another_over_origins_and_axes() -> None:
    one = crystal(PEROVSKITE)
    moved = SymmetricCrystals.of(
        [221],
        one.lattices,
        offsets=one.offsets,
        letters=["b", "a", "d"],
        elements=[38, 22, 8],
        free=np.array([[0.5, 0.5, 0.5], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]]),
    )
    elements = np.array([38, 22, 8])
    laid = LaidCrystal.of(one, 0, elements).fitted(LaidCrystal.of(moved, 0, elements))
    assert laid is not None
    np.testing.assert_allclose(laid[1], 0.0, atol=1e-9)
    exchanged = LaidCrystal.of(moved, 0, np.array([22, 38, 8]))
    assert LaidCrystal.of(one, 0, elements).fitted(exchanged) is None


def test_a_table_proposes_and_decorates(pool: TemplatePool) -> None:
    table = averaged(pool, symmetrised(pool.structures), pool.volumes, np.ones(6, dtype=np.bool_))
    likeness = role_likeness(role_pairs(pool.all_keys()))
    wanted = Wanted((2, 4), np.array([40, 8]), np.array([4.0, -2.0]), np.array([0.72, 1.4]), 1.0, 12.0)
    proposals = table.propose(wanted, likeness, 5)
    assert proposals is not None
    assert proposals.space_groups.tolist() == [136]
    made = table.decorated(wanted, int(proposals.entries[0]))
    assert sorted(made.atomic_numbers.tolist()) == [8, 8, 8, 8, 40, 40]
    expected = 12.0 * np.exp(table.expansion[table.space_groups == 136][0])
    assert abs(np.linalg.det(made.lattices[0])) / 6 == pytest.approx(expected, rel=1e-6)
