"""Workflow: steps that name each other, the only description of work; one YAML file, checked as a whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from annotated_types import MinLen

from matscout.counting import counted
from matscout.errors import UsageError, shortened
from matscout.registry import find, load_class
from matscout.settings.checking import SettingProblem, SettingsError, check_settings
from matscout.settings.fields import SettingInfo
from matscout.settings.writing import to_plain
from matscout.shown import Shown, named_few
from matscout.workflow.kind import NOUNS, StepKind, files_of, inputs_of, kind_name, named_steps
from matscout.yaml_reading import read_yaml, yaml_text

VERSION = 1
"""Of the schema."""

MOST_STEPS = 200

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class WorkflowSections:
    """A workflow's file.

    Parameters
    ----------
    workflow
        Version of the schema.
    steps
        Name -> {kind: settings}.
    title
        Title of the workflow.
    view
        Name -> place on a canvas, never part of a result.
    """

    workflow: int
    steps: Annotated[Mapping[str, Any], MinLen(1), SettingInfo(words="steps, as in {labels: {read: {file: gaps.csv}}}")]
    title: str = ""
    view: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class Workflow(Shown):
    """A workflow: steps in order, each after the steps that it names.

    Parameters
    ----------
    steps
        Name -> its kind with settings.
    title
        Title of the workflow.
    folder
        Folder to which its paths are relative.
    view
        Name -> x and y on a canvas.
    """

    steps: Mapping[str, StepKind]
    title: str = ""
    folder: Path = field(default_factory=Path)
    view: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, changes: Sequence[str] = ()) -> Workflow:
        """From YAML.

        Parameters
        ----------
        path
            The file; its paths begin in the folder where it lies.
        changes
            ``"gap.model=gp"``: settings that take the place of those in the file.

        Raises
        ------
        UsageError
            As :meth:`of`.
        """
        values = read_yaml(path)
        return cls.of(_changed(values, changes), folder=path.parent, whole=str(path))

    @classmethod
    def of(cls, values: object, *, folder: Path | None = None, whole: str = "the workflow") -> Workflow:
        """From names with values, as YAML and JSON have them.

        Raises
        ------
        UsageError
            Naming all that is wrong: a kind or setting that is unknown, with the nearest name; a step that is named and
            is not there, or gives something else; steps that wait for each other.
        """
        sections = check_settings(WorkflowSections, values, whole=whole)
        if sections.workflow != VERSION:
            raise UsageError(
                f"{whole} is a workflow of version {sections.workflow}, but this matscout reads version {VERSION}: "
                "install the matscout that wrote it, or write the workflow again"
            )
        if len(sections.steps) > MOST_STEPS:
            raise UsageError(f"{whole} has {len(sections.steps):,} steps; at most {MOST_STEPS} are allowed")
        return cls.linked(_kinds(sections.steps), sections.title, folder or Path(), sections.view)

    @classmethod
    def linked(
        cls,
        steps: Mapping[str, StepKind],
        title: str = "",
        folder: Path | None = None,
        view: Mapping[str, Mapping[str, float]] | None = None,
    ) -> Workflow:
        """From steps: inputs that are not named are looked for, links are checked, and steps put in order.

        Raises
        ------
        UsageError
            As :meth:`of`.
        """
        problems = [problem for name, kind in steps.items() for problem in _links(name, kind, steps)]
        if problems:
            raise SettingsError(problems)
        order = _ordered(steps)
        filled: dict[str, StepKind] = {}
        for name in order:
            filled[name] = _with_implied(name, steps[name], filled)
        return cls({name: filled[name] for name in order}, title, folder or Path(), dict(view or {}))

    def inputs(self, name: str) -> tuple[str, ...]:
        """The steps that a step names, each once."""
        return tuple(dict.fromkeys(one for named in named_steps(self.steps[name]).values() for one in named))

    def above(self, names: Sequence[str]) -> tuple[str, ...]:
        """Steps and all that they rest on, in order.

        Raises
        ------
        UsageError
            If there is no such step.
        """
        for name in names:
            if name not in self.steps:
                raise UsageError(f"there is no step {shortened(name)}; {_nearest(name, list(self.steps))}")
        wanted, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += self.inputs(name)
        return tuple(name for name in self.steps if name in wanted)

    def below(self, name: str) -> tuple[str, ...]:
        """A step and all that rest on it, in order."""
        names = {self.above([name])[-1]}
        for other in self.steps:
            if names & set(self.inputs(other)):
                names.add(other)
        return tuple(other for other in self.steps if other in names)

    def distance_to_end(self, name: str) -> int:
        """How many steps follow on a step at most, one after the other; 0 for a final one."""
        below = [one for one in self.steps if name in self.inputs(one)]
        return 1 + max(self.distance_to_end(one) for one in below) if below else 0

    def files(self) -> tuple[Path, ...]:
        """The files and folders that are read."""
        named = [getattr(kind, field) for kind in self.steps.values() for field in files_of(type(kind))]
        return tuple(self.folder / path for path in named if path is not None)

    @property
    def final(self) -> tuple[str, ...]:
        """The steps that no other one uses."""
        used = {one for name in self.steps for one in self.inputs(name)}
        return tuple(name for name in self.steps if name not in used)

    def with_steps(self, steps: Mapping[str, StepKind]) -> Workflow:
        """The same with more steps, or others in place of those of the same names."""
        return Workflow.linked({**self.steps, **steps}, self.title, self.folder, self.view)

    def values(self, *, beside: Path | None = None) -> dict[str, Any]:
        """Names with values, from which :meth:`of` makes an equal workflow.

        Parameters
        ----------
        beside
            Folder in which paths begin there; if not given, the same.
        """
        moved = self if beside is None else self.moved(beside)
        steps = {name: {kind_name(kind): to_plain(kind)} for name, kind in moved.steps.items()}
        values: dict[str, Any] = {"workflow": VERSION}
        values |= {"title": self.title} if self.title else {}
        values["steps"] = steps
        return values | ({"view": {name: dict(place) for name, place in self.view.items()}} if self.view else {})

    def text(self, *, beside: Path | None = None) -> str:
        """As YAML, see :meth:`values`."""
        return yaml_text(self.values(beside=beside))

    def moved(self, folder: Path) -> Workflow:
        """The same work described from another folder: its paths lead to the same files."""

        def move(path: Any) -> Any:
            return _from(path, self.folder, folder)

        steps = {name: kind.moved(move) for name, kind in self.steps.items()}
        return Workflow(steps, self.title, folder, self.view)

    def in_a_line(self) -> str:
        """Its title, and its steps."""
        steps = named_few(self.steps)
        return f"{self.title + ', ' if self.title else ''}{counted(len(self.steps), 'step')}: {steps}"


def step_kind(name: str) -> type[StepKind]:
    """The kind called ``name``.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest ones.
    """
    kind: type[StepKind] = load_class("steps", name)
    return kind


def _kinds(steps: Mapping[str, Any]) -> dict[str, StepKind]:
    """Name -> kind with its settings, all mistakes told at once."""
    kinds, problems = dict[str, StepKind](), list[SettingProblem]()
    for name, entry in steps.items():
        path = f"steps.{name}"
        if not _NAME.fullmatch(name):
            words = "expected up to 40 lower-case letters, digits and hyphens"
            problems.append(SettingProblem(path, f"{shortened(name)} is not a valid name of a step; {words}"))
            continue
        if not isinstance(entry, Mapping) or len(entry) != 1:
            reason = f"{path} is {shortened(entry)}; expected one kind with its settings, as in {{fit: {{model: gp}}}}"
            problems.append(SettingProblem(path, reason))
            continue
        ((kind, settings),) = entry.items()
        try:
            find("steps", str(kind))
            kinds[name] = check_settings(step_kind(str(kind)), settings or {}, f"{path}.{kind}")
        except SettingsError as error:
            problems += error.problems
        except UsageError as error:
            problems.append(SettingProblem(f"{path}.{kind}", f"{path}: {error}"))
    if problems:
        raise SettingsError(problems)
    return kinds


def _links(name: str, kind: StepKind, steps: Mapping[str, StepKind]) -> Iterator[SettingProblem]:
    """What is wrong with the steps that a step names."""
    takes = inputs_of(type(kind))
    for field_name, others in named_steps(kind).items():
        key, noun = takes[field_name].field.info.key, takes[field_name].noun
        path = f"steps.{name}.{kind_name(kind)}.{key}"
        for other in others:
            if other not in steps:
                reason = f"{path} names {shortened(other)}, but there is no such step; {_nearest(other, list(steps))}"
                yield SettingProblem(path, reason)
            elif steps[other].output != noun:
                gives = f"{other} gives a {steps[other].output} ({NOUNS[steps[other].output]})"
                fitting = [one for one, its in steps.items() if its.output == noun]
                hint = f"possible: {', '.join(fitting)}" if fitting else "no step of this workflow makes one"
                yield SettingProblem(path, f"{path} takes a {noun} ({NOUNS[noun]}), but {gives}; {hint}")


def _with_implied(name: str, kind: StepKind, above: Mapping[str, StepKind]) -> StepKind:
    """The step with the inputs that it must have and does not name: the nearest that give the noun."""
    named, implied = named_steps(kind), dict[str, Any]()
    for field_name, takes in inputs_of(type(kind)).items():
        if named[field_name] or not takes.required:
            continue
        fitting = _above(takes.noun, [one for others in named.values() for one in others], above)
        if not fitting:
            raise UsageError(
                f"steps.{name}.{kind_name(kind)} needs {takes.field.info.key}: a step that makes a {takes.noun}"
            )
        implied[field_name] = tuple(fitting) if takes.several else fitting[0]
    return replace(kind, **implied) if implied else kind  # type: ignore[type-var]


def _above(noun: str, begin: Sequence[str], steps: Mapping[str, StepKind]) -> list[str]:
    """The steps that give a noun, going up from some, the nearest first; where none is above the only one there is."""
    waiting, seen = list(begin), list[str]()
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.append(name)
            waiting += [one for others in named_steps(steps[name]).values() for one in others]
    nearest = [name for name in seen if steps[name].output == noun]
    fitting = [name for name, kind in steps.items() if kind.output == noun]
    return nearest or (fitting if len(fitting) == 1 else [])


def _ordered(steps: Mapping[str, StepKind]) -> list[str]:
    """Each step after those that it names, else in the order in which they are written.

    Raises
    ------
    UsageError
        If steps wait for each other.
    """
    waiting = {name: {one for others in named_steps(kind).values() for one in others} for name, kind in steps.items()}
    order: list[str] = []
    while waiting:
        ready = next((name for name, needs in waiting.items() if needs <= set(order)), None)
        if ready is None:
            circle = _circle(waiting)
            raise UsageError(f"the steps {' -> '.join(circle)} wait for each other: let one of them name another step")
        order.append(ready)
        del waiting[ready]
    return order


def _circle(waiting: Mapping[str, set[str]]) -> list[str]:
    path = [next(iter(waiting))]
    while True:
        following = next(one for one in sorted(waiting[path[-1]]) if one in waiting)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)


def _changed(values: object, changes: Sequence[str]) -> object:
    """The values of a file with others in the place of some: ``"gap.model=gp"``."""
    from matscout.yaml_reading import parse_yaml

    for change in changes:
        place, equals, text = change.partition("=")
        step, dot, setting = place.strip().partition(".")
        if not (equals and dot and setting):
            raise UsageError(f"--set {change!r} is not of the form STEP.SETTING=VALUE")
        steps = values.get("steps") if isinstance(values, Mapping) else None
        if not isinstance(steps, Mapping) or not isinstance(steps.get(step), Mapping):
            known = list(steps) if isinstance(steps, Mapping) else []
            raise UsageError(f"--set {change!r}: there is no step {step!r}; {_nearest(step, known)}")
        ((kind, settings),) = steps[step].items()
        entry = {kind: {**(settings or {}), setting: parse_yaml(text, f"--set {change}")}}
        values = {**values, "steps": {**steps, step: entry}}  # type: ignore[dict-item]
    return values


def _from(path: Any, before: Path, folder: Path) -> Any:
    """A path that begins in another folder, or several; None stays."""
    if isinstance(path, tuple | list):
        return type(path)(_from(one, before, folder) for one in path)
    if not path or "://" in str(path):
        return path
    place = Path(os.path.normpath((before / path).absolute()))
    if not place.exists():
        return path
    try:
        relative = Path(os.path.relpath(place, folder.absolute()))
    except ValueError:  # On another drive.
        return type(path)(place)
    return type(path)(relative.as_posix())


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"choose from {', '.join(known[:10]) or 'none'}"
