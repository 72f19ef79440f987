"""Kinds: what the rows of ``Materials`` are, and what all rooms ask of rows that are so.

What a room says or does for each kind stands in one table of that room, by the name of the kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KindName = Literal["composition", "crystal", "reaction", "defect"]


@dataclass(frozen=True)
class Kind:
    """What a row is.

    Parameters
    ----------
    name
        Of the kind, by which tables of rooms are read.
    column
        The column of :class:`~matscout.data.materials.Materials` that makes rows be of this kind.
    contents
        The column by which rows are told apart and compared.
    noun
        What a row is called.
    key_noun
        What rows have in common that are equal by ``contents``.
    representation
        Plug-in name of a plain representation that describes each row, without labels and weights.
    is_compound
        Whether a row is a compound: its elements can be asked for and tell of it, and someone has to make it.
    with_conditions
        Whether conditions are part of what a row is, so that the same under other conditions is another one.
    also
        Nouns of other rows by whose representations these can be described as well.
    """

    name: KindName
    column: str
    contents: str
    noun: str
    key_noun: str
    representation: str
    is_compound: bool = True
    with_conditions: bool = False
    also: tuple[str, ...] = ()

    @property
    def repeated(self) -> str:
        """What rows have in common of which the later ones are left out."""
        return f"{self.key_noun} (and its conditions)" if self.with_conditions else self.key_noun

    @property
    def plural(self) -> str:
        """What several rows are called."""
        return f"{self.noun}s"


COMPOSITION = Kind("composition", "compositions", "compositions", "material", "composition", "magpie")
CRYSTAL = Kind("crystal", "structures", "compositions", "material", "composition", "magpie")
REACTION = Kind(
    "reaction", "reactions", "reactions", "reaction", "reaction", "drfp", is_compound=False, with_conditions=True
)
DEFECT = Kind(
    "defect",
    "defects",
    "defects",
    "arrangement",
    "arrangement",
    "defect-pairs",
    is_compound=False,
    with_conditions=True,
    also=("material",),
)

KINDS = (REACTION, DEFECT, CRYSTAL, COMPOSITION)
"""All kinds; rows are of the first one whose column is there."""

COMPOUNDS = (COMPOSITION, CRYSTAL)
"""Those of which a row is a compound."""


def kind_called(noun: str) -> Kind:
    """The last kind whose rows are called so, which asks least of them.

    Raises
    ------
    ValueError
        If no rows are.
    """
    named = [kind for kind in KINDS if kind.noun == noun]
    if not named:
        raise ValueError(f"there is no kind of rows {noun!r}")
    return named[-1]
