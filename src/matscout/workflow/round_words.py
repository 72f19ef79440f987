"""A review of rounds in a few lines, for the terminal and for pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from matscout.counting import counted, part_of, unit_behind
from matscout.workflow.promises import TargetOutcome
from matscout.workflow.round_moves import Move, changed_words
from matscout.workflow.round_review import Outcome, RoundReview
from matscout.workflow.stop_advice import StopAdvice

MOVES_SHOWN = 5
"""Moves that the terminal shows."""


def measured_sentence(review: RoundReview) -> str:
    """``"6 of 8 proposals of round 1 are measured"``, for the last round."""
    own = review.of_round(review.last.number)
    if not own:
        return f"round {review.last.number} proposed nothing"
    states = Counter(one.state for one in own)
    aside = states["other conditions"]
    more = f", {aside} under other conditions only" if aside else ""
    verb = "is" if len(own) == 1 else "are"
    return f"{part_of(states['measured'], len(own), 'proposal')} of round {review.last.number} {verb} measured{more}"


def review_lines(review: RoundReview, moves: Sequence[Move], advice: StopAdvice | None) -> list[str]:
    """What happened since the last round, in lines."""
    lines = [f"since round {review.last.number}: {measured_sentence(review)}"]
    lines += [f"      {outcome_words(one)}" for one in review.of_round(review.last.number) if one.state != "open"]
    open_ones = [named(one) for one in review.of_round(review.last.number) if one.state == "open"]
    lines += [f"      not measured yet: {', '.join(open_ones)}"] if open_ones else []
    lines += [f"measured but not proposed: {counted(len(review.unasked), 'material')}"] if review.unasked else []
    lines += promise_lines(review)
    lines += [f"note: {remark}" for remark in review.remarks]
    moved = [one for one in moves if one.before != one.now][:MOVES_SHOWN]
    lines += ["what moved among the first:", *(f"      {move_words(one)}" for one in moved)] if moved else []
    return lines if advice is None else [*lines, f"what to expect: {' '.join(advice.sentences)}"]


def promise_lines(review: RoundReview) -> list[str]:
    """How good the promises were, over all rounds."""
    rounds = counted(len(review.rounds), "round")
    lines = [f"how well predictions of proposals held ({rounds}): {one.sentence}" for one in review.promises]
    if len(review.unasked):
        lines += [
            f"how well predictions of all materials measured since held: {one.sentence}"
            for one in review.promises_of_all
        ]
    return lines


def outcome_words(outcome: Outcome) -> str:
    """``"Bi2Te3 at 300 K: ZT 1.1 measured, 0.9 (0.7 to 1.2) predicted, inside, reaches the goal"``."""
    if outcome.state == "other conditions":
        return f"{named(outcome)}: measured under other conditions only"
    return f"{named(outcome)}: {'; '.join(_judgement_words(one) for one in outcome.judgements)}"


def named(outcome: Outcome) -> str:
    """A material with its conditions."""
    return f"{outcome.formula} ({outcome.conditions})" if outcome.conditions else outcome.formula


def _judgement_words(one: TargetOutcome) -> str:
    if one.value is None:
        return f"{one.target} not measured"
    sign = {-1: "at most ", 0: "", 1: "at least "}[one.bound]
    parts = [f"{one.target} {sign}{written(one.value)}{unit_behind(one.unit)} measured", _promised(one)]
    parts += [] if one.inside is None else ["inside" if one.inside else "outside"]
    parts += ["reaches the goal"] if one.met else []
    return ", ".join(part for part in parts if part)


def _promised(one: TargetOutcome) -> str:
    if one.predicted is None:
        return ""
    if one.lower is None or one.upper is None:
        return f"{one.predicted} predicted"
    return f"{written(one.predicted)} ({written(one.lower)} to {written(one.upper)}) predicted"


def written(value: float | str) -> str:
    """A value with three digits, or a class."""
    return value if isinstance(value, str) else f"{value:.3g}"


def move_words(move: Move) -> str:
    """``"Bi2Te3: rank 12 -> 1 (ZT predicted 0.9 before, 1.1 now)"``."""
    name = f"{move.formula} ({move.conditions})" if move.conditions else move.formula
    before = "not ranked" if move.before is None else f"{move.before:,}"
    now = "not ranked" if move.now is None else f"{move.now:,}"
    why = "; ".join(words for words in (changed_words(move.changes), move.why) if words)
    return f"{name}: rank {before} -> {now}{f' ({why})' if why else ''}"
