"""What a reader of a shortlist should know before acting on it, a sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from matscout.counting import unit_behind
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.conditions import Conditions
from matscout.discover.diversity import system_noun, systems_of
from matscout.discover.goals import TOLERANCE, Aim
from matscout.discover.purposes import best_to_expect
from matscout.predict.base import AnyPredictions, ClassPredictions
from matscout.remarks import Remark

if TYPE_CHECKING:
    import polars


APART = {"chemical system": "chemical systems", "product": "products", "set of defects": "sets of defects"}
"""What candidates are of that are not alike, by what those of one are called."""


def beyond_labels(aims: Sequence[Aim], labels: Dataset) -> list[str]:
    """That no label meets a wanted range, and how far the labels go."""
    remarks: list[str] = []
    for aim in aims:
        values = labels.target(aim.goal.target).values
        known = values[~np.isnan(values)]
        if aim.is_met(known).any() or aim.classes or aim.goal.kind not in ("range", "value"):
            continue
        unit = unit_behind(aim.unit)
        text = (
            f"No label of {aim.goal.target} lies in {aim.words}; the labels go from {known.min():.4g} to "
            f"{known.max():.4g}{unit}. Candidates are ranked by how near they come to the goal; the labels cannot "
            "show whether one reaches it."
        )
        remarks.append(Remark("goal-beyond-labels", text))
    return remarks


BOTH_SIGNS = 0.1
"""Share of the labels that must have the other sign for a reader to be asked which sign is meant."""
AS_LARGE = 0.5
"""And how large the largest of these is beside the best label, at least."""


def signs(aims: Sequence[Aim], labels: Dataset) -> list[str]:
    """That "max" or "min" passes over values of the other sign that are as large, and what asks for both."""
    remarks: list[str] = []
    for aim in aims:
        if aim.goal.kind not in ("max", "min") or aim.classes:
            continue
        sign = 1.0 if aim.goal.kind == "max" else -1.0
        known = sign * labels.target(aim.goal.target).values
        known = known[~np.isnan(known)]
        if (known < 0).mean() >= BOTH_SIGNS and -known.min() >= AS_LARGE * known.max() > 0:
            text = (
                f"{aim.goal.target} has both signs, from {(sign * known).min():.4g} to "
                f"{(sign * known).max():.4g}{unit_behind(aim.unit)}: --goal {aim.goal.target}=absmax is the largest "
                "size, of either sign."
            )
            remarks.append(Remark("both-signs", text))
    return remarks


def expectations(materials: Materials, first: Sequence[AnyPredictions], aims: Sequence[Aim]) -> list[str]:
    """What the best of the first candidates may reach, once for each goal, as a range.

    Parameters
    ----------
    materials, first
        The first candidates, and their predictions for each goal.
    aims
        What is wanted.
    """
    systems = systems_of(materials)
    remarks: list[str] = []
    apart = APART.get(system_noun(materials), "reactants")
    for block, aim in zip(first, aims, strict=True):
        reach = None if isinstance(block, ClassPredictions) or aim.at_limit else best_to_expect(block, aim, systems)
        if reach is None or isinstance(block, ClassPredictions):
            continue
        unit = unit_behind(aim.unit)
        words = _range(reach, block.distribution.widest_limits, unit)
        if words:
            text = (
                f"{aim.goal.target}: the best of the first {len(block)} candidates should have {words}, if errors of "
                f"different {apart} are independent; the best label has {aim.reference:.3g}{unit}."
            )
            remarks.append(Remark("best-to-expect", text))
    return remarks


def _range(reach: tuple[float, float], limits: tuple[float, float], unit: str) -> str:
    """From one value to another, or as far as the limits of the target allow; "" if it is just a limit."""
    if reach[0] <= limits[0]:
        return f"at most {reach[1]:.3g}{unit} in nine of ten cases" if reach[1] > limits[0] else ""
    if reach[1] >= limits[1]:
        return f"at least {reach[0]:.3g}{unit} in nine of ten cases" if reach[0] < limits[1] else ""
    return f"{reach[0]:.3g} to {reach[1]:.3g}{unit} in eight of ten cases"


def _of_value(aim: Aim) -> str:
    """How far around a single value reaching it goes."""
    if aim.goal.kind != "value" or aim.classes:
        return ""
    return f", within {TOLERANCE:.0%} of the labels' standard deviation around {aim.goal.low:g}"


def usual_remarks(
    aims: Sequence[Aim], conditions: Conditions | None, table: polars.DataFrame, compared: tuple[Materials, Materials]
) -> list[str]:
    """What counts as met, how goals are combined, how many candidates are unlike the labels, under what conditions.

    ``compared`` are candidates and labels.
    """
    remarks: list[str] = [
        Remark("goal-met-by", f"{aim.goal.target}: the goal counts as met by {aim.words}{_of_value(aim)}.")
        for aim in aims
    ]
    if len(aims) > 1:
        text = "Several goals are combined by the geometric mean of their desirabilities, as if they were independent."
        remarks.append(Remark("goals-combined", text))
    outside = int((~table.head(100)["in_domain"]).sum())
    if outside:
        text = (
            f"{outside} of the first {min(100, len(table))} candidates lie outside the domain: trust their "
            "predictions less."
        )
        remarks.append(Remark("unlike-the-labels", text))
    remarks += conditions.remarks if conditions is not None else ()
    if all(one.structures is not None for one in compared):
        some = "" if all(one.has_structure.all() for one in compared) else ", those that have one"
        text = (
            f"Candidates and labels have structures{some}: another structure of a labelled composition counts as new. "
            "The nearest label, its similarity and the domain are those of the compositions."
        )
        remarks.append(Remark("structures-tell-what-is-new", text))
        candidates, labels = compared
        lacking = int((~candidates.has_structure).sum())
        if lacking and not labels.has_structure.all():
            which = f"{lacking:,} of {len(candidates):,} candidates"
            text = f"{which} have no structure and are predicted from their formulas."
            remarks.append(Remark("candidates-without-structure", text))
    return remarks
