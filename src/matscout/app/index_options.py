"""The options of commands that look into an index."""

from __future__ import annotations

from typing import Annotated

import typer

from matscout.app.ranking_options import SEARCH

Names = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="NAME",
        help="Representation of the index to ask (repeatable; else all that apply, their ranks joined).",
        show_default=False,
        rich_help_panel=SEARCH,
    ),
]
Condition = Annotated[
    str,
    typer.Option(
        "--where",
        metavar="SQL",
        help="What hits must fulfil, e.g. \"nelements <= 3 and array_has(elements, 'Te')\".",
        show_default=False,
        rich_help_panel=SEARCH,
    ),
]
Count = Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many hits.", rich_help_panel=SEARCH)]
Diversity = Annotated[
    float,
    typer.Option(
        "--diversity",
        min=0.0,
        max=1.0,
        help="Above 0: hits that differ from each other.",
        rich_help_panel=SEARCH,
    ),
]
Exact = Annotated[bool, typer.Option("--exact", help="Look at all vectors of a large index.", rich_help_panel=SEARCH)]
