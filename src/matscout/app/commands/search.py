"""``matscout search``: what is like a material, out of an index."""

from __future__ import annotations

from pathlib import Path

from matscout.app.console import note, say, show_problems, show_table
from matscout.app.index_settings import SearchSettings
from matscout.counting import counted
from matscout.data.table_writing import ENDINGS, write_table
from matscout.settings.command_options import with_options
from matscout.settings.sharing import taken_over
from matscout.workflow.places import result_file


@with_options
def search(*, asked: SearchSettings) -> None:
    """Find the materials of an index that are most similar to a material, or to each in a file, and explain why."""
    result_file(asked.out, Path(asked.like), endings=ENDINGS)

    from matscout.app.index_tables import flat, hit_rows, rows_of_each
    from matscout.app.steps.search import SearchStep
    from matscout.discover.index.named import queries_from
    from matscout.discover.index.search import search_each
    from matscout.discover.index.store import Index
    from matscout.workflow.graph import Workflow
    from matscout.workflow.result_files import workflow_beside

    index = Index.open(asked.index, asked.version)
    sought = queries_from(index, asked.like)
    show_problems(sought.problems)
    several = len(sought.queries) > 1
    note(f"searching for {f'each of {len(sought.queries)} materials' if several else sought.queries[0].words}")
    hits = search_each(index, sought.queries, asked.options)
    for remark in hits[0].remarks:
        note(remark)
    if sum(map(len, hits)):
        show_table(*(rows_of_each(sought.queries, hits) if several else hit_rows(hits[0])))
    else:
        say(f"nothing in {asked.index} meets {asked.where!r}" if asked.where else f"{asked.index} holds nothing")
    if asked.out is not None:
        say(f"{counted(sum(map(len, hits)), 'hit')}: {write_table(flat(sought.queries, hits), asked.out)}")
        workflow_beside(Workflow.linked({"hits": taken_over(SearchStep, asked)}), asked.out)
