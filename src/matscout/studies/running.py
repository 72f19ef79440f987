"""``matscout reproduce``: a plan out of ``experiments/``, run, drawn, and compared with what the paper says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars

from matscout.data.files import atomic_write, write_text_whole
from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.represent.pretraining.configuration import EXPERIMENTS, composed
from matscout.represent.pretraining.run_folder import versions
from matscout.settings.checking import check_arguments, check_settings
from matscout.studies.base import CheckedStatement, Study, StudyData


@dataclass(frozen=True)
class PlanScales:
    """Settings of a figure that differ by how long it may take.

    Parameters
    ----------
    smoke, cpu, full
        Seconds, hours, and as in the paper.
    """

    smoke: Mapping[str, Any]
    cpu: Mapping[str, Any]
    full: Mapping[str, Any]


@dataclass(frozen=True)
class PlanSections:
    """A file of ``experiments/`` of a figure.

    Parameters
    ----------
    figure
        Kind of figure, the plug-in that makes it.
    title
        A sentence above the result.
    scale
        Which of the scales.
    data, settings
        Arguments of what reads the data, and of the figure.
    scales
        Arguments of the figure at each scale.
    """

    figure: str
    title: str
    scale: Literal["smoke", "cpu", "full"]
    data: Mapping[str, Any]
    settings: Mapping[str, Any]
    scales: PlanScales


@dataclass(frozen=True)
class StudyPlan:
    """A file of ``experiments/`` at one scale.

    Parameters
    ----------
    name
        E.g. "deep-infomax/fig8".
    figure
        Kind of figure, the plug-in that makes it.
    title
        A sentence above the result.
    scale
        "smoke", "cpu" or "full".
    data
        Arguments of what reads the data of the figure (:attr:`~matscout.studies.base.Study.reads`).
    settings
        Arguments of the figure.
    text
        All of it as YAML.
    """

    name: str
    figure: str
    title: str
    scale: str
    data: dict[str, Any]
    settings: dict[str, Any]
    text: str

    @classmethod
    def read(cls, name: str, overrides: Sequence[str] = ()) -> StudyPlan:
        """The plan called ``name`` with ``key=value`` changed, in Hydra's grammar.

        Raises
        ------
        UsageError
            If there is no such plan, scale or key, or a value that is needed is not given.
        """
        if name not in plan_names():
            raise UsageError(f"there is no figure {name!r}; there are {', '.join(plan_names())}")
        values, text = composed(name, overrides)
        sections = check_settings(PlanSections, values, "the plan")
        settings = {**sections.settings, **getattr(sections.scales, sections.scale)}
        maker = load_class("figures", sections.figure)
        # After data and folder.
        check_arguments(maker, settings, sections.figure, skip=2)
        check_arguments(maker.reads, sections.data, "data")
        return cls(name, sections.figure, sections.title, sections.scale, dict(sections.data), settings, text)


@dataclass(frozen=True)
class Reproduced:
    """Where everything lies, and what it says.

    Parameters
    ----------
    runs, svg, png, text
        The tidy table, the figure twice, and the comparison with the paper.
    findings
        The verdicts.
    """

    runs: Path
    svg: Path
    png: Path
    text: Path
    findings: tuple[CheckedStatement, ...]


def plan_names() -> tuple[str, ...]:
    """The figures that can be made again."""
    paths = (path for path in EXPERIMENTS.rglob("*.yaml") if path.parent != EXPERIMENTS)
    return tuple(sorted(path.relative_to(EXPERIMENTS).with_suffix("").as_posix() for path in paths))


def reproduce(plan: StudyPlan, folder: Path, progress: Progress = silent) -> Reproduced:
    """Make a figure again, in a folder of its name in ``folder``; what is finished there is not made twice.

    Figures that are made in one folder share the networks that they train on equal data.

    Raises
    ------
    InputError
        If the data cannot be read.
    UsageError
        If they do not fit the plan.
    """
    place = result_folder_of(plan, Path(folder))
    write_text_whole(place / "plan.yaml", plan.text)
    made_by = load_class("figures", plan.figure)
    data: StudyData = made_by.reads(**plan.data)
    study: Study = made_by(data, Path(folder) / f"work-{data.digest[:12]}", **plan.settings)
    runs = study.run(progress)
    findings = study.findings(runs)
    names = ("runs.parquet", "figure.svg", "figure.png", "comparison.md")
    table, svg, png, text = (place / name for name in names)
    made = Reproduced(table, svg, png, text, findings)
    with atomic_write(made.runs) as unfinished:
        runs.write_parquet(unfinished)
    figure = study.figure(runs)
    for path in (made.svg, made.png):
        with atomic_write(path) as unfinished:
            figure.savefig(unfinished, dpi=200)
    write_text_whole(made.text, _page(plan, data, study, runs, findings))
    return made


def result_folder_of(plan: StudyPlan, folder: Path) -> Path:
    """Where the figure goes, e.g. ``folder/fig8``."""
    return folder / plan.name.rpartition("/")[2]


def _page(
    plan: StudyPlan, data: StudyData, study: Study, runs: polars.DataFrame, findings: tuple[CheckedStatement, ...]
) -> str:
    software = ", ".join(f"{name} {version}" for name, version in versions().items())
    parts = [
        f"# {plan.title}",
        f"`matscout reproduce {plan.name} scale={plan.scale}`; {len(runs)} rows in `runs.parquet`; "
        f"{'; '.join(data.summary)}; data SHA-256 {data.digest[:16]}…; {software}.",
        f"Settings: `{json.dumps(plan.settings)}`.",
        study.statistics,
        *(str(finding) for finding in findings),
        study.tables(runs),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
