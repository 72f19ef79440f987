"""What the command line writes: results to standard output, everything about the run to standard error."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from matscout.app.session import add_table, session
from matscout.counting import counted, part_of
from matscout.progress import Progress, silent

if TYPE_CHECKING:
    from rich.progress import TaskID

    from matscout.data.dataset import Dataset
    from matscout.errors import RowProblem
    from matscout.workflow.running import EventSink, StepEvent

PIPED_WIDTH = 160
"""Columns of a line that goes to a file or another program, which has no width of its own."""

SECONDS_BETWEEN_LINES = 20.0
"""In a file, a step that takes long says again how far it is."""

LONG = 1.0
"""Seconds from which it is worth saying how long a step took."""

LONGEST_RESULT = 120
"""Letters of a result that stands in the line of its step; longer ones follow when all is done."""

FAST = 5.0
"""Things per second, from which it is worth saying how many."""


def _console(to_stderr: bool) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else PIPED_WIDTH, highlight=False, soft_wrap=False)


def say(text: str) -> None:
    """Write a result to standard output; with ``--json``, take it down for the document."""
    session().write_log("INFO", text)
    if session().as_json:
        session().lines.append(text)
        return
    _console(to_stderr=False).print(text, markup=False, soft_wrap=True)


def note(text: str) -> None:
    """Write a remark about the run to standard error, unless it is to be quiet."""
    session().write_log("INFO", text)
    if session().as_json:
        session().remarks.append(text.strip())
    if not session().quiet:
        time = f"{datetime.now():%H:%M:%S} " if session().verbose else ""
        _console(to_stderr=True).print(f"{time}{text}", markup=False, soft_wrap=True)


def progress_note(text: str) -> None:
    """Write how far the run is, as :func:`note` does; it is no part of the document."""
    session().write_log("DEBUG", text)
    if not session().quiet:
        time = f"{datetime.now():%H:%M:%S} " if session().verbose else ""
        _console(to_stderr=True).print(f"{time}{text}", markup=False, soft_wrap=True)


def complain(text: str) -> None:
    """Write the paragraph that ends a failed run to standard error."""
    session().write_log("ERROR", text)
    _console(to_stderr=True).print(f"matscout: {text}", markup=False, soft_wrap=True)


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]], title: str | None = None) -> None:
    """Write a table to standard output; columns of numbers are aligned to the right."""
    session().write_log("INFO", f"table {title or ', '.join(header)}: {counted(len(rows), 'row')}")
    if session().as_json:
        add_table(header, rows, title)
        return
    table = Table(title=title, title_justify="left")
    for position, name in enumerate(header):
        numeric = all(_is_number(row[position]) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[cell.replace("[", r"\[") for cell in row])
    _console(to_stderr=False).print(table)


def _is_number(cell: str) -> bool:
    return not cell or cell[0] in "+-.0123456789"


def show_problems(
    problems: Sequence[RowProblem], limit: int = 10, lists_all: str = "`matscout check` lists them all"
) -> None:
    """List the rows that were left out, then those used with a remark, at most ``limit`` in all, on standard error.

    ``lists_all`` says where the others stand.
    """
    for problem in sorted(problems, key=lambda problem: not problem.dropped)[:limit]:
        note(f"  {'left out' if problem.dropped else 'remark'}: {problem}")
    if len(problems) > limit:
        note(f"  ... and {len(problems) - limit} more; {lists_all}")


def show_reading(dataset: Dataset) -> None:
    """Say how much of the input is used, how much of it has a label, and what was left out."""
    from matscout.workflow.labels import (
        count_found,
        label_sentences,
        missing_labels,
        scale_sentences,
        striking_values,
        unused_conditions,
    )

    note(f"read {part_of(len(dataset), count_found(dataset), 'row')} of {dataset.provenance.source}")
    sentence_makers = (label_sentences, missing_labels, unused_conditions, scale_sentences, striking_values)
    for sentence in [one for sentences in sentence_makers for one in sentences(dataset)]:
        note(f"  {sentence}")
    show_problems(dataset.problems)


@contextmanager
def progress_display() -> Iterator[Progress]:
    """How far the work is, on standard error: a bar on a terminal; elsewhere a line for each step, and now and then."""
    if session().quiet:
        yield silent
    elif sys.stderr.isatty() and not session().verbose:
        with _bars() as progress:
            yield progress
    else:
        yield _Lines()


@contextmanager
def events_display() -> Iterator[EventSink]:
    """What becomes of the steps of a workflow: a bar for each that runs on a terminal; elsewhere lines."""
    if session().quiet:
        yield _quiet
        return
    if session().verbose or not sys.stderr.isatty():
        yield _StepLines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    words = TextColumn("{task.fields[step]}", markup=False)
    shown = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(), words)
    with Bars(*shown, console=_console(to_stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def sink(event: StepEvent) -> None:
            if event.state != "running":
                if event.step in tasks:
                    bars.remove_task(tasks.pop(event.step))
                if event.state == "done" and event.seconds > LONG:
                    session().write_log("DEBUG", _ended(event))
                    bars.console.print(_ended(event), markup=False, soft_wrap=True)
                return
            if event.step not in tasks:
                tasks[event.step] = bars.add_task("", total=None, step=event.step)
            words = f"{event.step}: {event.part}" if event.part else event.step
            bars.update(tasks[event.step], completed=event.done, total=event.total or None, step=words)

        yield sink


def naming_failures(sink: EventSink) -> EventSink:
    """The same, and the name of a step that fails: its error is told of what it did, not of the step."""

    def named(event: StepEvent) -> None:
        sink(event)
        if event.state == "failed":
            note(f"the step {event.step} has failed")

    return named


def _quiet(event: StepEvent) -> None:
    """Say nothing of steps but in the log."""
    if event.state == "done":
        session().write_log("DEBUG", _ended(event))


def _ended(event: StepEvent) -> str:
    """A finished step with its result in a line: the shortlist is known while the learning curve is measured."""
    result = f"{event.words}, " if 0 < len(event.words) <= LONGEST_RESULT else ""
    return f"{event.step}: {result}{event.seconds:.1f} s"


class _StepLines:
    """A line when a step ends, and from time to time how far those are that go on; with ``--verbose`` every part."""

    def __init__(self) -> None:
        self._parts: dict[str, _Lines] = {}
        self._begun: dict[str, float] = {}
        self._written_at = time.monotonic()

    def __call__(self, event: StepEvent) -> None:
        match event.state:
            case "running" if event.part and session().verbose:
                self._parts.setdefault(event.step, _Lines())(f"{event.step}: {event.part}", event.done, event.total)
            case "running":
                self._say_how_far(event)
            case "done" if event.seconds > LONG or session().verbose:
                progress_note(_ended(event))
            case "from store":
                progress_note(f"{event.step}: from the store")

    def _say_how_far(self, event: StepEvent) -> None:
        now = time.monotonic()
        begun = self._begun.setdefault(event.step, now)
        if now - self._written_at < SECONDS_BETWEEN_LINES or not 0 < event.done < event.total:
            return
        self._written_at = now
        # The longest parts come first, so that what the first ones took says little of the rest.
        left = (now - begun) * (event.total - event.done) / event.done
        words = f", about {duration(left)} left" if 2 * event.done >= event.total else ""
        progress_note(f"  {event.step}: {event.done:,} of {event.total:,} done{words}")


@contextmanager
def _bars() -> Iterator[Progress]:
    """One bar that shows the step at hand: steps follow one another."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    shown = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    step_column = TextColumn("{task.fields[step]}", markup=False)
    with Bars(*shown, step_column, console=_console(to_stderr=True), transient=True) as bars:
        task, pace = bars.add_task("", total=None, step=""), _Pace()

        def progress(step: str, done: int, total: int) -> None:
            pace.see(step, done)
            bars.update(task, completed=done, total=total or None, step=f"{step}{pace.words}")

        yield progress


def duration(seconds: float) -> str:
    """``"40 s"``, ``"3 min"``, ``"2.5 h"``: as exact as an estimate deserves."""
    if seconds < 90:
        return f"{math.ceil(seconds / 5) * 5} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


class _Pace:
    """How fast a step goes."""

    def __init__(self) -> None:
        self._step = ""
        self._begun, self._at = 0, 0.0
        self.per_second = 0.0

    def see(self, step: str, done: int) -> None:
        """So much of the step is done now."""
        now = time.monotonic()
        if step != self._step:
            self._step, self._begun, self._at, self.per_second = step, done, now, 0.0
        elif now > self._at:
            self.per_second = (done - self._begun) / (now - self._at)

    @property
    def words(self) -> str:
        """Only where there is much to count."""
        return f", {self.per_second:,.0f}/s" if self.per_second >= FAST else ""


class _Lines:
    """A line when a step begins, and one from time to time while it goes on."""

    def __init__(self) -> None:
        self._begun: set[str] = set()
        self._written_at = 0.0
        self._pace = _Pace()

    def __call__(self, step: str, done: int, total: int) -> None:
        self._pace.see(step, done)
        now = time.monotonic()
        if step not in self._begun:
            self._begun.add(step)
            progress_note(f"{step} ...")
        elif now - self._written_at > SECONDS_BETWEEN_LINES and 0 < done < (total or done + 1):
            rest = (total - done) / self._pace.per_second if total and self._pace.per_second else 0.0
            left = f", about {duration(rest)} left" if rest else ""
            progress_note(f"  {done:,}{f' of {total:,}' if total else ''} done{self._pace.words}{left}")
        else:
            return
        self._written_at = now
