"""Many chemical reactions as one column store: which molecules take part in each, and in what part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matscout.data.contents import Contents
from matscout.data.ragged import Rows, chosen
from matscout.data.read_only import lock

Side = Literal["reactant", "agent", "product"]
SIDES: tuple[Side, ...] = ("reactant", "agent", "product")
"""Where a molecule stands in a reaction SMILES, ``reactants>agents>products``."""


@dataclass(frozen=True)
class Part:
    """What a molecule is there for: a column of the user (ligand, base), or a side of a reaction SMILES.

    Parameters
    ----------
    name
        As in the user's table, or the side.
    side
        Where it stands in a reaction SMILES.
    several
        Whether there may be more than one: a column of the user holds one molecule (or salt) in a row.
    said
        Whether the user said the side, which else follows from the name.
    """

    name: str
    side: Side
    several: bool = False
    said: bool = False

    @property
    def asked(self) -> str:
        """As ``--reaction`` takes it: the name, and the side if it was said (``"vinyl source=agent"``)."""
        return f"{self.name}={self.side}" if self.said else self.name


def column_of(asked: str) -> str:
    """The column in what ``--reaction`` takes."""
    column, _, side = asked.rpartition("=")
    return column if column and side in SIDES else asked


def side_of(asked: str) -> Side | None:
    """The side in what ``--reaction`` takes; None if none is said."""
    word = asked.removeprefix(f"{column_of(asked)}=")
    return next((side for side in SIDES if side == word and side != asked), None)


WHOLE = tuple(Part(side, side, several=True) for side in SIDES)
"""The parts of reactions that were written as reaction SMILES."""


@dataclass(frozen=True, eq=False)
class Reactions(Contents):
    """n reactions in compressed sparse rows.

    Parameters
    ----------
    molecules
        text [u], canonical SMILES, each once; a selection of reactions keeps all of them.
    offsets
        int64 [n + 1], starting at 0: reaction i owns the entries ``offsets[i]:offsets[i + 1]``.
    members
        int64 [entries], positions in ``molecules``.
    places
        int64 [entries], positions in ``parts``; ascending within a reaction.
    parts
        What molecules are there for.
    column
        That held them as reaction SMILES, "" if none did.
    """

    molecules: NDArray[np.str_]
    offsets: NDArray[np.int64]
    members: NDArray[np.int64]
    places: NDArray[np.int64]
    parts: tuple[Part, ...] = WHOLE
    column: str = ""

    def __post_init__(self) -> None:
        lock(self)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: Rows) -> Reactions:
        """The chosen reactions; a slice with step 1 shares the memory of the whole."""
        offsets, entries = chosen(self.offsets, index)
        return replace(self, offsets=offsets, members=self.members[entries], places=self.places[entries])

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The reaction that each entry belongs to, [entries]."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts."""
        return tuple(part.name for part in self.parts)

    @property
    def asked(self) -> tuple[str, ...]:
        """How the columns of components are named to be read again; none for reaction SMILES (:attr:`column`)."""
        return () if self.parts == WHOLE else tuple(part.asked for part in self.parts)

    @property
    def columns(self) -> tuple[str, ...]:
        """The parts, and the column of reaction SMILES."""
        return (*self.names, self.column)

    @property
    def made_of(self) -> str:
        """How many molecules take part, and in which parts: ``"12 molecules (acid 3, amine 9)"``."""
        parts = [
            f"{part.name} {len(np.unique(self.members[self.places == place]))}" for place, part in enumerate(self.parts)
        ]
        return f"{len(np.unique(self.members))} molecules ({', '.join(parts)})"

    def written(self, places: Sequence[int]) -> NDArray[np.str_]:
        """Canonical SMILES in these parts of each reaction in alphabetical order, dots between, "" if none, [n]."""
        smiles: list[list[str]] = [[] for _ in range(len(self))]
        own = np.isin(self.places, np.asarray(places, dtype=np.int64))
        for row, member in zip(self.rows[own].tolist(), self.members[own].tolist(), strict=True):
            smiles[row].append(str(self.molecules[member]))
        return np.array([".".join(sorted(one)) for one in smiles], dtype=np.str_)

    def cells(self) -> dict[str, NDArray[np.str_]]:
        """Name of each part that holds one molecule -> canonical SMILES, "" where there is none, text [n]."""
        return {part.name: self.written([place]) for place, part in enumerate(self.parts) if not part.several}

    def cells_of(self, column: str) -> NDArray[np.str_] | None:
        """Canonical SMILES in a column of components, "" where there is none, text [n]; None if it is none."""
        return self.written([self.names.index(column)]) if column in self.names and self.parts != WHOLE else None

    def counts(self, place: int, wanted: Sequence[int]) -> NDArray[np.float64]:
        """How often each of the wanted molecules (positions) stands in a part of each reaction, [n, wanted]."""
        column = np.full(len(self.molecules), -1, dtype=np.int64)
        column[list(wanted)] = np.arange(len(wanted))
        chosen = (self.places == place) & (column[self.members] >= 0)
        counts = np.zeros((len(self), len(wanted)))
        np.add.at(counts, (self.rows[chosen], column[self.members[chosen]]), 1.0)
        return counts

    def arranged(self, asked: Sequence[str]) -> Reactions:
        """With parts in this order and spelled so, where they differ in order and capitals only; else as they are."""
        names = [column_of(one) for one in asked]
        mine, wanted = ([name.casefold() for name in own] for own in (self.names, names))
        if sorted(mine) != sorted(wanted) or len({*mine}) < len(mine):
            return self
        places = np.array([wanted.index(name) for name in mine], dtype=np.int64)[self.places]
        order = np.lexsort((places, self.rows))
        parts = tuple(replace(self.parts[mine.index(key)], name=name) for key, name in zip(wanted, names, strict=True))
        return replace(self, members=self.members[order], places=places[order], parts=parts)

    def on(self, side: Side) -> list[int]:
        """Positions of the parts on one side."""
        return [position for position, part in enumerate(self.parts) if part.side == side]

    def texts(self) -> NDArray[np.str_]:
        """Canonical reaction SMILES, ``reactants>agents>products``, molecules in alphabetical order, [n]."""
        sides = [self.written(self.on(side)).tolist() for side in SIDES]
        return np.array([">".join(one) for one in zip(*sides, strict=True)], dtype=np.str_)

    def keys(self) -> NDArray[np.str_]:
        """One text per reaction, equal where the same molecules stand in the same parts, [n].

        Of reaction SMILES it tells what goes in and what comes out: ``A.B>>P`` is ``A>B>P``, since people and databases
        divide reactants from agents in their own ways.
        """
        names = ["in" if self.parts == WHOLE and part.side != "product" else part.name for part in self.parts]
        keys = []
        for start, stop in pairwise(self.offsets):
            pairs = zip(self.places[start:stop], self.members[start:stop], strict=True)
            keys.append(" ".join(sorted(f"{names[place]}={self.molecules[member]}" for place, member in pairs)))
        return np.array(keys, dtype=np.str_)
