"""The options of commands that rank candidates: what is wanted, what is left out, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import typer

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
    Literal["ei", "probability", "ucb", "value"],
    typer.Option("--order", help="Rank by expected improvement, chance, upper bound or value.", rich_help_panel=SEARCH),
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
Batch = Annotated[
    int, typer.Option("--batch", min=0, help="Size of a diverse batch to make next.", rich_help_panel=SEARCH)
]


def targets_of(named: list[str] | None, goals: list[str]) -> list[str]:
    """The targets named, and those that goals name besides."""
    from matscout.data.units import split_heading

    columns = [*(named or ()), *(goal.rpartition("=")[0].strip() for goal in goals if "=" in goal)]
    return list({split_heading(column).name.lower(): column for column in reversed(columns)}.values())[::-1]


def context_of(named: list[str] | None, settings: Mapping[str, str]) -> list[str]:
    """The context columns named, and those that are set besides."""
    from matscout.data.units import split_heading

    columns = [*(named or ()), *settings]
    return list({split_heading(column).name.lower(): column for column in reversed(columns)}.values())[::-1]
