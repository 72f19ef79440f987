"""screen: a funnel described in one file, from candidates to the shortlist that scout makes of what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from matscout.app.options import FitOptions, InputOptions
from matscout.app.places import refuse_unwritable
from matscout.app.ranking_options import context_of, targets_of
from matscout.app.recalling import Recall
from matscout.app.scouting import Scouting, scout
from matscout.app.search import Search, find_candidates
from matscout.data.dataset import Dataset
from matscout.discover.base import Candidates
from matscout.discover.funnel import Brief, Step, sift
from matscout.discover.goals import parse_goals
from matscout.errors import UsageError
from matscout.progress import Progress, silent

SECTIONS = ("labels", "goal", "candidates", "stages", "define", "set", "rank")
LABELS = ("file", "formula", "structure", "sheet", "unit", "max-bad", "target", "context", "groups", "error")
SOURCES = ("file", "index", "like", "with", "where", "count", "elements", "exclude")
STAGE = ("keep", "reason")
WHOLE, NUMBERS = ("count", "batch", "seed"), ("level", "max-bad")
CHOICES: Mapping[str, tuple[object, ...]] = {"metric": ("mae", "rmse"), "fast": (True, False)}
RANK = ("model", "metric", "fast", "order", "batch", "level", "require", "seed")


@dataclass(frozen=True, eq=False)
class Plan:
    """A funnel as its file describes it; sections as they are named there.

    Parameters
    ----------
    path
        The file.
    labels
        Where the labels are and how to read them.
    goals
        What is wanted.
    source
        Where the candidates come from: a file, an index, or elements to combine.
    steps
        The stages.
    definitions, settings
        Laws, and values of conditions.
    rank
        How scout ranks what is left.
    """

    path: Path
    labels: Mapping[str, Any]
    goals: tuple[str, ...]
    source: Mapping[str, Any]
    steps: tuple[Step, ...]
    definitions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    rank: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Plan:
        """From YAML; every stage is made once, so that a mistake is told before any work.

        Raises
        ------
        UsageError
            If it is no YAML, a section is missing or unknown, or a stage is wrong.
        """
        try:
            told = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} is no YAML: {' '.join(str(error).split())}") from error
        sections = _mapping(told, str(path), SECTIONS)
        for name in ("labels", "goal", "stages"):
            if name not in sections:
                raise UsageError(f"{path} has no section {name!r}; a funnel needs labels, goal and stages")
        labels = _checked(_mapping(sections["labels"], "labels", LABELS), "labels")
        if "file" not in labels:
            raise UsageError(f"the section labels of {path} names no file")
        steps = tuple(_step(one, number) for number, one in enumerate(_list(sections["stages"]), start=1))
        for step in steps:
            step.stage()
        return cls(
            path,
            labels,
            tuple(str(one) for one in _list(sections["goal"])),
            _checked(_mapping(sections.get("candidates") or {}, "candidates", SOURCES), "candidates"),
            steps,
            {name: str(law) for name, law in _mapping(sections.get("define") or {}, "define").items()},
            {name: str(value) for name, value in _mapping(sections.get("set") or {}, "set").items()},
            _checked(_mapping(sections.get("rank") or {}, "rank", RANK), "rank"),
        )

    def read_labels(self) -> Dataset:
        """The labelled rows."""
        told = self.labels
        columns = [f"{name}={law}" for name, law in self.definitions.items()]
        fitting = FitOptions(
            targets_of(_list(told.get("target")), list(self.goals)),
            context_of(_list(told.get("context")), self.settings),
            told.get("groups"),
            told.get("error"),
            define=columns,
        )
        units = [f"{name}={unit}" for name, unit in (told.get("unit") or {}).items()]
        reading = InputOptions(
            told.get("formula"), told.get("structure"), told.get("sheet"), units, told.get("max-bad", 0.2)
        )
        return reading.read_labels(self._beside(told["file"]), fitting)

    def search(self) -> Search:
        """Where the candidates come from.

        Raises
        ------
        UsageError
            If the section names several sources, or none.
        """
        told = self.source
        if "index" in told:
            place = told["index"] if "://" in str(told["index"]) else str(self._beside(told["index"]))
            like = tuple(map(str, _list(told.get("like"))))
            names = tuple(map(str, _list(told.get("with"))))
            return Search(candidates=Recall(place, like, told.get("count", 1000), names, told.get("where", "")))
        if "file" in told:
            return Search(candidates=self._beside(told["file"]))
        elements = tuple(map(str, _list(told.get("elements"))))
        exclude = tuple(map(str, _list(told.get("exclude"))))
        return Search(elements=elements, exclude=exclude, n_candidates=told.get("count", 20_000))

    def _beside(self, name: object) -> Path:
        """A file that is named relative to the plan."""
        return self.path.parent / Path(str(name))


@dataclass(frozen=True, eq=False)
class Funnel:
    """Candidates for :func:`matscout.scout`: those that pass all stages.

    Parameters
    ----------
    plan
        What to do.
    store
        Folder of finished verdicts.
    """

    plan: Plan
    store: Path | None = None

    @property
    def name(self) -> str:
        """What the candidates are, in short."""
        return f"sifted ({self.plan.path.name})"

    def candidates(self, labels: Dataset, progress: Progress = silent) -> Candidates:
        """What passes all stages, the best first; errors as :func:`matscout.discover.funnel.sift` tells them."""
        plan = self.plan
        start = find_candidates(labels, plan.search(), progress)
        brief = Brief(
            labels,
            parse_goals(list(plan.goals), labels.targets),
            plan.definitions,
            plan.settings,
            plan.rank.get("seed", 0),
        )
        return sift(start, plan.steps, brief, store=self.store, progress=progress)


def screen(
    plan: str | Path,
    *,
    out: str | Path | None = None,
    command: str | None = None,
    store: Path | None = None,
    progress: Progress = silent,
) -> Scouting:
    """Send candidates through a funnel, and rank what is left as :func:`matscout.scout` does.

    Parameters
    ----------
    plan
        YAML file, see ``docs/how-to/screen.md``.
    out
        Folder for what scout writes, and for ``funnel.html``, ``funnel.svg``, ``funnel.png`` and ``lost.csv``.
    command
        The command line of this run, for the report.
    store
        Folder in which finished stages and fits are kept; a run that was stopped goes on from there.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError, InputError
        As :func:`matscout.scout` does, or if the plan is wrong, or a stage leaves nothing.
    """
    read = Plan.read(Path(plan))
    if out is not None:
        refuse_unwritable(Path(out))
    rank = read.rank
    return scout(
        read.read_labels(),
        list(read.goals),
        out=out,
        model=str(rank.get("model", "auto")),
        definitions=read.definitions,
        metric=rank.get("metric", "mae"),
        fast=rank.get("fast", False),
        seed=rank.get("seed", 0),
        level=rank.get("level", 0.9),
        candidates=Funnel(read, store),
        require=tuple(map(str, _list(rank.get("require")))),
        settings=read.settings,
        order=str(rank.get("order", "ei")),
        batch=rank.get("batch", 8),
        command=command or f"matscout.screen({str(plan)!r}, out={None if out is None else str(out)!r})",
        store=store,
        progress=progress,
    )


def _checked(told: dict[str, Any], section: str) -> dict[str, Any]:
    """The section itself, if its numbers are numbers and its choices are there."""
    for name, value in told.items():
        wrong = f"{name} of {section} is {value!r}"
        if name in WHOLE and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise UsageError(f"{wrong}; a whole number is expected")
        if name in NUMBERS and (not isinstance(value, int | float) or isinstance(value, bool)):
            raise UsageError(f"{wrong}; a number is expected")
        if name in CHOICES and value not in CHOICES[name]:
            raise UsageError(f"{wrong}; it is {' or '.join(str(one).lower() for one in CHOICES[name])}")
    return told


def _step(told: object, number: int) -> Step:
    """``{similarity: {like: PbTe}, keep: 100, reason: ...}``."""
    entry = _mapping(told, f"stage {number}")
    names = [name for name in entry if name not in STAGE]
    if len(names) != 1:
        raise UsageError(
            f"stage {number} names {', '.join(names) or 'no stage'}; write one, as in 'similarity: {{like: PbTe}}', "
            "with keep and reason beside it"
        )
    keep = entry.get("keep")
    if keep is not None and (not isinstance(keep, int) or keep < 1):
        raise UsageError(f"stage {number} keeps {keep!r}; give a whole number of candidates")
    settings = _mapping(entry[names[0]] or {}, f"stage {number}, {names[0]}")
    return Step(names[0], settings, keep, str(entry.get("reason", "")))


def _mapping(told: object, what: str, known: Sequence[str] = ()) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise UsageError(f"{what} is {told!r}; names with values are expected, as in 'keep: 100'")
    for name in told:
        if known and name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"{what} has no {name!r}; {hint}")
    return {str(name): value for name, value in told.items()}


def _list(told: object) -> list[Any]:
    """A value as a list of one; nothing as none."""
    if told is None:
        return []
    return list(told) if isinstance(told, list | tuple) else [told]
