"""How candidates of each kind compare with labels and with each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matscout.data.defects.column_store import Defects
from matscout.data.kinds import KindName
from matscout.data.materials import Materials
from matscout.data.reactions.column_store import Reactions
from matscout.discover.chemistry_words import charge_words, element_words
from matscout.discover.host_systems import host_systems
from matscout.discover.known_compounds import what_is_known
from matscout.discover.near_copies import closest_ratio, is_near_copy
from matscout.discover.same_structures import has_same_structure

SAME_CONDITION = 2e-3
"""Share by which a condition may differ from that of a label and be the same: 333 K is 60 °C."""


class CandidateKind(ABC):
    """What is new about n candidates of a kind, seen from labels of the same kind, and what they have in common."""

    @abstractmethod
    def is_labelled(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """True where a label is the same, [n]."""

    @abstractmethod
    def is_known(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """True where a label is the same or a near-copy, [n]."""

    @abstractmethod
    def copied(self, materials: Materials, labels: Materials) -> list[str]:
        """The formula of the label of which a candidate is a near-copy, "" where there is none, [n]."""

    @abstractmethod
    def novelty(self, materials: Materials, labels: Materials) -> NDArray[np.str_]:
        """What is new about each, in a few words, [n]."""

    @abstractmethod
    def chemistry(self, materials: Materials) -> tuple[list[str], ...]:
        """What a chemist says of each, some texts [n]; nothing where there is nothing to say."""

    @abstractmethod
    def systems(self, materials: Materials) -> NDArray[np.str_]:
        """What candidates have in common that differ in details only, [n]."""

    @abstractmethod
    def system_noun(self, materials: Materials) -> str:
        """What :meth:`systems` gives is called, in the singular."""


class CompositionCandidates(CandidateKind):
    """Candidates of which the formula is all that is known."""

    def is_labelled(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """By composition."""
        return np.isin(materials.keys(), labels.keys())

    def is_known(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """A near-copy is one by composition alone, since structures of doped crystals are hardly ever written alike."""
        near = is_near_copy(closest_ratio(materials.compositions, labels.compositions)[0])
        same_composition = np.isin(materials.compositions.keys(), labels.compositions.keys())
        return np.where(same_composition, self.is_labelled(materials, labels), near)

    def copied(self, materials: Materials, labels: Materials) -> list[str]:
        """By the closest ratio of the same elements."""
        _, rows = closest_ratio(materials.compositions, labels.compositions)
        known = self.is_known(materials, labels)
        return [str(labels.formulas[row]) if near else "" for near, row in zip(known, rows, strict=True)]

    def novelty(self, materials: Materials, labels: Materials) -> NDArray[np.str_]:
        """Nothing, the structure; known elsewhere; the ratio, the combination of elements, or an element."""
        known = what_is_known(materials.compositions)
        own, theirs = materials.compositions, labels.compositions
        seen = np.isin(np.arange(256), theirs.elements)
        all_seen = np.bincount(own.rows, ~seen[own.elements], len(own)) == 0
        distances, rows = closest_ratio(own, theirs)
        words = {
            "already labelled": self.is_labelled(materials, labels),
            "new structure of a labelled composition": np.isin(own.keys(), theirs.keys()),
            "near-duplicate of a label": is_near_copy(distances),
            "known compound, not in your table": known.made,
            "calculated before, not in your table": known.calculated,
            "new ratio": rows >= 0,
            "new combination of elements": all_seen,
        }
        return np.select(list(words.values()), list(words), "new element")

    def chemistry(self, materials: Materials) -> tuple[list[str], ...]:
        """Charges, and elements."""
        return charge_words(materials.compositions), element_words(materials.compositions)

    def systems(self, materials: Materials) -> NDArray[np.str_]:
        """The host system."""
        return host_systems(materials.compositions)

    def system_noun(self, materials: Materials) -> str:
        """Of the host system."""
        return "chemical system"


class CrystalCandidates(CompositionCandidates):
    """Candidates with crystal structures, if not all of them."""

    def is_labelled(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """By composition and, where labels have structures, by structure."""
        if labels.structures is None:
            return super().is_labelled(materials, labels)
        return has_same_structure(materials, labels)


class ReactionCandidates(CandidateKind):
    """Candidates that are reactions under conditions."""

    def is_labelled(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """Where one with the same molecules was run, under the conditions that the candidates bring, if any."""
        brought, run = materials.context, labels.context
        shared = [(brought[name], run[name]) for name in run if name in brought]
        own = zip(materials.keys().tolist(), *(_as_labelled(*columns).tolist() for columns in shared), strict=True)
        known = set(zip(labels.keys().tolist(), *(theirs.tolist() for _, theirs in shared), strict=True))
        return np.fromiter(map(known.__contains__, own), np.bool_, len(materials))

    def is_known(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """There are no near-copies of reactions."""
        return self.is_labelled(materials, labels)

    def copied(self, materials: Materials, labels: Materials) -> list[str]:
        """There are no near-copies of reactions."""
        return [""] * len(materials)

    def novelty(self, materials: Materials, labels: Materials) -> NDArray[np.str_]:
        """Nothing, the conditions, the combination of molecules, or a molecule."""
        own, theirs = _reactions(materials), _reactions(labels)
        seen = np.isin(own.molecules, theirs.molecules[np.unique(theirs.members)])
        all_seen = np.bincount(own.rows, ~seen[own.members], len(own)) == 0
        words = {
            "already labelled": self.is_labelled(materials, labels),
            "new conditions": np.isin(materials.keys(), labels.keys()),
            "new combination": all_seen,
        }
        return np.select(list(words.values()), list(words), "new molecule")

    def chemistry(self, materials: Materials) -> tuple[list[str], ...]:
        """Nothing."""
        return ()

    def systems(self, materials: Materials) -> NDArray[np.str_]:
        """What is made; where no product is named, what reacts."""
        reactions = _reactions(materials)
        made, reacting = (reactions.written(reactions.on(side)) for side in ("product", "reactant"))
        return np.where(made == "", reacting, made)

    def system_noun(self, materials: Materials) -> str:
        """Of what is made, or reacts."""
        reactions = _reactions(materials)
        unmade = reactions.written(reactions.on("product")) == ""
        if not unmade.any():
            return "product"
        return "set of reactants" if unmade.all() else "product, or set of reactants"


class DefectCandidates(CandidateKind):
    """Candidates that are arrangements of point defects; the conditions of the labels are not theirs."""

    def is_labelled(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """The same by the symmetry of the supercell."""
        return np.isin(materials.keys(), labels.keys())

    def is_known(self, materials: Materials, labels: Materials) -> NDArray[np.bool_]:
        """There are no near-copies of arrangements."""
        return self.is_labelled(materials, labels)

    def copied(self, materials: Materials, labels: Materials) -> list[str]:
        """There are no near-copies of arrangements."""
        return [""] * len(materials)

    def novelty(self, materials: Materials, labels: Materials) -> NDArray[np.str_]:
        """Nothing, the places, the combination of defects, or a defect."""
        own, theirs = _defects(materials), _defects(labels)
        strange = np.bincount(own.rows, ~np.isin(own.codes, theirs.codes), len(own)) > 0
        words = {
            "already labelled": self.is_labelled(materials, labels),
            "new arrangement of labelled defects": np.isin(own.count_keys(), theirs.count_keys()),
            "new combination of defects": ~strange,
        }
        return np.select(list(words.values()), list(words), "new defect")

    def chemistry(self, materials: Materials) -> tuple[list[str], ...]:
        """Nothing."""
        return ()

    def systems(self, materials: Materials) -> NDArray[np.str_]:
        """The defects, wherever they are."""
        return _defects(materials).count_keys()

    def system_noun(self, materials: Materials) -> str:
        """Of the same defects."""
        return "set of defects"


CANDIDATE_KINDS: Mapping[KindName, CandidateKind] = {
    "composition": CompositionCandidates(),
    "crystal": CrystalCandidates(),
    "reaction": ReactionCandidates(),
    "defect": DefectCandidates(),
}


def candidate_kind(materials: Materials) -> CandidateKind:
    """How candidates of the kind of these compare."""
    return CANDIDATE_KINDS[materials.kind.name]


def _reactions(materials: Materials) -> Reactions:
    contents = materials.contents
    assert isinstance(contents, Reactions)
    return contents


def _defects(materials: Materials) -> Defects:
    contents = materials.contents
    assert isinstance(contents, Defects)
    return contents


def _as_labelled(
    column: NDArray[np.float64] | NDArray[np.str_], labelled: NDArray[np.float64] | NDArray[np.str_]
) -> NDArray[np.float64] | NDArray[np.str_]:
    """Numbers that nearly are one of the labels' become it; the others, and words, stay as they are, [n]."""
    if column.dtype.kind != "f" or labelled.dtype.kind != "f" or not np.isfinite(labelled).any():
        return column
    values, levels = column.astype(np.float64), np.unique(labelled[np.isfinite(labelled)].astype(np.float64))
    nearest = levels[np.abs(values[:, None] - levels).argmin(axis=1)]
    return np.where(np.abs(values - nearest) <= SAME_CONDITION * np.abs(nearest), nearest, values)
