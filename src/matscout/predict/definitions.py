"""Properties that follow from measured ones by a law: their values, and which columns the law is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.column_names import plain
from matscout.data.dataset import Dataset, Target
from matscout.data.headings import split_heading
from matscout.errors import InputError, UsageError
from matscout.predict.laws import Law
from matscout.predict.states import Stored

Floats = NDArray[np.float64]

MODEL = "by-definition"
"""The model that predicts such a property: ``by-definition=LAW``, or ``by-definition/MODEL=LAW``."""

USUAL = "auto"
"""The model of what a law is about, unless another is named."""


@dataclass(frozen=True)
class Ingredients(Stored):
    """What a law is about.

    Parameters
    ----------
    targets, context
        Name in the law -> target, or context column of numbers.
    """

    targets: Mapping[str, str]
    context: Mapping[str, str]


def ingredients_of(law: Law, dataset: Dataset) -> Ingredients:
    """The columns of a data set that a law is about; ``thermal_conductivity`` means "Thermal conductivity".

    Raises
    ------
    UsageError
        If a name is none of them, means two, or is of classes or texts.
    """
    targets = {name for name, target in dataset.targets.items() if target.task == "regression"}
    context = {name for name, column in dataset.materials.context.items() if column.dtype.kind == "f"}
    columns: dict[str, str] = {}
    for name in law.names:
        fitting = [column for column in (*targets, *context) if column == name] or [
            column for column in (*targets, *context) if plain(column) == plain(name)
        ]
        if len(fitting) != 1:
            known = ", ".join(sorted((*targets, *context))) or "none"
            what = "means several columns" if fitting else "is not a column of numbers"
            raise UsageError(f"{name!r} in the law {law.text!r} {what}; there are {known}")
        columns[name] = fitting[0]
    return Ingredients(
        {name: column for name, column in columns.items() if column in targets},
        {name: column for name, column in columns.items() if column in context},
    )


def with_definitions(dataset: Dataset, definitions: Mapping[str, str]) -> Dataset:
    """The data set with a target for each definition (name -> law), known where all that it is about is.

    Bounds ("<0.1") of what it is about make it unknown.

    Raises
    ------
    UsageError
        If a law cannot be read, is about unknown columns, or its name is taken.
    InputError
        If it has no value in any row.
    """
    targets = dict(dataset.targets)
    for name, text in definitions.items():
        if name in dataset.targets or name in dataset.materials.context:
            raise UsageError(f"{name!r} is already a column of the data; give the law another name")
        law = Law.parse(text)
        about = ingredients_of(law, dataset)
        values = law(
            {one: dataset.targets[column].measured for one, column in about.targets.items()}
            | {one: _numbers(dataset, column) for one, column in about.context.items()}
        )
        if not about.targets:
            raise UsageError(f"the law {text!r} contains conditions only, so there is nothing to learn")
        known = np.isfinite(values)
        if not known.any():
            raise InputError(
                f"{name} = {text} has no value in any row: {_why_none(dataset, list(about.targets.values()))}"
            )
        targets[name] = Target(name, np.where(known, values, np.nan))
    return replace(dataset, targets=targets)


def model_for(target: str, definitions: Mapping[str, str], otherwise: str) -> str:
    """The model of a target: ``otherwise``, or that model of all that its law is about, where it has one."""
    return definition(definitions[target], otherwise) if target in definitions else otherwise


def definition(law: str, component: str = USUAL) -> str:
    """What asks for the model of a law: ``"by-definition/gp=S**2*sigma"``, of which each property is learned by gp."""
    name, _, own = component.partition("=")
    part = "" if component == USUAL else f"/{name}"
    return f"{MODEL}{part}={own}={law}" if own else f"{MODEL}{part}={law}"


@dataclass(frozen=True)
class Definition:
    """A law, and the model of each property that it is about."""

    law: str
    component: str

    @classmethod
    def of(cls, part: str, weights: str) -> Self:
        """From part and weights of the address that :func:`definition` writes."""
        own, _, law = weights.rpartition("=")
        return cls(law, f"{part}={own}" if own else part or USUAL)


def names_needed(definitions: Mapping[str, str], context: Collection[str]) -> tuple[str, ...]:
    """The names that laws are about, but those of conditions: columns that must be read as targets."""
    conditions = {plain(one) for name in context for one in (name, split_heading(name).name)}
    names = (name for text in definitions.values() for name in Law.parse(text).names)
    return tuple(dict.fromkeys(name for name in names if plain(name) not in conditions))


def _numbers(dataset: Dataset, column: str) -> Floats:
    return np.asarray(dataset.materials.context[column], dtype=np.float64)


def _why_none(dataset: Dataset, columns: list[str]) -> str:
    if np.all([dataset.targets[column].known for column in columns], axis=0).any():
        return "where its columns are known, it divides by 0 or gives no finite number"
    return f"{', '.join(columns)} are never known together"
