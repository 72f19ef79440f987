"""``matscout demo``: the main job on the bundled example."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.again import command_line
from matscout.app.console import note, progress_display, say


def demo(
    invoked: typer.Context,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT_DIR", help="Folder for the results.")] = Path(
        "matscout-demo"
    ),
) -> None:
    """Scout for absorbers of sunlight (gap 1.1-1.6 eV) with the bundled band gaps; takes a few minutes."""
    note("scouting 1.1-1.6 eV gaps without Cd, Pb, Hg, Tl, As, from the bundled measured band gaps")
    with progress_display() as progress:
        from matscout.app.demo import run_demo
        from matscout.app.stores import result_cache

        scouting = run_demo(out, command=command_line(invoked), store=result_cache(), progress=progress)
    say(scouting.summary())
