"""Why a candidate stands where it stands, in a sentence that a chemist reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.counting import unit_behind
from matscout.data.materials import Materials
from matscout.discover.acquisition import probability
from matscout.discover.candidate_kinds import candidate_kind
from matscout.discover.goals import Aim
from matscout.predict.base import AnyPredictions, ClassPredictions
from matscout.predict.domain import shown_similarity

UNKNOWN = ", the model knows no more than the average of the labels"


@dataclass(frozen=True, eq=False)
class Nearest:
    """The most similar labelled composition of k candidates, [k] each: formula, similarity 0..1, values in words.

    ``copied`` is the formula of the label of which a candidate is a near-copy, "" where there is none; ``objections``
    say why a candidate is outside the domain, "" where that is not known.
    """

    formulas: NDArray[np.str_]
    similarities: NDArray[np.float64]
    measured: Sequence[str]
    copied: Sequence[str]
    objections: Sequence[str] = ()


def reasons(
    materials: Materials,
    predictions: Sequence[AnyPredictions],
    aims: Sequence[Aim],
    nearest: Nearest,
    conditions: Sequence[str],
) -> list[str]:
    """One sentence for each of k candidates: prediction, chance, conditions, nearest label, chemistry."""
    parts = [
        *(prediction_words(block, aim) for block, aim in zip(predictions, aims, strict=True)),
        conditions,
        _nearest_words(nearest, np.all([block.in_domain for block in predictions], axis=0)),
        [
            f"near-duplicate of label {formula} (under 0.5 % of the atoms differ)" if formula else ""
            for formula in nearest.copied
        ],
        *candidate_kind(materials).chemistry(materials),
    ]
    return ["; ".join(part for part in row if part) for row in zip(*parts, strict=True)]


def prediction_words(predictions: AnyPredictions, aim: Aim) -> list[str]:
    """E.g. ``"gap 1.34 eV (1.02 to 1.71 at 90 %), 82 % chance of 1.1 to 1.6 eV"`` for each candidate."""
    chances = [f"{chance_words(chance)} chance of {aim.words}" for chance in probability(predictions, aim)]
    if isinstance(predictions, ClassPredictions):
        return chances
    unit = unit_behind(aim.unit)
    ends = (predictions.lower, predictions.upper)
    rows = zip(predictions.predicted, *ends, chances, predictions.knows_more, strict=True)
    name = aim.goal.target
    level = chance_words(predictions.level)
    return [
        f"{name} {value:.3g}{unit} ({low:.3g} to {high:.3g} at {level}){'' if known else UNKNOWN}, {chance}"
        for value, low, high, chance, known in rows
    ]


def chance_words(chance: float) -> str:
    """``"38 %"``, ``"under 1 %"``, ``"over 99 %"``."""
    if chance < 0.01:
        return "under 1 %"
    return "over 99 %" if chance > 0.99 else f"{100 * chance:.0f} %"


def _nearest_words(nearest: Nearest, in_domain: NDArray[np.bool_]) -> list[str]:
    why = nearest.objections or [""] * len(in_domain)
    rows = zip(nearest.formulas, nearest.similarities, nearest.measured, in_domain, why, strict=True)
    return [
        f"nearest label {formula} ({shown_similarity(similarity)} similar, {measured})"
        + ("" if inside else f", outside the domain{f' ({objection})' if objection else ''}")
        for formula, similarity, measured, inside, objection in rows
    ]
