"""The folder that scout writes: tables, models, small facts and the report, whole or not at all."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from matscout.data.csv_files import write_csv
from matscout.data.files import atomic_folder, write_text_whole
from matscout.discover.ranking import TAKEN, components_of
from matscout.made import write_made
from matscout.predict.artefact import save_models
from matscout.version import __version__
from matscout.workflow.predicting import prediction_columns
from matscout.workflow.round_tables import review_as_json, rounds_table
from matscout.workflow.rounds import write_rounds
from matscout.workflow.shortlist_files import write_shortlist
from matscout.workflow.side_by_side import scores_as_json

if TYPE_CHECKING:
    from matscout.workflow.results import Scouting

FACTS = "scouting.json"
"""File that marks a folder as a result of scout, which a later run may replace."""


def write_scouting(scouting: Scouting, folder: Path) -> Scouting:
    """Write everything into ``folder``; returns the same result, which now knows where it lies."""
    from matscout.app.report.funnel_page import write_funnel
    from matscout.app.report.page import write_report

    written = replace(scouting, folder=folder)
    with atomic_folder(folder) as unfinished:
        write_shortlist(scouting.ranking.shortlist, unfinished)
        write_csv(prediction_table(scouting), unfinished / "predictions.csv")
        save_models({name: finding.model for name, finding in scouting.findings.items()}, unfinished / "model")
        write_text_whole(unfinished / FACTS, json.dumps(facts(scouting), indent=2, allow_nan=False) + "\n")
        write_made(unfinished, scouting.plan.seed)
        write_report(written, unfinished / "report.html")
        write_rounds(written.rounds, written.dataset, unfinished)
        if written.review is not None:
            write_csv(rounds_table(written.review), unfinished / "rounds.csv")
            review = review_as_json(written.review, written.moves, written.advice)
            write_text_whole(unfinished / "round.json", json.dumps(review, indent=1, allow_nan=False) + "\n")
        if scouting.ranking.candidates.stages:
            write_funnel(written, unfinished)
    return written


def prediction_table(scouting: Scouting) -> pl.DataFrame:
    """Every candidate under every process setting, with its predictions and origin."""
    ranking = scouting.ranking
    materials, rows = ranking.conditions.materials, ranking.conditions.rows
    names = {
        "id": ranking.candidates.materials.ids[rows].astype(str),
        "formula": materials.formulas.astype(str),
        **components_of(materials, TAKEN),
        **materials.context,
    }
    origins = pl.DataFrame({"origin": ranking.candidates.origins[rows].astype(str)})
    return pl.concat([pl.DataFrame(names), prediction_columns(ranking.predictions), origins], how="horizontal")


def facts(scouting: Scouting) -> dict[str, Any]:
    """The run in numbers, as plain JSON values."""
    return {
        "matscout": __version__,
        "source": scouting.check.source,
        "digest": scouting.check.digest,
        "rows_found": scouting.check.n_found,
        "rows_used": scouting.check.n_used,
        "goals": [{"target": goal.target, "kind": goal.kind, **_range(goal.low, goal.high)} for goal in scouting.goals],
        "scores": scores_as_json(
            {name: one.scores for name, one in scouting.findings.items()},
            {name: one.chances for name, one in scouting.findings.items() if one.chances is not None},
        ),
        "candidates": len(scouting.ranking.candidates),
        "funnel": [list(step) for step in scouting.ranking.shortlist.funnel],
        "ranked": int((scouting.ranking.shortlist.ranks > 0).sum()),
        "columns": [evidence.described() for evidence in scouting.ranking.shortlist.facts.values()],
        "watched": [asdict(watched) for watched in scouting.ranking.watched],
        "seconds": round(scouting.seconds, 1),
    }


def _range(low: float, high: float) -> dict[str, float]:
    return {name: bound for name, bound in (("low", low), ("high", high)) if math.isfinite(bound)}
