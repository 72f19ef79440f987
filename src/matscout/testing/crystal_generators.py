"""What every generator of crystals must do, whoever wrote it: the same again, as it was drawn, as it was wished."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from matscout import registry
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_rejection import judged
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.testing.contract import Contract

N = 24
"""Crystals of a sample."""

TOLERANCE = 1e-3
"""Å."""

WISHES = (
    CrystalWishes(formula="NaCl"),
    CrystalWishes(formula="SrTiO3", space_groups=("cubic", 62)),
    CrystalWishes(formula="MgAl2O4", atoms=(7, 14)),
    CrystalWishes(elements=("Li", "Fe", "O"), must=("O",), atoms=(4, 20)),
    CrystalWishes(exclude=("Pb", "O"), space_groups=("hexagonal", "tetragonal"), atoms=(2, 12)),
)


class CrystalGeneratorContract(Contract):
    """Override :meth:`settings` for generators whose constructors need some, and :meth:`wishes` for what they make."""

    family = "crystal-generators"

    @classmethod
    def settings(cls, name: str, folder: Path) -> dict[str, Any]:
        """Arguments of the constructor; what they name may be written into an empty folder."""
        return {}

    @classmethod
    def wishes(cls, name: str) -> tuple[CrystalWishes, ...]:
        """What is asked for; a generator that cannot make something open asks for formulas only."""
        return WISHES

    def make(self, name: str, folder: Path) -> CrystalGenerator:
        """The generator."""
        made: CrystalGenerator = registry.load_class(self.family, name)(**self.settings(name, folder))
        return made

    def test_conditions_are_wishes(self, name: str) -> None:
        assert registry.load_class(self.family, name).conditions <= set(CrystalWishes.__dataclass_fields__)

    def test_the_same_again_whatever_is_asked_besides(self, name: str, tmp_path: Path) -> None:
        generator = self.make(name, tmp_path)
        for wishes in self.wishes(name):
            generator.check(wishes)
            few, again, many = (
                [*self.make(name, tmp_path).sample(wishes, n, seed=3)] for n in (N, N, generator.batch_size + N)
            )
            assert few
            assert _facts(few) == _facts(again) == _facts(many)[: len(_facts(few))]
            assert all(all(drawn.origins.tolist()) for drawn in few)

    def test_a_run_goes_on_with_any_batch(self, name: str, tmp_path: Path) -> None:
        generator, wishes = self.make(name, tmp_path), self.wishes(name)[0]
        whole = [*generator.sample(wishes, 2 * generator.batch_size, seed=3)]
        assert _facts(whole[1:]) == _facts([*self.make(name, tmp_path).sample(wishes, sum(map(len, whole[1:])), 3, 1)])

    def test_wishes_that_it_conditions_on_hold_without_exception(self, name: str, tmp_path: Path) -> None:
        generator = self.make(name, tmp_path)
        for wishes in self.wishes(name):
            for drawn in generator.sample(wishes, N, seed=5):
                assert drawn.conditioned == generator.wishes_met(wishes)
                unaware = judged(wishes, replace(drawn, conditioned=frozenset()))
                assert not {*unaware.rejected_for.tolist()} & generator.conditions

    def test_orbits_are_found_again_or_more_symmetry(self, name: str, tmp_path: Path) -> None:
        for wishes in self.wishes(name):
            for drawn in self.make(name, tmp_path).sample(wishes, N, seed=7):
                if drawn.crystals is None:
                    continue
                again = symmetrised(drawn.structures, TOLERANCE)
                orbits = drawn.crystals[again.rows]
                for row in range(len(orbits)):
                    same = _orbits(again.crystals, row) == _orbits(orbits, row)
                    assert same or _operations(again.crystals, row) > _operations(orbits, row)

    def test_structures_are_crystals(self, name: str, tmp_path: Path) -> None:
        for drawn in self.make(name, tmp_path).sample(self.wishes(name)[0], N, seed=9):
            structures = drawn.structures
            assert structures.present.all()
            assert np.isfinite(structures.lattices).all()
            assert np.isfinite(structures.fractional_coordinates).all()
            assert (np.linalg.det(structures.lattices) > 0).all()


def _orbits(crystals: SymmetricCrystals, row: int) -> tuple[Any, ...]:
    """Space group, and element and sites of each orbit; letters depend on where the origin is."""
    orbits = slice(crystals.offsets[row], crystals.offsets[row + 1])
    pairs = zip(crystals.elements[orbits].tolist(), crystals.multiplicities[orbits].tolist(), strict=True)
    return int(crystals.space_groups[row]), sorted(pairs)


def _operations(crystals: SymmetricCrystals, row: int) -> float:
    """Symmetry operations per atom; more of them in a smaller cell are more symmetry."""
    return crystals.space_group(row).operations / float(crystals.primitive_sites[row])


def _facts(batches: list[Drawn]) -> list[tuple[Any, ...]]:
    """What a sample holds, crystal by crystal."""
    return [
        (str(drawn.materials.formulas[row]), str(drawn.origins[row]), *_content(drawn, row))
        for drawn in batches
        for row in range(len(drawn))
    ]


def _content(drawn: Drawn, row: int) -> tuple[bytes, bytes]:
    one = drawn.structures[row : row + 1]
    return one.lattices.tobytes(), one.fractional_coordinates.tobytes()
