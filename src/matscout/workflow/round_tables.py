"""Rounds as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from matscout.workflow.round_moves import Move
from matscout.workflow.round_review import Outcome, RoundReview
from matscout.workflow.stop_advice import StopAdvice

if TYPE_CHECKING:
    import polars


def rounds_table(review: RoundReview) -> polars.DataFrame:
    """Every proposal of every round, then what was measured without being proposed; a block for each target.

    Columns: round (null where no round predicted it), proposed (place in the batch, null for none), rank, formula,
    conditions, state ("measured", "other conditions", "open"), measured_before_round, and for each target
    TARGET_predicted, TARGET_lower, TARGET_upper, TARGET_chance, TARGET_measured, TARGET_inside, TARGET_goal_met.
    """
    import polars

    outcomes = [*review.proposals, *review.unasked]
    columns: dict[str, Any] = {
        "round": [one.round or None for one in outcomes],
        "proposed": [one.place or None for one in outcomes],
        "rank": [one.rank or None for one in outcomes],
        "formula": [one.formula for one in outcomes],
        "conditions": [one.conditions for one in outcomes],
        "state": [one.state for one in outcomes],
        "measured_before_round": [one.before or None for one in outcomes],
    }
    for name in dict.fromkeys(one.target for outcome in outcomes for one in outcome.judgements):
        columns |= _block(name, outcomes)
    return polars.DataFrame(columns, strict=False)


def _block(name: str, outcomes: Sequence[Outcome]) -> dict[str, list[Any]]:
    """The columns of one target."""
    own = [next((one for one in outcome.judgements if one.target == name), None) for outcome in outcomes]
    shown = {
        "predicted": "predicted",
        "lower": "lower",
        "upper": "upper",
        "chance": "chance",
        "measured": "value",
        "inside": "inside",
        "goal_met": "met",
    }
    return {
        f"{name}_{column}": [None if one is None else getattr(one, field) for one in own]
        for column, field in shown.items()
    }


def review_as_json(review: RoundReview, moves: Sequence[Move] = (), advice: StopAdvice | None = None) -> dict[str, Any]:
    """A review in plain JSON values."""
    return {
        "round": review.last.number + 1,
        "proposals": [asdict(one) for one in review.proposals],
        "measured_and_not_proposed": [asdict(one) for one in review.unasked],
        "promises": {
            "proposals": [asdict(one) for one in review.promises],
            "all_measured": [asdict(one) for one in review.promises_of_all],
        },
        "moves": [asdict(one) for one in moves],
        "advice": None if advice is None else asdict(advice),
        "remarks": [str(remark) for remark in review.remarks],
    }
