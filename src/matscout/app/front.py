"""``matscout.scout`` and ``matscout.screen``: run, and write what was found with its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matscout.app.output import FACTS, write_scouting
from matscout.data.dataset import Dataset
from matscout.data.given import Given, as_dataset
from matscout.progress import Progress, in_notebooks
from matscout.workflow.parsing import context_of, targets_of
from matscout.workflow.places import refuse_unwritable, result_folder
from matscout.workflow.results import Scouting
from matscout.workflow.scout_settings import ScoutSettings
from matscout.workflow.scouting import scout as run_scout
from matscout.workflow.screening import screen as run_screen


def scout(
    dataset: Given,
    goals: str | Sequence[str],
    *,
    out: str | Path | None = None,
    command: str | None = None,
    store: Path | None = None,
    progress: Progress = in_notebooks,
    **settings: Any,
) -> Scouting:
    """Find out what to make next: fit and evaluate a model of each target, and rank candidates.

    Parameters
    ----------
    dataset
        Labelled rows: what :func:`matscout.read` made, or what it reads, a path or a frame.
    goals
        ``"gap=1.1:1.6"``, ``"ZT=max"``, ``"min"`` (with one target), ``"0.8"``; one or several.
    out
        Folder for ``report.html``, ``shortlist.csv``, ``predictions.csv``, ``scouting.json``, ``model`` and ``rounds``
        (with ``since`` also ``rounds.csv`` and ``round.json``); written completely or not at all. An earlier result
        there is replaced; a folder with other files is refused. None writes nothing.
    command
        The command line of this run, for the report; None for a call from Python, which the report then shows.
    store
        Folder in which finished fits of the evaluation are kept; a run with the same data and settings resumes from
        there.
    progress
        Called with the progress of the work.
    settings
        The fields of :class:`~matscout.workflow.scout_settings.ScoutSettings` by name, such as ``model="gp"``,
        ``exclude=["Pb"]``, ``candidates="shelf.csv"``.

    Raises
    ------
    UsageError
        If a goal or setting is wrong, or ``out`` contains other files.
    InputError
        If there are too few labels, or no candidate is left.
    """
    asked = ScoutSettings.of(settings)
    if not isinstance(dataset, Dataset):
        named = targets_of([], [goals] if isinstance(goals, str) else list(goals))
        dataset = as_dataset(dataset, target=named or None, context=context_of([], asked.settings))
    folder = None if out is None else result_folder(Path(out), FACTS)
    again = command or python_call("scout", {"goals": goals, "out": out, **asked.changed})
    scouting = run_scout(dataset, goals, asked, command=again, store=store, progress=progress)
    return scouting if folder is None else write_scouting(scouting, folder)


def screen(
    plan: str | Path,
    *,
    out: str | Path | None = None,
    command: str | None = None,
    store: Path | None = None,
    progress: Progress = in_notebooks,
) -> Scouting:
    """Pass candidates through a funnel, and rank the rest as :func:`matscout.scout` does.

    Parameters
    ----------
    plan
        YAML file, see ``docs/how-to/screen.md``.
    out
        Folder for the results of scout, and for  ``funnel.html``, ``funnel.svg``, ``funnel.png`` and ``lost.csv``.
    command
        The command line of this run, for the report.
    store
        Folder in which finished stages and fits are kept; a stopped run resumes from there.
    progress
        Called with the progress of the work.

    Raises
    ------
    UsageError, InputError
        As for :func:`matscout.scout`, or if the plan is wrong, or a stage leaves no candidate.
    """
    if out is not None:
        refuse_unwritable(Path(out))
    again = command or f"matscout.screen({str(plan)!r}, out={None if out is None else str(out)!r})"
    folder = None if out is None else result_folder(Path(out), FACTS)
    scouting = run_screen(plan, command=again, store=store, progress=progress)
    return scouting if folder is None else write_scouting(scouting, folder)


def python_call(function: str, settings: Mapping[str, object]) -> str:
    """``matscout.scout(dataset, goals='1.1:1.6', fast=True)``: the call with all settings that are not the usual ones.

    Parameters
    ----------
    function
        A public function whose first parameter is the data set.
    settings
        Name -> value; None is the usual one.
    """
    given = [f"{name}={_plain(value)}" for name, value in settings.items() if value is not None]
    return f"matscout.{function}({', '.join(['dataset', *given])})"


def _plain(value: object) -> str:
    """As one would write it: paths as texts."""
    return repr(str(value) if isinstance(value, Path) else value)
