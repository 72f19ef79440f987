"""Crystals that a generator of crystals draws for a wish, as candidates with structures."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from matscout.data.kinds import COMPOUNDS
from matscout.errors import UsageError
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.generate.crystal_generator import Drawn
from matscout.generate.crystal_generator_choice import USUAL, make_crystal_generator, usual_generator
from matscout.generate.crystal_rejection import sample_until
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.progress import Progress, silent
from matscout.remarks import Remark


class GeneratedCrystals(Generator):
    """Crystals for a wish.

    Parameters
    ----------
    wish
        A formula, or plain English (:meth:`~matscout.generate.crystal_wishes.CrystalWishes.from_text`); "" leaves all
        to the generator.
    generator
        A plug-in of the family "crystal-generators", with ``=FOLDER`` if it reads one; "" for the usual one.
    count
        How many at most.
    """

    usual_filters = ("new",)
    kinds = COMPOUNDS
    repeats = True

    def __init__(self, *, wish: str = "", generator: str = USUAL, count: int = 200) -> None:
        self.wish, self.asked_generator, self.count = wish, generator, count

    @cached_property
    def asked(self) -> CrystalWishes:
        """The wish as it is understood; raises :class:`~matscout.errors.UsageError` if it is not."""
        return CrystalWishes.from_text(self.wish) if self.wish else CrystalWishes()

    @cached_property
    def generator(self) -> str:
        """The generator that draws them."""
        return self.asked_generator or usual_generator(self.asked)

    @property
    def words(self) -> str:
        """``"crystals by random"``."""
        return f"crystals by {self.generator}"

    def check(self) -> None:
        """Raise if the wish is not understood, or nothing can meet it."""
        made = make_crystal_generator(self.generator)
        if self.wish:
            made.check(self.asked)

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """Crystals that meet the wish and the wishes for elements, in the order in which they are drawn.

        Raises
        ------
        UsageError
            If the wishes contradict each other, or no crystal can meet them.
        InputError
            If too few meet them.
        """
        asked = self._joined(wishes)
        wanted = min(n, self.count)
        batches = [*sample_until(make_crystal_generator(self.generator), asked, wanted, seed)]
        if not batches:
            raise UsageError(f"the generator {self.generator} draws no crystal")
        drawn = Drawn.joined(batches)
        met = drawn[np.flatnonzero(drawn.rejected_for == "")]
        text = (
            f"{len(met):,} crystals of {len(drawn):,} that {self.generator} drew meet the wishes: {asked.in_words()}."
        )
        materials = replace(met.materials, ids=np.array([f"crystal {one}" for one in met.materials.ids], dtype=np.str_))
        return Candidates(materials, met.origins, (Remark("crystals-generated", text),), words=self.words)

    def _joined(self, wishes: Wishes) -> CrystalWishes:
        """The wish, and what is asked of all candidates."""
        if self.asked.formula:
            return self.asked
        return replace(
            self.asked,
            elements=self.asked.elements or wishes.elements,
            must=tuple(dict.fromkeys((*self.asked.must, *wishes.must))),
            exclude=tuple(dict.fromkeys((*self.asked.exclude, *wishes.exclude))),
        )
