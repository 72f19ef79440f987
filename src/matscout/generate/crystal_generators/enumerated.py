"""Neutral formulas that meet the wishes, those most like known materials first, each with its likeliest structure."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import element_facts
from matscout.crystal.element_kinds import NOBLE_GASES, RADIOACTIVE, holds_any
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_generators.substitution import SubstitutionCrystals
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.generate.generators.enumeration import MOST_ELEMENTS, enumerate_neutral
from matscout.predict.shipped_likeness import shipped_likeness

USUAL_ELEMENTS = 3
"""Elements of a formula at most, unless the wishes name more."""

LARGEST_UNIT = 8
"""Atoms of a formula unit at most; cells may hold several."""

FORMULAS = 20_000
"""Formulas that are enumerated for each element of which one is wanted."""

LEAST_CHANCE = 0.2
"""The first structure of a formula that meets the wishes is given if its chance is as high."""


class EnumeratedCrystals(CrystalGenerator):
    """Crystals for wishes without a formula: neutral formulas of two or three elements, each with a first guess.

    Formulas are charge-neutral by common oxidation states and hold a metal. A batch takes the next formulas in the
    order of their likeness to materials that databases list as made; :class:`SubstitutionCrystals` guesses the
    structure of each. A formula whose likeliest structure among the allowed ones has a chance below 0.2 is left out.
    The crystals of a batch are ordered by their likeness, too, now with their structures. Nothing is drawn at random.
    """

    conditions = frozenset({"elements", "must", "exclude", "one_of", "atoms", "space_groups"})

    batch_size = 400
    """Formulas of a batch, and so crystals at most."""

    def __init__(self) -> None:
        self._guesses = SubstitutionCrystals()

    def check(self, wishes: CrystalWishes) -> None:
        """Raise if a formula is given, or no neutral formula meets the wishes."""
        if wishes.formula:
            raise UsageError(f"enumerated crystals have any formula, and {wishes.formula} is given: use substitution")
        if not len(self._formulas(wishes)):
            raise UsageError(
                f"no neutral formula of a metal and other elements meets the wishes: {wishes.in_words()}; allow more "
                "elements, or use another generator, such as random"
            )

    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn | None:
        """The first guesses for the next formulas; errors as :meth:`check`."""
        self.check(wishes)
        formulas = self._formulas(wishes)[batch * self.batch_size : (batch + 1) * self.batch_size]
        if not len(formulas):
            return None
        guesses = [guess for formula in formulas if (guess := self._first(wishes, str(formula))) is not None]
        if not guesses:
            return replace(Drawn.of_orbits(SymmetricCrystals.empty(), []), conditioned=self.wishes_met(wishes))
        drawn = Drawn.joined(guesses)
        order = np.argsort(-_likeness(drawn.materials), kind="stable")
        return replace(drawn[order], conditioned=self.wishes_met(wishes))

    def _first(self, wishes: CrystalWishes, formula: str) -> Drawn | None:
        """The likeliest structure of a formula that is allowed; None if it has little chance."""
        asked = CrystalWishes(formula=formula, atoms=wishes.atoms, space_groups=wishes.space_groups)
        guess = self._guesses.likely(asked, LEAST_CHANCE)
        return guess[:1] if len(guess) else None

    @lru_cache(maxsize=4)  # noqa: B019 - generators are few, and live as long as the process
    def _formulas(self, wishes: CrystalWishes) -> NDArray[np.str_]:
        """Formulas that meet the wishes, most like known materials first."""
        parts = [_neutral(wishes, wishes.must if not one else (*wishes.must, one)) for one in wishes.one_of or ("",)]
        formulas = np.unique(np.concatenate([part.formulas for part in parts]))
        materials = Materials.from_formulas(formulas.tolist(), counts_atoms=True)
        metals = tuple(symbol for symbol, metal in zip(SYMBOLS, element_facts().metal, strict=False) if metal)
        materials = materials[holds_any(materials.compositions, metals)]
        return np.asarray(materials.formulas[np.argsort(-_likeness(materials), kind="stable")], dtype=np.str_)


def _likeness(materials: Materials) -> NDArray[np.float64]:
    """How like materials that databases list as made each is, [m], crystals by their structure; -1 if unknown."""
    return np.nan_to_num(shipped_likeness().rank(materials).percentile_unlabelled, nan=-1.0)


def _neutral(wishes: CrystalWishes, must: tuple[str, ...]) -> Materials:
    """Neutral formulas with all of some elements whose units fill a cell of the wished size."""
    left_out = {*NOBLE_GASES, *RADIOACTIVE} - {*wishes.elements, *must}
    elements = [symbol for symbol in wishes.allowed if symbol not in left_out]
    named = len({*wishes.elements, *must})
    made = enumerate_neutral(
        elements,
        FORMULAS,
        max_elements=MOST_ELEMENTS if named > USUAL_ELEMENTS else USUAL_ELEMENTS,
        max_atoms=min(wishes.atom_range[1], LARGEST_UNIT),
        must=tuple(dict.fromkeys(must)),
    ).materials
    fewest, most = wishes.atom_range
    sizes = np.add.reduceat(made.compositions.amounts, made.compositions.offsets[:-1]) if len(made) else np.zeros(0)
    return made[np.flatnonzero(most // np.maximum(sizes, 1.0) * sizes >= fewest)]
