"""The own hull of a force field: reference phases with its energies, whose common errors cancel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.compositions import Compositions
from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.remarks import Remark, codes
from matscout.simulate.described_cells import described_cells
from matscout.simulate.element_energies import ElementEnergies
from matscout.simulate.force_field import ForceField
from matscout.simulate.force_field_energies import with_structures
from matscout.simulate.formation_energies import formation_energies
from matscout.simulate.given_energies import GivenEnergies
from matscout.simulate.given_hull import ASKS_FOR_OWN_HULL
from matscout.simulate.hull import Hull, hull_of
from matscout.simulate.references import References

Floats = NDArray[np.float64]

DISAGREEMENT = 0.05
"""eV/atom; where the two hulls differ by more, energies above CHGNet's own hull err by 0.037 instead of 0.016 (60 rows
of the Materials Project)."""


def with_own_hull(
    hull: Hull, given: GivenEnergies, references: References, field: ForceField, progress: Progress = silent
) -> Hull:
    """A hull with the energies above the own hull of a force field beside its energies above that of the references.

    Parameters
    ----------
    hull
        At the materials, of the references.
    given
        The materials and their total energies by the force field.
    references
        Phases with structures.
    field
        The force field.
    progress
        Told how many phases are done.

    Raises
    ------
    UsageError
        If no reference in the chemical systems of the materials has a structure.
    """
    materials = given.dataset.materials
    require_structures(references)
    phases = references.materials[references.rows_beside(materials.compositions)]
    if not phases.has_structure.any():
        raise UsageError(
            f"{references.source} holds no structures in these chemical systems, and an own hull needs those of the "
            "references: give a table with a column of structures, or files of structures with energies"
        )
    totals = described_cells(with_structures(phases), field, "own hull", progress).energies
    elements = _own_elements(phases.compositions, totals, references.elements_for(given.scheme))
    source = f"{references.source} by {field.name}"
    own = formation_energies(phases, totals, given.scheme, elements)
    known = References.of_credible(phases, own.values, own.scheme, source, elements)
    mine = formation_energies(materials, given.values, given.scheme, elements)
    above = hull_of(materials, mine.values, mine.scheme, known, without_itself=hull.without_itself).above
    lost = int(np.isnan(own.values).sum())
    asked = tuple(one for one in hull.remarks if codes([one]) != [ASKS_FOR_OWN_HULL])
    remarks = (*asked, *known.remarks, *([_incomplete(lost, len(phases))] if lost else []))
    return replace(hull, own_above=above, remarks=remarks).warned(_disagreements(hull.above, above))


def require_structures(references: References) -> None:
    """Refuse references without any structure, before anything is computed.

    Raises
    ------
    UsageError
        If none has one.
    """
    if not references.materials.has_structure.any():
        raise UsageError(
            f"the references of {references.source} were read without structures, and an own hull needs them: give a "
            "table with a column of structures, or files of structures with energies"
        )


def _own_elements(phases: Compositions, totals: Floats, others: ElementEnergies) -> ElementEnergies:
    """The elements by the force field; those that are not among the phases as they were."""
    own = ElementEnergies.of_phases(phases, totals, others.source)
    return replace(own, energies=np.where(np.isnan(own.energies), others.energies, own.energies))


def _disagreements(above: Floats, own: Floats) -> list[tuple[Remark, ...]]:
    return [_disagreement(one, other) for one, other in zip(above.tolist(), own.tolist(), strict=True)]


def _disagreement(above: float, own: float) -> tuple[Remark, ...]:
    if not abs(above - own) > DISAGREEMENT:
        return ()
    text = (
        f"it lies {above:.3f} eV/atom above the hull of the references and {own:.3f} above that of the force field, so "
        "at least one of them is wrong"
    )
    return (Remark("hulls-disagree", text),)


def _incomplete(lost: int, phases: int) -> Remark:
    text = (
        f"The force field has no energy for {lost:,} of {counted(phases, 'reference phase')}, so that the own hull "
        "lacks these; a missing phase can only make materials look more stable."
    )
    return Remark("own-hull-incomplete", text)
