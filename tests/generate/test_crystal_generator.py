"""Batches of drawn crystals."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_wishes import CrystalWishes


def salts(edges: list[float]) -> SymmetricCrystals:
    """Rock salt with these edges of the conventional cell."""
    n = len(edges)
    return SymmetricCrystals.of(
        [225] * n,
        np.repeat(edges, 6).reshape(n, 6),
        offsets=2 * np.arange(n + 1),
        letters=["a", "b"] * n,
        elements=[11, 17] * n,
        free=np.zeros((2 * n, 3)),
    )


class Salts(CrystalGenerator):
    """Ten rock salts in batches of four."""

    conditions = frozenset({"formula", "atoms"})
    batch_size = 4

    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn | None:
        places = range(4 * batch, min(4 * batch + 4, 10))
        if not places:
            return None
        return Drawn.of_orbits(salts([5.0 + place for place in places]), [f"salt {place}" for place in places])


def test_batches_follow_one_another_until_there_are_no_more() -> None:
    def origins(n: int, first: int = 0) -> list[str]:
        return [origin for drawn in Salts().sample(CrystalWishes(), n, first=first) for origin in drawn.origins]

    assert origins(6) == [f"salt {place}" for place in range(6)]
    assert origins(99) == [f"salt {place}" for place in range(10)]
    assert origins(3, first=2) == ["salt 8", "salt 9"]


def test_drawn_crystals_are_primitive_cells_with_their_formula() -> None:
    drawn = Drawn.of_orbits(salts([5.6, 5.7]), ["one", "two"])
    assert drawn.materials.formulas.tolist() == ["NaCl", "NaCl"]
    assert np.diff(drawn.structures.offsets).tolist() == [2, 2]
    assert np.isnan(drawn.log_likelihoods).all()
    assert drawn.rejected_for.tolist() == ["", ""]
    assert drawn[1:].origins.tolist() == ["two"]
    assert drawn[1:].crystals is not None
    assert drawn[1:].crystals.lattices[0, 0] == 5.7


def test_the_wishes_met_by_construction_are_those_that_are_asked_for() -> None:
    assert Salts().wishes_met(CrystalWishes(formula="NaCl", space_groups=(225,))) == {"formula"}


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="of 2 crystals"):
        Drawn.of_orbits(salts([5.6, 5.7]), ["one", "two"], np.zeros(3))
