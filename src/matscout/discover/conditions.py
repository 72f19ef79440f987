"""Process conditions: context columns that are fixed, or varied over a range to find the best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.predict.domain import within
from matscout.remarks import Remark

N_STEPS = 7
"""Values tried in a range (300 to 900 K: every 100 K)."""


@dataclass(frozen=True, eq=False)
class Conditions:
    """Every candidate under every combination of conditions.

    Parameters
    ----------
    materials
        e materials with their context columns, ready to predict.
    rows
        int64 [e], the candidate that each belongs to.
    remarks
        Which conditions were fixed, varied or assumed, a sentence each.
    """

    materials: Materials
    rows: NDArray[np.int64]
    remarks: tuple[str, ...] = ()


def expand_context(
    candidates: Candidates, settings: Mapping[str, str], labels: Dataset, rows: NDArray[np.int64] | None = None
) -> Conditions:
    """Give each candidate the conditions to predict it under.

    Parameters
    ----------
    candidates
        m candidates. Context columns that they bring (from a file) are kept unless a setting names them.
    settings
        Context column -> ``"600"`` (fixed), ``"300:900"`` (varied in :data:`N_STEPS` steps), ``"300,600"`` (both), or a
        category, or several (``"DMF,THF"``).
    labels
        The labelled materials; what is neither set nor brought is taken from them: of numbers the one in the middle,
        the most frequent category.
    rows
        Only these candidates, e.g. those that a screening left, so that the others need not be predicted; all if None.

    Raises
    ------
    UsageError
        If a setting names no context column of the labels, or its value is not of the column's kind.
    """
    context = labels.materials.context
    _check(settings, labels)
    brought = candidates.materials.context
    choices, remarks = {}, []
    for name, column in context.items():
        if name in settings:
            choices[name] = _choices(name, settings[name], column)
            remarks += _beyond(name, choices[name], labels)
        elif name not in brought:
            choices[name] = _usual(column)
            text = f"{name} was not set: {choices[name][0]} is used, the usual value among the labels."
            remarks.append(Remark("condition-not-set", text))
    owners = np.arange(len(candidates)) if rows is None else rows
    materials, position = _crossed(candidates.materials[owners], list(context), choices)
    return Conditions(materials, owners[position], tuple(remarks))


def wells(candidates: Candidates, settings: Mapping[str, str], labels: Dataset) -> Candidates:
    """Each reaction under each condition that is set, as a candidate of its own: what one well of a plate holds.

    Parameters and errors are those of :func:`expand_context`.
    """
    _check(settings, labels)
    choices = {name: _choices(name, setting, labels.materials.context[name]) for name, setting in settings.items()}
    names = list(dict.fromkeys((*candidates.materials.context, *choices)))
    materials, rows = _crossed(candidates.materials, names, choices)
    remarks = [remark for name, values in choices.items() for remark in _beyond(name, values, labels)]
    return replace(
        candidates,
        materials=materials,
        origins=candidates.origins[rows],
        remarks=(*candidates.remarks, *remarks),
    )


def _check(settings: Mapping[str, str], labels: Dataset) -> None:
    context = labels.materials.context
    for name in settings:
        if name not in context:
            raise UsageError(
                f"{name!r} is set but is not a context column; the labels were read with "
                f"{', '.join(context) or 'none'} (choose them with --context)"
            )


def _beyond(name: str, values: NDArray[np.float64] | NDArray[np.str_], labels: Dataset) -> list[str]:
    """A remark on numbers far from those of the labels, where every prediction is a guess; mostly of another unit."""
    column = labels.materials.context[name]
    if column.dtype.kind != "f":
        return []
    low, high = float(np.nanmin(column)), float(np.nanmax(column))
    outside = values[~within(values, (low, high))].tolist()
    if not outside:
        return []
    unit = labels.context_units.get(name, "")
    span = f"{low:g} to {high:g} {unit}".strip()
    asked = f"{name} is set to {', '.join(f'{value:g}' for value in outside)} {unit}".rstrip()
    return [Remark("condition-beyond-labels", f"{asked}, but the labels have {span}: predictions there are guesses.")]


def _crossed(
    materials: Materials, names: list[str], choices: Mapping[str, NDArray[np.float64] | NDArray[np.str_]]
) -> tuple[Materials, NDArray[np.int64]]:
    """Each material once for each combination of the choices, next to one another, and which one it is."""
    combinations = list(product(*(range(len(values)) for values in choices.values())))
    rows = np.repeat(np.arange(len(materials)), len(combinations))
    picks = np.tile(
        np.array(combinations, dtype=np.int64).reshape(len(combinations), len(choices)), (len(materials), 1)
    )
    columns = dict(zip(choices, picks.T, strict=True))
    context = {
        name: choices[name][columns[name]] if name in choices else materials.context[name][rows] for name in names
    }
    repeated = materials[rows]
    suffixes = [f"@{j}" for j in range(len(combinations))] if len(combinations) > 1 else [""]
    ids = np.array([f"{name}{suffix}" for name in materials.ids for suffix in suffixes], dtype=np.str_)
    return replace(repeated, ids=ids, context=context), rows


def _choices(
    name: str, setting: str, column: NDArray[np.float64] | NDArray[np.str_]
) -> NDArray[np.float64] | NDArray[np.str_]:
    if column.dtype.kind != "f":
        known = np.unique(column.astype(np.str_))
        asked = [setting] if setting in known else [part.strip() for part in setting.split(",")]
        for one in asked:
            if one not in known:
                raise UsageError(f"{name} = {one!r} does not occur among the labels; they have {', '.join(known)}")
        return np.array(list(dict.fromkeys(asked)), dtype=np.str_)
    low, colon, high = setting.partition(":")
    try:
        if "," in setting:
            return _several(setting)
        ends = (float(low), float(high if colon else low))
    except ValueError as error:
        raise UsageError(
            f"{name} is a number; set it to a value (600), several (300,600) or a range (300:900), not {setting!r}"
        ) from error
    if not (math.isfinite(ends[0]) and math.isfinite(ends[1]) and ends[0] <= ends[1]):
        raise UsageError(f"the range {setting!r} of {name} must go from low to high")
    return np.linspace(*ends, N_STEPS) if ends[0] < ends[1] else np.array([ends[0]])


def _several(setting: str) -> NDArray[np.float64]:
    """Finite numbers with commas between them, each once; else ValueError."""
    values = np.unique([float(part) for part in setting.split(",")])
    if not np.isfinite(values).all():
        raise ValueError(setting)
    return values


def _usual(column: NDArray[np.float64] | NDArray[np.str_]) -> NDArray[np.float64] | NDArray[np.str_]:
    if column.dtype.kind == "f":
        # One that occurs: what lies between two temperatures was never measured.
        return np.array([np.nanquantile(column.astype(np.float64), 0.5, method="lower")])
    values, counts = np.unique(column.astype(np.str_), return_counts=True)
    return values[[counts.argmax()]]
