"""Candidates from compositions: names, and every composition once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.discover.base import Candidates


def named_candidates(compositions: Compositions, origins: NDArray[np.str_], remarks: Sequence[str] = ()) -> Candidates:
    """Candidates with their formulas as ids; of equal compositions the first is kept."""
    kept = first_of_each(compositions)
    compositions = compositions[kept]
    formulas = np.array([format_formula(compositions.to_dict(row)) for row in range(len(compositions))], dtype=np.str_)
    return Candidates(Materials(formulas, formulas, compositions), origins[kept], tuple(remarks))


def first_of_each(found: Compositions | Materials) -> NDArray[np.int64]:
    """Rows of the first occurrence of each composition, or reaction, ascending."""
    _, first = np.unique(found.keys(), return_index=True)
    return np.sort(first)


def one_of_each(candidates: Candidates) -> Candidates:
    """The first of each composition, without structures: models of formulas cannot tell the others from it."""
    materials = candidates.materials
    kept = first_of_each(materials)
    told = f"{len(materials) - len(kept):,} more have the composition of one before them and were left out."
    return replace(
        candidates,
        materials=replace(materials[kept], structures=None),
        origins=candidates.origins[kept],
        remarks=(*candidates.remarks, *([told] if len(kept) < len(materials) else [])),
    )


def join_candidates(parts: Sequence[Candidates]) -> Candidates:
    """One list of candidates, each composition once (the part named first wins).

    Context columns that all parts have are kept. Crystal structures are kept only if there is a single part: the
    generators know compositions alone.
    """
    if len(parts) == 1:
        return parts[0]
    compositions = Compositions.concatenate([part.materials.compositions for part in parts])
    kept = first_of_each(compositions)
    ids = np.concatenate([part.materials.ids for part in parts])[kept]
    formulas = np.concatenate([part.materials.formulas for part in parts])[kept]
    shared = [name for name in parts[0].materials.context if all(name in part.materials.context for part in parts)]
    context = {name: np.concatenate([part.materials.context[name] for part in parts])[kept] for name in shared}
    materials = Materials(_unique(ids), formulas, compositions[kept], None, context)
    origins = np.concatenate([part.origins for part in parts])[kept]
    twice = len(compositions) - len(kept)
    remarks = [remark for part in parts for remark in part.remarks]
    if twice:
        remarks.append(f"{twice:,} candidates came up twice and are counted once.")
    return Candidates(materials, origins, tuple(remarks))


def _unique(ids: NDArray[np.str_]) -> NDArray[np.str_]:
    """The ids with ``#2``, ``#3`` ... appended where one repeats."""
    seen: dict[str, int] = {}
    unique = []
    for name in ids:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return np.array(unique, dtype=np.str_)


def to_padded(compositions: Compositions) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Atomic numbers and amounts, each [n, longest], padded with 0 at the end of a row."""
    width = int(compositions.lengths.max(initial=1))
    columns = np.arange(len(compositions.elements)) - compositions.offsets[compositions.rows]
    numbers = np.zeros((len(compositions), width), dtype=np.int64)
    amounts = np.zeros((len(compositions), width))
    numbers[compositions.rows, columns] = compositions.elements
    amounts[compositions.rows, columns] = compositions.amounts
    return numbers, amounts


def from_padded(numbers: NDArray[np.int64] | NDArray[np.uint8], amounts: NDArray[np.float64]) -> Compositions:
    """The reverse of :func:`to_padded`; the order of the elements in a row is free, none may come twice."""
    order = np.argsort(numbers, axis=1, kind="stable")
    sorted_numbers = np.take_along_axis(numbers.astype(np.uint8), order, axis=1)
    sorted_amounts = np.take_along_axis(amounts, order, axis=1)
    present = sorted_numbers > 0
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int64)
    return Compositions(offsets, sorted_numbers[present], sorted_amounts[present].astype(np.float64))
