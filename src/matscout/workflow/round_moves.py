"""What moved in a ranking since the round before, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from matscout.counting import unit_behind
from matscout.data.dataset import Dataset
from matscout.discover.rounds import Key, Round, condition_keys
from matscout.predict.base import AnyPredictions, ClassPredictions
from matscout.workflow.round_review import condition_words
from matscout.workflow.search import Ranking

FIRST = 10
"""The first so many of both rankings are compared."""


@dataclass(frozen=True)
class Change:
    """The prediction of one target, before and now; ``before`` is None where there was none."""

    target: str
    unit: str | None
    before: float | str | None
    now: float | str


@dataclass(frozen=True)
class Move:
    """A candidate that was or is among the first.

    Parameters
    ----------
    formula, conditions
        The candidate, under its best conditions now.
    before, now
        Its rank then and now; None where it was not ranked.
    changes
        Its prediction for each target under these conditions; none where it is not predicted now.
    why
        What explains the move besides its prediction, in words; "" for nothing.
    """

    formula: str
    conditions: str
    before: int | None
    now: int | None
    changes: tuple[Change, ...]
    why: str


def moves_since(last: Round, ranking: Ranking, labels: Dataset) -> tuple[Move, ...]:
    """The first candidates now with their ranks before, then those that were among the first and are no longer.

    Parameters
    ----------
    last
        The round before.
    ranking, labels
        The present ranking, and the labelled rows that it rests on.
    """
    comparison = _Comparison(last, ranking, labels)
    return (*comparison.leaders(), *comparison.fallen())


class _Comparison:
    """Two rankings compared."""

    def __init__(self, last: Round, ranking: Ranking, labels: Dataset) -> None:
        self.last, self.ranking, self.labels = last, ranking, labels
        self.columns = tuple(name for name in last.materials.context if name in ranking.conditions.materials.context)
        self.before = _ranks(last.materials.keys().tolist(), last.ranks.tolist())
        owners = ranking.conditions.rows
        self.now = _ranks(ranking.conditions.materials.keys().tolist(), ranking.shortlist.ranks[owners].tolist())
        self.rows_before = _first_rows(condition_keys(last.materials, self.columns))
        self.rows_now = _first_rows(condition_keys(ranking.conditions.materials, self.columns))
        new = np.flatnonzero(~np.isin(labels.materials.keys(), last.labelled.keys()))
        self.new_labels = set(labels.materials.formulas[new].tolist())

    def leaders(self) -> Iterator[Move]:
        core, shown = self.ranking.shortlist.core, self.ranking.shortlist.candidates.materials
        keys, names = condition_keys(shown[:FIRST], self.columns), shown.keys()
        for row, key in enumerate(keys):
            changes = self._changes(key)
            nearest = str(core["nearest"][row])
            before = self.before.get(names[row])
            why = self._why(key, before, nearest)
            words = condition_words(shown, row, self.labels.context_units)
            yield Move(str(shown.formulas[row]), words, before, int(core["rank"][row]), changes, why)

    def fallen(self) -> Iterator[Move]:
        """What was among the first then and is not now, unless it is a label by now."""
        labelled, now = set(self.labels.materials.keys().tolist()), self.now
        order = np.argsort(self.last.ranks, kind="stable")
        seen = set[str]()
        for row in order[self.last.ranks[order] > 0].tolist():
            rank, name = int(self.last.ranks[row]), str(self.last.materials.keys()[row])
            if rank > FIRST:
                return
            if name in seen or name in labelled or now.get(name, FIRST + 1) <= FIRST:
                continue
            seen.add(name)
            yield self._fall(row, rank, name)

    def _fall(self, row: int, rank: int, name: str) -> Move:
        key = condition_keys(self.last.materials[np.array([row])], self.columns)[0]
        present = self.now.get(name)
        changes = self._changes(key) if present is not None else ()
        why = "" if present is not None else self._gone(name)
        words = condition_words(self.last.materials, row, self.labels.context_units)
        return Move(str(self.last.materials.formulas[row]), words, rank, present, changes, why)

    def _gone(self, name: str) -> str:
        """Why a candidate is not ranked any more."""
        rows = np.flatnonzero(self.ranking.candidates.materials.keys() == name)
        step = str(self.ranking.shortlist.removed_by[rows[0]]) if len(rows) else ""
        return f"left out: {step}" if step else "no longer among the candidates"

    def _changes(self, key: Key) -> tuple[Change, ...]:
        row, earlier = self.rows_now.get(key), self.rows_before.get(key)
        if row is None:
            return ()
        return tuple(
            Change(
                name,
                None if isinstance(block, ClassPredictions) else block.unit,
                _predicted(self.last.predictions.get(name), earlier),
                _predicted(block, row),  # type: ignore[arg-type]
            )
            for name, block in self.ranking.predictions.items()
        )

    def _why(self, key: Key, before: int | None, nearest: str) -> str:
        if before is None:
            return "not among the ranked candidates before"
        row = self.rows_before.get(key)
        earlier = "" if row is None else str(self.last.nearest[row])
        if nearest in self.new_labels and nearest != earlier:
            return f"the nearest label is {nearest}, measured since"
        return ""


def _ranks(names: list[str], ranks: list[int]) -> Mapping[str, int]:
    """The best rank of each composition that is ranked."""
    best: dict[str, int] = {}
    for name, rank in zip(names, ranks, strict=True):
        if rank > 0:
            best[name] = min(rank, best.get(name, rank))
    return best


def _first_rows(keys: list[Key]) -> Mapping[Key, int]:
    return {key: row for row, key in reversed(list(enumerate(keys)))}


def _predicted(block: AnyPredictions | None, row: int | None) -> float | str | None:
    if block is None or row is None:
        return None
    value = block.predicted[row]
    return block.classes[int(value)] if isinstance(block, ClassPredictions) else float(value)


def changed_words(changes: tuple[Change, ...]) -> str:
    """``"gap predicted 1.2 -> 1.5 eV"``, for each target whose prediction changed as it is written."""
    words = []
    for one in changes:
        before, now = _written(one.before), _written(one.now)
        if one.before is not None and before != now:
            words.append(f"{one.target} predicted {before} before, {now}{unit_behind(one.unit)} now")
    return "; ".join(words)


def _written(value: float | str | None) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
