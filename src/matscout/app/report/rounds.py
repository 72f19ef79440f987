"""The section on what happened since the round before: measured and predicted, what moved, what to expect."""

from __future__ import annotations

from dataclasses import dataclass

from matscout.app.wording import number, percent, quantity
from matscout.workflow.promises import TargetOutcome
from matscout.workflow.results import Scouting
from matscout.workflow.round_moves import Change, Move
from matscout.workflow.round_review import Outcome, RoundReview
from matscout.workflow.round_words import measured_sentence

UNASKED = 20
"""Materials that were measured without being proposed, of which the page shows so many."""

STATES = {
    "measured": "measured",
    "other conditions": "measured under other conditions only",
    "open": "not measured yet",
}
"""What became of a proposal, in words."""


@dataclass(frozen=True)
class JudgementCell:
    """What was promised of one target and what was measured, as texts; ``verdict`` is "inside", "outside" or ""."""

    promised: str
    interval: str
    chance: str
    measured: str
    verdict: str
    goal: str


@dataclass(frozen=True)
class OutcomeRow:
    """One material of a round."""

    round: str
    formula: str
    conditions: str
    state: str
    cells: tuple[JudgementCell, ...]


@dataclass(frozen=True)
class MoveRow:
    """One candidate that moved."""

    formula: str
    conditions: str
    before: str
    now: str
    predictions: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class RoundsSection:
    """The section, in the words of its number, with its tables."""

    last: int
    answer: str
    targets: tuple[str, ...]
    proposals: tuple[OutcomeRow, ...]
    unasked: tuple[OutcomeRow, ...]
    n_unasked: int
    promises: tuple[str, ...]
    promises_of_all: tuple[str, ...]
    moves: tuple[MoveRow, ...]
    advice: tuple[str, ...]
    stop: bool
    remarks: tuple[str, ...]


def section(scouting: Scouting) -> RoundsSection | None:
    """What the section shows; None in a first round."""
    review = scouting.review
    if review is None:
        return None
    advice = scouting.advice
    targets = tuple(goal.target for goal in review.last.goals)
    return RoundsSection(
        review.last.number,
        f"{capitalised(measured_sentence(review))}.",
        targets,
        tuple(_row(one, targets) for one in review.proposals),
        tuple(_row(one, targets) for one in review.unasked[:UNASKED]),
        len(review.unasked),
        tuple(one.sentence for one in review.promises),
        _of_all(review),
        tuple(_move(one) for one in scouting.moves),
        () if advice is None else advice.sentences,
        advice is not None and advice.says_stop,
        review.remarks,
    )


def capitalised(sentence: str) -> str:
    """The sentence with a capital at its start."""
    return sentence[:1].upper() + sentence[1:]


def _of_all(review: RoundReview) -> tuple[str, ...]:
    """How good the promises of all that was measured were, where that is more than the proposals."""
    return tuple(one.sentence for one in review.promises_of_all) if review.unasked else ()


def _row(outcome: Outcome, targets: tuple[str, ...]) -> OutcomeRow:
    judged = {one.target: one for one in outcome.judgements}
    cells = tuple(_cell(judged[name]) if name in judged else _NOTHING for name in targets)
    number_of_round = str(outcome.round) if outcome.round else "none"
    return OutcomeRow(number_of_round, outcome.formula, outcome.conditions, STATES[outcome.state], cells)


_NOTHING = JudgementCell("", "", "", "", "", "")


def _cell(one: TargetOutcome) -> JudgementCell:
    sign = {-1: "at most ", 0: "", 1: "at least "}[one.bound]
    verdict = "" if one.inside is None else "inside" if one.inside else "outside"
    return JudgementCell(
        "" if one.predicted is None else _shown(one.predicted, one.unit),
        _interval(one),
        "" if one.chance is None else percent(one.chance),
        "" if one.value is None else f"{sign}{_shown(one.value, one.unit)}",
        verdict,
        "" if one.met is None else "yes" if one.met else "no",
    )


def _interval(one: TargetOutcome) -> str:
    if one.lower is None or one.upper is None:
        return " or ".join(one.likely)
    return f"{number(one.lower)} to {number(one.upper)}"


def _shown(value: float | str, unit: str | None) -> str:
    return value if isinstance(value, str) else quantity(value, unit)


def _move(move: Move) -> MoveRow:
    before, now = (("not ranked" if rank is None else f"{rank:,}") for rank in (move.before, move.now))
    return MoveRow(move.formula, move.conditions, before, now, tuple(map(_change, move.changes)), move.why)


def _change(change: Change) -> str:
    now = _shown(change.now, change.unit)
    return now if change.before is None else f"{_shown(change.before, None)} \N{RIGHTWARDS ARROW} {now}"
