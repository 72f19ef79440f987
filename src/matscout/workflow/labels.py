"""What is learned from and what is not: rows without a label, columns that look like conditions and were not named."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from matscout.counting import part_of
from matscout.data.column_names import as_options, is_called_condition
from matscout.data.dataset import Dataset
from matscout.data.headings import split_heading
from matscout.data.reactions.texts import is_called_agent, likely_components
from matscout.data.scales import STRIKING, scale_remark, striking_row
from matscout.data.unit_columns import is_called_unit
from matscout.remarks import Remark

SHOWN_RANGES = 20
"""Runs of row numbers that a sentence names; more are only counted."""


def count_found(dataset: Dataset) -> int:
    """Rows of the input, usable or not."""
    left_out = len({problem.row for problem in dataset.problems if problem.dropped})
    return max(dataset.provenance.n_rows, len(dataset) + left_out)


def label_sentences(dataset: Dataset) -> tuple[str, ...]:
    """``"26 of 40 rows have a value of gap"``, one sentence for each target."""
    n_rows = count_found(dataset)
    return tuple(
        f"{part_of(int(target.known.sum()), n_rows, 'row')} {'has' if n_rows == 1 else 'have'} a value of {name}"
        for name, target in dataset.targets.items()
    )


def missing_labels(dataset: Dataset) -> tuple[str, ...]:
    """``"gap: no label in 3 rows (2, 5-6)"``, for each target that is unknown in some of the rows read."""
    numbers = dataset.numbering
    sentences = []
    for name, target in dataset.targets.items():
        missing = numbers[~target.known].tolist()
        if missing:
            text = f"{name}: no label in {len(missing)} row{'s' * (len(missing) > 1)} ({list_rows(missing)})"
            sentences.append(Remark("rows-without-label", text))
    return tuple(sentences)


def unused_conditions(dataset: Dataset) -> tuple[str, ...]:
    """Sentences on columns that differ and are unused, though they are called like a condition or a component.

    What is measured at several temperatures is taken for the same if no one says that the temperature counts, and
    reactions of other molecules if no one says that these take part.
    """
    if dataset.table is None:
        return ()
    materials, unused = dataset.materials, _unused(dataset, dataset.table)
    # Reaction SMILES name all that takes part themselves.
    components = likely_components(dataset.table[unused]) if materials.contents.asked else []
    conditions = [
        name
        for name in unused
        if name not in components
        and not is_called_unit(name)
        and (is_called_condition(name) or (materials.kind.with_conditions and is_called_agent(name)))
    ]
    sentences = []
    if components:
        named = as_options("--reaction", components)
        text = f"not used: {', '.join(components)}; if these take part in the reactions, name them ({named})"
        sentences.append(Remark("components-not-used", text))
    if conditions:
        named = as_options("--context", conditions)
        text = f"not used: {', '.join(conditions)}; if these are conditions, name them ({named})"
        sentences.append(Remark("conditions-not-used", text))
    return tuple(sentences)


def _unused(dataset: Dataset, table: pl.DataFrame) -> list[str]:
    """Columns that are none of those read, and do not hold the same in all rows."""
    used = {*dataset.targets, *dataset.materials.context, *dataset.materials.contents.columns}
    return [
        name
        for name in table.columns
        if used.isdisjoint((name, split_heading(name).name)) and table[name].drop_nulls().n_unique() > 1
    ]


def list_rows(numbers: Sequence[int]) -> str:
    """Ascending row numbers in few words: ``[2, 5, 6, 7]`` -> ``"2, 5-7"``."""
    runs: list[list[int]] = []
    for row in numbers:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    words = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    more = [f"and {len(words) - SHOWN_RANGES} more ranges"] if len(words) > SHOWN_RANGES else []
    return ", ".join([*words[:SHOWN_RANGES], *more])


def scale_sentences(dataset: Dataset) -> tuple[str, ...]:
    """On which scale numbers are judged where that does not go without saying.

    What has limits is judged by differences unless someone asks, and then says so.
    """
    sentences = (
        scale_remark(name, target.values[target.known], target.asked_scale)
        for name, target in dataset.targets.items()
        if target.task == "regression"
        and target.known.any()
        and (target.limits is None or target.asked_scale != "auto")
    )
    return tuple(sentence for sentence in sentences if sentence)


def striking_values(dataset: Dataset) -> tuple[str, ...]:
    """Values far beyond all others, a sentence each."""
    sentences = []
    for name, target in dataset.targets.items():
        row = striking_row(target.values) if target.task == "regression" else None
        if row is None:
            continue
        number = dataset.numbering[row]
        ruled = (
            "" if target.scale == "log" else ("; until then, it dominates every mean error and the predictions near it")
        )
        text = (
            f"{name!r} is {target.values[row]:g} in row {number}, more than {STRIKING:,.0f} times any other value: "
            f"check its unit and decimal point; it is used unchanged{ruled}."
        )
        sentences.append(Remark("value-far-beyond-others", text))
    return tuple(sentences)
