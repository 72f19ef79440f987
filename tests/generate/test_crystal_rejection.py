"""Wishes that are met by rejection."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.errors import InputError, UsageError
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_generators.random import RandomCrystals
from matscout.generate.crystal_rejection import judged, sample_until
from matscout.generate.crystal_wishes import CrystalWishes


def two_crystals() -> Drawn:
    """Rock salt NaCl and perovskite SrTiO3."""
    crystals = SymmetricCrystals.of(
        [225, 221],
        np.array([[5.64] * 6, [3.905] * 6]),
        offsets=np.array([0, 2, 5]),
        letters=["a", "b", "a", "b", "c"],
        elements=[11, 17, 38, 22, 8],
        free=np.zeros((5, 3)),
    )
    return Drawn.of_orbits(crystals, ["salt", "perovskite"])


@pytest.mark.parametrize(
    ("wishes", "rejected"),
    [
        (CrystalWishes(), ["", ""]),
        (CrystalWishes(formula="Cl2Na2"), ["", "formula"]),
        (CrystalWishes(elements=("Sr", "Ti", "O", "Na")), ["elements", ""]),
        (CrystalWishes(must=("Ti",)), ["must", ""]),
        (CrystalWishes(exclude=("O",)), ["", "exclude"]),
        (CrystalWishes(atoms=(3, 5)), ["atoms", ""]),
        (CrystalWishes(space_groups=(225, "hexagonal")), ["", "space_groups"]),
        (CrystalWishes(prototype="AB_cF8_225_4m-3m_4m-3m"), ["", "prototype"]),
        (CrystalWishes(prototype=two_crystals().crystals[1:]), ["prototype", ""]),  # type: ignore[index]
        (CrystalWishes(must=("Ti",), atoms=(6, 9)), ["must", "atoms"]),
    ],
)
def test_each_wish_rejects_what_does_not_meet_it(wishes: CrystalWishes, rejected: list[str]) -> None:
    drawn = two_crystals()
    assert judged(wishes, drawn).rejected_for.tolist() == rejected
    without = Drawn(drawn.materials, drawn.log_likelihoods, drawn.origins)
    assert judged(wishes, without).rejected_for.tolist() == rejected


class Alternating(CrystalGenerator):
    """The two crystals again and again."""

    batch_size = 2

    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn:
        return two_crystals()


def test_drawing_goes_on_until_enough_meet_the_wishes() -> None:
    batches = [*sample_until(Alternating(), CrystalWishes(formula="NaCl"), 3)]
    assert [drawn.rejected_for.tolist() for drawn in batches] == [["", "formula"], ["", "formula"], [""]]


def test_wishes_that_are_hardly_met_end_with_the_reason() -> None:
    with pytest.raises(InputError, match=r"0 crystals of 2 after 100 draws; most were rejected for must \(100\)"):
        list(sample_until(Alternating(), CrystalWishes(must=("Xe",)), 2))


def test_formulas_that_no_group_admits_are_told_what_would_do() -> None:
    with pytest.raises(UsageError, match=r"no allowed space group admits LiFeO2 .* Ia-3d \(230\) with 8 formula units"):
        next(RandomCrystals().sample(CrystalWishes(formula="LiFeO2", space_groups=(230,), atoms=(1, 15)), 1))
    with pytest.raises(UsageError, match="name fewer"):
        next(RandomCrystals().sample(CrystalWishes(elements=("Li",), exclude=("Li",)), 1))


def test_random_crystals_are_of_many_groups_and_their_atoms_rarely_overlap() -> None:
    from matscout.crystal.closest_pairs import closest_pairs

    drawn = [*RandomCrystals().sample(CrystalWishes(formula="SrTiO3"), 512, seed=1)]
    groups = Counter(
        number for one in drawn if one.crystals is not None for number in one.crystals.space_groups.tolist()
    )
    assert len(groups) > 150
    assert max(groups.values()) < 40
    assert np.mean([(closest_pairs(one.structures).ratios > 0.7).mean() for one in drawn]) > 0.8
