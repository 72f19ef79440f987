"""Measures: how near rows are to labelled ones, and what else is asked of them, for each kind of contents.

Two elements are alike as far as they are near on Mendeleev's scale (Villars and others 2004,
doi:10.1016/j.jallcom.2003.08.060; an ordering in which neighbours replace each other in compounds):
``s(a, b) = exp(-|M_a - M_b| / 4)``. Two compositions with atomic fractions f and g then have the overlap
``k(f, g) = sum_ab f_a g_b s(a, b)`` and the similarity ``k(f, g) / sqrt(k(f, f) k(g, g))``: 1 for the same fractions
(formulas scaled), near 0 where no element of one is related to any of the other. ``s`` is positive definite, so this
is the cosine of the angle between the compositions in a space that it spans. Fractions do not tell everything: what
nearly all labels have in common is asked for, too (:mod:`matscout.predict.family`).

Two reactions are similar as far as their differential fingerprints (:mod:`matscout.data.reactions.shingles`) share
bits: the cosine of the angle between them. On a plate all are alike by this, one with a new ligand, too. So where the
labelled reactions share their ligands (additives, products ...), one with another ligand is out of the domain.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions
from matscout.data.contents import Contents
from matscout.data.defects.column_store import Defects
from matscout.data.defects.hosts import HostCrystal
from matscout.data.elements import N_ELEMENTS
from matscout.data.reactions.column_store import Part, Reactions
from matscout.data.reactions.shingles import folded
from matscout.predict.defect_likeness import folded_defects
from matscout.predict.family import ASKS_NOTHING, Family
from matscout.predict.pair_kernel import site_names
from matscout.predict.soundness import require_sound_compositions, require_sound_reactions
from matscout.predict.states import State

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

SCALE = 4.0
"""Steps on Mendeleev's scale over which the likeness of two elements falls by a factor e."""
USUAL = 0.95
"""Share of the labelled rows from which on what they share is what they have in common."""

C = TypeVar("C", bound=Contents)


@dataclass(frozen=True)
class Demands:
    """What is asked of rows besides being near a label.

    Parameters
    ----------
    shared
        Of reactions: positions of the parts whose molecules stand in a labelled reaction of another unit, too, for 95 %
        of the labelled ones. In the domain there is no other molecule in these parts.
    family
        Of compositions: what nearly all of the labelled ones have in common. In the domain nothing of it is lacking.
    """

    shared: tuple[int, ...] = ()
    family: Family = ASKS_NOTHING


class Measure(ABC, Generic[C]):
    """How contents of one kind are compared, asked and stored."""

    arrays: ClassVar[tuple[str, ...]]
    """Names of the arrays that contents are stored by."""

    @abstractmethod
    def scaled(self, rows: C) -> csr_array:
        """Rows, float32 [n, columns], that have overlap 1 with themselves."""

    @abstractmethod
    def towards(self, known: C) -> Singles:
        """What scaled rows are multiplied by to become similarities to these n, float32 [columns, n]."""

    @abstractmethod
    def demands(self, known: C, units: NDArray[np.int64]) -> Demands:
        """What labelled rows of units [n] ask of others."""

    def unmet(self, family: Family, known: C, others: C, similarities: Singles) -> tuple[Bools, Bools]:
        """What each of m rows lacks of the family, [m, shared], and whether its stoichiometry is unheard of, [m]."""
        return np.zeros((len(others), 0), dtype=np.bool_), np.zeros(len(others), dtype=np.bool_)

    def strange(self, shared: tuple[int, ...], known: C, others: C) -> dict[str, Bools]:
        """Part -> where m rows have something in it that no labelled row has, [m]."""
        return {}

    def spec(self, known: C, demands: Demands) -> dict[str, Any]:
        """What is stored of them as JSON beside the arrays."""
        return {}

    @abstractmethod
    def restored(self, state: State) -> C:
        """Contents again from what was stored.

        Raises
        ------
        ValueError
            If they are none.
        """


class CompositionMeasure(Measure[Compositions]):
    """By atomic fractions, as related as their elements are."""

    arrays = ("offsets", "elements", "amounts")

    def scaled(self, rows: Compositions) -> csr_array:
        """Atomic fractions, [n, 118]."""
        return _fractions(rows).astype(np.float32)

    def towards(self, known: Compositions) -> Singles:
        """Atomic fractions, each spread over the elements that are like it."""
        return np.ascontiguousarray((_fractions(known) @ element_likeness()).T, dtype=np.float32)

    def demands(self, known: Compositions, units: NDArray[np.int64]) -> Demands:
        """The family of the labelled ones."""
        return Demands(family=Family.fit(known, units))

    def unmet(
        self, family: Family, known: Compositions, others: Compositions, similarities: Singles
    ) -> tuple[Bools, Bools]:
        """What the family asks for."""
        return family.lacking(known, others, similarities), family.unheard_of(known, others)

    def spec(self, known: Compositions, demands: Demands) -> dict[str, Any]:
        """The family, if it asks for something."""
        return {"family": demands.family.state().spec} if demands.family.asks else {}

    def restored(self, state: State) -> Compositions:
        """Of arrays alone."""
        known = Compositions(*(state.arrays[name] for name in self.arrays))
        require_sound_compositions(known)
        return known


class ReactionMeasure(Measure[Reactions]):
    """By bits of differential fingerprints, and by the molecules in their parts."""

    arrays = ("molecules", "offsets", "members", "places")

    def scaled(self, rows: Reactions) -> csr_array:
        """Bits of DRFP."""
        bits = folded(rows).astype(np.float32)
        return csr_array(bits / np.sqrt(np.maximum(bits.sum(axis=1, keepdims=True), 1.0)))

    def towards(self, known: Reactions) -> Singles:
        """Bits of DRFP."""
        return np.ascontiguousarray(self.scaled(known).toarray().T)

    def demands(self, known: Reactions, units: NDArray[np.int64]) -> Demands:
        """No molecules that were not tried, in parts of which the labelled ones share theirs."""
        return Demands(shared=_shared_parts(known, units))

    def strange(self, shared: tuple[int, ...], known: Reactions, others: Reactions) -> dict[str, Bools]:
        """Where there is a molecule in a shared part that was not tried."""
        return {known.parts[part].name: ~_has_only(_molecules_in(known, part), others, part) for part in shared}

    def spec(self, known: Reactions, demands: Demands) -> dict[str, Any]:
        """The parts, and which are shared."""
        return {"parts": [asdict(part) for part in known.parts], "shared": list(demands.shared)}

    def restored(self, state: State) -> Reactions:
        """Of arrays and parts."""
        molecules, offsets, members, places = (state.arrays[name] for name in self.arrays)
        parts = tuple(Part(**part) for part in state.spec["parts"])
        known = Reactions(molecules, offsets, members, places, parts)
        require_sound_reactions(known)
        return known


class DefectMeasure(Measure[Defects]):
    """By hosts, kinds of defects, and distances of pairs."""

    arrays = ("offsets", "was", "now", "positions", "host", "supercells")

    def scaled(self, rows: Defects) -> csr_array:
        """Counts and pairs, folded."""
        table = folded_defects(rows).astype(np.float32)
        return csr_array(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12))

    def towards(self, known: Defects) -> Singles:
        """Counts and pairs, folded."""
        return np.ascontiguousarray(self.scaled(known).toarray().T)

    def demands(self, known: Defects, units: NDArray[np.int64]) -> Demands:
        """No more than what :meth:`strange` says."""
        return Demands(shared=(0,))

    def strange(self, shared: tuple[int, ...], known: Defects, others: Defects) -> dict[str, Bools]:
        """Where there is a kind of defect that no labelled arrangement of the same host has."""
        if not shared:
            return {}
        unknown = ~np.isin(site_names(others), site_names(known))
        return {"defects": np.bincount(others.rows, unknown, len(others)) > 0}

    def spec(self, known: Defects, demands: Demands) -> dict[str, Any]:
        """The hosts, and what is asked."""
        hosts = [host.text if host.is_known else host.formula for host in known.hosts]
        return {"hosts": hosts, "shared": list(demands.shared)}

    def restored(self, state: State) -> Defects:
        """Of arrays and hosts."""
        hosts = tuple(HostCrystal.from_text(text) if "|" in text else HostCrystal(text) for text in state.spec["hosts"])
        offsets, was, now, positions, host, supercells = (state.arrays[name] for name in self.arrays)
        known = Defects(offsets, was, now, positions, hosts, host, supercells)
        if len(hosts) <= int(host.max(initial=0)) or int(offsets[-1]) != len(was):
            raise ValueError("these are no arrangements of defects")
        return known


MEASURES: Mapping[type[Contents], Measure[Any]] = {
    Compositions: CompositionMeasure(),
    Reactions: ReactionMeasure(),
    Defects: DefectMeasure(),
}
"""Of each kind of contents."""


def measure_of(contents: Contents) -> Measure[Any]:
    """How these are compared."""
    return MEASURES[type(contents)]


def measure_stored(spec: Mapping[str, Any]) -> Measure[Any]:
    """How what was stored with this JSON is compared."""
    if "hosts" in spec:
        return MEASURES[Defects]
    return MEASURES[Reactions if "parts" in spec else Compositions]


@cache
def element_likeness() -> Floats:
    """How alike two elements are, [118, 118]; elements without a Mendeleev number are like no other."""
    numbers = own_table("magpie").column("MendeleevNumber")
    likeness = np.exp(-np.abs(numbers[:, None] - numbers) / SCALE)
    return np.where(np.isnan(likeness), np.eye(N_ELEMENTS), likeness)


NOTHING = ""
"""Stands for no molecule in a part."""


def _molecules_in(reactions: Reactions, part: int) -> NDArray[np.str_]:
    """The molecules of a part, each once, with :data:`NOTHING` where some reaction has none."""
    own = reactions.places == part
    molecules = np.unique(reactions.molecules[np.unique(reactions.members[own])])
    empty = len(np.unique(reactions.rows[own])) < len(reactions)
    return np.concatenate([molecules, [NOTHING]]) if empty else molecules


def _has_only(known: NDArray[np.str_], reactions: Reactions, part: int) -> NDArray[np.bool_]:
    """True for reactions all of whose molecules in this part (or that there is none) are known, [n]."""
    own = reactions.places == part
    strange = ~np.isin(reactions.molecules, known)[reactions.members[own]]
    rows = reactions.rows[own]
    empty = np.bincount(rows, minlength=len(reactions)) == 0
    return np.asarray((np.bincount(rows, strange, len(reactions)) == 0) & (~empty | (NOTHING in known)))


def _shared_parts(reactions: Reactions, units: NDArray[np.int64]) -> tuple[int, ...]:
    """Parts whose molecules stand in a reaction of another unit, too, for :data:`USUAL` of the reactions."""
    _, unit = np.unique(units, return_inverse=True)
    shared = []
    for part in range(len(reactions.parts)):
        own = reactions.places == part
        if not own.any():
            continue
        members, rows = reactions.members[own], reactions.rows[own]
        pairs = np.unique(np.stack([members, unit[rows]]), axis=1)
        alone = np.bincount(pairs[0], minlength=len(reactions.molecules)) < 2
        strange = np.bincount(rows, alone[members], len(reactions)) > 0
        if 1.0 - strange.mean() >= USUAL:
            shared.append(part)
    return tuple(shared)


def _fractions(compositions: Compositions) -> csr_array:
    """Atomic fractions [n, 118] scaled so that each row has overlap 1 with itself."""
    likeness = element_likeness()
    columns = compositions.elements.astype(np.int64) - 1
    shape = (len(compositions), N_ELEMENTS)
    fractions = csr_array((compositions.fractions, columns, compositions.offsets), shape=shape)
    overlap = fractions.multiply(fractions @ likeness).sum(axis=1)
    return csr_array(
        (compositions.fractions / np.sqrt(overlap)[compositions.rows], columns, compositions.offsets), shape=shape
    )
