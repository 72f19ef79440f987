"""What was read from a file, in numbers: the answer of ``matscout check`` and the first page of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matscout.counting import unit_behind
from matscout.data.cell_readings import CellReading
from matscout.data.column_names import as_options
from matscout.data.column_readings import ColumnReading
from matscout.data.dataset import Dataset, Target
from matscout.data.elements import SYMBOLS
from matscout.data.repeats import merge_repeats
from matscout.errors import NOTHING_TO_DO, RowProblem
from matscout.remarks import worded
from matscout.workflow.group_columns import group_column
from matscout.workflow.labels import (
    count_found,
    label_sentences,
    missing_labels,
    scale_sentences,
    striking_values,
    unused_conditions,
)
from matscout.workflow.structure_lines import StructureLine, first_structures

FEW_LABELS = 25
"""Below this many labelled rows intervals become wide and comparisons of models uncertain."""


@dataclass(frozen=True)
class TargetSummary:
    """One target in numbers.

    Parameters
    ----------
    name, unit, task
        As in :class:`matscout.data.dataset.Target`.
    n_known
        Rows with a value or a bound.
    n_merged
        What a model learns from after repeats of one material in one context (and group) are merged.
    minimum, median, maximum
        Of the known values, in ``unit``; NaN for classes or if nothing is known.
    n_zero
        Rows whose value is exactly zero.
    n_censored
        Rows that hold a bound ("<0.1") instead of a value.
    n_with_error
        Rows with a measurement error.
    class_counts
        (class, rows) of a classification target, in the order of its classes.
    """

    name: str
    unit: str | None
    task: str
    n_known: int
    n_merged: int
    minimum: float
    median: float
    maximum: float
    n_zero: int
    n_censored: int
    n_with_error: int
    class_counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CheckSummary:
    """What was read and what was left out.

    Parameters
    ----------
    source, digest
        File name and SHA-256 of its bytes.
    n_found, n_used, n_left_out
        Rows in the file, rows used, rows that could not be used.
    n_labelled
        Rows used in which at least one target is known.
    n_materials
        Distinct compositions (or reactions) among the rows used.
    n_repeated
        Rows whose composition (or reaction) another row has too.
    n_structures
        Rows with a crystal structure.
    elements
        Symbols that occur, in order of atomic number; of reactions in their products.
    contents
        ``"35 different compositions of 20 elements"``.
    targets
        One summary each.
    labels
        How many rows have a value of each target, a sentence each.
    context
        (column, what it holds) of the context columns in use.
    n_groups
        Distinct groups, 0 if rows are not grouped.
    problems
        Rows left out, then remarks on rows used, among them repeats that contradict each other.
    remarks
        What was recognised in the file and which repeats a fit merges, a sentence each.
    suggestions
        What the owner of the file may want to do, a sentence each.
    columns
        How each column of numbers in use was understood.
    readings
        How cells were understood that are not in plain form.
    structures
        The first of the crystal structures.
    """

    source: str
    digest: str
    n_found: int
    n_used: int
    n_left_out: int
    n_labelled: int
    n_materials: int
    n_repeated: int
    n_structures: int
    elements: tuple[str, ...]
    contents: str
    targets: tuple[TargetSummary, ...]
    labels: tuple[str, ...]
    context: tuple[tuple[str, str], ...]
    n_groups: int
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...]
    suggestions: tuple[str, ...]
    columns: tuple[ColumnReading, ...] = ()
    readings: tuple[CellReading, ...] = ()
    structures: tuple[StructureLine, ...] = ()

    @property
    def bad_fraction(self) -> float:
        """Share of the rows found that could not be used."""
        return self.n_left_out / self.n_found if self.n_found else 1.0


def check(dataset: Dataset) -> CheckSummary:
    """Count what a data set holds, and suggest what its owner may want to do."""
    _, counts = np.unique(dataset.materials.keys(), return_counts=True)
    left_out = len({problem.row for problem in dataset.problems if problem.dropped})
    merged = {name: merge_repeats(dataset, name) for name in dataset.targets}
    targets = tuple(_summarise(target, len(merged[name])) for name, target in dataset.targets.items())
    n_repeated = int(counts[counts > 1].sum())
    n_groups = 0 if dataset.groups is None else len(np.unique(dataset.groups))
    problems = dict.fromkeys(problem for part in (dataset, *merged.values()) for problem in part.problems)
    return CheckSummary(
        source=dataset.provenance.source,
        digest=dataset.provenance.digest,
        n_found=count_found(dataset),
        n_used=len(dataset),
        n_left_out=left_out,
        n_labelled=sum(any(row) for row in zip(*(part.known for part in dataset.targets.values()), strict=True)),
        n_materials=len(counts),
        n_repeated=n_repeated,
        n_structures=int(dataset.materials.has_structure.sum()),
        elements=_elements(dataset),
        contents=_contents(dataset, len(counts)),
        targets=targets,
        labels=label_sentences(dataset),
        context=_context(dataset),
        n_groups=n_groups,
        problems=tuple(
            sorted(_without_repeats(problems, dataset.readings), key=lambda problem: (not problem.dropped, problem.row))
        ),
        remarks=(
            *dataset.provenance.remarks,
            *missing_labels(dataset),
            *unused_conditions(dataset),
            *scale_sentences(dataset),
            *_merging(dataset, merged),
        ),
        suggestions=_suggestions(dataset, targets, n_repeated, n_groups),
        columns=dataset.columns,
        readings=dataset.readings,
        structures=first_structures(dataset.materials),
    )


def _without_repeats(problems: Iterable[RowProblem], readings: Sequence[CellReading]) -> list[RowProblem]:
    """Problems without remarks on cells that stand among those read by a rule anyway."""
    read_cells = {(reading.row, reading.written) for reading in readings}
    return [one for one in problems if one.advice != NOTHING_TO_DO or (one.row, one.value) not in read_cells]


def _merging(dataset: Dataset, merged: Mapping[str, Dataset]) -> list[str]:
    """What merging said about each target."""
    before = len(dataset.provenance.remarks)
    return [
        worded(remark, f"{name}: {remark}")
        for name, part in merged.items()
        for remark in part.provenance.remarks[before:]
    ]


def _elements(dataset: Dataset) -> tuple[str, ...]:
    return tuple(SYMBOLS[number - 1] for number in np.unique(dataset.materials.compositions.elements))


def _contents(dataset: Dataset, n_different: int) -> str:
    materials = dataset.materials
    return f"{n_different} different {materials.kind.key_noun}s of {materials.contents.made_of}"


def _context(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    described = []
    for name, column in dataset.materials.context.items():
        if np.issubdtype(column.dtype, np.number):
            unit = unit_behind(dataset.context_units.get(name))
            described.append(
                (name, f"numbers from {np.min(column):g} to {np.max(column):g}{unit}" if len(column) else "empty")
            )
        else:
            described.append((name, f"{len(np.unique(column))} categories: {', '.join(np.unique(column)[:8])}"))
    return tuple(described)


def _summarise(target: Target, n_merged: int) -> TargetSummary:
    known = target.values[target.known]
    numbers = known if target.task == "regression" else known[:0]
    lowest, middle, highest = np.quantile(numbers, [0.0, 0.5, 1.0]) if len(numbers) else (np.nan,) * 3
    return TargetSummary(
        name=target.name,
        unit=target.unit,
        task=target.task,
        n_known=len(known),
        n_merged=n_merged,
        minimum=float(lowest),
        median=float(middle),
        maximum=float(highest),
        n_zero=int((numbers == 0).sum()),
        n_censored=0 if target.censored is None else int((target.censored[target.known] != 0).sum()),
        n_with_error=0 if target.errors is None else int(np.isfinite(target.errors[target.known]).sum()),
        class_counts=tuple((label, int((known == position).sum())) for position, label in enumerate(target.classes)),
    )


def _suggestions(
    dataset: Dataset, targets: tuple[TargetSummary, ...], n_repeated: int, n_groups: int
) -> tuple[str, ...]:
    sentences = [*striking_values(dataset), *(_grouping(dataset, n_repeated) if n_groups == 0 else [])]
    for target in targets:
        sentences += _suggestions_for(target)
    return tuple(sentences)


def _grouping(dataset: Dataset, n_repeated: int) -> list[str]:
    """How to keep rows of one paper or series together."""
    of_what = dataset.materials.kind.key_noun
    repeated = [f"{n_repeated:,} rows share their {of_what} with another row"] if n_repeated else []
    column = group_column(dataset)
    if column is not None:
        named = as_options("--groups", [column[0]])
        what = f"{column[0]!r} has {column[1]:,} different values in {len(dataset):,} rows"
        do = f"if it shows which rows belong together (a paper, a sample series), use {named}"
    elif repeated:
        what = ""
        do = "if rows come from papers or sample series, name the column of these with --groups"
    else:
        return []
    start = "; ".join([*repeated, *([what] if what else [])])
    return [f"{start}: {do}; otherwise, the error on new materials is underestimated"]


def _suggestions_for(target: TargetSummary) -> list[str]:
    sentences = []
    if target.n_known < FEW_LABELS:
        sentences.append(f"{target.name}: {target.n_known} labelled rows are few; expect wide intervals")
    if target.task == "regression" and target.unit is None:
        sentences.append(
            f"{target.name}: no unit in the header; if it has one, add it to the header: '{target.name} (UNIT)', or "
            "use --unit"
        )
    if target.n_zero > 0.2 * max(target.n_known, 1):
        share = target.n_zero / target.n_known
        sentences.append(f"{target.name}: {share:.0%} of the values are exactly zero; compare RMSE as well as MAE")
    rare = [label for label, count in target.class_counts if count < 5]
    if rare:
        sentences.append(
            f"{target.name}: fewer than 5 rows in the classes {', '.join(rare)}; add rows or merge classes"
        )
    return sentences
