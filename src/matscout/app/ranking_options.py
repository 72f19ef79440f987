"""The options of commands that rank candidates: what is wanted, what is left out, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from matscout.workflow.parsing import check_level, parse_assignments, parse_list, parse_must

if TYPE_CHECKING:
    from matscout.data.dataset import Dataset
    from matscout.workflow.fit_settings import FitSettings
    from matscout.workflow.results import Scouting

SEARCH = "Search options"

Goals = Annotated[
    list[str],
    typer.Option(
        "--goal",
        metavar="[COL=]max|min|VALUE|LOW:HIGH",
        help="What a target should be (repeatable).",
        show_default=False,
    ),
]
Exclude = Annotated[
    str | None, typer.Option("--exclude", metavar="A,B", help="Elements to leave out.", rich_help_panel=SEARCH)
]
Order = Annotated[
    Literal["auto", "quantile", "value", "ei", "probability", "ucb", "thompson"],
    typer.Option(
        "--order",
        help="Rank by the value that is reached or bettered with a chance of one in four, by predicted value, expected "
        "improvement, chance of meeting the goal, better end of the interval, or a random draw (auto: quantile for max "
        "and min, ei for a range or value; for a class all are its chance).",
        rich_help_panel=SEARCH,
    ),
]
Require = Annotated[
    str | None,
    typer.Option(
        "--require",
        metavar="neutral,in-domain,new",
        help="Filters (default: these three for generated candidates, new for a file, unlabelled for doping). new: "
        "no near-copy of a label (1 % of the fractions, in sum); unlabelled: equal to none.",
        rich_help_panel=SEARCH,
    ),
]
MustHold = Annotated[
    str | None,
    typer.Option(
        "--must",
        metavar="none|auto|Li,O",
        help="Elements that candidates must hold (auto, the default: those in 95 % of at least 20 labels).",
        rich_help_panel=SEARCH,
    ),
]
Batch = Annotated[
    int,
    typer.Option(
        "--batch", min=0, help="Size of a diverse batch to make next; 0 proposes none.", rich_help_panel=SEARCH
    ),
]


@dataclass(frozen=True)
class RankOptions:
    """What is wanted and how to rank, as it was typed: what ``scout`` and ``recommend`` share.

    Raises
    ------
    UsageError
        If the level is no coverage, a setting is not of the form COL=VALUE, or ``must`` names nothing.
    """

    goals: list[str]
    exclude: str | None
    settings: list[str] | None
    order: str
    require: str | None
    batch: int
    level: float
    must: str | None = None

    def __post_init__(self) -> None:
        check_level(self.level)
        self.conditions  # noqa: B018 - told before any work
        self.elements_held  # noqa: B018 - likewise

    @property
    def conditions(self) -> dict[str, str]:
        """Context column -> what it is set to."""
        return parse_assignments(self.settings, "--set", "COL=VALUE or COL=LOW:HIGH")

    @property
    def elements_held(self) -> tuple[str, ...] | None:
        """The elements that candidates must hold; None for those that the labels share."""
        return parse_must(self.must)

    def scout(
        self, dataset: Dataset, fitting: FitSettings, *, out: Path | None, command: str, **source: Any
    ) -> Scouting:
        """Run the main job, with progress on the terminal, and tell its outcome.

        Parameters
        ----------
        dataset
            The labels.
        fitting
            How to learn.
        out
            Folder for the results.
        command
            The command line, for the report.
        source
            Where candidates come from, and fitted models, as :func:`matscout.scout` takes them.
        """
        from matscout.app.console import progress_display, say
        from matscout.app.front import scout
        from matscout.app.stores import result_cache

        with progress_display() as progress:
            scouting = scout(
                dataset,
                self.goals,
                out=out,
                model=fitting.model,
                definitions=fitting.definitions,
                exclude=parse_list(self.exclude),
                require=None if self.require is None else parse_list(self.require),
                must=self.elements_held,
                settings=self.conditions,
                order=self.order,
                batch=self.batch,
                level=self.level,
                metric=fitting.metric,
                fast=fitting.fast,
                seed=fitting.seed,
                command=command,
                store=result_cache(),
                progress=progress,
                **source,
            )
        say(scouting.summary())
        return scouting
