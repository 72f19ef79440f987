"""Domain: how similar materials are to the labelled ones, and which of those are nearest.

Two elements are alike as far as they are near on Mendeleev's scale (Villars and others 2004,
doi:10.1016/j.jallcom.2003.08.060; an ordering in which neighbours replace each other in compounds):
``s(a, b) = exp(-|M_a - M_b| / 4)``. Two compositions with atomic fractions f and g then have the overlap
``k(f, g) = sum_ab f_a g_b s(a, b)`` and the similarity ``k(f, g) / sqrt(k(f, f) k(g, g))``: 1 for the same fractions
(formulas scaled), near 0 where no element of one is related to any of the other. ``s`` is positive definite, so this
is the cosine of the angle between the compositions in a space that it spans. Fractions do not tell everything: what
nearly all labels have in common is asked for, too (:mod:`matscout.predict.family`).

Two reactions are similar as far as their differential fingerprints (:mod:`matscout.represent.reaction_shingles`) share
bits: the cosine of the angle between them. On a plate all are alike by this, one with a new ligand, too. So where the
labelled reactions share their ligands (additives, products ...), one with another ligand is out of the domain.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matscout.crystal.tables import own_table
from matscout.data.compositions import Compositions
from matscout.data.elements import N_ELEMENTS
from matscout.data.materials import Materials
from matscout.data.reactions import Part, Reactions
from matscout.errors import RowProblem
from matscout.predict.family import ASKS_NOTHING, Family
from matscout.predict.soundness import require_sound
from matscout.predict.states import State
from matscout.represent.reaction_shingles import folded

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

SCALE = 4.0
"""Steps on Mendeleev's scale over which the likeness of two elements falls by a factor e."""
USUAL = 0.95
"""Share of the training materials that count as near enough to the others."""
ENOUGH = 0.85
"""A material this similar to a labelled one is in the domain however close the labelled ones are to each other (doped
series are near-copies): GaAs and GaP, or NaCl and KCl, are about 0.9 similar."""
MARGIN = 0.1
"""A number of the context may lie outside the training range by this share of it."""
ROWS_AT_ONCE = 2048
COMPOSITION_ARRAYS = ("offsets", "elements", "amounts")
REACTION_ARRAYS = ("molecules", "offsets", "members", "places")
TOLERANCE = 1e-6
"""Similarities are computed in single precision: 100,000 materials against 5,000 in about two seconds."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k most similar labelled materials of m materials, most similar first.

    Parameters
    ----------
    rows
        int64 [m, k], positions among the labelled materials.
    similarities
        float64 [m, k], in 0..1.
    """

    rows: NDArray[np.int64]
    similarities: Floats


@dataclass(frozen=True, eq=False)
class Domain:
    """The labelled materials as a yardstick for new ones.

    Parameters
    ----------
    known
        The n labelled compositions, or reactions.
    threshold
        A material is in the domain if its nearest labelled material is at least this similar: 95 % of the labelled
        ones are to their nearest one in another unit, and at most 0.85.
    context
        Context column -> (lowest, highest) training value, or the categories seen.
    shared
        Of reactions: positions of the parts whose molecules stand in a labelled reaction of another unit, too, for 95 %
        of the labelled ones. In the domain there is no other molecule in these parts.
    family
        Of compositions: what nearly all of the labelled ones have in common. In the domain nothing of it is lacking.
    """

    known: Compositions | Reactions
    threshold: float
    context: Mapping[str, tuple[float, float] | tuple[str, ...]]
    shared: tuple[int, ...] = ()
    family: Family = ASKS_NOTHING

    @classmethod
    def fit(cls, materials: Materials, units: NDArray[np.int64]) -> Domain:
        """Learn from labelled materials; rows of one unit [n] (composition or group) do not vouch for each other."""
        context: dict[str, tuple[float, float] | tuple[str, ...]] = {}
        for name, column in materials.context.items():
            if column.dtype.kind == "f":
                context[name] = (float(np.nanmin(column)), float(np.nanmax(column)))
            else:
                context[name] = tuple(np.unique(column).tolist())
        known = _known(materials)
        nearest = [
            np.where(units[rows, None] == units, -1.0, similarities).max(axis=1)
            for rows, similarities in cls(known, 0.0, context)._blocks(known)
        ]
        threshold = float(np.quantile(np.concatenate(nearest), 1.0 - USUAL))
        if isinstance(known, Reactions):
            return cls(known, min(threshold, ENOUGH), context, _shared_parts(known, units))
        return cls(known, min(threshold, ENOUGH), context, family=Family.fit(known, units))

    @classmethod
    def yardstick(cls, materials: Materials) -> Domain:
        """To ask what is nearest, without any threshold."""
        return cls(_known(materials), 0.0, {})

    def nearest(self, materials: Materials, k: int = 1) -> Neighbours:
        """The k most similar labelled materials of each material (all of them if there are fewer)."""
        k = min(k, len(self.known))
        rows, similarities = [], []
        for _, block in self._blocks(_known(materials)):
            some = np.argpartition(block, -k, axis=1)[:, -k:]
            found = np.take_along_axis(block, some, axis=1)
            # Equal ones in the order of the labelled materials.
            order = np.lexsort((some, -found), axis=1)
            rows.append(np.take_along_axis(some, order, axis=1))
            similarities.append(np.take_along_axis(found, order, axis=1))
        return Neighbours(
            np.concatenate(rows).astype(np.int64), np.clip(np.concatenate(similarities), 0.0, 1.0, dtype=np.float64)
        )

    def contains(self, materials: Materials) -> NDArray[np.bool_]:
        """True where a label is near enough, nothing that labels share is lacking, and all else is known, [m].

        All else is the context and, of reactions, the molecules.
        """
        inside = np.ones(len(materials), dtype=np.bool_)
        for rows, verdicts in self._verdicts(materials):
            inside[rows] = ~(verdicts.far | verdicts.lacks.any(axis=1) | verdicts.unheard_of)
        for strange in self._strange(materials).values():
            inside &= ~strange
        return inside

    def objections(self, materials: Materials) -> list[str]:
        """Why each of m materials is outside, ``"no Li, which every label holds"``; "" where it is inside."""
        found: list[list[str]] = []
        for _, verdicts in self._verdicts(materials):
            rows = zip(verdicts.nearest, verdicts.far, verdicts.lacks, verdicts.unheard_of, strict=True)
            for nearest, far, lacks, unheard_of in rows:
                words = [self.family.words(lacks)] if lacks.any() else []
                words += [f"unlike any label ({hundredths(nearest)} similar)"] if far else []
                found.append([*words, *(["a stoichiometry that no label has"] if unheard_of else [])])
        for name, strange in self._strange(materials).items():
            for row in np.flatnonzero(strange):
                found[row].append(f"{name} unlike that of the labels")
        return ["; ".join(words) for words in found]

    def _verdicts(self, materials: Materials) -> Iterator[tuple[slice, _Verdicts]]:
        """Blocks of rows and what is said of each by its composition, or its molecules as a whole."""
        known, others = self.known, _known(materials)
        for rows, block in self._blocks(others):
            nearest, some = block.max(axis=1), others[rows]
            far = nearest < self.threshold - TOLERANCE
            if isinstance(known, Compositions) and isinstance(some, Compositions):
                lacks, unheard_of = self.family.lacking(known, some, block), self.family.unheard_of(known, some)
            else:
                lacks, unheard_of = np.zeros((len(some), 0), dtype=np.bool_), np.zeros(len(some), dtype=np.bool_)
            yield rows, _Verdicts(nearest, far, lacks, unheard_of)

    def _strange(self, materials: Materials) -> dict[str, NDArray[np.bool_]]:
        """Context column, or part of a reaction -> where it is unlike training, [m]."""
        found = {name: ~within(materials.context[name], known) for name, known in self.context.items()}
        if isinstance(self.known, Reactions) and materials.reactions is not None:
            for part in self.shared:
                name = self.known.parts[part].name
                found[name] = ~_has_only(_molecules_in(self.known, part), materials.reactions, part)
        return found

    def remarks(self, materials: Materials) -> tuple[RowProblem, ...]:
        """On each column of numbers that leaves the training range, at its first row: mostly it is in another unit."""
        found = []
        for name, known in self.context.items():
            column = materials.context[name]
            if isinstance(known[0], str) or column.dtype.kind == "U":
                continue
            outside = np.flatnonzero(~within(column, known) & ~np.isnan(column))
            if not len(outside):
                continue
            learned = f"{known[0]:g} to {known[1]:g}" if known[0] < known[1] else f"always {known[0]:g}"
            more = f" (rows like it: {len(outside):,})" if len(outside) > 1 else ""
            found.append(
                RowProblem(
                    int(outside[0]) + 1,
                    f"{column[outside[0]]:g}",
                    f"this {name!r} lies outside the training data, {learned}{more}",
                    "check its unit, or trust the prediction less",
                    dropped=False,
                )
            )
        return tuple(found)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        context = {name: list(known) for name, known in self.context.items()}
        spec: dict[str, Any] = {"threshold": self.threshold, "context": context}
        if self.family.asks:
            spec["family"] = self.family.state().spec
        if isinstance(self.known, Reactions):
            spec["parts"] = [asdict(part) for part in self.known.parts]
            spec["shared"] = list(self.shared)
        names = REACTION_ARRAYS if isinstance(self.known, Reactions) else COMPOSITION_ARRAYS
        return State(spec, {name: getattr(self.known, name) for name in names})

    @classmethod
    def from_state(cls, state: State) -> Domain:
        """The domain again.

        Raises
        ------
        ValueError
            If the labelled materials are none.
        """
        context = {name: tuple(known) for name, known in state.spec["context"].items()}
        known: Compositions | Reactions
        if "parts" in state.spec:
            parts = tuple(Part(**part) for part in state.spec["parts"])
            molecules, offsets, members, places = (state.arrays[name] for name in REACTION_ARRAYS)
            known = Reactions(molecules, offsets, members, places, parts)
        else:
            known = Compositions(*(state.arrays[name] for name in COMPOSITION_ARRAYS))
        require_sound(known)
        family = Family.from_state(State(state.spec["family"])) if "family" in state.spec else ASKS_NOTHING
        return cls(known, state.spec["threshold"], context, tuple(state.spec.get("shared", ())), family)

    def _blocks(self, others: Compositions | Reactions) -> Iterator[tuple[slice, Singles]]:
        """Pairs of rows (a slice) and their similarities to all labelled materials, float32 [block, n]."""
        towards = _towards(self.known)
        for start in range(0, max(len(others), 1), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            yield rows, _scaled(others[rows]) @ towards


def hundredths(similarity: float) -> str:
    """With two digits, cut off: 1.00 is kept for what is the same (to the precision in which it is computed)."""
    return f"{math.floor(100 * (similarity + TOLERANCE)) / 100:.2f}"


@dataclass(frozen=True, eq=False)
class _Verdicts:
    """Of m materials: similarity to the nearest label, whether that is too far, what is lacking, and stoichiometry."""

    nearest: Singles
    far: NDArray[np.bool_]
    lacks: NDArray[np.bool_]
    unheard_of: NDArray[np.bool_]


@cache
def element_likeness() -> Floats:
    """How alike two elements are, [118, 118]; elements without a Mendeleev number are like no other."""
    numbers = own_table("magpie").column("MendeleevNumber")
    likeness = np.exp(-np.abs(numbers[:, None] - numbers) / SCALE)
    return np.where(np.isnan(likeness), np.eye(N_ELEMENTS), likeness)


def _known(materials: Materials) -> Compositions | Reactions:
    return materials.compositions if materials.reactions is None else materials.reactions


NOTHING = ""
"""Stands for no molecule in a part."""


def _molecules_in(reactions: Reactions, part: int) -> NDArray[np.str_]:
    """The molecules of a part, each once, with :data:`NOTHING` where some reaction has none."""
    own = reactions.places == part
    found = np.unique(reactions.molecules[np.unique(reactions.members[own])])
    empty = len(np.unique(reactions.rows[own])) < len(reactions)
    return np.concatenate([found, [NOTHING]]) if empty else found


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
    found = []
    for part in range(len(reactions.parts)):
        own = reactions.places == part
        if not own.any():
            continue
        members, rows = reactions.members[own], reactions.rows[own]
        pairs = np.unique(np.stack([members, unit[rows]]), axis=1)
        alone = np.bincount(pairs[0], minlength=len(reactions.molecules)) < 2
        strange = np.bincount(rows, alone[members], len(reactions)) > 0
        if 1.0 - strange.mean() >= USUAL:
            found.append(part)
    return tuple(found)


def _towards(known: Compositions | Reactions) -> Singles:
    """What scaled rows are multiplied by to become similarities to these n, float32 [columns, n]."""
    if isinstance(known, Reactions):
        return np.ascontiguousarray(_scaled(known).toarray().T)
    return np.ascontiguousarray((_fractions(known) @ element_likeness()).T, dtype=np.float32)


def _scaled(rows: Compositions | Reactions) -> csr_array:
    """Rows, float32 [n, columns], that have overlap 1 with themselves: atomic fractions, or bits of DRFP."""
    if isinstance(rows, Compositions):
        return _fractions(rows).astype(np.float32)
    bits = folded(rows).astype(np.float32)
    return csr_array(bits / np.sqrt(np.maximum(bits.sum(axis=1, keepdims=True), 1.0)))


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


def within(column: NDArray[Any], known: tuple[float, float] | tuple[str, ...]) -> NDArray[np.bool_]:
    """Which cells of a context column are like those of training: among the words, or the numbers with a margin.

    Numbers that were converted on different ways may differ in their last digits.
    """
    if isinstance(known[0], str):
        return np.asarray(np.isin(column.astype(np.str_), np.array(known)), dtype=np.bool_)
    low, high = float(known[0]), float(known[1])
    margin = MARGIN * (high - low) + 1e-8 * max(abs(low), abs(high))
    return np.asarray((column >= low - margin) & (column <= high + margin), dtype=np.bool_)
