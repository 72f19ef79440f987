"""Which drawn crystals meet the wishes: done once, for all generators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.element_kinds import holds_all, holds_any
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.errors import InputError
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_wishes import CrystalWishes

Flags = NDArray[np.bool_]

SYMPREC = 0.1
"""Å, for structures that were not drawn as orbits: as for the table of generated crystals."""

DRAWS = 50
"""So many times more crystals are drawn than are wanted, before the wishes count as impossible."""


def judged(wishes: CrystalWishes, drawn: Drawn) -> Drawn:
    """Drawn crystals with the first wish that each does not meet; wishes that they were conditioned on are met.

    Wishes for properties are not looked at: they need a model, which ranks the crystals later.
    """
    rejected = np.zeros(len(drawn), dtype="<U12")
    symmetry = _Symmetry(drawn)
    for name, meets in _CHECKS.items():
        if name in wishes.asked - drawn.conditioned:
            rejected[(rejected == "") & ~meets(wishes, symmetry)] = name
    return replace(drawn, rejected_for=rejected.astype(np.str_))


def sample_until(
    generator: CrystalGenerator, wishes: CrystalWishes, n: int, seed: int = 0, first: int = 0
) -> Iterator[Drawn]:
    """Batches of a generator, judged, until n crystals meet the wishes or the generator has no more.

    Parameters
    ----------
    generator, wishes, seed
        What draws, what is wanted, and the seed of random choices.
    n
        Crystals that are wanted.
    first
        The batch to begin with; n counts from there.

    Raises
    ------
    InputError
        If too few meet the wishes after :data:`DRAWS` times n draws; the message names the wish that rejected most.
    UsageError
        As :meth:`CrystalGenerator.draw`.
    """
    met, drawn_so_far, reasons = 0, 0, Counter[str]()
    for drawn in generator.sample(wishes, DRAWS * n, seed, first):
        batch = _cut(judged(wishes, drawn), n - met)
        yield batch
        reasons.update(batch.rejected_for[batch.rejected_for != ""].tolist())
        met += int((batch.rejected_for == "").sum())
        drawn_so_far += len(batch)
        if met >= n:
            return
    if drawn_so_far >= DRAWS * n:
        raise InputError(f"{counted(met, 'crystal')} of {n} after {drawn_so_far:,} draws{most_rejected(reasons)}")


def most_rejected(reasons: Mapping[str, int]) -> str:
    """``"; most were rejected for space_groups (3,120)"``; nothing if none was rejected."""
    if not reasons:
        return ""
    name = max(reasons, key=lambda one: reasons[one])
    return (
        f"; most were rejected for {name} ({reasons[name]:,}): ask for less, or use a generator that conditions on it"
    )


def _cut(drawn: Drawn, wanted: int) -> Drawn:
    """Without what was drawn behind the last crystal that is wanted."""
    met = np.flatnonzero(drawn.rejected_for == "")
    return drawn[: int(met[wanted - 1]) + 1] if len(met) >= wanted else drawn


@dataclass(frozen=True, eq=False)
class _Symmetry:
    """Drawn crystals, with their orbits where these are asked for."""

    drawn: Drawn

    @property
    def compositions(self) -> Compositions:
        return self.drawn.materials.compositions

    @cached_property
    def orbits(self) -> tuple[SymmetricCrystals, NDArray[np.int64]]:
        """The orbits, and which of the crystals they belong to."""
        if self.drawn.crystals is not None:
            return self.drawn.crystals, np.arange(len(self.drawn))
        made = symmetrised(self.drawn.structures, SYMPREC)
        return made.crystals, made.rows

    def where(self, values: Flags) -> Flags:
        """Flags of those with known orbits as flags of all, False for the others."""
        flags = np.zeros(len(self.drawn), dtype=np.bool_)
        flags[self.orbits[1]] = values
        return flags


def _formula(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    wanted = Compositions.from_dicts([{symbol: float(one) for symbol, one in wishes.formula_counts.items()}]).keys()
    return np.asarray(symmetry.compositions.keys() == wanted[0])


def _elements(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    others = tuple(symbol for symbol in SYMBOLS if symbol not in wishes.elements)
    return ~holds_any(symmetry.compositions, others)


def _must(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    return holds_all(symmetry.compositions, wishes.must)


def _exclude(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    return ~holds_any(symmetry.compositions, wishes.exclude)


def _one_of(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    return holds_any(symmetry.compositions, wishes.one_of)


def _atoms(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    fewest, most = wishes.atom_range
    sites = symmetry.orbits[0].primitive_sites
    return symmetry.where((sites >= fewest) & (sites <= most))


def _space_groups(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    return symmetry.where(np.isin(symmetry.orbits[0].space_groups, wishes.group_numbers))


def _prototype(wishes: CrystalWishes, symmetry: _Symmetry) -> Flags:
    return symmetry.where(symmetry.orbits[0].prototype_labels() == wishes.prototype_label)


_CHECKS: Mapping[str, Callable[[CrystalWishes, _Symmetry], Flags]] = {
    "formula": _formula,
    "elements": _elements,
    "must": _must,
    "exclude": _exclude,
    "one_of": _one_of,
    "atoms": _atoms,
    "space_groups": _space_groups,
    "prototype": _prototype,
}
