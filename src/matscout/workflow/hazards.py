"""Which hazards leave candidates out, and what a reader is told of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from matscout.counting import counted
from matscout.crystal.hazards import is_hazardous
from matscout.data.materials import Materials
from matscout.discover.filters import Screening, filters
from matscout.generate.base import Candidates
from matscout.remarks import Remark
from matscout.workflow.learning_settings import AllowedHazard

FILTERS: Mapping[AllowedHazard, str] = {"explosive": "not-explosive", "radioactive": "not-radioactive"}
"""Hazard -> the filter that removes what has it."""

AT_HOME = 0.1
"""Where at least this share of the labels have a hazard, whoever measured them handles it, and candidates stay.
Collections from the literature hold a few such rows (2 % of measured band gaps are of uranium and thorium compounds)
that say nothing of the reader's laboratory."""

NAMED = 5
"""Formulas that a remark names."""


@dataclass(frozen=True)
class HazardPlan:
    """What is done about hazards.

    Parameters
    ----------
    filters
        Names of filters that candidates must pass besides those asked for.
    remarks
        Which hazards stay because the labels have them, too.
    """

    filters: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def hazard_plan(candidates: Candidates, labels: Materials, allow: Sequence[AllowedHazard]) -> HazardPlan:
    """What to do about explosive and radioactive candidates, if there are any.

    They are left out unless the user allows the hazard, or at least :data:`AT_HOME` of the labels have it.
    """
    if not candidates.materials.kind.is_compound:
        return HazardPlan()
    removing: list[str] = []
    remarks: list[str] = []
    for hazard in get_args(AllowedHazard):
        if hazard in allow or not is_hazardous(candidates.materials.compositions, (hazard,)).any():
            continue
        share = float(is_hazardous(labels.compositions, (hazard,)).mean()) if len(labels) else 0.0
        if share < AT_HOME:
            removing.append(FILTERS[hazard])
        else:
            remarks.append(_kept(hazard, share))
    return HazardPlan(tuple(removing), tuple(remarks))


def _kept(hazard: AllowedHazard, share: float) -> Remark:
    text = (
        f"Candidates that are {hazard} are kept, since {share:.0%} of the labels are {hazard}; --require "
        f"{FILTERS[hazard]} leaves them out."
    )
    return Remark("hazardous-kept", text)


def left_out(screening: Screening) -> tuple[str, ...]:
    """How many candidates each filter by hazard removed, and which; nothing for a filter that removed none."""
    hazards = {filters()[name].step: hazard for hazard, name in FILTERS.items()}
    remarks = []
    for removal in screening.candidates.lost:
        if removal.step in hazards and len(removal):
            first = ", ".join(removal.formulas[:NAMED].tolist())
            more = f" and {len(removal) - NAMED:,} more" if len(removal) > NAMED else ""
            hazard = hazards[removal.step]
            text = (
                f"{counted(len(removal), 'candidate')} left out as {hazard}: {first}{more}. "
                f"--allow {hazard} keeps such candidates."
            )
            remarks.append(Remark("hazardous-left-out", text))
    return tuple(remarks)
