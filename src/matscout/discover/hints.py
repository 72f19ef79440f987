"""Hints beside the candidates: what a pretrained network says of gap, stability and synthesis, with its usual error.

They are context for the reader: candidates are neither ranked nor filtered by them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.headings import split_heading
from matscout.data.materials import Materials
from matscout.discover.base import Shortlist
from matscout.registry import load_class

if TYPE_CHECKING:
    import polars

    from matscout.represent.donor_representation import DonorRepresentation

Floats = NDArray[np.float64]

DONOR = "composition-donor"
"""The representation whose network gives the hints: for use, so the one that learned from most formulas."""

OF_INTEREST = ("PBE band gap", "energy above hull", "synthesised")
"""Properties worth a column beside a candidate, by the names that the network was taught; none can be negative."""


@dataclass(frozen=True, eq=False)
class Hint:
    """One property, as the network predicts it.

    Parameters
    ----------
    name
        As the network was taught it: ``"PBE band gap"``.
    unit
        None for a yes-no property, of which the probability is told.
    values
        float64 [r], in ``unit``, or probabilities 0..1.
    held_out
        On formulas that were held out of the training: the mean absolute error in ``unit``; for a yes-no property the
        share that is told right.
    """

    name: str
    unit: str | None
    values: Floats
    held_out: float

    @property
    def column(self) -> str:
        """Its name in ``shortlist.csv``: ``"donor_PBE_band_gap_eV"``, ``"donor_synthesised_probability"``."""
        words = f"donor {self.name} {self.unit or 'probability'}"
        return words.replace("/", " per ").replace(" ", "_")


@dataclass(frozen=True, eq=False)
class Hints:
    """What a network says of n materials.

    Parameters
    ----------
    donor
        Name of the representation that holds the network.
    rows
        int64 [r], which of the n it could encode, ascending.
    seen
        bool [r], whether it was trained on that very formula, with whatever property.
    properties
        Those of :data:`OF_INTEREST` that it knows and whose error was measured.
    """

    donor: str
    rows: NDArray[np.int64]
    seen: NDArray[np.bool_]
    properties: tuple[Hint, ...]


def read_donor() -> DonorRepresentation | None:
    """The network that gives the hints, with its weights read; None where torch or the weights are missing.

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


def why_no_hints() -> str:
    """A remark for the reader, where :func:`read_donor` finds nothing."""
    told = "gap, stability, synthesis and structural ambiguity"
    return f"Beside the candidates are no hints of {told}: these need {_plug_in().missing()}."


def _plug_in() -> type[DonorRepresentation]:
    """By its name, so that nothing here imports torch."""
    found: type[DonorRepresentation] = load_class("representations", DONOR)
    return found


def hints_for(materials: Materials, donor: DonorRepresentation) -> Hints:
    """What the network says of each material.

    Parameters
    ----------
    materials
        n materials.
    donor
        Gives its predicted properties (``part="properties"``).
    """
    network = donor.donor()
    embedding = donor.represent(materials)
    measured = network.pretrained.facts["values"]
    found = []
    for task, values in zip(network.objective.tasks, embedding.vectors.T, strict=True):
        heading, yes_no = split_heading(task.name), task.kind == "yes-no"
        held_out = measured.get(f"{'accuracy' if yes_no else 'MAE'} {task.name}")
        if heading.name in OF_INTEREST and held_out is not None:
            unit = None if yes_no else heading.unit
            found.append(Hint(heading.name, unit, np.maximum(values, 0.0), float(held_out)))
    return Hints(donor.name, embedding.rows, donor.seen(materials)[embedding.rows], tuple(found))


def add_hints(shortlist: Shortlist, donor: DonorRepresentation) -> Shortlist:
    """The same shortlist with hints for the candidates of its table, and columns of them.

    Columns ``donor_PROPERTY_UNIT`` and ``donor_PROPERTY_UNIT_error`` for numbers, ``donor_PROPERTY_probability`` for
    yes-no properties, and ``donor_seen``; null for a candidate with an element that the network does not know.
    Nothing is added if the network knows none of :data:`OF_INTEREST`.
    """
    table = shortlist.table
    hints = hints_for(Materials.from_formulas(table["formula"].to_list(), counts_atoms=True), donor)
    if not hints.properties:
        return shortlist
    wider = shortlist.with_columns(_columns(hints))
    return replace(wider, hints=hints, remarks=(*shortlist.remarks, *_remarks(hints, len(table))))


def _columns(hints: Hints) -> polars.DataFrame:
    """The hints as columns beside the rows that have some."""
    import polars

    known: dict[str, object] = {"row": hints.rows}
    for hint in hints.properties:
        known[hint.column] = hint.values
        if hint.unit is not None:
            known[f"{hint.column}_error"] = np.full(len(hints.rows), hint.held_out)
    return polars.DataFrame({**known, "donor_seen": hints.seen})


def _remarks(hints: Hints, n: int) -> tuple[str, ...]:
    without = n - len(hints.rows)
    reason = f"{hints.donor} knows nothing of one of their elements"
    return (f"{without} of the first {n} candidates have no hints: {reason}.",) if without else ()
