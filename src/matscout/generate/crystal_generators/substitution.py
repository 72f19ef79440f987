"""Known crystals with their elements replaced by those of a formula, the likeliest prototype first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.generate.formula_cells import require_groups
from matscout.generate.templates.artefact import read_substitution
from matscout.generate.templates.model import Guess, SubstitutionModel
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.template_files import SYMPREC, read_templates

CONSIDERED = 60
"""Prototypes of each number of formula units that are ranked."""

ALIKE = 0.2
"""Guesses of one cell and space group are given once if their contact profiles differ by less: replacing elements can
raise symmetry, and variants of one prototype with somewhat other axes are of little use to a reader."""

_NO_CHANCE = 1e-12


@dataclass(frozen=True, eq=False)
class _PlacedProposal:
    """A proposal among those of all numbers of formula units and all sources."""

    model: SubstitutionModel
    guess: Guess
    place: int
    chance: float

    def structure(self) -> Structures:
        return self.model.source.decorated(self.guess.wanted, int(self.guess.proposals.entries[self.place]))

    def origin(self) -> str:
        proposals = self.guess.proposals
        start = self.model.source.origin(self.guess.wanted, int(proposals.entries[self.place]))
        votes = 100.0 * proposals.votes[self.place, 0] / proposals.total[0]
        likeness = proposals.likeness[self.place]
        return f"{start}; similarity {likeness:.2f}, {votes:.0f} % of the votes for cells of its size"


class SubstitutionCrystals(CrystalGenerator):
    """Crystals by prototype substitution: known crystals vote for their prototypes, and a trained ranker orders these.

    It needs a formula. Every crystal has the structure of known ones: no prototype is new. The likelihood is the chance
    that the ranker gives, times the share of the votes for the number of formula units.

    Parameters
    ----------
    path
        Folder, archive or table of structures that are templates, too; without it, those that matscout has learnt from.
    """

    conditions = frozenset({"formula", "atoms", "space_groups"})

    def __init__(self, path: str | Path = "") -> None:
        self.path = Path(path) if str(path) else None

    @cached_property
    def _models(self) -> tuple[SubstitutionModel, ...]:
        stored = read_substitution()
        if self.path is None:
            return (stored.model,)
        own = read_templates(self.path, stored.volumes)
        return SubstitutionModel(own, stored.likeness, stored.volumes, stored.pool_ranker), stored.model

    def check(self, wishes: CrystalWishes) -> None:
        """Raise if no formula is given, or no template fits it."""
        if not wishes.formula:
            raise UsageError(
                "substitution makes crystals of a formula: give one (Li2FeO3), or use another generator, such as random"
            )
        require_groups(wishes)
        if not len(self._all(wishes)):
            low, high = wishes.atom_range
            groups = " in the allowed space groups" if wishes.space_groups else ""
            raise UsageError(
                f"no known prototype{groups} has the stoichiometry of {wishes.formula} with {low} to {high} atoms in a "
                "primitive cell: allow others, give templates of your own, or use another generator, such as random"
            )

    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn | None:
        """The next crystals in order of chance; nothing is drawn at random. Errors as :meth:`check`."""
        self.check(wishes)
        drawn = self._all(wishes)
        rows = np.arange(batch * self.batch_size, min((batch + 1) * self.batch_size, len(drawn)))
        return drawn[rows] if len(rows) else None

    def _all(self, wishes: CrystalWishes) -> Drawn:
        return _all_for(self._models, wishes, self.wishes_met(wishes))

    def likely(self, wishes: CrystalWishes, least: float) -> Drawn:
        """The crystals for a formula whose chance is ``least`` or more, the likeliest first; perhaps none.

        Parameters
        ----------
        wishes
            With a formula.
        least
            The smallest chance.
        """
        return _likely(self._models, wishes, self.wishes_met(wishes), least)


@lru_cache(maxsize=8)
def _all_for(models: tuple[SubstitutionModel, ...], wishes: CrystalWishes, met: frozenset[str]) -> Drawn:
    """All crystals for a formula; a generator that is made again for the same wishes need not think again."""
    return _likely(models, wishes, met, 0.0)


def _likely(models: tuple[SubstitutionModel, ...], wishes: CrystalWishes, met: frozenset[str], least: float) -> Drawn:
    chosen = [choice for choice in _choices(_guesses(models, wishes)) if choice.chance >= least]
    crystals, kept = _symmetric(chosen)
    allowed = np.flatnonzero(np.isin(crystals.space_groups, wishes.group_numbers))
    rows = allowed[_different_rows(crystals[allowed])]
    chosen = [chosen[place] for place in kept[rows]]
    chances = np.array([max(choice.chance, _NO_CHANCE) for choice in chosen])
    origins = [choice.origin() for choice in chosen]
    return Drawn.of_orbits(crystals[rows], origins, np.log(chances), met)


def _guesses(models: tuple[SubstitutionModel, ...], wishes: CrystalWishes) -> list[tuple[SubstitutionModel, Guess]]:
    cells = [(np.array(sorted(ATOMIC_NUMBERS[symbol] for symbol in cell)), _counts(cell)) for cell in wishes.cells]
    pairs = [(model, model.guess(wanted, most=CONSIDERED)) for model in models for wanted in model.wanted(cells)]
    return [(model, guess) for model, guess in pairs if guess is not None]


def _counts(cell: dict[str, int]) -> NDArray[np.int64]:
    return np.array([cell[symbol] for symbol in sorted(cell, key=lambda symbol: ATOMIC_NUMBERS[symbol])])


def _choices(guesses: list[tuple[SubstitutionModel, Guess]]) -> list[_PlacedProposal]:
    """All proposals, likeliest first: chance within a number of formula units times the share of the votes for it."""
    choices = []
    for model, guess in guesses:
        votes = sum(other.proposals.total[0] for owner, other in guesses if owner is model)
        share = guess.proposals.total[0] / votes
        choices += [
            _PlacedProposal(model, guess, int(place), float(guess.chances[place] * share)) for place in guess.order
        ]
    return sorted(choices, key=lambda choice: -choice.chance)


def _symmetric(choices: list[_PlacedProposal]) -> tuple[SymmetricCrystals, NDArray[np.int64]]:
    """The crystals as orbits, and which choices they are: those whose cells stay as large as they were wished."""
    if not choices:
        return SymmetricCrystals.empty(), np.zeros(0, dtype=np.int64)
    structures = Structures.joined([choice.structure() for choice in choices])
    symmetric = symmetrised(structures, SYMPREC)
    same = symmetric.crystals.primitive_sites == np.diff(structures.offsets)[symmetric.rows]
    return symmetric.crystals[np.flatnonzero(same)], symmetric.rows[same]


def _different_rows(crystals: SymmetricCrystals) -> NDArray[np.int64]:
    """Rows that are not like an earlier one of the same cell and space group."""
    pool = TemplatePool.of(crystals.structures(primitive=True), crystals.space_groups.astype(np.int64))
    kept: list[int] = []
    for key in pool.all_keys():
        first = np.flatnonzero(np.r_[True, key.templates[1:] != key.templates[:-1]])
        profiles, own = np.stack([key.profile(int(entry)) for entry in first]), key.templates[first]
        lengths, chosen = (profiles**2).sum(axis=1), list[int]()
        for place, row in enumerate(own):
            away = ((profiles[chosen] - profiles[place]) ** 2).sum(axis=1)
            same_group = crystals.space_groups[own[chosen]] == crystals.space_groups[row]
            if not (same_group & (away < ALIKE**2 * lengths[place])).any():
                chosen.append(place)
        kept += own[chosen].tolist()
    return np.array(sorted(kept), dtype=np.int64)
