"""A funnel as its file describes it: read, checked as a whole before any work, and in words of its author."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matscout.data.dataset import Dataset
from matscout.data.formulas import parse_formulas
from matscout.discover.funnel import Step
from matscout.discover.generators.recall import Recall
from matscout.errors import UsageError, shortened
from matscout.progress import Progress, silent
from matscout.settings.checking import check_settings
from matscout.settings.fields import fields_of
from matscout.workflow.fit_settings import FitSettings
from matscout.workflow.funnel_sections import (
    SOURCES,
    ElementsSource,
    FileSource,
    FunnelSections,
    IndexSource,
    LabelsSection,
    RankSection,
    StageSection,
    Value,
)
from matscout.workflow.parsing import context_of, parse_must, targets_of
from matscout.workflow.read_settings import ReadSettings
from matscout.workflow.search import Search
from matscout.yaml_reading import read_yaml


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
    labels: LabelsSection
    goals: tuple[str, ...]
    source: FileSource | IndexSource | ElementsSource
    steps: tuple[Step, ...]
    definitions: Mapping[str, str]
    settings: Mapping[str, str]
    rank: RankSection

    @classmethod
    def read(cls, path: Path) -> Plan:
        """From YAML; every stage is made once, so that a mistake is told before any work.

        Raises
        ------
        UsageError
            If it is no YAML, a section or a value is missing or wrong, several sources of candidates are named, or a
            stage is wrong.
        """
        sections = check_settings(FunnelSections, read_yaml(path), whole=str(path))
        steps = tuple(_step(one, number, path.parent) for number, one in enumerate(sections.stages, start=1))
        for step in steps:
            step.stage()
        rank = sections.rank or RankSection()
        plan = cls(
            path,
            sections.labels,
            tuple(map(str, sections.goal)),
            _source(sections.candidates or {}),
            steps,
            _as_texts(sections.define),
            _as_texts(sections.conditions),
            replace(rank, model=_near(rank.model, path.parent, named=False)),
        )
        plan.search()
        return plan

    def read_labels(self, progress: Progress = silent) -> Dataset:
        """The labelled rows."""
        asked = self.labels
        fitting = FitSettings(
            targets_of(list(asked.target), list(self.goals)),
            context_of(list(asked.context), self.settings),
            asked.groups,
            asked.error,
            define=[f"{name}={law}" for name, law in self.definitions.items()],
            scales=list(asked.scale),
        )
        reading = ReadSettings(
            asked.formula,
            asked.structure,
            asked.sheet,
            [f"{name}={unit}" for name, unit in asked.unit.items()],
            asked.alloys,
            asked.decimal,
            asked.thousands,
            asked.max_bad,
        )
        return reading.read_labels(self.path.parent / asked.file, fitting, progress)

    @property
    def must(self) -> tuple[str, ...] | None:
        """The elements that candidates must hold, none of them for ``none``; None for those that the labels share."""
        return parse_must(", ".join(self.rank.must))

    def search(self) -> Search:
        """Where the candidates come from."""
        return replace(self._search(), must=self.must)

    def _search(self) -> Search:
        source, folder = self.source, self.path.parent
        match source:
            case IndexSource():
                place = source.index if "://" in source.index else str(folder / source.index)
                like = [_near(one, folder, named=True) for one in source.like]
                return Search(candidates=Recall(place, like, source.count, source.representations, source.where))
            case FileSource():
                return Search(candidates=folder / source.file, alloys=source.alloys)
        return Search(elements=source.elements, exclude=source.exclude, n_candidates=source.count)


def _source(section: Mapping[str, Any]) -> FileSource | IndexSource | ElementsSource:
    """The section candidates: one source, and what may be said of it."""
    sources = [name for name in SOURCES if name in section]
    if len(sources) > 1:
        raise UsageError(f"candidates names several sources ({' and '.join(sources)}); give one of them")
    source = sources[0] if sources else "elements"
    for name in section:
        of = [other for other, kind in SOURCES.items() if name in {field.info.key for field in fields_of(kind)}]
        if of and source not in of:
            raise UsageError(f"candidates has {name!r}, which goes with {of[0]!r}; leave it out or name {of[0]}")
    return check_settings(SOURCES[source], section, "candidates")


def _step(entry: Mapping[str, Any], number: int, folder: Path) -> Step:
    """``{similarity: {like: PbTe}, keep: 100, reason: ...}``."""
    where, own = f"stages.{number}", {field.info.key for field in fields_of(StageSection)}
    names = [name for name in entry if name not in own]
    if len(names) != 1:
        raise UsageError(
            f"{where} names {', '.join(names) or 'no stage'}; write one, as in 'similarity: {{like: PbTe}}', "
            "with keep and reason beside it"
        )
    beside = check_settings(StageSection, {name: entry[name] for name in own if name in entry}, where)
    settings = {} if entry[names[0]] is None else entry[names[0]]
    if not isinstance(settings, Mapping):
        raise UsageError(f"{where}.{names[0]} is {shortened(settings)}; names with values are expected")
    near = {str(name): _near(value, folder, named=name == "like") for name, value in settings.items()}
    return Step(names[0], near, beside.keep, "" if beside.reason is None else str(beside.reason))


def _near(value: Any, folder: Path, *, named: bool) -> Any:
    """Weights beside the plan (``NAME=FOLDER``), and what is ``named`` by a file there, with the way there."""
    if isinstance(value, list):
        return [_near(one, folder, named=named) for one in value]
    if not isinstance(value, str) or not value.strip():
        return value
    name, given, last = value.rpartition("=")
    is_place = given or (named and not len(parse_formulas([value]).rows))
    return f"{name}{given}{folder / last}" if is_place and (folder / last).exists() else value


def _as_texts(values: Mapping[str, Value] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (values or {}).items()}
