"""How far energies above the hull by a force field may be believed: intervals, a second force field, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.dataset import Dataset
from matscout.discover.reference_errors import FEWEST, Doubt, JudgedCrystals, errors_on, formation
from matscout.errors import UsageError
from matscout.predict.conformal import DEFAULT_LEVEL, units_needed
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.simulate.choice import make_force_field
from matscout.simulate.described_cells import described_cells
from matscout.simulate.energy_schemes import MP2020, UNCORRECTED
from matscout.simulate.energy_warnings import energy_warnings
from matscout.simulate.force_field import ForceField
from matscout.simulate.force_field_energies import scheme_of, with_structures
from matscout.simulate.given_energies import GivenEnergies, computed_energies
from matscout.simulate.given_hull import hull_of_given
from matscout.simulate.hull import Hull
from matscout.simulate.hull_opinions import HullInterval, SecondOpinion
from matscout.simulate.own_hull import with_own_hull
from matscout.simulate.references import References

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HullByForceField:
    """How energies above the hull are computed and judged.

    Parameters
    ----------
    field
        The force field.
    scheme
        Which energies it predicts.
    second
        Another one, which shares as little of its training as possible; None for none.
    own_hull
        Whether the hull of the references as the force field sees them is wanted, too.
    without_itself
        Leave out the references of the same composition.

    Raises
    ------
    UsageError
        If the second one predicts energies of another scheme.
    """

    field: ForceField
    scheme: str
    second: ForceField | None = None
    own_hull: bool = False
    without_itself: bool = False

    def __post_init__(self) -> None:
        require_comparable(self.scheme, self.second)

    @classmethod
    def named(cls, field: Any, scheme: str | None, second: Any, own_hull: bool, without_itself: bool = False) -> Self:
        """The same with force fields as users name them; ``scheme`` is what they state of the first one."""
        made = make_force_field(field)
        other = None if second is None else make_force_field(second)
        return cls(made, scheme_of(made, scheme), other, own_hull, without_itself)

    def energies(self, dataset: Dataset, progress: Progress = silent) -> GivenEnergies:
        """Total energies of structures as they are; errors as :func:`computed_energies`."""
        return computed_energies(dataset, self.field, self.scheme, progress)

    def hull(self, given: GivenEnergies, references: References, progress: Progress = silent) -> Hull:
        """The hull at materials with such energies, with all that speaks for and against it.

        Raises
        ------
        UsageError
            If the schemes differ, or an own hull is asked for and the references have no structures.
        InputError
            If the energies of elements are not at hand.
        """
        hull = hull_of_given(given, references, without_itself=self.without_itself, progress=progress)
        if self.own_hull:
            hull = with_own_hull(hull, given, references, self.field, progress)
        return self._believed(hull, given, references, progress)

    def _believed(self, hull: Hull, given: GivenEnergies, references: References, progress: Progress) -> Hull:
        """The hull with intervals, what the second force field says, and warnings."""
        hull = hull.warned(_of_structures(given, self.field))
        if self.second is not None:
            hull = _with_second(hull, given, references, self.second, progress)
        errors = errors_on(references, self.field, self.scheme, self.second, progress)
        if errors is None:
            text = (
                "Energies above the hull have no intervals: the errors of the force field are measured on references "
                f"with structures, which takes {FEWEST} of them in {units_needed(DEFAULT_LEVEL)} chemical systems."
            )
            return replace(hull, remarks=(*hull.remarks, Remark("no-intervals", text)))
        doubt = errors.doubt(_judged(hull, given, self.field))
        interval = HullInterval.around(
            hull.distances, doubt.widths, errors.level, len(errors), cut=not hull.without_itself
        )
        return replace(hull, interval=interval).warned(_doubtful(hull, doubt))


def require_comparable(scheme: str, second: ForceField | None) -> None:
    """Refuse a second force field whose energies are of another scheme.

    Parameters
    ----------
    scheme
        Which energies the first one predicts.
    second
        The second one; None without.

    Raises
    ------
    UsageError
        If so; it names both.
    """
    corrected = {UNCORRECTED: MP2020}
    if second is not None and corrected.get(second.scheme, second.scheme) != corrected.get(scheme, scheme):
        raise UsageError(
            f"{second.title} predicts {second.scheme} energies and the first force field {scheme} ones: "
            "--second-opinion needs energies of the same kind"
        )


def _of_structures(given: GivenEnergies, field: ForceField) -> list[tuple[Remark, ...]]:
    """What is doubtful about each structure; nothing of those without an energy."""
    crystals, known = Crystals.from_structures(with_structures(given.dataset.materials)), ~np.isnan(given.values)
    return [
        tuple(energy_warnings(field, crystals[np.array([row])])) if known[row] else () for row in range(len(crystals))
    ]


def _with_second(
    hull: Hull, given: GivenEnergies, references: References, second: ForceField, progress: Progress
) -> Hull:
    values = formation(given.dataset.materials, second, second.scheme, references, progress).energies
    above = hull.distances + values - hull.formation_energies
    above = above if hull.without_itself else np.maximum(above, 0.0)
    return replace(hull, second=SecondOpinion(second.described, values, above))


def _judged(hull: Hull, given: GivenEnergies, field: ForceField) -> JudgedCrystals:
    materials = given.dataset.materials
    apart = None if hull.second is None else np.abs(hull.second.formation_energies - hull.formation_energies)
    return JudgedCrystals(materials.compositions, described_cells(with_structures(materials), field).features, apart)


def _doubtful(hull: Hull, doubt: Doubt) -> Sequence[tuple[Remark, ...]]:
    return [tuple(_remarks(hull, doubt, row)) for row in range(len(hull))]


def _remarks(hull: Hull, doubt: Doubt, row: int) -> list[Remark]:
    remarks = []
    if doubt.far[row]:
        text = "the force field sees it farther from the references than nine tenths of these from each other"
        remarks.append(Remark("far-from-references", text))
    if doubt.apart[row] and hull.second is not None:
        text = (
            f"{hull.second.force_field} places it {hull.second.above[row]:.3f} eV/atom above the hull instead of "
            f"{hull.above[row]:.3f}; nine tenths of the references differ by less"
        )
        remarks.append(Remark("force-fields-disagree", text))
    return remarks
