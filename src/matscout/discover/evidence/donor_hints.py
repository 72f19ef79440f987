"""Hints of a pretrained network: gap and stability, with its usual error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.headings import Heading, split_heading
from matscout.discover.base import Brief
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.progress import Progress, silent
from matscout.registry import load_class
from matscout.remarks import Remark

if TYPE_CHECKING:
    from matscout.represent.donor_representation import DonorRepresentation

DONOR = "composition-donor"
"""The representation whose network gives the hints: for use, so the one that learned from most formulas."""

MEANINGS = {
    "PBE band gap": "as computed by density functional theory with the PBE functional; usually lower than measured",
    "energy above hull": "energy that the material would gain by decomposing into the most stable known materials, "
    "calculated at 0 K; near 0 is a hint of stability, not a proof",
}
"""Properties worth a column, by the names that the network was taught, and what they are and are not; none can be
negative. Sources: docs/how-to/goals.md."""

PREFIX = "donor"
"""What the names of its columns begin with."""

ABOUT = (
    "Hints of properties come from a network ({name}) trained on calculated and collected properties, without "
    "your labels, and hold for the most stable crystal of a formula. Each \N{PLUS-MINUS SIGN} is the mean "
    "absolute error on formulas held out from training; it is larger for kinds of material that nobody has "
    "calculated."
)


class DonorHints(EvidenceProvider):
    """Columns ``donor_PROPERTY_UNIT`` with errors, and ``donor_seen``.

    Candidates are neither ranked nor filtered by them.
    """

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """The hints; a remark where the weights are missing, unless a model has said so already.

        Raises
        ------
        ArtefactError
            If the weights are damaged.
        """
        donor = read_donor()
        if donor is not None:
            return hints_for(candidates, donor)
        is_noted = any(_plug_in().missing() in note for note in brief.notes)
        return Opinion() if is_noted else Opinion(remarks=(why_no_hints(),))


def read_donor() -> DonorRepresentation | None:
    """The network that gives the hints, with its weights read; None where the weights are missing.

    Raises
    ------
    ArtefactError
        If the weights are damaged.
    """
    if not _plug_in().at_hand():
        return None
    donor = _plug_in()(part="properties")
    donor.donor()
    return donor


def why_no_hints() -> Remark:
    """What a reader is told where :func:`read_donor` finds nothing."""
    text = "Hints of gap, stability, synthesis and structural ambiguity are not available: they need "
    return Remark("no-hints", f"{text}{_plug_in().missing()}.")


def _plug_in() -> type[DonorRepresentation]:
    """By its name, so that nothing here imports torch."""
    representation: type[DonorRepresentation] = load_class("representations", DONOR)
    return representation


def hints_for(candidates: Candidates, donor: DonorRepresentation) -> Opinion:
    """What the network says of each candidate: the properties of interest that it knows and whose error was measured.

    Parameters
    ----------
    candidates
        m candidates.
    donor
        Gives its predicted properties (``part="properties"``).
    """
    lender, materials = donor.donor(), candidates.materials
    embedding, measured = donor.represent(materials), lender.network.facts["values"]
    source = EvidenceSource(
        donor.name, donor.version, lender.network.digest, ABOUT.format(name=donor.name), prefix=PREFIX
    )
    seen, facts = donor.seen(materials), []
    for task, column in zip(lender.heads.tasks, embedding.vectors.T, strict=True):
        heading, held_out = split_heading(task.name), measured.get(f"MAE {task.name}")
        if heading.name in MEANINGS and held_out is not None:
            values = np.full(len(materials), np.nan)
            values[embedding.rows] = np.maximum(column, 0.0)
            facts.append(replace(_number(heading, values, held_out), seen=seen, source=source))
    return Opinion(tuple(facts), _remarks(donor.name, len(materials), len(embedding.rows)) if facts else ())


def _number(heading: Heading, values: NDArray[np.float64], error: float) -> Evidence:
    name, unit = heading.name, heading.unit or ""
    column = f"{PREFIX} {name} {unit}".rstrip().replace("/", " per ").replace(" ", "_")
    tested = f"held-out error {error:.2g} {unit}".rstrip()
    errors = np.full(len(values), error)
    return Evidence(column, name, values, MEANINGS[name], EvidenceSource(DONOR), heading.unit, errors, tested)


def _remarks(name: str, n: int, known: int) -> tuple[str, ...]:
    reason = f"{name} does not know one of their elements"
    text = f"{n - known} of the first {n} candidates have no hints: {reason}."
    return (Remark("candidates-without-hints", text),) if known < n else ()
