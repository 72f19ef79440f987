"""report.html: one file with all a reader needs, which loads nothing from anywhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from matscout.app.rendering import render_template
from matscout.app.report import candidates, evidence, origins, ranking, rounds
from matscout.app.report.columns import further_columns
from matscout.app.report.headline import write_headline
from matscout.app.report.landscape import candidate_map
from matscout.app.report.quality import describe
from matscout.app.report.thumbnails import thumbnails
from matscout.app.report.verdict import judge
from matscout.data.files import write_text_whole
from matscout.discover.acquisition import check_order
from matscout.discover.diversity import system_noun
from matscout.discover.goals import aim_of
from matscout.workflow.results import Scouting

PROBLEMS = 200
"""Rows left out, or used with a remark, that the page lists."""

FIRST = 20
"""Candidates that are shown until all are asked for, and that are printed."""


def write_report(scouting: Scouting, path: Path) -> Path:
    """Write the report about a run, whole or not at all.

    Parameters
    ----------
    scouting
        What :func:`matscout.scout` found.
    path
        The file to write, usually ``report.html``.
    """
    return write_text_whole(path, render(scouting))


def render(scouting: Scouting) -> str:
    """The report as HTML."""
    return render_template("report.html.jinja", page_parts(scouting))


def page_parts(scouting: Scouting) -> dict[str, Any]:
    """Everything that the template shows, by the name it has there."""
    # The map is computed outside of Python's lock, while the rest is written.
    with ThreadPoolExecutor(1) as thread:
        mapped = thread.submit(candidate_map, scouting)
        return {**_parts(scouting), "map": mapped.result()}


def _parts(scouting: Scouting) -> dict[str, Any]:
    """All but the map."""
    aims = {goal.target: aim_of(goal, scouting.dataset) for goal in scouting.goals}
    verdict = judge(tuple(scouting.findings.values()))
    shown = candidates.entries(scouting, aims, proposing=not verdict.is_refusal)
    batch = tuple(sorted((entry for entry in shown if entry.batch), key=lambda entry: entry.batch or 0))
    shortlist = scouting.ranking.shortlist
    qualities = tuple(
        describe(finding, scouting, f"target-{place}") for place, finding in enumerate(scouting.findings.values(), 1)
    )
    return {
        "headline": write_headline(scouting, aims, verdict, shown, batch),
        "found": scouting.check,
        "problems": scouting.check.problems[:PROBLEMS],
        "qualities": qualities,
        "aims": aims,
        "level": scouting.plan.level,
        "entries": shown,
        "thumbnails": thumbnails(scouting, shown),
        "further": further_columns(shown, evidence.headings(shortlist), goals=len(aims)),
        "first_rows": candidates.first_rows(shown, FIRST),
        "first": FIRST,
        "table_size": len(shortlist.table),
        "batch": batch,
        "elements": candidates.periodic_table(shown) if any(entry.elements for entry in shown) else (),
        "system_noun": system_noun(scouting.ranking.conditions.materials),
        "evidence": evidence.guide(shortlist),
        "funnel": ranking.funnel(scouting),
        "candidate_remarks": scouting.ranking.candidates.remarks,
        "order": ranking.order_words(check_order(scouting.ranking.shortlist.order), list(aims.values())),
        "trade_offs": ranking.trade_offs(scouting, aims),
        "warnings": ranking.warnings(scouting, aims),
        "sightings": ranking.sightings(scouting),
        "watched_sentence": ranking.watched_sentence(scouting),
        "rounds": rounds.section(scouting),
        "command": scouting.command,
        "facts": origins.facts(scouting),
    }
