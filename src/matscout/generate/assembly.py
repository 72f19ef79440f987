"""Candidates from compositions: names, and every composition once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence
from matscout.remarks import Remark


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
    kept = first_of_each(candidates.materials)
    more = len(candidates) - len(kept)
    left_out = Remark(
        "polymorphs-left-out", f"{more:,} more repeat the composition of an earlier one and were left out."
    )
    distinct = candidates[kept]
    return replace(
        distinct,
        materials=replace(distinct.materials, structures=None),
        remarks=(*distinct.remarks, *([left_out] if more else [])),
    )


def join_candidates(parts: Sequence[Candidates]) -> Candidates:
    """One list of candidates; of equal compositions the part named first wins.

    Crystals are different materials where they have the same composition, so all of one part stay; a formula without a
    structure is one with the first crystal of its composition, whichever comes first. Context columns and facts that
    all parts have are kept; what they are called and what they should be is that of the last part.
    """
    if len(parts) == 1:
        return parts[0]
    compositions = Compositions.concatenate([part.materials.compositions for part in parts])
    kept = _kept(parts, compositions)
    materials = Materials(
        _unique(np.concatenate([part.materials.ids for part in parts])[kept]),
        np.concatenate([part.materials.formulas for part in parts])[kept],
        compositions[kept],
        _structures(parts, kept),
        {name: np.concatenate([part.materials.context[name] for part in parts])[kept] for name in _shared(parts)},
    )
    twice = len(compositions) - len(kept)
    remarks = [remark for part in parts for remark in part.remarks]
    if twice:
        remarks.append(Remark("candidates-came-up-twice", f"{twice:,} candidates occur twice and are counted once."))
    origins = np.concatenate([part.origins for part in parts])[kept]
    lost = tuple(removal for part in parts for removal in part.lost)
    made = Candidates(materials, origins, tuple(remarks), _joined_facts(parts, kept), lost)
    return replace(made, usual_filters=parts[-1].usual_filters, words=parts[-1].words)


def _shared(parts: Sequence[Candidates]) -> list[str]:
    """Context columns that all parts have."""
    return [name for name in parts[0].materials.context if all(name in part.materials.context for part in parts)]


def _kept(parts: Sequence[Candidates], compositions: Compositions) -> NDArray[np.int64]:
    """Rows of all parts together that stay, ascending."""
    if all(part.materials.structures is None for part in parts):
        return first_of_each(compositions)
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    crystal = np.concatenate([part.materials.has_structure for part in parts])
    keys = compositions.keys().tolist()
    first: dict[str, int] = {}
    for row in [*np.flatnonzero(crystal).tolist(), *np.flatnonzero(~crystal).tolist()]:
        first.setdefault(keys[row], row)
    stays = [row == first[key] or (crystal[row] and owner[row] == owner[first[key]]) for row, key in enumerate(keys)]
    return np.flatnonzero(stays)


def _structures(parts: Sequence[Candidates], kept: NDArray[np.int64]) -> Structures | None:
    """The crystals of all parts; rows of a part that has none are not known."""
    if all(part.materials.structures is None for part in parts):
        return None
    nothing = Structures.from_pymatgen([])
    known = [
        nothing.spread(np.zeros(0, dtype=np.int64), len(part)) if own is None else own
        for part, own in ((part, part.materials.structures) for part in parts)
    ]
    return Structures.joined(known)[kept]


def _joined_facts(parts: Sequence[Candidates], kept: NDArray[np.int64]) -> dict[str, Evidence]:
    """Evidence of all parts, one after the other; of a part that lacks it nothing is known."""
    facts = {}
    for column in dict.fromkeys(name for part in parts for name in part.facts):
        known = [part.facts.get(column) for part in parts]
        pattern = next(one for one in known if one is not None)
        if pattern.values.dtype.kind in "bi" and any(one is None for one in known):
            continue
        pieces = [pattern.unknown(len(part)) if one is None else one for part, one in zip(parts, known, strict=True)]
        facts[column] = Evidence.joined(pieces)[kept]
    return facts


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
