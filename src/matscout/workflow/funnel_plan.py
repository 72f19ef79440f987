"""A funnel as its file describes it: read, checked as a whole before any work, and in words of its author."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matscout.discover.funnel import FunnelStep
from matscout.discover.generators.recall import Recall
from matscout.errors import UsageError, shortened
from matscout.generate.generators.generated_crystals import GeneratedCrystals
from matscout.settings.checking import check_settings
from matscout.settings.fields import fields_of
from matscout.workflow.funnel_sections import (
    SOURCES,
    ElementsSource,
    FileSource,
    FunnelSections,
    GeneratorSource,
    IndexSource,
    RankSection,
    StageSection,
    Value,
)
from matscout.workflow.parsing import parse_must
from matscout.workflow.scout_settings import ScoutSettings
from matscout.workflow.search import Search
from matscout.workflow.steps.read import ReadStep
from matscout.workflow.steps.sift import NAMED, near
from matscout.yaml_reading import read_yaml

FunnelSource = FileSource | IndexSource | GeneratorSource | ElementsSource


@dataclass(frozen=True, eq=False)
class FunnelPlan:
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
        Where the candidates come from: a file, an index, a generator of crystals, or elements to combine.
    steps
        The stages, as they are written.
    definitions, settings
        Laws, and values of conditions.
    rank
        How scout ranks what is left.
    """

    path: Path
    labels: ReadStep
    goals: tuple[str, ...]
    source: FunnelSource
    steps: tuple[FunnelStep, ...]
    definitions: Mapping[str, str]
    settings: Mapping[str, str]
    rank: RankSection

    @classmethod
    def read(cls, path: Path) -> FunnelPlan:
        """From YAML; every stage is made once, so that a mistake is told before any work.

        Raises
        ------
        UsageError
            If it is no YAML, a section or a value is missing or wrong, several sources of candidates are named, or a
            stage is wrong.
        """
        sections = check_settings(FunnelSections, read_yaml(path), whole=str(path))
        steps = tuple(_step(one, number) for number, one in enumerate(sections.stages, start=1))
        rank = sections.rank or RankSection()
        plan = cls(
            path,
            sections.labels,
            tuple(map(str, sections.goal)),
            _source(sections.candidates or {}),
            steps,
            _as_texts(sections.define),
            _as_texts(sections.conditions),
            rank,
        )
        plan.search()
        for step in plan.stages:
            step.stage()
        return plan

    def label_step(self) -> ReadStep:
        """The step that reads the labelled rows."""
        known = replace(self.labels, define={**self.labels.define, **self.definitions})
        return known.with_columns(self.goals, self.settings)

    @property
    def stages(self) -> tuple[FunnelStep, ...]:
        """The stages, with the way to files that they name."""
        return tuple(replace(step, settings=_near_all(step.settings, self.path.parent)) for step in self.steps)

    @property
    def must(self) -> tuple[str, ...] | None:
        """The elements that candidates must hold, none of them for ``none``; None for those that the labels share."""
        return parse_must(", ".join(self.rank.must))

    def source_settings(self) -> ScoutSettings:
        """Where the candidates come from, paths as they are written."""
        source = self.source
        match source:
            case IndexSource():
                recall = Recall(source.index, source.like, source.count, source.representations, source.where)
                return ScoutSettings(candidates=recall, must=self.must)
            case GeneratorSource():
                crystals = GeneratedCrystals(wish=source.wish, generator=source.generator, count=source.count)
                return ScoutSettings(candidates=crystals, must=self.must)
            case FileSource():
                return ScoutSettings(candidates=source.file, alloys=source.alloys, must=self.must)
        return ScoutSettings(
            elements=source.elements, exclude=source.exclude, n_candidates=source.count, must=self.must
        )

    def search(self) -> Search:
        """The same, with the way to files that are named."""
        settings, folder = self.source_settings(), self.path.parent
        match settings.candidates:
            case Recall() as recall:
                place = str(recall.index) if "://" in str(recall.index) else str(folder / recall.index)
                like = tuple(near(one, folder, named=True) for one in recall.sought)
                return replace(settings.search, candidates=replace(recall, index=place, like=like))
            case str() as file:
                return replace(settings.search, candidates=folder / file)
        return settings.search


def _source(section: Mapping[str, Any]) -> FunnelSource:
    """The section candidates: one source, and what may be said of it."""
    sources = [name for name in SOURCES if name in section]
    if len(sources) > 1:
        raise UsageError(f"candidates names several sources ({' and '.join(sources)}); give one of them")
    source = sources[0] if sources else "elements"
    for name in section:
        of = [other for other, kind in SOURCES.items() if name in {field.info.key for field in fields_of(kind)}]
        if of and source not in of:
            raise UsageError(f"candidates has {name!r}, which belongs to {of[0]!r}; omit it or name {of[0]}")
    return check_settings(SOURCES[source], section, "candidates")


def _step(entry: Mapping[str, Any], number: int) -> FunnelStep:
    """``{similarity: {like: PbTe}, keep: 100, reason: ...}``."""
    where, own = f"stages.{number}", {field.info.key for field in fields_of(StageSection)}
    names = [name for name in entry if name not in own]
    if len(names) != 1:
        raise UsageError(
            f"{where} names {', '.join(names) or 'no stage'}; write one stage, as in 'similarity: {{like: PbTe}}', "
            "and keep and reason at the same level"
        )
    beside = check_settings(StageSection, {name: entry[name] for name in own if name in entry}, where)
    settings = {} if entry[names[0]] is None else entry[names[0]]
    if not isinstance(settings, Mapping):
        raise UsageError(f"{where}.{names[0]} is {shortened(settings)}; expected names with values")
    named = {str(name): value for name, value in settings.items()}
    return FunnelStep(names[0], named, beside.keep, "" if beside.reason is None else str(beside.reason))


def _near_all(settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    return {name: near(value, folder, named=name in NAMED) for name, value in settings.items()}


def _as_texts(values: Mapping[str, Value] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (values or {}).items()}
