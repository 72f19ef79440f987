"""Domain: how similar materials are to the labelled ones, and which of those are nearest.

What similar means, and what else is asked of compositions or reactions, is said in :mod:`matscout.predict.measures`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.contents import Contents
from matscout.data.materials import Materials
from matscout.errors import RowProblem
from matscout.predict.family import ASKS_NOTHING, Family
from matscout.predict.measures import Demands, measure_of, measure_stored
from matscout.predict.states import State

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

USUAL = 0.95
"""Share of the training materials that count as near enough to the others."""
ENOUGH = 0.85
"""A material this similar to a labelled one is in the domain however close the labelled ones are to each other (doped
series are near-copies): GaAs and GaP, or NaCl and KCl, are about 0.9 similar."""
MARGIN = 0.1
"""A number of the context may lie outside the training range by this share of it."""
ROWS_AT_ONCE = 2048
TOLERANCE = 1e-6
"""Similarities are computed in single precision: 100,000 materials against 5,000 in about two seconds."""
MOST_DIGITS = 5
"""Behind the point of a similarity, as the precision allows."""


@dataclass(frozen=True, eq=False)
class NearestLabels:
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

    known: Contents
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
        known = materials.contents
        nearest = [
            np.where(units[rows, None] == units, -1.0, similarities).max(axis=1)
            for rows, similarities in cls(known, 0.0, context)._blocks(known)
        ]
        threshold = float(np.quantile(np.concatenate(nearest), 1.0 - USUAL))
        demands = measure_of(known).demands(known, units)
        return cls(known, min(threshold, ENOUGH), context, demands.shared, demands.family)

    @classmethod
    def yardstick(cls, materials: Materials) -> Domain:
        """To ask what is nearest, without any threshold."""
        return cls(materials.contents, 0.0, {})

    def nearest(self, materials: Materials, k: int = 1) -> NearestLabels:
        """The k most similar labelled materials of each material (all of them if there are fewer)."""
        k = min(k, len(self.known))
        rows, similarities = [], []
        for _, block in self._blocks(materials.contents):
            some = np.argpartition(block, -k, axis=1)[:, -k:]
            highest = np.take_along_axis(block, some, axis=1)
            # Equal ones in the order of the labelled materials.
            order = np.lexsort((some, -highest), axis=1)
            rows.append(np.take_along_axis(some, order, axis=1))
            similarities.append(np.take_along_axis(highest, order, axis=1))
        return NearestLabels(
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
        reasons: list[list[str]] = []
        for _, verdicts in self._verdicts(materials):
            rows = zip(verdicts.nearest, verdicts.far, verdicts.lacks, verdicts.unheard_of, strict=True)
            for nearest, far, lacks, unheard_of in rows:
                words = [self.family.words(lacks)] if lacks.any() else []
                words += [f"not similar to any label ({shown_similarity(nearest)} similar)"] if far else []
                reasons.append([*words, *(["a stoichiometry that no label has"] if unheard_of else [])])
        for name, strange in self._strange(materials).items():
            for row in np.flatnonzero(strange):
                reasons[row].append(f"{name} outside that of the labels")
        return ["; ".join(words) for words in reasons]

    def _verdicts(self, materials: Materials) -> Iterator[tuple[slice, _Verdicts]]:
        """Blocks of rows and what is said of each by its composition, or its molecules as a whole."""
        known, others = self.known, materials.contents
        for rows, block in self._blocks(others):
            nearest, some = block.max(axis=1), others[rows]
            far = nearest < self.threshold - TOLERANCE
            lacks, unheard_of = measure_of(known).unmet(self.family, known, some, block)
            yield rows, _Verdicts(nearest, far, lacks, unheard_of)

    def _strange(self, materials: Materials) -> dict[str, NDArray[np.bool_]]:
        """Context column, or part of a reaction -> where it is unlike training, [m]."""
        outside = {name: ~within(materials.context[name], known) for name, known in self.context.items()}
        return outside | measure_of(self.known).strange(self.shared, self.known, materials.contents)

    def remarks(self, materials: Materials) -> tuple[RowProblem, ...]:
        """On each column of numbers that leaves the training range, at its first row: mostly it is in another unit."""
        problems = []
        for name, known in self.context.items():
            column = materials.context[name]
            if isinstance(known[0], str) or column.dtype.kind == "U":
                continue
            outside = np.flatnonzero(~within(column, known) & ~np.isnan(column))
            if not len(outside):
                continue
            learned = f"{known[0]:g} to {known[1]:g}" if known[0] < known[1] else f"always {known[0]:g}"
            more = f" (similar rows: {len(outside):,})" if len(outside) > 1 else ""
            problems.append(
                RowProblem(
                    int(outside[0]) + 1,
                    f"{column[outside[0]]:g}",
                    f"this {name!r} lies outside the training data, {learned}{more}",
                    "check its unit; the prediction is less reliable",
                    dropped=False,
                )
            )
        return tuple(problems)

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        context = {name: list(known) for name, known in self.context.items()}
        measure = measure_of(self.known)
        spec = {"threshold": self.threshold, "context": context}
        spec |= measure.spec(self.known, Demands(self.shared, self.family))
        return State(spec, {name: getattr(self.known, name) for name in measure.arrays})

    @classmethod
    def from_state(cls, state: State) -> Domain:
        """The domain again.

        Raises
        ------
        ValueError
            If the labelled materials are none.
        """
        context = {name: tuple(known) for name, known in state.spec["context"].items()}
        known = measure_stored(state.spec).restored(state)
        family = Family.from_state(State(state.spec["family"])) if "family" in state.spec else ASKS_NOTHING
        return cls(known, state.spec["threshold"], context, tuple(state.spec.get("shared", ())), family)

    def _blocks(self, others: Contents) -> Iterator[tuple[slice, Singles]]:
        """Pairs of rows (a slice) and their similarities to all labelled materials, float32 [block, n]."""
        measure = measure_of(self.known)
        towards = measure.towards(self.known)
        for start in range(0, max(len(others), 1), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            yield rows, measure.scaled(others[rows]) @ towards


def shown_similarity(similarity: float) -> str:
    """Cut off behind the first digit that is no 9, the second at the earliest: ``"0.85"``, ``"0.994"``, ``"0.9997"``.

    ``"1"`` is kept for what is the same, to the precision in which it is computed.
    """
    unlike = 1.0 - similarity - TOLERANCE
    if unlike <= 0:
        return "1"
    decimals = min(max(2, math.ceil(-math.log10(unlike))), MOST_DIGITS)
    return f"{math.floor(10**decimals * (similarity + TOLERANCE)) / 10**decimals:.{decimals}f}"


@dataclass(frozen=True, eq=False)
class _Verdicts:
    """Of m materials: similarity to the nearest label, whether that is too far, what is lacking, and stoichiometry."""

    nearest: Singles
    far: NDArray[np.bool_]
    lacks: NDArray[np.bool_]
    unheard_of: NDArray[np.bool_]


def within(column: NDArray[Any], known: tuple[float, float] | tuple[str, ...]) -> NDArray[np.bool_]:
    """Which cells of a context column are like those of training: among the words, or the numbers with a margin.

    Numbers that were converted on different ways may differ in their last digits.
    """
    if isinstance(known[0], str):
        return np.asarray(np.isin(column.astype(np.str_), np.array(known)), dtype=np.bool_)
    low, high = float(known[0]), float(known[1])
    margin = MARGIN * (high - low) + 1e-8 * max(abs(low), abs(high))
    return np.asarray((column >= low - margin) & (column <= high + margin), dtype=np.bool_)
