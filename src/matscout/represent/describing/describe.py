"""``describe``: crystal structures as plain English."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.data.given import Given, as_materials
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.represent.base import structures_of
from matscout.represent.describing.facts import crystal_facts
from matscout.represent.describing.words import description


@dataclass(frozen=True)
class Undescribed:
    """Why there is no description."""

    reason: str


def describe(
    materials: Given, *, by: Literal["matscout", "robocrystallographer"] = "matscout"
) -> Sequence[str | Undescribed]:
    """A paragraph about each of n crystals.

    It states what robocrystallographer does (A. M. Ganose and A. Jain, doi:10.1557/mrc.2019.94), but many times faster:
    prototype or mineral, space group, dimensionality; and for each symmetry-distinct site the coordination, its
    geometry, the polyhedra that share corners, edges or faces with it, and bond lengths.

    Parameters
    ----------
    materials
        Crystals: structures of pymatgen or ASE, a path, or materials with structures that were read.
    by
        "robocrystallographer" for its own words, which takes some seconds per crystal (needs  ``matscout[robocrys]``).

    Raises
    ------
    UsageError
        If the materials have no structures, or ``by`` is unknown.
    MissingExtraError
        If robocrystallographer is requested but not installed.

    Examples
    --------
    >>> from pymatgen.core import Lattice, Structure
    >>> salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    >>> print(describe(salt)[0][:64])
    NaCl is Halite, Rock Salt structured and crystallizes in the cub
    """
    if by not in TELLERS:
        raise UsageError(f"crystals are described by {' or '.join(TELLERS)}; got {by!r}")
    structures = materials if isinstance(materials, Structures) else structures_of(as_materials(materials), *NAMED)
    ordered = np.flatnonzero(Crystals.from_structures(structures).ordered & structures.present)
    texts: list[str | Undescribed] = [
        Undescribed("its sites are partly occupied or shared" if known else "has no structure")
        for known in structures.present
    ]
    for row, text in zip(ordered, TELLERS[by](structures[ordered]), strict=True):
        texts[row] = text
    return texts


def _ours(structures: Structures) -> Iterator[str | Undescribed]:
    return map(description, crystal_facts(structures))


def _robocrystallographer(structures: Structures) -> Iterator[str | Undescribed]:
    from matscout.represent.describing.robocrystallographer import paragraph

    for row in range(len(structures)):
        yield paragraph(structures, row) or Undescribed("robocrystallographer fails")


NAMED = ("matscout.describe", "composition-text, a sentence about a formula")
"""What refuses formulas, and what takes them."""

TELLERS: Mapping[str, Callable[[Structures], Iterator[str | Undescribed]]] = {
    "matscout": _ours,
    "robocrystallographer": _robocrystallographer,
}
