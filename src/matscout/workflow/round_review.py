"""What became of the proposals of earlier rounds, and how good the promises were so far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.repeats import merge_repeats
from matscout.discover.acquisition import HAIR
from matscout.discover.goals import Aim
from matscout.discover.rounds import Key, Round, bare, condition_keys
from matscout.errors import UsageError
from matscout.predict.base import AnyPredictions, ClassPredictions
from matscout.remarks import Remark
from matscout.workflow.promises import Promise, TargetOutcome, promise_of

State = Literal["measured", "other conditions", "open"]


@dataclass(frozen=True)
class Outcome:
    """What became of one material of one round.

    Parameters
    ----------
    round
        Number of the round; 0 for a material that no round predicted.
    place, rank
        In the batch and in the ranking of that round; 0 for none.
    formula, conditions
        The material, and in words what it was to be made under.
    state
        Measured; measured under other conditions only; or still open.
    before
        The first round whose labels hold it (the present one has not ended yet); 0 if it is not measured.
    last
        Whether no later round proposed it before it was measured: it counts towards the promises once.
    judgements
        One for each goal.
    """

    round: int
    place: int
    rank: int
    formula: str
    conditions: str
    state: State
    before: int
    last: bool
    judgements: tuple[TargetOutcome, ...]

    @property
    def counts(self) -> bool:
        """Whether it tests a promise."""
        return self.state == "measured" and self.last and self.round > 0


@dataclass(frozen=True, eq=False)
class RoundReview:
    """Earlier rounds in the light of the present labels.

    Parameters
    ----------
    rounds
        From the first to the last.
    proposals
        What became of each proposal, the last round first.
    unasked
        What is measured since the first round and was not proposed.
    promises
        How good the promises were, of proposals and of everything that is measured since it was predicted.
    remarks
        What a reader should know, a sentence each.
    """

    rounds: tuple[Round, ...]
    proposals: tuple[Outcome, ...]
    unasked: tuple[Outcome, ...]
    promises: tuple[Promise, ...]
    promises_of_all: tuple[Promise, ...]
    remarks: tuple[str, ...] = ()

    @property
    def last(self) -> Round:
        """The round before the present one."""
        return self.rounds[-1]

    def of_round(self, number: int) -> tuple[Outcome, ...]:
        """The proposals of one round, in the order of its batch."""
        return tuple(one for one in self.proposals if one.round == number)


def review_rounds(rounds: Sequence[Round], labels: Dataset) -> RoundReview:
    """Compare what was proposed with what is measured.

    Rows are matched by composition and conditions, as readers merge repeats; repeats are averaged.

    Parameters
    ----------
    rounds
        From the first to the last, at least one.
    labels
        The present labels, those of the earlier rounds among them.

    Raises
    ------
    UsageError
        If there is no round, or the labels lack a target of theirs.
    """
    if not rounds:
        raise UsageError("there is no earlier round to compare with")
    _refuse_missing(rounds, labels)
    plain = replace(labels, materials=bare(labels.materials), groups=None, table=None)
    views = [_View(one, plain, tuple(rounds[place + 1 :])) for place, one in enumerate(rounds)]
    proposals = _marked([outcome for view in reversed(views) for outcome in view.proposals()])
    unasked = tuple(_unasked(views))
    return RoundReview(
        tuple(rounds),
        tuple(outcome for outcome, _ in proposals),
        unasked,
        _promises([outcome for outcome, _ in proposals], rounds, labels),
        _promises([*(outcome for outcome, _ in proposals), *unasked], rounds, labels),
        tuple(_remarks(views[-1])),
    )


def _refuse_missing(rounds: Sequence[Round], labels: Dataset) -> None:
    for one in rounds:
        for goal in one.goals:
            if goal.target not in labels.targets:
                raise UsageError(
                    f"round {one.number} looked for {goal.target!r}, but the labels have "
                    f"{', '.join(labels.targets) or 'no target'}: name the same targets again, or omit --since"
                )


@dataclass(frozen=True, eq=False)
class _View:
    """One round, the present labels (without structures and groups), and the rounds after it."""

    round: Round
    labels: Dataset
    later: tuple[Round, ...]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The conditions that all of them have."""
        others = (self.labels.materials, *(one.labelled for one in self.later))
        return tuple(name for name in self.round.materials.context if all(name in one.context for one in others))

    @cached_property
    def keys(self) -> list[Key]:
        return condition_keys(self.round.materials, self.columns)

    @cached_property
    def known(self) -> frozenset[Key]:
        """What was labelled when the round was made."""
        return frozenset(condition_keys(self.round.labelled, self.columns))

    @cached_property
    def measured(self) -> Mapping[str, Mapping[Key, tuple[float, int]]]:
        """Target -> value and bound of each material that is measured now."""
        return {goal.target: _values(self.labels, goal.target, self.columns) for goal in self.round.goals}

    @cached_property
    def places(self) -> Mapping[Key, int]:
        """The row of each prediction; of several alike the best ranked one."""
        ranks = np.where(self.round.ranks > 0, self.round.ranks, len(self.round) + 1)
        order = np.argsort(-ranks, kind="stable")
        return {self.keys[row]: row for row in order.tolist()}

    def has(self, key: Key) -> bool:
        return any(key in values for values in self.measured.values())

    @cached_property
    def new_materials(self) -> frozenset[object]:
        """Compositions that are measured now under conditions that were not labelled then."""
        return frozenset(key[0] for values in self.measured.values() for key in values if key not in self.known)

    @cached_property
    def known_later(self) -> Mapping[int, frozenset[Key]]:
        """Number of each later round -> what was labelled then."""
        return {one.number: frozenset(condition_keys(one.labelled, self.columns)) for one in self.later}

    def first_seen(self, key: Key) -> int:
        """Number of the first round after this one whose labels hold a material."""
        numbers = [number for number, known in self.known_later.items() if key in known]
        return min([*numbers, (self.later[-1] if self.later else self.round).number + 1])

    def proposals(self) -> Iterator[tuple[Outcome, Key]]:
        for row in self.round.proposed.tolist():
            key = self.keys[row]
            if key not in self.known:
                yield self.outcome(row), key

    def outcome(self, row: int) -> Outcome:
        """What became of one prediction."""
        key = self.keys[row]
        has = self.has(key)
        state: State = "measured" if has else "other conditions" if key[0] in self.new_materials else "open"
        return Outcome(
            self.round.number,
            int(self.round.batch[row]),
            int(self.round.ranks[row]),
            str(self.round.materials.formulas[row]),
            condition_words(self.round.materials, row, self.labels.context_units),
            state,
            self.first_seen(key) if has else 0,
            True,
            tuple(self._judged(row, key, aim) for aim in self.round.aims),
        )

    def _judged(self, row: int, key: Key, aim: Aim) -> TargetOutcome:
        name = aim.goal.target
        target, value = self.labels.target(name), self.measured[name].get(key)
        blank = _stated(self.round.predictions[name], row, self._chances[name][row], target.unit)
        return blank if value is None else _with_value(blank, value, target, aim)

    @cached_property
    def _chances(self) -> Mapping[str, NDArray[np.float64]]:
        return {aim.goal.target: self.round.chances(aim) for aim in self.round.aims}


def _values(labels: Dataset, name: str, columns: Sequence[str]) -> dict[Key, tuple[float, int]]:
    """Value and bound of each material under some of its conditions, repeats merged."""
    kept = {column: labels.materials.context[column] for column in columns}
    merged = merge_repeats(replace(labels, materials=replace(labels.materials, context=kept)), name)
    target = merged.target(name)
    bounds = np.zeros(len(merged), np.int8) if target.censored is None else target.censored
    rows = zip(condition_keys(merged.materials, columns), target.values.tolist(), bounds.tolist(), strict=True)
    # A measured value says more than a bound of the same material.
    return {key: (value, bound) for key, value, bound in sorted(rows, key=lambda row: -abs(row[2]))}


def _stated(block: AnyPredictions, row: int, chance: float, unit: str | None) -> TargetOutcome:
    """What was promised."""
    if isinstance(block, ClassPredictions):
        likely = tuple(name for name, within in zip(block.classes, block.sets[row], strict=True) if within)
        predicted = block.classes[int(block.predicted[row])]
        return TargetOutcome(block.target, None, predicted, likely=likely, chance=float(chance))
    ends = float(block.lower[row]), float(block.upper[row])
    return TargetOutcome(block.target, unit, float(block.predicted[row]), *ends, chance=float(chance))


def _with_value(blank: TargetOutcome, measured: tuple[float, int], target: Target, aim: Aim) -> TargetOutcome:
    """The same with what was measured."""
    value, bound = measured
    if target.classes:
        name = target.classes[int(value)]
        inside = None if blank.predicted is None else name in blank.likely
        return replace(blank, value=name, inside=inside, met=name == aim.classes[int(aim.low)])
    inside = None
    if blank.lower is not None and blank.upper is not None and not bound:
        inside = bool(blank.lower <= value <= blank.upper)
    return replace(blank, value=value, bound=bound, inside=inside, met=_is_met(value, bound, aim))


def _is_met(value: float, bound: int, aim: Aim) -> bool | None:
    """Whether a value reaches a goal; of a bound only where all that it allows do, or nothing does."""
    if not bound:
        return bool(aim.is_met(np.array([value]))[0]) and not _equals_best(value, aim)
    low, high = (-np.inf, value) if bound < 0 else (value, np.inf)
    if aim.low <= low and high <= aim.high:
        return True
    return None if low <= aim.high and high >= aim.low else False


def _equals_best(value: float, aim: Aim) -> bool:
    """Whether a value only equals the best label, where it should better it, as stated chances have it."""
    if not aim.goal.is_extreme or aim.at_limit:
        return False
    size = abs(value) if aim.goal.kind == "absmax" else value
    return math.isclose(size, aim.reference, rel_tol=HAIR)


def _marked(outcomes: Sequence[tuple[Outcome, Key]]) -> list[tuple[Outcome, Key]]:
    """The same, the last round first: of what several rounds proposed the last proposal counts."""
    seen, marked = set[Key](), []
    for outcome, key in outcomes:
        marked.append((replace(outcome, last=key not in seen), key))
        seen.add(key)
    return marked


def _unasked(views: Sequence[_View]) -> Iterator[Outcome]:
    """What is measured since the first round and was not proposed, each judged by the last round that predicted it."""
    first, last = views[0], views[-1]
    proposed = {key[0] for view in views for _, key in view.proposals()}
    measured = dict.fromkeys(key for values in last.measured.values() for key in values)
    for key in measured:
        if key[0] in proposed or key in first.known:
            continue
        judge = next((view for view in reversed(views) if key in view.places and key not in view.known), None)
        if judge is not None:
            yield judge.outcome(judge.places[key])
        else:
            yield _without_prediction(last, first, key)


def _without_prediction(last: _View, first: _View, key: Key) -> Outcome:
    labels = last.labels
    row = condition_keys(labels.materials, last.columns).index(key)
    judgements = []
    for aim in last.round.aims:
        target, value = labels.target(aim.goal.target), last.measured[aim.goal.target].get(key)
        blank = TargetOutcome(target.name, target.unit)
        judgements.append(blank if value is None else _with_value(blank, value, target, aim))
    words = condition_words(labels.materials, row, labels.context_units)
    formula = str(labels.materials.formulas[row])
    return Outcome(0, 0, 0, formula, words, "measured", first.first_seen(key), True, tuple(judgements))


def condition_words(materials: Materials, row: int, units: Mapping[str, str]) -> str:
    """``"temperature 600 K"``; "" without conditions."""
    words = []
    for name, column in materials.context.items():
        value = column[row]
        shown = f"{value:g} {units.get(name, '')}".rstrip() if column.dtype.kind == "f" else str(value)
        words.append(f"{name} {shown}")
    return ", ".join(words)


def _promises(outcomes: Sequence[Outcome], rounds: Sequence[Round], labels: Dataset) -> tuple[Promise, ...]:
    """How good the promises of each target were, over all rounds."""
    levels = {one.number: one.level for one in rounds}
    counted_ones = [outcome for outcome in outcomes if outcome.counts]
    promises = []
    for name in dict.fromkeys(goal.target for one in reversed(rounds) for goal in one.goals):
        judged = [
            (judgement, levels[outcome.round])
            for outcome in counted_ones
            for judgement in outcome.judgements
            if judgement.target == name and judgement.value is not None
        ]
        target = labels.target(name)
        errors = None if target.classes else _errors([one for one, _ in judged], target)
        promises.append(promise_of(judged, target.error_unit, errors) if judged else None)
    return tuple(promise for promise in promises if promise is not None)


def _errors(judged: Sequence[TargetOutcome], target: Target) -> NDArray[np.float64]:
    """Predicted minus measured on the scale of the target; bounds have none."""
    pairs = [(one.predicted, one.value) for one in judged if not one.bound]
    predicted, values = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return target.placed(predicted) - target.placed(values)


def _remarks(last: _View) -> Iterator[str]:
    present = {key for values in last.measured.values() for key in values}
    absent = len(last.known - present)
    if absent:
        text = (
            f"{counted(absent, 'label')} of round {last.round.number} {'is' if absent == 1 else 'are'} not among the "
            "present labels and thus not used: add new rows to the table of the earlier round instead of giving the "
            "new rows alone."
        )
        yield Remark("labels-of-earlier-round-absent", text)
