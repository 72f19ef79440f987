"""``matscout search``: what is like a material, out of an index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.console import note, say, show_problems, show_table
from matscout.app.index_options import Condition, Count, Diversity, Exact, Names
from matscout.app.places import result_file
from matscout.errors import UsageError


def search(
    *,
    where: Annotated[str, typer.Argument(metavar="INDEX", help="Folder, or s3://BUCKET/NAME.", show_default=False)],
    like: Annotated[
        str,
        typer.Option(
            "--like",
            metavar="FORMULA|FILE|ID|TEXT",
            help="What the hits should be like, e.g. PbTe.",
            show_default=False,
        ),
    ],
    names: Names = None,
    condition: Condition = "",
    count: Count = 20,
    diversity: Diversity = 0.0,
    exact: Exact = False,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="An older state of the index.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT.csv", help="Write all columns.", show_default=False)
    ] = None,
) -> None:
    """Find the materials of an index that are most like one, or like each one of a file, and say in what."""
    result_file(out, Path(like))
    if out is not None and out.suffix.lower() != ".csv":
        raise UsageError(f"{out} does not end with .csv, which is what is written")

    from matscout.app.index_tables import flat, hit_rows, rows_of_each
    from matscout.data.csv_files import write_csv
    from matscout.discover.index.named import queries_from
    from matscout.discover.index.search import SearchOptions, search_each
    from matscout.discover.index.store import Index

    index = Index.open(where, version)
    asked = queries_from(index, like)
    show_problems(asked.problems)
    several = len(asked.queries) > 1
    note(f"searching for {f'each of {len(asked.queries)} materials' if several else asked.queries[0].words}")
    found = search_each(index, asked.queries, SearchOptions(count, tuple(names or ()), condition, diversity, exact))
    for remark in found[0].remarks:
        note(remark)
    if sum(map(len, found)):
        show_table(*(rows_of_each(asked.queries, found) if several else hit_rows(found[0])))
    else:
        say(f"nothing in {where} fulfils {condition!r}" if condition else f"{where} holds nothing")
    if out is not None:
        say(f"{sum(map(len, found))} hits: {write_csv(flat(asked.queries, found), out)}")
