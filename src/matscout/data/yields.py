"""Yields of reactions: percent or fraction, and values that no yield can have."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from matscout.data.dataset import Dataset, Target
from matscout.errors import RowProblem

_NAME = re.compile(r"(^|[\W_])(yields?|conversion)([\W_]|$)", re.I)
_PERCENT = ("%", "percent", "pct")
_ROUNDING = 1.5
"""Fractions above 1 occur (impurities, calibration); a column with larger values is in percent."""


def with_yields(dataset: Dataset) -> Dataset:
    """The same data with yields known as such: their unit, if the header has none, and a remark on impossible values.

    A target is a yield if it is called so. Values outside 0 to 100 % are kept, since the scale of an assay goes beyond
    it, but each is listed.
    """
    yields = {name: target for name, target in dataset.targets.items() if _is_yield(target)}
    if dataset.materials.reactions is None or not yields:
        return dataset
    told = {name: replace(target, unit=_unit(target)) for name, target in yields.items()}
    problems = [problem for target in told.values() for problem in _impossible(dataset, target)]
    remarks = [
        f"{name!r} is a yield in {target.unit}." for name, target in told.items() if dataset.targets[name].unit is None
    ]
    return replace(
        dataset,
        targets={**dataset.targets, **told},
        problems=tuple(sorted((*dataset.problems, *problems), key=lambda problem: problem.row)),
        provenance=replace(dataset.provenance, remarks=(*dataset.provenance.remarks, *remarks)),
    )


def _is_yield(target: Target) -> bool:
    return target.task == "regression" and bool(_NAME.search(target.name)) and bool(target.known.any())


def _unit(target: Target) -> str:
    if target.unit is not None:
        return target.unit
    return "%" if np.nanmax(target.values) > _ROUNDING else "fraction"


def _impossible(dataset: Dataset, target: Target) -> list[RowProblem]:
    highest = 100.0 if target.unit in _PERCENT else 1.0
    if target.unit not in (*_PERCENT, "fraction"):
        return []
    numbers = np.arange(1, len(dataset) + 1) if dataset.row_numbers is None else dataset.row_numbers
    outside = np.flatnonzero((target.values < 0.0) | (target.values > highest))
    return [
        RowProblem(
            int(numbers[row]),
            f"{target.values[row]:g}",
            f"a yield lies between 0 and {highest:g}",
            "it is used as it is; correct it, or leave the row out",
            dropped=False,
        )
        for row in outside
    ]
