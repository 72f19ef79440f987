"""What a model of likeness keeps of the rows that it learned from: the known materials, and each row's unseen score."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.repeats import material_keys
from matscout.errors import RowProblem
from matscout.predict.domain import Domain
from matscout.predict.states import Stored

Floats = NDArray[np.float64]

DIGEST_BYTES = 8

SAME = 1e-6
"""Distances below this are 0: similarities are computed in single precision."""


@dataclass(frozen=True, eq=False)
class KnownMaterials(Stored):
    """The training rows of a model of likeness.

    Parameters
    ----------
    ids, formulas
        text [k], of the known materials.
    index
        Their compositions, to find the nearest one.
    rows
        text [n], digests of material, conditions and structure of all training rows, sorted.
    likeness
        float64 [n], the score of each of them by a fit that had not seen it; NaN where there is none.
    of_known
        bool [n], whether it is known.
    conditions
        Names of the context columns that tell rows apart.
    """

    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    index: Domain
    rows: NDArray[np.str_]
    likeness: Floats
    of_known: NDArray[np.bool_]
    conditions: tuple[str, ...] = ()

    @classmethod
    def of(cls, materials: Materials, known: NDArray[np.bool_], likeness: Floats) -> Self:
        """From n training rows, which of them are known, and their scores."""
        chosen = materials[np.flatnonzero(known)]
        conditions = tuple(sorted(materials.context))
        digests = digests_of(materials, conditions)
        order = np.argsort(digests, kind="stable")
        return cls(
            chosen.ids.astype(np.str_),
            chosen.formulas.astype(np.str_),
            Domain.yardstick(chosen),
            digests[order],
            likeness[order],
            known[order],
            conditions,
        )

    def unseen(self, materials: Materials, scores: Floats) -> Floats:
        """The scores [m], of training rows those by a fit that had not seen them."""
        places, there = self._places(materials)
        stored = self.likeness[places]
        return np.where(there & np.isfinite(stored), stored, scores)

    def nearest(self, materials: Materials) -> tuple[NDArray[np.int64], Floats]:
        """The position of the nearest known material of each of m, and its distance, [m]."""
        nearest = self.index.nearest(materials, 1)
        distances = 1.0 - nearest.similarities[:, 0]
        return nearest.rows[:, 0], np.where(distances < SAME, 0.0, distances)

    def remarks(self, materials: Materials) -> list[RowProblem]:
        """On rows with an element that no known material has, and on structures of known formulas."""
        problems = self._strange_elements(materials) if materials.kind.is_compound else []
        return [*problems, *self._other_structures(materials)]

    def _places(self, materials: Materials) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        digests = digests_of(materials, self.conditions)
        places = np.minimum(np.searchsorted(self.rows, digests), len(self.rows) - 1)
        return places, self.rows[places] == digests

    def has_strange_elements(self, materials: Materials) -> NDArray[np.bool_]:
        """Which of m materials have an element that no known material has, [m]."""
        if not materials.kind.is_compound:
            return np.zeros(len(materials), dtype=np.bool_)
        owners, _ = self._strange(materials)
        return np.isin(np.arange(len(materials)), owners)

    def _strange(self, materials: Materials) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Rows with elements that no known material has, and these elements."""
        compositions = materials.compositions
        present = np.unique(self.index.known.elements)  # type: ignore[attr-defined]
        strange = ~np.isin(compositions.elements, present)
        return compositions.rows[strange], compositions.elements[strange]

    def _strange_elements(self, materials: Materials) -> list[RowProblem]:
        advice = "do not trust the score: nothing known says anything of it"
        return [
            RowProblem(
                int(row) + 1,
                str(materials.formulas[row]),
                f"no known material holds {SYMBOLS[number - 1]}",
                advice,
                dropped=False,
            )
            for row, number in zip(*self._strange(materials), strict=True)
        ]

    def _other_structures(self, materials: Materials) -> list[RowProblem]:
        """Rows whose formula is known, unless they are the known material itself.

        A formula alone is the known one where the model learned from formulas; where it learned from structures, it may
        be that of another structure.
        """
        known = np.isin(materials.keys(), self.index.known.keys())
        places, there = self._places(materials)
        same, has_structure = there & self.of_known[places], materials.has_structure
        return [
            RowProblem(
                int(row) + 1,
                str(materials.formulas[row]),
                "another structure of this formula is known" if has_structure[row] else "this formula is known",
                "the score is that of this structure, but chemistry alone may make it high"
                if has_structure[row]
                else "a structure of it is, perhaps another one than you mean",
                dropped=False,
            )
            for row in np.flatnonzero(known & ~same)
        ]


def digests_of(materials: Materials, conditions: Sequence[str]) -> NDArray[np.str_]:
    """Equal for rows of equal material, structure and conditions (of these names, whatever others there are), [n]."""
    materials = replace(materials, context={name: materials.context[name] for name in conditions})
    return np.array(
        [hashlib.blake2b(repr(key).encode(), digest_size=DIGEST_BYTES).hexdigest() for key in material_keys(materials)],
        dtype=np.str_,
    )
