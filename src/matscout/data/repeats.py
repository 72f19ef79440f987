"""Repeated measurements of one material under one condition, merged into one row with their spread as its error."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, was
from matscout.data.column_names import is_called_condition
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.errors import RowProblem
from matscout.remarks import Remark

_MAD_TO_SD = 1.4826
_CONFLICT_SPREADS, _CONFLICT_IQR = 3.0, 0.1


@dataclass(frozen=True, eq=False)
class _Repeats:
    """n rows in m groups: ``group`` int64 [n], ``first`` (the first row of each) and ``counts``, both int64 [m]."""

    group: NDArray[np.int64]
    first: NDArray[np.int64]
    counts: NDArray[np.int64]

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(self.group, weights=values, minlength=len(self.first)) / self.counts

    def members(self, group: int) -> NDArray[np.int64]:
        return np.flatnonzero(self.group == group)


def merge_repeats(dataset: Dataset, target: str) -> Dataset:
    """Merge the rows that measure ``target`` on the same material in the same context.

    The same material is the same normalised composition and, where structures are given, the same structure (as
    written, to 0.001). Numbers are averaged (over decades their logarithms, and all that follows is of these), classes
    decided by majority (a tie by the first row). Bounds ("<0.1") are merged with bounds of the same side only, the
    tightest stays.

    Where rows come in groups (papers, families), repeats are merged within a group only: one row cannot belong to two
    papers, and what a paper adds to its values is just what leaving out whole groups must measure. A remark counts the
    materials that therefore keep several rows.

    The error of a mean of k values with the sum of squared deviations SS is sqrt(v / k), v = (SS + t²) / k, but at
    least the mean square of the errors given: the typical spread t of all repeats (robust, from the median deviation)
    counts as one more degree of freedom, because the spread of two values alone says little. Exact copies alone give
    no error.

    Repeats conflict, and are listed, if one deviates from the mean by more than 3 typical spreads and by more
    than a tenth of the target's interquartile range, or if classes differ. They are merged all the same.

    Parameters
    ----------
    dataset
        Its rows without a value of ``target`` are left out.
    target
        Name of the target; the others do not come along, since their repeats may differ.

    Returns
    -------
    Dataset
        One row per material, context and group, in the order and with the number and id of its first row.
    """
    labelled = dataset.labelled(target)
    chosen = labelled.target(target)
    repeats = _find(labelled, chosen)
    merged, conflicting = _merge_classes(chosen, repeats) if chosen.classes else _merge_numbers(chosen, repeats)
    if len(repeats.first) == len(labelled):
        merged = chosen
    kept = replace(labelled, targets={})[repeats.first]
    problems = tuple(_conflict(labelled, chosen, repeats.members(int(group))) for group in conflicting)
    remarks = (*dataset.provenance.remarks, *_remarks(labelled, chosen, repeats, len(conflicting)))
    provenance = replace(dataset.provenance, remarks=remarks)
    return replace(kept, targets={target: merged}, problems=(*dataset.problems, *problems), provenance=provenance)


def _remarks(dataset: Dataset, target: Target, repeats: _Repeats, n_conflicting: int) -> Iterator[Remark]:
    """How many rows were merged, and how many materials stay apart because their groups differ."""
    repeated, noun = repeats.counts[repeats.counts > 1], dataset.materials.noun
    if len(repeated):
        within = "same context" if dataset.groups is None else "same context and group"
        text = (
            f"{repeated.sum():,} rows are repeats of {counted(len(repeated), noun)} ({within}) and were merged; "
            f"{n_conflicting:,} of these {'disagrees' if n_conflicting == 1 else 'disagree'} more than usual."
        )
        yield Remark("repeats-merged", text)
        if columns := _varying(dataset, target, repeats):
            named = ", ".join(map(repr, columns))
            text = f"Rows that were merged differ in {named}: if these are conditions, name them (--context)."
            yield Remark("merged-rows-differ", text)
    anywhere = _find(replace(dataset, groups=None), target)
    apart = int((np.bincount(anywhere.group[repeats.first]) > 1).sum())
    if apart:
        text = f"{counted(apart, noun)} {was(apart)} measured in several groups (same context); the rows stay apart."
        yield Remark("repeats-in-several-groups", text)


def _varying(dataset: Dataset, target: Target, repeats: _Repeats) -> list[str]:
    """Columns that are called like a condition, are used for nothing, and differ within half of what is repeated."""
    if dataset.table is None:
        return []
    used = {target.name, *dataset.targets, *dataset.materials.context}
    repeated = np.flatnonzero((repeats.counts > 1)[repeats.group])
    groups, varying = repeats.group[repeated].tolist(), []
    for name in dataset.table.columns:
        if is_called_condition(name) and split_heading(name).name not in used:
            cells = dataset.table[name].cast(str)[repeated.tolist()].to_list()
            if len({*zip(groups, cells, strict=True)}) >= 1.5 * len({*groups}):
                varying.append(name)
    return varying


def _find(dataset: Dataset, target: Target) -> _Repeats:
    """Rows of equal material, context, side of a bound and, where there are groups, group."""
    columns: list[Sequence[object]] = [material_keys(dataset.materials)]
    columns += [target.censored.tolist()] if target.censored is not None else []
    columns += [dataset.groups.tolist()] if dataset.groups is not None else []
    numbers: dict[tuple[object, ...], int] = {}
    group = np.array([numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)], dtype=np.int64)
    _, first, counts = np.unique(group, return_index=True, return_counts=True)
    return _Repeats(group, first, counts)


def material_keys(materials: Materials) -> list[tuple[object, ...]]:
    """What repeats of a material have in common, [n]: material, conditions and, if there is one, structure."""
    columns: list[Sequence[object]] = [materials.keys().tolist()]
    columns += [column.tolist() for column in materials.context.values()]
    columns += [_structure_keys(materials.structures)] if materials.structures is not None else []
    return list(zip(*columns, strict=True))


def _structure_keys(structures: Structures) -> list[bytes]:
    """Equal where lattice, sites, occupancies and charge are written the same to three decimals."""
    keys = []
    for row in range(len(structures)):
        entries = slice(structures.offsets[row], structures.offsets[row + 1])
        parts = (structures.lattices[row], structures.fractional_coordinates[entries], structures.occupancies[entries])
        rounded = b"".join((np.round(part, 3) + 0.0).tobytes() for part in parts)
        rounded += structures.pbc[row].tobytes() + (np.round(structures.charge[row : row + 1], 3) + 0.0).tobytes()
        keys.append(structures.atomic_numbers[entries].tobytes() + rounded)
    return keys


def _merge_numbers(target: Target, repeats: _Repeats) -> tuple[Target, NDArray[np.int64]]:
    """The merged target and the groups that conflict: by differences, or by factors where these tell values apart."""
    if target.scale == "linear":
        return _merge_differences(target, repeats)
    size = target.values * math.log(10)
    errors = None if target.errors is None else target.errors / size
    logarithmic = replace(target, values=target.placed(target.values), errors=errors, limits=None, asked_scale="linear")
    merged, conflicting = _merge_differences(logarithmic, repeats)
    values = 10.0**merged.values
    errors = None if merged.errors is None else merged.errors * values * math.log(10)
    # The mean of logarithms may miss the limits by rounding.
    values = np.clip(values, *target.limits) if target.limits is not None else values
    return replace(
        merged, values=values, errors=errors, limits=target.limits, asked_scale=target.asked_scale
    ), conflicting


def _merge_differences(target: Target, repeats: _Repeats) -> tuple[Target, NDArray[np.int64]]:
    mean = repeats.mean(target.values)
    deviation = target.values - mean[repeats.group]
    k = repeats.counts[repeats.group]
    repeated = k > 1
    scaled = np.abs(deviation[repeated]) * np.sqrt(k[repeated] / (k[repeated] - 1))
    typical = _MAD_TO_SD * float(np.median(scaled)) if repeated.any() else 0.0
    low, high = np.percentile(target.values, [25, 75])
    far = (scaled > _CONFLICT_SPREADS * typical) & (scaled > _CONFLICT_IQR * (high - low))
    conflicting = np.unique(repeats.group[repeated][far])
    errors = _merged_errors(target, repeats, deviation, typical)
    merged = replace(target, values=mean, errors=errors if np.isfinite(errors).any() else None)
    if target.censored is None:
        return merged, conflicting
    return _tighten(target, merged, repeats, conflicting)


def _merged_errors(
    target: Target, repeats: _Repeats, deviation: NDArray[np.float64], typical: float
) -> NDArray[np.float64]:
    given = np.full(len(target.values), np.nan) if target.errors is None else target.errors
    known = np.isfinite(given)
    n_known = np.bincount(repeats.group, weights=known, minlength=len(repeats.first))
    squares = np.bincount(repeats.group, weights=np.where(known, given, 0.0) ** 2, minlength=len(repeats.first))
    from_given = np.divide(squares, n_known, out=np.zeros_like(squares), where=n_known > 0)
    spread = (
        np.bincount(repeats.group, weights=deviation**2, minlength=len(repeats.first)) + typical**2
    ) / repeats.counts
    variance = np.maximum(from_given, np.where(repeats.counts > 1, spread, 0.0))
    return np.where(variance > 0, np.sqrt(variance / repeats.counts), np.nan)


def _tighten(
    target: Target, merged: Target, repeats: _Repeats, conflicting: NDArray[np.int64]
) -> tuple[Target, NDArray[np.int64]]:
    """Bounds do not average: the smallest upper bound and the largest lower bound stay, and cannot conflict."""
    assert target.censored is not None
    censored = target.censored[repeats.first]
    lowest, highest = np.full(len(censored), np.inf), np.full(len(censored), -np.inf)
    np.minimum.at(lowest, repeats.group, target.values)
    np.maximum.at(highest, repeats.group, target.values)
    values = np.select([censored < 0, censored > 0], [lowest, highest], merged.values)
    errors = None if merged.errors is None else np.where(censored == 0, merged.errors, np.nan)
    return replace(merged, values=values, errors=errors, censored=censored), conflicting[censored[conflicting] == 0]


def _merge_classes(target: Target, repeats: _Repeats) -> tuple[Target, NDArray[np.int64]]:
    n_classes = len(target.classes)
    codes = target.values.astype(np.int64)
    votes = np.bincount(repeats.group * n_classes + codes, minlength=len(repeats.first) * n_classes)
    votes = votes.reshape(-1, n_classes)
    first = codes[repeats.first]
    own = votes[np.arange(len(first)), first]
    winner = np.where(own == votes.max(axis=1), first, votes.argmax(axis=1))
    if target.task == POSITIVE_UNLABELLED:
        # One known row is enough: the others say nothing.
        winner = (votes[:, 1] > 0).astype(np.int64)
    return replace(target, values=winner.astype(np.float64)), np.flatnonzero(votes.max(axis=1) < repeats.counts)


def _conflict(dataset: Dataset, target: Target, rows: NDArray[np.int64]) -> RowProblem:
    numbers = dataset.numbering
    labels = [target.classes[int(target.values[row])] if target.classes else f"{target.values[row]:g}" for row in rows]
    listed = ", ".join(f"{label} (row {numbers[row]})" for label, row in list(zip(labels, rows, strict=True))[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return RowProblem(
        int(numbers[rows[0]]),
        str(dataset.materials.formulas[rows[0]]),
        f"repeats of {target.name} disagree: {listed}{more}",
        "they are merged; check them against their sources",
        dropped=False,
    )
