"""report.html: one file with all a reader needs, which loads nothing from anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matscout.app.rendering import render_template
from matscout.app.report import candidates, evidence, origins, ranking, rounds
from matscout.app.report.headline import write_headline
from matscout.app.report.landscape import candidate_map
from matscout.app.report.quality import describe
from matscout.app.report.thumbnails import thumbnails
from matscout.data.files import write_text_whole
from matscout.discover.acquisition import check_order
from matscout.discover.diversity import system_noun
from matscout.discover.goals import aim_of
from matscout.workflow.results import Scouting

PROBLEMS = 200
"""Rows left out, or used with a remark, that the page lists."""


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
    aims = {goal.target: aim_of(goal, scouting.dataset) for goal in scouting.goals}
    shown = candidates.entries(scouting, aims)
    batch = tuple(
        sorted(
            (entry for entry in candidates.entries(scouting, aims) if entry.batch), key=lambda entry: entry.batch or 0
        )
    )
    qualities = tuple(
        describe(finding, scouting, f"target-{place}") for place, finding in enumerate(scouting.findings.values(), 1)
    )
    return {
        "headline": write_headline(scouting, aims, shown, batch),
        "found": scouting.check,
        "problems": scouting.check.problems[:PROBLEMS],
        "qualities": qualities,
        "aims": aims,
        "level": scouting.plan.level,
        "entries": shown,
        "thumbnails": thumbnails(scouting, shown),
        "table_size": len(scouting.ranking.shortlist.table),
        "batch": batch,
        "elements": candidates.periodic_table(shown) if any(entry.elements for entry in shown) else (),
        "system_noun": system_noun(scouting.ranking.conditions.materials),
        "evidence": evidence.guide(scouting.ranking.shortlist),
        "funnel": ranking.funnel(scouting),
        "candidate_remarks": scouting.ranking.candidates.remarks,
        "order": ranking.order_words(check_order(scouting.ranking.shortlist.order), list(aims.values())),
        "map": candidate_map(scouting),
        "trade_offs": ranking.trade_offs(scouting, aims),
        "warnings": ranking.warnings(scouting, aims),
        "sightings": ranking.sightings(scouting),
        "watched_sentence": ranking.watched_sentence(scouting),
        "rounds": rounds.section(scouting),
        "command": scouting.command,
        "facts": origins.facts(scouting),
    }
