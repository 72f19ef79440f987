"""What is new about a material, seen from those that are labelled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.discover.candidate_kinds import candidate_kind


def is_labelled(materials: Materials, labels: Materials) -> NDArray[np.bool_]:
    """True where a label has the same composition and, where all have structures, the same structure, [n].

    Of reactions: where one with the same molecules was run, under the conditions that the candidates bring, if any.
    """
    return candidate_kind(materials).is_labelled(materials, labels)


def is_known(materials: Materials, labels: Materials) -> NDArray[np.bool_]:
    """True where a label is the same material or a near-copy of other composition, [n].

    A near-copy is one by composition alone, since structures of doped crystals are hardly ever written alike.
    """
    return candidate_kind(materials).is_known(materials, labels)


def novelty(materials: Materials, labels: Materials) -> NDArray[np.str_]:
    """What is new about each: nothing, the structure, the ratio, the combination of elements, or an element, [n].

    A compound that is known elsewhere (:mod:`matscout.discover.known_compounds`) is never called new.
    Of a reaction: nothing, the conditions, the combination of molecules, or a molecule.
    """
    return candidate_kind(materials).novelty(materials, labels)
