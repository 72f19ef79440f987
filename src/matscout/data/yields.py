"""Yields of reactions: percent or fraction, and values that no yield can have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.errors import RowProblem
from matscout.remarks import Remark

_NAME = re.compile(
    r"(?:^|[\W_]|(?<=[a-z])(?=[A-Z]))(?i:yields?|yld|conversion|conv|ausbeute|umsatz|rendement|rendimiento)(?:[\W_]|(?<=[a-z])(?=[A-Z])|$)"
)
_UNIT = re.compile(r"%|percent|pct|fraction", re.I)
_PERCENT = ("%", "percent", "pct")
_ROUNDING = 1.5
"""Fractions above 1 occur (impurities, calibration); a column with larger values is in percent."""
_FEW = 0.1
"""Share of the yields in percent, of those that are not 0, that may lie at or below 1 without a remark: published
plates have 0.003 to 0.074 (Buchwald-Hartwig 0.047)."""
_SHOWN = 5
"""Rows that a remark names."""


def is_called_yield(name: str) -> bool:
    """Whether a column is called like a yield: ``yield``, ``isolatedYield``, ``Yield (%)``, ``conv``."""
    return bool(_NAME.search(name))


def with_yields(dataset: Dataset, whole: Sequence[Target]) -> Dataset:
    """The same data with yields known as such: their unit, if the header has none, and a remark on impossible values.

    The unit is that of ``whole``, the targets with all their rows: what is left of a column may not show it.

    A target is a yield if it is called so. Values outside 0 to 100 % are kept, since the scale of an assay goes beyond
    it, but each is listed. Predictions keep to these limits, or to the value that lies farthest beyond them.
    """
    yields = {name: target for name, target in dataset.targets.items() if _is_yield(target)}
    if dataset.materials.reactions is None or not yields:
        return dataset
    columns = {target.name: target for target in whole}
    limited = {name: _limited(replace(target, unit=_unit(columns[name]))) for name, target in yields.items()}
    percents = [name for name, target in limited.items() if _are_percents(target)]
    problems = [
        problem
        for name, target in limited.items()
        for problem in _impossible(dataset, replace(target, unit="%") if name in percents else target)
    ]
    remarks = [
        Remark("yield-in-unit", f"{name!r} is a yield in {target.unit}.")
        for name, target in limited.items()
        if dataset.targets[name].unit is None
    ]
    remarks += [
        _perhaps_fractions(name)
        for name, target in limited.items()
        if _highest(target) > 1.0 and np.nanmax(columns[name].values) <= 1.0
    ]
    remarks += [_perhaps_percents(name) for name in percents]
    remarks += [_perhaps_mixed(dataset, target) for target in limited.values() if _share_of_small(target) > _FEW]
    return replace(
        dataset,
        targets={**dataset.targets, **limited},
        problems=tuple(sorted((*dataset.problems, *problems), key=lambda problem: problem.row)),
        provenance=replace(dataset.provenance, remarks=(*dataset.provenance.remarks, *remarks)),
    )


def _is_yield(target: Target) -> bool:
    return target.task == "regression" and is_called_yield(target.name) and bool(target.known.any())


def _unit(target: Target) -> str:
    if target.unit is not None:
        return target.unit
    if match := _UNIT.search(target.name):
        return "fraction" if match[0].lower() == "fraction" else "%"
    return "%" if np.nanmax(target.values) > _ROUNDING else "fraction"


def _share_of_small(target: Target) -> float:
    """How many of the yields in percent that are not 0 lie at or below 1; 0 if all do, or it is in fractions."""
    positive = target.values[target.known & (target.values > 0)]
    mixed = _highest(target) > 1.0 and len(positive) and positive.max() > _ROUNDING
    return float((positive <= 1.0).mean()) if mixed else 0.0


def _are_percents(target: Target) -> bool:
    """Whether what is said to be fractions cannot be."""
    values = target.values[target.known]
    return _highest(target) == 1.0 and bool((values > _ROUNDING).mean() > 0.5)


def _perhaps_fractions(name: str) -> Remark:
    text = f"{name!r} is declared in %, but no value is above 1: if the values are fractions, declare it "
    return Remark("percents-or-fractions", f"{text}(--unit '{name}=fraction').")


def _perhaps_percents(name: str) -> Remark:
    text = f"{name!r} is declared a fraction, but most values are above 1: if the values are in percent, declare it "
    return Remark("fractions-or-percents", f"{text}(--unit '{name}=%').")


def _perhaps_mixed(dataset: Dataset, target: Target) -> Remark:
    known = target.known & (target.values > 0)
    small = dataset.numbering[known & (target.values <= 1.0)]
    rows = ", ".join(map(str, small[:_SHOWN])) + (", ..." if len(small) > _SHOWN else "")
    text = (
        f"{target.name!r} is read as %, and {len(small):,} of {known.sum():,} yields above 0 lie at or below 1 % (rows "
        f"{rows}; the largest is {np.nanmax(target.values):g}): if fractions and percent are mixed, write all in one."
    )
    return Remark("fractions-among-percents", text)


def possible(target: Target) -> tuple[float, float]:
    """Least and most that a target can be: of a yield 0 and all, beyond which its assay may go; else its limits."""
    highest = _highest(target)
    if target.limits is not None and np.isfinite(highest):
        return 0.0, highest
    return target.limits or (-np.inf, np.inf)


def _highest(target: Target) -> float:
    """A full yield in the unit of the target, infinite if that is none of a yield."""
    return {**dict.fromkeys(_PERCENT, 100.0), "fraction": 1.0}.get(str(target.unit), np.inf)


def _outside(target: Target) -> NDArray[np.int64]:
    highest = _highest(target)
    return np.flatnonzero(((target.values < 0.0) | (target.values > highest)) & np.isfinite(highest))


def _limited(target: Target) -> Target:
    """With limits where there are some; an assay that goes beyond one moves it to what it has found."""
    highest = _highest(target)
    if not np.isfinite(highest):
        return target
    values = target.values[target.known]
    return replace(target, limits=(min(0.0, float(values.min())), max(highest, float(values.max()))))


def _impossible(dataset: Dataset, target: Target) -> list[RowProblem]:
    highest, outside = _highest(target), _outside(target)
    numbers = dataset.numbering
    return [
        RowProblem(
            int(numbers[row]),
            f"{target.values[row]:g}",
            f"a yield lies between 0 and {highest:g}",
            "it is used unchanged; correct it, or remove the row",
            dropped=False,
        )
        for row in outside
    ]
