"""Which candidates have the structure of a labelled material of the same composition; the others are new polymorphs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.space_groups import TOLERANCE, space_group
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.represent.streaming.cache import keys_of

if TYPE_CHECKING:
    from pymatgen.core import Structure

MOST_SITES = 40
"""Primitive cells with more sites are not mapped onto each other: that could take minutes for a single pair."""

SAME_VOLUME = 0.05
"""Relative difference of the volumes per atom up to which such large cells of one space group count as the same."""


def has_same_structure(materials: Materials, labels: Materials) -> NDArray[np.bool_]:
    """Whether a label of the same composition has the same structure, bool [n]; where one of them has none, it counts.

    Two structures are the same if pymatgen's ``StructureMatcher`` maps one onto the other with its own tolerances
    (S. P. Ong et al., doi:10.1016/j.commatsci.2012.10.028). It scales them to one volume, so a cell under pressure is
    the same structure. Beyond ``MOST_SITES`` they are if space group and volume per atom agree.

    Parameters
    ----------
    materials, labels
        n candidates and the labelled materials, some of both with structures.
    """
    assert materials.structures is not None
    assert labels.structures is not None
    own, theirs = _cells(materials.structures), _cells(labels.structures)
    labelled: dict[object, list[_KnownStructure]] = {}
    for key, cell in zip(labels.compositions.keys().tolist(), theirs, strict=True):
        labelled.setdefault(key, []).append(cell)
    keys = materials.compositions.keys().tolist()
    same = [
        any(cell.is_empty or other.is_empty or _are_same(cell, other) for other in labelled.get(key, ()))
        for key, cell in zip(keys, own, strict=True)
    ]
    return np.array(same, dtype=np.bool_)


@dataclass(frozen=True)
class _KnownStructure:
    """One structure, known by the digest of its content."""

    digest: bytes
    structure: Structures = field(compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether the structure is not known."""
        return not self.structure.present[0]


def _cells(structures: Structures) -> list[_KnownStructure]:
    digests = keys_of(structures)
    return [_KnownStructure(digest, structures[row : row + 1]) for row, digest in enumerate(digests)]


# A search asks for the same pairs several times: to screen, to rank, and to say what is new.
@lru_cache(maxsize=100_000)
def _are_same(first: _KnownStructure, second: _KnownStructure) -> bool:
    from pymatgen.analysis.structure_matcher import StructureMatcher

    if first == second:
        return True
    one, other = _primitive(first), _primitive(second)
    if max(len(one), len(other)) <= MOST_SITES:
        return bool(StructureMatcher(primitive_cell=False).fit(one, other))
    volumes = np.array([one.volume / one.composition.num_atoms, other.volume / other.composition.num_atoms])
    alike = np.ptp(volumes) <= SAME_VOLUME * volumes.mean()
    return bool(alike) and _group(first) is not None and _group(first) == _group(second)


@lru_cache(maxsize=10_000)
def _primitive(cell: _KnownStructure) -> Structure:
    return cell.structure.to_pymatgen(0).get_primitive_structure()


@lru_cache(maxsize=10_000)
def _group(cell: _KnownStructure) -> int | None:
    group = space_group(Crystals.from_structures(cell.structure), 0, TOLERANCE)
    return None if group is None else group.number
