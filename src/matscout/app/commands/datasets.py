"""``matscout datasets``: the field's public data sets, by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matscout.app.console import progress_display, say, show_reading, show_table
from matscout.data.table_writing import ENDINGS, write_table
from matscout.errors import UsageError
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.data.public import PublicSet


def datasets(
    *,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Data set to load; without it, all are listed.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT.csv|parquet|xlsx|json",
            help="Write the rows of NAME to this file.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """List public data sets of materials, or load one from MATSCOUT_DATA, the cache or its source."""
    result_file(out, endings=ENDINGS)
    from matscout.data.public import list_datasets, load_dataset

    known = {entry.name: entry for entry in list_datasets()}
    if name is None:
        if out is not None:
            raise UsageError("-o writes one data set: name it, as in `matscout datasets NAME -o OUT.csv`")
        show_table(("name", "rows", "target", "what it is", "licence"), [_row(entry) for entry in known.values()])
        return
    with progress_display() as progress:
        dataset = load_dataset(name, progress=progress)
    show_reading(dataset)
    _describe(known[name])
    if out is not None and dataset.table is not None:
        say(f"rows: {write_table(dataset.table, out)}")


def _row(entry: PublicSet) -> tuple[str, ...]:
    target = f"{entry.target} ({entry.unit})" if entry.unit else entry.target
    return (entry.name, str(entry.n_rows), target, entry.title, entry.licence)


def _describe(entry: PublicSet) -> None:
    say(entry.title)
    say(f"licence: {entry.licence}")
    say(f"citation: {entry.citation or 'not stated'}")
    say(f"original: {entry.address or entry.page or 'known to matminer only'}")
    if entry.energy_scheme:
        say(f"references of a hull: matscout hull INPUT --references {entry.name}")
        say(f"scheme of energies: {entry.energy_scheme} (of its table: --references-scheme {entry.energy_scheme})")
    say(f"SHA-256 of the original: {entry.sha256 or 'not known'}")
