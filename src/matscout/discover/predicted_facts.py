"""Predictions as facts on candidates: what is predicted, how sure that is, and the chance to meet the goal."""

from __future__ import annotations

import numpy as np

from matscout.discover.acquisition import probability
from matscout.discover.goals import Aim
from matscout.generate.facts import PROBABILITY, Evidence, EvidenceSource
from matscout.predict.base import AnyPredictions, ClassPredictions, Predictions

SOURCE = EvidenceSource("model")


def predicted_facts(block: AnyPredictions, aim: Aim) -> list[Evidence]:
    """The columns ``TARGET_...`` of a shortlist.

    Parameters
    ----------
    block
        Predictions of m candidates.
    aim
        What is wanted of the target.
    """
    name = aim.goal.target
    chance = Evidence(
        f"{name}_goal_probability",
        f"chance, {name}",
        probability(block, aim),
        f"the chance of {aim.words}, as stated by the model",
        SOURCE,
        PROBABILITY,
        use="rank",
    )
    if isinstance(block, ClassPredictions):
        classes = np.array(block.classes)[block.predicted]
        return [Evidence(f"{name}_class", name, classes, "the most likely class", SOURCE, use="rank"), chance]
    return [*_of_numbers(block, name), chance]


def _of_numbers(block: Predictions, name: str) -> list[Evidence]:
    kind, deviations = block.shown_std
    unit = block.unit
    level = f"{100 * block.level:g} %"
    return [
        Evidence(
            f"{name}_predicted",
            name,
            block.predicted,
            "the median of the predictive distribution",
            SOURCE,
            unit,
            use="rank",
        ),
        Evidence(
            f"{name}_{kind}",
            f"{name}, standard deviation",
            deviations,
            "the standard deviation of the predictive distribution",
            SOURCE,
            "decades" if kind == "std_decades" else unit,
        ),
        Evidence(
            f"{name}_lower", f"{name}, lower end", block.lower, f"lower end of the {level} interval", SOURCE, unit
        ),
        Evidence(
            f"{name}_upper", f"{name}, upper end", block.upper, f"upper end of the {level} interval", SOURCE, unit
        ),
        Evidence(
            f"{name}_knows_more",
            f"{name}, knows more",
            block.knows_more,
            "false where the model knows no more than the average of the labels",
            SOURCE,
        ),
    ]
