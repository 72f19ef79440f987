"""The hull at materials whose energies were read or computed, formation energies or total ones."""

from __future__ import annotations

from dataclasses import replace

from matscout.counting import counted
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.simulate.given_energies import GivenEnergies
from matscout.simulate.hull import Hull, hull_of
from matscout.simulate.references import References

ASKS_FOR_OWN_HULL = "above-own-composition"
"""Code of the remark that an own hull answers."""

FORCE_FIELD_ERROR = 0.03
"""eV/atom; about what energies of force fields are off by, against those of the Materials Project."""


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
        progress=progress,
    )
    own = _of_own_composition(hull) if given.force_field and not without_itself else ()
    return replace(
        hull,
        problems=(*formation.problems, *hull.problems),
        remarks=(*hull.remarks, *own),
        force_field=given.force_field,
    )


def _of_own_composition(hull: Hull) -> tuple[Remark, ...]:
    """Where a material lies above a reference of its own composition, which may be the same crystal."""
    pairs = zip(hull.decompositions, hull.above, strict=True)
    n = sum(len(parts) == 1 and above > FORCE_FIELD_ERROR for parts, above in pairs)
    if not n:
        return ()
    text = (
        f"{counted(n, 'material lies', 'materials lie')} more than {FORCE_FIELD_ERROR:g} eV/atom above a reference of "
        "the same composition. If that is the same crystal, the distance is the error of the force field and no sign "
        "of instability; the own hull of the force field (--own-hull) cancels such errors."
    )
    return (Remark("above-own-composition", text),)
