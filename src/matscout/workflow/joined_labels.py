"""Labels of one table after those of another."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.repeats import material_keys
from matscout.data.structures import Structures
from matscout.errors import UsageError

Column = TypeVar("Column", NDArray[np.float64], NDArray[np.int8])


def joined_labels(first: Dataset, second: Dataset) -> Dataset:
    """The rows of both; rows of the second that the first holds with the same values are left out.

    Row numbers, readings and the untouched columns of the files do not come along; problems and remarks are those of
    the second.

    Parameters
    ----------
    first, second
        Of the same targets, conditions and units; of reactions one must hold all rows of the other.

    Raises
    ------
    UsageError
        If they do not fit each other.
    """
    _refuse_unlike(first, second)
    if not set(_row_keys(first)) - set(_row_keys(second)):
        return second
    known = set(_row_keys(first))
    new = second[np.array([row for row, key in enumerate(_row_keys(second)) if key not in known], dtype=np.int64)]
    if not len(new):
        return first
    return Dataset(
        _joined_materials(first.materials, new.materials),
        {name: _joined_target(first.targets[name], new.targets[name]) for name in first.targets},
        None if first.groups is None or new.groups is None else np.concatenate([first.groups, new.groups]),
        problems=new.problems,
        provenance=replace(new.provenance, n_rows=first.provenance.n_rows + new.provenance.n_rows),
        context_units=first.context_units,
    )


def _row_keys(dataset: Dataset) -> list[tuple[object, ...]]:
    """Equal for rows that say the same: material, conditions and values."""
    values = [np.where(target.known, target.values, 0.0).tolist() for target in dataset.targets.values()]
    return list(zip(material_keys(dataset.materials), *values, strict=True))


def _refuse_unlike(first: Dataset, second: Dataset) -> None:
    for what, before, now in (
        ("targets", _units(first), _units(second)),
        ("conditions", _conditions(first), _conditions(second)),
    ):
        if before != now:
            raise UsageError(
                f"the new labels have the {what} {_named(now)}, but the earlier labels have {_named(before)}: "
                "read both with the same settings"
            )
    if first.materials.kind != second.materials.kind:
        raise UsageError("the new labels are of another kind than the earlier labels: read both with the same settings")


def _units(dataset: Dataset) -> dict[str, str | None]:
    return {name: target.unit for name, target in sorted(dataset.targets.items())}


def _conditions(dataset: Dataset) -> dict[str, str | None]:
    return {name: dataset.context_units.get(name) for name in sorted(dataset.materials.context)}


def _named(units: dict[str, str | None]) -> str:
    return ", ".join(f"{name} ({unit})" if unit else name for name, unit in units.items()) or "none"


def _joined_materials(first: Materials, second: Materials) -> Materials:
    if first.reactions is not None:
        raise UsageError("the new labels are reactions and lack rows of the earlier labels: give the whole table")
    crystals = [part.structures for part in (first, second) if part.structures is not None]
    context = {name: np.concatenate([first.context[name], second.context[name]]) for name in first.context}
    formulas = np.concatenate([first.formulas, second.formulas])
    return Materials(
        _unique(np.concatenate([first.ids, second.ids])),
        formulas,
        Compositions.concatenate([first.compositions, second.compositions]),
        Structures.joined(crystals) if crystals else None,
        context,
    )


def _unique(ids: NDArray[np.str_]) -> NDArray[np.str_]:
    """The ids where they differ; else the numbers of the rows."""
    return ids if len(np.unique(ids)) == len(ids) else np.arange(1, len(ids) + 1).astype(np.str_)


def _joined_target(first: Target, second: Target) -> Target:
    if first.classes:
        return _joined_classes(first, second)
    sizes = (len(first.values), len(second.values))
    return replace(
        first,
        values=np.concatenate([first.values, second.values]),
        errors=_column(first.errors, second.errors, *(np.full(n, np.nan) for n in sizes)),
        censored=_column(first.censored, second.censored, *(np.zeros(n, np.int8) for n in sizes)),
    )


def _joined_classes(first: Target, second: Target) -> Target:
    """Classes of both, sorted, with the positions moved accordingly."""
    classes = tuple(sorted({*first.classes, *second.classes}))
    moved = []
    for target in (first, second):
        places = np.array([*(classes.index(name) for name in target.classes), 0], dtype=np.float64)
        at = np.where(target.known, target.values, len(target.classes)).astype(np.int64)
        moved.append(np.where(target.known, places[at], np.nan))
    return replace(first, values=np.concatenate(moved), classes=classes)


def _column(first: Column | None, second: Column | None, *nothing: Column) -> Column | None:
    """A column of both; where one has none, ``nothing`` is known of its rows; None where none has one."""
    if first is None and second is None:
        return None
    return np.concatenate([nothing[0] if first is None else first, nothing[1] if second is None else second])
