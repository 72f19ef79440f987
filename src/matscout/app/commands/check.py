"""``matscout check``: what would be read from a file, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from matscout.app.console import say, show_table
from matscout.app.reading import load, read_labels, read_materials
from matscout.counting import counted, part_of
from matscout.errors import InputError, RowProblem
from matscout.mentions import worded
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.known_settings import KnownSettings
from matscout.workflow.label_settings import LabelSettings
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.data.sources import Source
    from matscout.workflow.check import CheckSummary


@dataclass(frozen=True)
class CheckSettings:
    """What is looked through.

    Parameters
    ----------
    source
        File or folder to check.
    save
        Write how each cell that is not in plain form was read.
    """

    source: Annotated[Path, SettingInfo(argument=True, metavar="INPUT")]
    save: Annotated[Path | None, SettingInfo(metavar="FILE.csv|FILE.json")] = None


@with_options
def check(*, asked: CheckSettings, reading: KnownSettings) -> None:
    """Show how a file is read: rows, columns, units, repeats, and every row with a problem.

    A target is not needed: without one, the columns that could be the target are listed.
    """
    from matscout.app.read_as import write_readings

    result_file(asked.save, asked.source, endings=(".csv", ".json"))
    dataset, without_target = _read(replace(reading, max_bad=1.0), asked.source)

    from matscout.workflow.check import check as summarise

    summary = summarise(dataset)
    _show(summary)
    if asked.save is not None:
        say(f"how cells are read: {write_readings(asked.save, summary.columns, summary.readings)}")
    if without_target:
        say(f"to learn from this file, choose a target: {without_target}")
    if summary.bad_fraction > reading.max_bad or summary.n_used == 0:
        raise InputError(
            f"{part_of(summary.n_left_out, summary.n_found, 'row')} cannot be used, more than the "
            f"{reading.max_bad:.0%} that --max-bad allows; see the table above for what to do about each"
        )


def _read(reading: LabelSettings, source: Path) -> tuple[Dataset, str]:
    """The labels; where no target was named or found the materials alone, and what to say about the target."""
    from matscout.data.columns import NoTargetError, SeveralTargetsError

    loaded = load(reading, source)
    try:
        return read_labels(reading, loaded), ""
    except (NoTargetError, SeveralTargetsError) as error:
        dataset = read_materials(reading, loaded, reading.context)
        candidates = error.candidates if isinstance(error, SeveralTargetsError) else ()
        return _with_candidates(dataset, reading, loaded, candidates), str(error)


def _with_candidates(dataset: Dataset, reading: LabelSettings, loaded: Source, candidates: Sequence[str]) -> Dataset:
    """The same, with how the columns would be read that could be the target."""
    from matscout.app.read_as import SHOWN_COLUMNS
    from matscout.data.decimal_signs import NumberNotation
    from matscout.data.quantities import describe_columns

    table = replace(loaded.table, asked=NumberNotation.of(reading.decimal, reading.thousands))
    numeric = [name for name in candidates[:SHOWN_COLUMNS] if table.values(name).readable.any()]
    columns, readings = describe_columns(table, numeric)
    return replace(dataset, columns=(*dataset.columns, *columns), readings=(*dataset.readings, *readings))


def _show(summary: CheckSummary) -> None:
    from matscout.app.read_as import show_columns, show_readings

    used = part_of(summary.n_used, summary.n_found, "row")
    say(f"{summary.source}: {used} can be used, {summary.n_left_out:,} cannot")
    for sentence in summary.labels:
        say(sentence)
    say(f"{summary.contents}; {counted(summary.n_repeated, 'row repeats one', 'rows repeat one')}")
    for name, held in summary.context:
        say(f"context {name}: {held}")
    if summary.n_groups:
        say(counted(summary.n_groups, "group"))
    _show_targets(summary)
    for remark in summary.remarks:
        say(f"- {remark}")
    _show_structures(summary)
    show_columns(summary.columns)
    show_readings(summary.readings)
    if summary.problems:
        rows = [_problem_row(problem) for problem in summary.problems]
        show_table(("row", "value", "row is", "why", "what to do"), rows)
    for suggestion in summary.suggestions:
        say(f"suggestion: {suggestion}")


def _show_structures(summary: CheckSummary) -> None:
    if not summary.structures:
        return
    if len(summary.structures) < summary.n_structures:
        say(f"the first {part_of(len(summary.structures), summary.n_structures, 'structure')}:")
    rows = [
        (line.name, line.formula, str(line.n_sites), f"{line.density:.3g}", line.space_group)
        for line in summary.structures
    ]
    show_table(("structure", "atoms of the cell", "sites", "density (g/cm³)", "space group"), rows)


_KINDS = {"classification": "classes", "positive-unlabelled": "known and unlabelled"}
"""What the rows of a target are, in words."""


def _show_targets(summary: CheckSummary) -> None:
    if not summary.targets:
        return
    header = ("target", "unit", "kind", "known", "to merge", "min", "median", "max", "zeros", "bounds", "with error")
    rows = []
    for target in summary.targets:
        kind = target.task
        if target.class_counts:
            kind = f"{_KINDS[target.task]}: " + ", ".join(f"{label} ({count})" for label, count in target.class_counts)
        numbers = [f"{number:.4g}" for number in (target.minimum, target.median, target.maximum)]
        if target.task != "regression":
            numbers = [""] * 3
        counts = [str(count) for count in (target.n_zero, target.n_censored, target.n_with_error)]
        rows.append(
            (
                target.name,
                target.unit or "",
                kind,
                str(target.n_known),
                str(target.n_known - target.n_merged),
                *numbers,
                *counts,
            )
        )
    show_table(header, rows)


def _problem_row(problem: RowProblem) -> tuple[str, ...]:
    used = "left out" if problem.dropped else "used"
    return (str(problem.row), problem.value, used, problem.reason, worded(problem.advice))
