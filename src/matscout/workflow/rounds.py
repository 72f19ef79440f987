"""Rounds out of rankings, and as a folder in the results of ``scout``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.discover.goals import aim_of
from matscout.discover.rounds import Round, bare
from matscout.errors import ArtefactError, UsageError
from matscout.workflow.records import read_record, write_record
from matscout.workflow.search import Ranking

ROUNDS = "rounds"
"""Folder in a result of ``scout`` that holds its round and the earlier ones."""


@dataclass(frozen=True, eq=False)
class RoundHistory:
    """The rounds of a campaign, from the first to the last."""

    rounds: tuple[Round, ...]


def round_of(ranking: Ranking, labels: Dataset, earlier: Sequence[Round] = ()) -> Round:
    """The round that ends in a ranking.

    Parameters
    ----------
    ranking
        What was found.
    labels
        The labelled rows that it rests on.
    earlier
        The rounds before it.
    """
    known = np.any([labels.target(goal.target).known for goal in ranking.goals], axis=0)
    materials, owners = ranking.conditions.materials, ranking.conditions.rows
    batch, nearest = _of_shortlist(ranking)
    return Round(
        earlier[-1].number + 1 if earlier else 1,
        ranking.goals,
        tuple(aim_of(goal, labels) for goal in ranking.goals),
        ranking.level,
        bare(labels.materials[np.flatnonzero(known)]),
        bare(materials),
        dict(ranking.predictions),
        ranking.shortlist.ranks[owners],
        batch,
        nearest,
    )


def _of_shortlist(ranking: Ranking) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """Place in the batch and nearest label of each prediction, [e]; 0 and "" where the table has none."""
    core, rows, n = ranking.shortlist.core, ranking.shortlist_rows, len(ranking.conditions.rows)
    batch, nearest = np.zeros(n, dtype=np.int64), np.full(n, "", dtype=object)
    batch[rows] = core["batch"].fill_null(0).to_numpy()
    nearest[rows] = core["nearest"].to_list()
    return batch, nearest.astype(np.str_)


def write_rounds(rounds: Sequence[Round], labels: Dataset, folder: Path) -> None:
    """Write rounds into a result folder; of all but the last only what later ones may ask for.

    Parameters
    ----------
    rounds
        From the first to the last.
    labels
        The present labels.
    folder
        The result folder.
    """
    *earlier, last = rounds
    kept = (*(one.trimmed(labels.materials) for one in earlier), last)
    (folder / ROUNDS).mkdir()
    write_record(RoundHistory(kept), folder / ROUNDS)


def read_rounds(folder: Path) -> tuple[Round, ...]:
    """The rounds up to that of a result folder.

    Raises
    ------
    UsageError
        If the folder is no result of ``scout``, or one of a version that kept no rounds.
    ArtefactError
        If what is there cannot be read.
    """
    place = folder / ROUNDS
    if not place.is_dir():
        what = "does not exist" if not folder.exists() else "contains no folder 'rounds'"
        raise UsageError(
            f"{folder} {what}: --since takes the folder that an earlier `matscout scout ... -o FOLDER` wrote (if an "
            "older matscout wrote it, repeat its command with the labels of that time)"
        )
    history = read_record(place)
    if not isinstance(history, RoundHistory) or not history.rounds:
        raise ArtefactError(f"{place} contains no rounds: create the earlier result again")
    return history.rounds
