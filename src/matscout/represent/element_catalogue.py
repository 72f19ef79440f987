"""Which tables of element vectors there are: ``elements.toml``, read once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from matscout.crystal.tables import ElementTable, elementembeddings_table, identity_table, own_table
from matscout.errors import UsageError

CATALOGUE = Path(__file__).parent / "elements.toml"


@dataclass(frozen=True)
class ElementSource:
    """A table of the catalogue, and where it is read from.

    Parameters
    ----------
    name
        By which ``elements=NAME`` asks for it.
    title
        How the names of its columns begin.
    source, file
        Who distributes it, and under which name.
    statistics
        Whether its usual poolings are those of learned vectors or those of properties.
    components, elements
        Numbers for each element, and how many elements are listed.
    licence
        Of what is distributed; "" of unit vectors.
    summary
        One sentence.
    doi, reference
        Where it was published, "" if nowhere.
    """

    name: str
    title: str
    source: Literal["matscout", "ElementEmbeddings", "unit-vectors"]
    file: str
    statistics: Literal["learned", "properties"]
    components: int
    elements: int
    licence: str
    summary: str
    doi: str = ""
    reference: str = ""

    @property
    def address(self) -> str:
        """How it is asked for as a representation."""
        return f"elements={self.name}"

    def table(self) -> ElementTable:
        """The table itself.

        Raises
        ------
        MatscoutError
            If the installed ElementEmbeddings does not have the file.
        """
        if self.source == "unit-vectors":
            return identity_table()
        return own_table(Path(self.file).stem) if self.source == "matscout" else elementembeddings_table(self.file)


@cache
def element_sources() -> Mapping[str, ElementSource]:
    """Name -> table, sorted by name."""
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {name: ElementSource(name, **entries[name]) for name in sorted(entries)}


def element_source(name: str) -> ElementSource:
    """The table called ``name``.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest ones.
    """
    known = element_sources()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = (
        f"did you mean {' or '.join(known[one].address for one in near)}?"
        if near
        else f"choose from {', '.join(known)}"
    )
    raise UsageError(f"there is no table of elements {name!r}; {hint}")
