"""funnel.html: what a funnel kept and lost, where and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from matscout.app.rendering import render_template
from matscout.app.report.figures import draw
from matscout.app.report.origins import facts
from matscout.data.csv_files import write_csv
from matscout.data.files import write_text_whole
from matscout.evaluation.funnel_plot import Left, funnel_plot
from matscout.generate.base import Removal, StageNote
from matscout.workflow.results import Scouting

EXAMPLES = 8
"""Candidates that the page names for each stage: the best of those that it lost."""


@dataclass(frozen=True)
class StageRow:
    """A stage as the page shows it."""

    number: int
    name: str
    settings: str
    reason: str
    keep: str
    before: int
    after: int
    seconds: float
    lost: tuple[tuple[str, str, str], ...]


def write_funnel(scouting: Scouting, folder: Path) -> None:
    """Write ``funnel.html``, ``funnel.svg``, ``funnel.png`` and ``lost.csv``.

    Parameters
    ----------
    scouting
        A run whose candidates went through stages.
    folder
        Where to write.
    """
    passed = scouting.ranking.candidates.stages
    stages = _left(scouting)
    for ending in ("svg", "png"):
        funnel_plot(stages).savefig(folder / f"funnel.{ending}", dpi=200)
    lost = [
        pl.DataFrame({"id": one.ids, "formula": one.formulas, "why": one.reasons}).select(
            pl.lit(number).alias("stage"), pl.lit(one.step).alias("name"), pl.all()
        )
        for number, one in enumerate(passed, start=1)
    ]
    write_csv(pl.concat(lost), folder / "lost.csv")
    write_text_whole(folder / "funnel.html", render_template("funnel.html.jinja", _parts(scouting, stages)))


def _parts(scouting: Scouting, stages: list[Left]) -> dict[str, Any]:
    passed = scouting.ranking.candidates.stages
    words = ", then ".join(f"{one.count:,}" for one in stages)
    return {
        "title": f"{stages[0].count:,} candidates, {stages[-1].count:,} ranked",
        "picture": draw(
            lambda palette: funnel_plot(stages, palette), "funnel", "The funnel", f"Candidates left: {words}."
        ),
        "stages": tuple(_row(number, one) for number, one in enumerate(passed, start=1)),
        "ranked": stages[-1].count,
        "remarks": scouting.ranking.candidates.remarks,
        "command": scouting.command,
        "facts": facts(scouting),
    }


def _left(scouting: Scouting) -> list[Left]:
    passed = scouting.ranking.candidates.stages
    steps = [Left(f"{number}. {one.step}", one.after) for number, one in enumerate(passed, start=1)]
    ranked = int((scouting.ranking.shortlist.ranks > 0).sum())
    return [Left("candidates", passed[0].before), *steps, Left("ranked by scout", ranked)]


def _row(number: int, removal: Removal) -> StageRow:
    note = removal.note or StageNote(removal.step)
    settings = "; ".join(f"{name}: {_words(value)}" for name, value in note.settings.items())
    columns = (removal.ids[:EXAMPLES], removal.formulas[:EXAMPLES], removal.reasons[:EXAMPLES])
    named = tuple((str(name), str(formula), str(why)) for name, formula, why in zip(*columns, strict=True))
    keep = "all that meet it" if note.keep is None else f"{note.keep:,}"
    return StageRow(number, note.name, settings, note.reason, keep, removal.before, removal.after, note.seconds, named)


def _words(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
