"""The hull at materials whose energies were read or computed, formation energies or total ones."""

from __future__ import annotations

from dataclasses import replace

from matscout.progress import Progress, silent
from matscout.simulate.given_energies import GivenEnergies
from matscout.simulate.hull import Hull, hull_of
from matscout.simulate.references import References


def hull_of_given(
    given: GivenEnergies, references: References, *, without_itself: bool = False, progress: Progress = silent
) -> Hull:
    """The hull of references at n materials with energies.

    Parameters
    ----------
    given
        The materials and their energies.
    references
        The phases of the hull.
    without_itself
        Leave out the references of the same composition.
    progress
        Told how far the work is.

    Raises
    ------
    UsageError
        If the schemes differ, or total energies lack those of the elements.
    InputError
        If the energies of the elements of the Materials Project are needed and not at hand.
    """
    elements = None if given.kind == "formation" else references.elements_for(given.scheme)
    formation = given.formation_energies(elements)
    hull = hull_of(
        given.dataset.materials,
        formation.values,
        formation.scheme,
        references,
        without_itself=without_itself,
        numbers=given.dataset.numbering.tolist(),
        progress=progress,
    )
    return replace(hull, problems=(*formation.problems, *hull.problems), force_field=given.force_field)
