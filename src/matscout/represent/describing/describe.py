"""``describe``: crystal structures as plain English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matscout.data.structures import Structures
from matscout.represent.crystals import Crystals
from matscout.represent.describing.facts import crystal_facts
from matscout.represent.describing.words import description


@dataclass(frozen=True)
class Undescribed:
    """Why there is no description."""

    reason: str


def describe(structures: Structures) -> Sequence[str | Undescribed]:
    """A paragraph about each of n crystals.

    It states what robocrystallographer does (A. M. Ganose and A. Jain, doi:10.1557/mrc.2019.94), many times as fast:
    prototype or mineral, space group, dimensionality; of each site that is no image of another its coordination and
    geometry, the polyhedra it shares corners, edges and faces with, and lengths of bonds.

    Examples
    --------
    >>> from pymatgen.core import Lattice, Structure
    >>> salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    >>> print(describe(Structures.from_pymatgen([salt]))[0][:64])
    NaCl is Halite, Rock Salt structured and crystallizes in the cub
    """
    crystals = Crystals.from_structures(structures)
    ordered = np.flatnonzero(crystals.ordered)
    texts: list[str | Undescribed] = [Undescribed("its sites are partly occupied or shared")] * len(structures)
    for row, facts in zip(ordered, crystal_facts(structures[ordered]), strict=True):
        texts[row] = description(facts)
    return texts
