"""A funnel as its file describes it: read, checked as a whole before any work, and in words of its author."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from matscout.app.options import FitOptions, InputOptions
from matscout.app.ranking_options import context_of, parse_must, targets_of
from matscout.app.search import Search
from matscout.data.dataset import Dataset
from matscout.data.formulas import parse_formulas
from matscout.discover.funnel import Step
from matscout.discover.generators.recall import Recall
from matscout.discover.names import several
from matscout.errors import UsageError, shortened
from matscout.yaml_reading import read_yaml


@dataclass(frozen=True)
class Kind:
    """What may stand behind a name: in words, and as a test."""

    words: str
    accepts: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


TEXT = Kind("a text", _is_text)
TEXTS = Kind("a text, or a list of texts", lambda value: all(map(_is_text, _list(value))) and bool(_list(value)))
COUNT = Kind("a whole number from 1", lambda value: _is_whole(value) and value >= 1)
NONE_OR_MORE = Kind("a whole number from 0", lambda value: _is_whole(value) and value >= 0)
SHARE = Kind("a number from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1)
LEVEL = Kind("a number between 0 and 1", lambda value: _is_number(value) and 0 < value < 1)
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
SHARES = Kind("wt% or at%", lambda value: value in ("wt%", "at%"))
METRIC = Kind("mae or rmse", lambda value: value in ("mae", "rmse"))
UNITS = Kind(
    "columns with units, as in {gap: eV}", lambda value: isinstance(value, dict) and all(map(_is_text, value.values()))
)
ANYTHING = Kind("anything", lambda value: True)
GOALS = Kind(
    "a goal such as 'gap=1:2' or max, or a list of them",
    lambda value: bool(value) and all(_is_text(one) or _is_number(one) for one in value),
)
VALUE = Kind("a number, a range such as 300:900, or a text", lambda value: _is_text(value) or _is_number(value))

SECTIONS = dict.fromkeys(("labels", "goal", "candidates", "stages", "define", "set", "rank"), ANYTHING)
NEEDED = ("labels", "goal", "stages")
LABELS: Mapping[str, Kind] = {
    "file": TEXT,
    "formula": TEXT,
    "structure": TEXT,
    "sheet": TEXT,
    "unit": UNITS,
    "alloys": SHARES,
    "decimal": TEXT,
    "thousands": FLAG,
    "max-bad": SHARE,
    "target": TEXTS,
    "context": TEXTS,
    "groups": TEXT,
    "error": TEXT,
    "scale": TEXTS,
}
SOURCES: Mapping[str, Mapping[str, Kind]] = {
    "file": {"file": TEXT, "alloys": SHARES},
    "index": {"index": TEXT, "like": TEXTS, "with": TEXTS, "where": TEXT, "count": COUNT},
    "elements": {"elements": TEXTS, "exclude": TEXTS, "count": COUNT},
}
"""Where candidates may come from, and what may be said of each."""
RANK: Mapping[str, Kind] = {
    "model": TEXT,
    "metric": METRIC,
    "fast": FLAG,
    "order": TEXT,
    "batch": NONE_OR_MORE,
    "level": LEVEL,
    "require": TEXTS,
    "must": TEXTS,
    "seed": NONE_OR_MORE,
}
BESIDE_A_STAGE: Mapping[str, Kind] = {"keep": COUNT, "reason": VALUE}


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
            If it is no YAML, a section or a value is missing or wrong, several sources of candidates are named, or a
            stage is wrong.
        """
        sections = _section(read_yaml(path), str(path), SECTIONS)
        for name in NEEDED:
            if sections.get(name) in (None, "", [], {}):
                raise UsageError(f"{path} has no section {name!r}; a funnel needs labels, goal and stages")
        labels = _section(sections["labels"], "labels", LABELS)
        if "file" not in labels:
            raise UsageError(f"the section labels of {path} names no file")
        steps = tuple(_step(one, number, path.parent) for number, one in enumerate(_list(sections["stages"]), start=1))
        for step in steps:
            step.stage()
        plan = cls(
            path,
            labels,
            tuple(map(str, _checked({"goal": _list(sections["goal"])}, str(path), {"goal": GOALS})["goal"])),
            _source(sections.get("candidates")),
            steps,
            _texts(sections.get("define"), "define"),
            _texts(sections.get("set"), "set"),
            {
                name: _near(value, path.parent, named=False)
                for name, value in _section(sections.get("rank"), "rank", RANK).items()
            },
        )
        plan.search()
        return plan

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
            scales=_list(told.get("scale")),
        )
        units = [f"{name}={unit}" for name, unit in told.get("unit", {}).items()]
        reading = InputOptions(
            told.get("formula"),
            told.get("structure"),
            told.get("sheet"),
            units,
            told.get("alloys"),
            told.get("decimal"),
            told.get("thousands", False),
            told.get("max-bad", 0.2),
        )
        return reading.read_labels(self.path.parent / told["file"], fitting)

    @property
    def must(self) -> tuple[str, ...] | None:
        """The elements that candidates must hold, none of them for ``none``; None for those that the labels share."""
        named = several(self.rank.get("must", "auto"), "must of rank")
        return parse_must(", ".join(named))

    def search(self) -> Search:
        """Where the candidates come from."""
        return replace(self._source(), must=self.must)

    def _source(self) -> Search:
        told = self.source
        if "index" in told:
            place = told["index"] if "://" in told["index"] else str(self.path.parent / told["index"])
            like = [_near(one, self.path.parent, named=True) for one in _list(told.get("like"))]
            count, where = told.get("count", 1000), told.get("where", "")
            return Search(candidates=Recall(place, like, count, tuple(_list(told.get("with"))), where))
        if "file" in told:
            return Search(candidates=self.path.parent / told["file"], alloys=told.get("alloys"))
        elements = several(told.get("elements", []), "elements of candidates")
        exclude = several(told.get("exclude", []), "exclude of candidates")
        return Search(elements=elements, exclude=exclude, n_candidates=told.get("count", 20_000))


def _section(told: object, what: str, known: Mapping[str, Kind]) -> dict[str, Any]:
    """A section with names that are known and values of their kinds; nothing is an empty one."""
    return _checked(_mapping({} if told is None else told, what, known), what, known)


def _checked(told: dict[str, Any], what: str, known: Mapping[str, Kind]) -> dict[str, Any]:
    for name, value in told.items():
        if not known[name].accepts(value):
            raise UsageError(f"{name} of {what} is {shortened(value)}; {known[name].words} is expected")
    return told


def _source(told: object) -> dict[str, Any]:
    """The section candidates: one source, and what may be said of it."""
    names = _mapping(
        {} if told is None else told, "candidates", {key: one for of in SOURCES.values() for key, one in of.items()}
    )
    sources = [name for name in SOURCES if name in names]
    if len(sources) > 1:
        raise UsageError(f"candidates names several sources ({' and '.join(sources)}); give one of them")
    source = sources[0] if sources else "elements"
    if other := [name for name in names if name not in SOURCES[source]]:
        of = next(name for name, known in SOURCES.items() if other[0] in known and name != source)
        raise UsageError(f"candidates has {other[0]!r}, which goes with {of!r}; leave it out or name {of}")
    if source == "index" and "like" not in names:
        raise UsageError("candidates of an index need 'like': what should be like, such as PbTe")
    return _checked(names, "candidates", SOURCES[source])


def _step(told: object, number: int, folder: Path) -> Step:
    """``{similarity: {like: PbTe}, keep: 100, reason: ...}``."""
    entry = _mapping(told, f"stage {number}")
    names = [name for name in entry if name not in BESIDE_A_STAGE]
    if len(names) != 1:
        raise UsageError(
            f"stage {number} names {', '.join(names) or 'no stage'}; write one, as in 'similarity: {{like: PbTe}}', "
            "with keep and reason beside it"
        )
    beside = {name: value for name, value in entry.items() if name in BESIDE_A_STAGE and value is not None}
    _checked(beside, f"stage {number}", BESIDE_A_STAGE)
    own = entry[names[0]]
    settings = _mapping({} if own is None else own, f"stage {number}, {names[0]}")
    settings = {name: _near(value, folder, named=name == "like") for name, value in settings.items()}
    return Step(names[0], settings, beside.get("keep"), str(beside.get("reason", "")))


def _near(value: Any, folder: Path, *, named: bool) -> Any:
    """Weights beside the plan (``NAME=FOLDER``), and what is ``named`` by a file there, with the way there."""
    if isinstance(value, list):
        return [_near(one, folder, named=named) for one in value]
    if not _is_text(value):
        return value
    name, given, last = value.rpartition("=")
    is_place = given or (named and not len(parse_formulas([value]).rows))
    return f"{name}{given}{folder / last}" if is_place and (folder / last).exists() else value


def _texts(told: object, what: str) -> dict[str, str]:
    """Names with values as texts."""
    values = _mapping({} if told is None else told, what)
    return {name: str(value) for name, value in _checked(values, what, dict.fromkeys(values, VALUE)).items()}


def _mapping(told: object, what: str, known: Sequence[str] | Mapping[str, Kind] = ()) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise UsageError(f"{what} is {shortened(told)}; names with values are expected, as in 'keep: 100'")
    for name in told:
        if known and name not in known:
            near = get_close_matches(str(name), known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise UsageError(f"{what} has no {shortened(name)}; {hint}")
    return {str(name): value for name, value in told.items()}


def _list(told: object) -> list[Any]:
    """A value as a list of one; nothing as none."""
    if told is None:
        return []
    return list(told) if isinstance(told, list | tuple) else [told]
