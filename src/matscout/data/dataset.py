"""Dataset: materials, their measured values with units, groups, and where all of it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, part_of
from matscout.data.cell_readings import CellReading
from matscout.data.column_readings import ColumnReading
from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.data.ragged import Rows
from matscout.data.read_only import lock
from matscout.data.scales import AskedScale, Scale, check_scale, natural_scale
from matscout.errors import RowProblem, UsageError
from matscout.shown import Shown, ShownTable, as_array, named_few

if TYPE_CHECKING:
    import polars

Task = Literal["regression", "classification", "positive-unlabelled"]

POSITIVE_UNLABELLED: Task = "positive-unlabelled"
"""Some rows are known to be of a class, and of the others nothing is known."""

DECADES = "decades"
"""The unit of differences between decimal logarithms."""


@dataclass(frozen=True, eq=False, repr=False)
class Target(Shown):
    """One measured property of n materials.

    Parameters
    ----------
    name
        Column name without its unit.
    values
        float64 [n]; NaN where it was not measured. For classification: the position of the class in ``classes``.
    unit
        Unit of the values, None if none is known.
    task
        "regression", "classification" or "positive-unlabelled".
    classes
        Class labels of a classification target, sorted; "unlabelled" and the known class of a positive-unlabelled one;
        empty for regression.
    errors
        float64 [n], one standard deviation of the measurement in ``unit``, NaN where unknown; or None.
    censored
        int8 [n]: 0 measured; -1 the true value is at most ``values`` ("<0.1"); +1 at least ("> 5"); None if all are
        measured.
    limits
        Smallest and largest value that is possible, such as 0 and 100 % of a yield; None if there are none to speak of.
    asked_scale
        Whether values are judged by differences ("linear") or by factors ("log"), or "auto": as the values are.
    class_prior
        Of a positive-unlabelled target: the share of the unlabelled rows that are of the known class in truth, as the
        user states it; None if nobody has.

    Raises
    ------
    UsageError
        If values lie beyond the limits: predictions would be cut to a range that the labels do not keep to.
    """

    name: str
    values: NDArray[np.float64]
    unit: str | None = None
    task: Task = "regression"
    classes: tuple[str, ...] = ()
    errors: NDArray[np.float64] | None = None
    censored: NDArray[np.int8] | None = None
    limits: tuple[float, float] | None = None
    asked_scale: AskedScale = "auto"
    class_prior: float | None = None

    def __post_init__(self) -> None:
        low, high = self.limits or (-np.inf, np.inf)
        beyond = self.values[(self.values < low) | (self.values > high)]
        if len(beyond):
            raise UsageError(
                f"{self.name} has values beyond its limits, {low:g} to {high:g}, such as {beyond[0]:g}; give limits in "
                "the unit of the values, or none"
            )
        lock(self)

    def __getitem__(self, index: Rows) -> Target:
        errors = None if self.errors is None else self.errors[index]
        censored = None if self.censored is None else self.censored[index]
        return replace(self, values=self.values[index], errors=errors, censored=censored)

    @property
    def known(self) -> NDArray[np.bool_]:
        """True where a value (or a bound) is known, [n]."""
        return ~np.isnan(self.values)

    @property
    def measured(self) -> NDArray[np.float64]:
        """The values, NaN where only a bound is known, [n]."""
        return self.values if self.censored is None else np.where(self.censored == 0, self.values, np.nan)

    @cached_property
    def scale(self) -> Scale:
        """The scale on which values are judged: what was asked for, else what the known values are like."""
        if self.task != "regression":
            return "linear"
        if self.asked_scale != "auto":
            return self.asked_scale
        return natural_scale(self.values[self.known]) if self.limits is None else "linear"

    @property
    def error_unit(self) -> str | None:
        """The unit in which errors are told: decades where values are told apart by factors."""
        return DECADES if self.scale == "log" else self.unit

    def placed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values where they are judged, elementwise: their decimal logarithm, or as they are.

        What has no logarithm counts as the smallest number there is.
        """
        if self.scale == "linear":
            return values
        return np.asarray(np.log10(np.maximum(values, np.finfo(np.float64).tiny)), dtype=np.float64)

    def on_scale(self, asked: AskedScale, row_numbers: NDArray[np.int64] | None = None) -> Target:
        """The same target with the scale that it is judged on.

        Parameters
        ----------
        asked
            The scale.
        row_numbers
            int64 [n], what an error calls the rows; by default 1 to n.

        Raises
        ------
        UsageError
            If a logarithm is asked for of values that have none.
        """
        without = self.known & (self.values <= 0)
        if asked == "log" and self.task == "regression" and without.any():
            first = int(np.flatnonzero(without)[0])
            row = first + 1 if row_numbers is None else int(row_numbers[first])
            raise UsageError(
                f"{int(without.sum()):,} of {int(self.known.sum()):,} values of {self.name!r} are 0 or negative and "
                f"have no logarithm (the first: {self.values[first]:g}, row {row}): remove them, write a detection "
                "limit (<0.001) instead of 0, or use --scale=linear"
            )
        return replace(self, asked_scale=asked)

    @property
    def label(self) -> str:
        """Name with unit, as on an axis: ``"band gap (eV)"``."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def in_a_line(self) -> str:
        """Its name, how many values are known, and what they are."""
        known = self.values[self.known]
        named = f"{self.name} ({self.unit or 'no unit'})" if self.task == "regression" else self.name
        counts = part_of(len(known), len(self.values), "value")
        if self.task == POSITIVE_UNLABELLED:
            n_known = int((known == 1.0).sum())
            return f"{named}, {n_known:,} known ({self.classes[1]}), {len(known) - n_known:,} unlabelled"
        if self.task == "classification":
            return f"{named}, {counts} known, classes {named_few(self.classes)}"
        return f"{named}, {counts} known" + (f", {known.min():.4g} to {known.max():.4g}" if len(known) else "")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return as_array(self.values, dtype, copy)


@dataclass(frozen=True)
class Provenance:
    """Where a data set came from.

    Parameters
    ----------
    source
        File name or the name of the public set.
    digest
        SHA-256 of the file's bytes (hexadecimal), "" where there is no file.
    n_rows
        Rows that were found, usable or not.
    licence, citation
        Of a public set; "" where unknown.
    remarks
        What a reader should know, a sentence each: encoding guessed, columns chosen, units found, repeats merged, ...
    """

    source: str
    digest: str = ""
    n_rows: int = 0
    licence: str = ""
    citation: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(ShownTable):
    """Materials with targets, groups and provenance; n rows throughout.

    Parameters
    ----------
    materials
        n materials; ``materials.context`` holds the context columns that were asked for.
    targets
        Target name -> :class:`Target` with n values.
    groups
        text [n]: rows of one group (paper, chemical system, ...) are never split between training and test; or None.
    table
        polars frame with n rows: the input's own columns, untouched.
    row_numbers
        int64 [n], the number of each row in the user's file (see :class:`matscout.errors.RowProblem`).
    problems
        Rows left out, and remarks on rows used.
    provenance
        Where the data came from.
    context_units
        Context column -> unit of its numbers, for those that have one.
    columns
        How each column of numbers in use was understood.
    readings
        How cells were understood that are not in plain form (formula, number, unit, date), by column and row.
    """

    materials: Materials
    targets: Mapping[str, Target] = field(default_factory=dict)
    groups: NDArray[np.str_] | None = None
    table: polars.DataFrame | None = None
    row_numbers: NDArray[np.int64] | None = None
    problems: tuple[RowProblem, ...] = ()
    provenance: Provenance = field(default_factory=lambda: Provenance("in memory"))
    context_units: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[ColumnReading, ...] = ()
    readings: tuple[CellReading, ...] = ()

    def __post_init__(self) -> None:
        lock(self)

    def __len__(self) -> int:
        return len(self.materials)

    def __getitem__(self, index: Rows) -> Dataset:
        """The chosen rows; problems, readings and provenance stay those of the whole."""
        rows = np.arange(len(self))[index]
        return replace(
            self,
            materials=self.materials[rows],
            targets={name: target[rows] for name, target in self.targets.items()},
            groups=None if self.groups is None else self.groups[rows],
            table=None if self.table is None else self.table[rows.tolist()],
            row_numbers=None if self.row_numbers is None else self.row_numbers[rows],
        )

    @property
    def numbering(self) -> NDArray[np.int64]:
        """The number by which the user knows each row, int64 [n]: that in the file, 1 to n where there is none."""
        return np.arange(1, len(self) + 1) if self.row_numbers is None else self.row_numbers

    def target(self, name: str | None = None) -> Target:
        """The target called ``name`` (a column's header with its unit will do), or the only one if no name is given.

        Raises
        ------
        UsageError
            If there is no such target, or no name is given and there are several.
        """
        known = ", ".join(self.targets) or "none"
        if name is None:
            if len(self.targets) != 1:
                raise UsageError(f"name the target column: the targets are {known}")
            return next(iter(self.targets.values()))
        plain = name if name in self.targets else split_heading(name).name
        if plain not in self.targets:
            raise UsageError(f"there is no target {name!r}; the targets are {known}")
        return self.targets[plain]

    def on_scale(self, scale: str, name: str | None = None) -> Dataset:
        """The same data with a target (all numbers if none is named) judged on a scale: "auto", "linear" or "log".

        Raises
        ------
        UsageError
            If there is no such scale or target, or a logarithm is asked for of values that have none.
        """
        asked = check_scale(scale)
        named = {self.target(name).name} if name is not None else set(self.targets)
        changed = {key: self.targets[key].on_scale(asked, self.numbering) for key in named}
        return replace(self, targets={**self.targets, **changed})

    def labelled(self, name: str | None = None) -> Dataset:
        """The rows in which the target is known."""
        return self[np.flatnonzero(self.target(name).known)]

    def in_a_line(self) -> str:
        """Rows, targets, elements, and what was left out."""
        dropped = len({problem.row for problem in self.problems if problem.dropped})
        elements = len(np.unique(self.materials.compositions.elements))
        targets = (
            f"{one.name} ({one.unit or 'no unit'})" if one.task == "regression" else f"{one.name} ({_ROWS[one.task]})"
            for one in self.targets.values()
        )
        parts = [counted(len(self), "row"), named_few(targets) or "no target", counted(elements, "element")]
        return ", ".join([*parts, *([f"{dropped:,} left out"] if dropped else [])])

    def to_frame(self) -> polars.DataFrame:
        """A row for each material: id, formula, context, targets (classes by name) and group."""
        import polars

        columns: dict[str, Any] = {name: _cells(target) for name, target in self.targets.items()}
        if self.groups is not None:
            columns["group"] = self.groups.tolist()
        frame = self.materials.to_frame()
        new = [
            polars.Series(name, values, strict=False) for name, values in columns.items() if name not in frame.columns
        ]
        return frame.with_columns(new)


_ROWS: Mapping[Task, str] = {"classification": "classes", POSITIVE_UNLABELLED: "known and unlabelled"}


def _cells(target: Target) -> list[float | str | None]:
    """The values as a table has them, None where they are not known."""
    if target.classes:
        return [
            target.classes[int(value)] if known else None
            for value, known in zip(target.values, target.known, strict=True)
        ]
    return [float(value) if known else None for value, known in zip(target.values, target.known, strict=True)]


def only_compounds(dataset: Dataset) -> Dataset:
    """The same data.

    Raises
    ------
    UsageError
        If they are no compounds, for commands that are about materials.
    """
    kind = dataset.materials.kind
    if not kind.is_compound:
        raise UsageError(
            f"the rows of {dataset.provenance.source} are {kind.plural}, but this command needs materials: name the "
            "column of formulas (--formula=COL), or use check, evaluate, fit, predict, scout or embed"
        )
    return dataset
