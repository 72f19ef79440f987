"""``matscout recommend``: what is like a material that works, ranked for a purpose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from annotated_types import MinLen

from matscout.app.goal_settings import read_step, scout_settings
from matscout.app.renaming import note_new_name
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.settings.writing import command_of
from matscout.workflow.index_search import RecallSettings
from matscout.workflow.label_settings import LabelSettings
from matscout.workflow.learning_settings import GoalSettings, LearningSettings, RankSettings


@dataclass(frozen=True, kw_only=True)
class RecommendSettings(RecallSettings):
    """What is recalled, and where.

    Parameters
    ----------
    like
        Material that works, e.g. PbTe (repeatable: similar to any of them).
    index
        Index to search: a folder, or s3://BUCKET/NAME.
    labels
        Labelled rows that the ranking model learns from, as for scout.
    out
        Folder for the report and tables.
    """

    like: Annotated[tuple[str, ...], MinLen(1), SettingInfo(metavar="FORMULA|FILE|ID|TEXT")]
    index: Annotated[str, SettingInfo(metavar="INDEX")]
    labels: Annotated[Path, SettingInfo(metavar="LABELS")]
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")] = None


@with_options
def recommend(
    *,
    asked: RecommendSettings,
    wanted: GoalSettings,
    reading: LabelSettings,
    learning: LearningSettings,
    ranking: RankSettings,
) -> None:
    """Recall materials of an index that are similar to known ones, rank them for a goal, and write a report."""
    note_new_name(learning.model)

    from matscout.app.scouting_run import run_to_shortlist
    from matscout.data.dataset import only_compounds
    from matscout.discover.generators.recall import Recall
    from matscout.workflow.scouting import scouting_steps

    options = (asked.count, asked.representations, asked.where, asked.diversity, asked.exact)
    candidates = Recall(asked.index, asked.like, *options)
    candidates.check()
    settings = scout_settings(reading, learning, ranking, candidates=candidates)
    run_to_shortlist(
        read_step(asked.labels, reading.with_columns(wanted.goal, ranking.set_to)),
        Path(),
        lambda run, dataset: run.grow(
            run.workflow.with_steps(scouting_steps(only_compounds(dataset), list(wanted.goal), settings))
        ),
        out=asked.out,
        command=command_of("recommend", asked, wanted, reading, learning, ranking),
    )
