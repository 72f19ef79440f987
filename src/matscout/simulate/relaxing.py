"""``matscout.relax``: materials -> relaxed materials, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.space_groups import SpaceGroup, space_group
from matscout.data.given import Given, readable_materials
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.errors import RowProblem, UsageError
from matscout.progress import Progress, in_notebooks
from matscout.remarks import Remark
from matscout.settings.checking import check_settings
from matscout.simulate.choice import make_force_field
from matscout.simulate.force_field import ForceField, Reason
from matscout.simulate.relax_endings import RelaxedCrystal
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relax_warnings import relax_warnings
from matscout.simulate.relaxation import relaxed_crystals
from matscout.simulate.relaxed import Relaxed

STEP = "relaxing"

TOLERANCE = 0.05
"""Å, within which sites count as equal under symmetry: a relaxed crystal is as exact as its forces are small."""


def relax(
    materials: Given, force_field: Any = "chgnet", *, progress: Progress = in_notebooks, **settings: Any
) -> Relaxed:
    """Relax structures with a force field; one that fails is given up alone.

    Parameters
    ----------
    materials
        Materials with ordered structures, or what :func:`matscout.read_materials` reads.
    force_field
        A name (``"chgnet"``, ``"7net-0"``, ``"7net-l3i5"``), a calculator of ASE, or the address
        ``"package.module:factory"`` of what makes one.
    progress
        Told how many are done.
    settings
        The fields of :class:`~matscout.simulate.relax_settings.RelaxSettings` by name, such as ``fmax=0.02`` (eV/Å),
        ``steps=1000``, ``cell="fixed"``, ``pressure=5`` (GPa), ``keep_symmetry=True``.

    Raises
    ------
    UsageError
        If a setting is wrong, there is no such force field, or no row has a structure.
    MissingExtraError
        If the package of the force field is not installed.
    """
    asked = check_settings(RelaxSettings, settings, "relax")
    given, unread = readable_materials(materials)
    if not given.has_structure.any():
        raise UsageError("these materials are formulas only: relaxing needs structures (--structure=COL|DIR)")
    relaxed = relax_materials(given, make_force_field(force_field), asked, progress)
    return replace(relaxed, unread=unread)


def relax_materials(
    materials: Materials,
    field: ForceField,
    settings: RelaxSettings,
    progress: Progress,
    beat: Callable[[], None] = lambda: None,
) -> Relaxed:
    """The same with everything chosen; ``beat`` as for :func:`~matscout.simulate.relaxation.relaxed_crystals`."""
    n, structures = len(materials), materials.structures
    assert structures is not None
    progress(STEP, 0, n)
    outcomes: list[_Outcome | None] = [None] * n
    for number, one in enumerate(relaxed_crystals(_singles(structures), field, settings, beat), start=1):
        outcomes[one.row] = _outcome(one, structures, field)
        progress(STEP, number, n)
    return _relaxed(materials, [one for one in outcomes if one is not None], field)


def _singles(structures: Structures) -> Iterator[Crystals]:
    """One crystal at a time."""
    return (Crystals.from_structures(structures[row : row + 1]) for row in range(len(structures)))


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What became of a row, with its space groups and warnings."""

    crystal: RelaxedCrystal
    groups: tuple[SpaceGroup | None, SpaceGroup | None]
    warnings: tuple[Remark, ...]


def _outcome(one: RelaxedCrystal, structures: Structures, field: ForceField) -> _Outcome:
    start = Crystals.from_structures(structures[one.row : one.row + 1])
    before = space_group(start, 0, TOLERANCE) if len(start.fractional) else None
    if np.isnan(one.energy):
        return _Outcome(one, (before, None), ())
    groups = (before, space_group(one.crystal, 0, TOLERANCE))
    charge = float(structures.charge[one.row])
    return _Outcome(one, groups, relax_warnings(field, one.crystal, one.volume_change, groups, charge))


def _relaxed(materials: Materials, outcomes: Sequence[_Outcome], field: ForceField) -> Relaxed:
    crystals = [outcome.crystal for outcome in outcomes]
    reasons = ["" if one.reason is None else one.reason[0] for one in crystals]
    sites = np.array([max(1, len(one.crystal.fractional)) for one in crystals], dtype=np.float64)
    symbols = [[one.symbol if one is not None else "" for one in outcome.groups] for outcome in outcomes]
    return Relaxed(
        replace(materials, structures=_moved(materials, crystals)),
        _numbers([one.energy for one in crystals]) / sites,
        np.array([one.steps for one in crystals], dtype=np.int64),
        np.array([one.converged for one in crystals], dtype=np.bool_),
        tuple(reasons),
        _numbers([one.largest_force for one in crystals]),
        _numbers([one.largest_stress for one in crystals]),
        _numbers([one.volume_change for one in crystals]),
        tuple(before for before, _ in symbols),
        tuple(after for _, after in symbols),
        tuple(outcome.warnings for outcome in outcomes),
        field.described,
        field.scheme,
        tuple(_problem(materials, one) for one in crystals if one.reason is not None),
    )


def given_up(materials: Materials, field: ForceField, reason: Reason) -> Relaxed:
    """Materials with structures that were all given up for one reason, which says what to do, too."""
    structures = materials.structures
    assert structures is not None
    lost = [
        RelaxedCrystal(row, crystal, float("nan"), 0, False, reason) for row, crystal in enumerate(_singles(structures))
    ]
    return _relaxed(materials, [_outcome(one, structures, field) for one in lost], field)


def _numbers(values: Sequence[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _problem(materials: Materials, one: RelaxedCrystal) -> RowProblem:
    assert one.reason is not None
    return RowProblem(one.row + 1, str(materials.formulas[one.row]), *one.reason, dropped=bool(np.isnan(one.energy)))


def _moved(materials: Materials, crystals: Sequence[RelaxedCrystal]) -> Structures:
    """The structures at the end; what was known of them beside their sites was of the structures at the start."""
    given = materials.structures
    assert given is not None
    lattices, places = given.lattices.copy(), given.fractional_coordinates.copy()
    for one in crystals:
        if not np.isnan(one.energy):
            lattices[one.row] = one.crystal.lattices[0]
            places[given.offsets[one.row] : given.offsets[one.row + 1]] = one.crystal.fractional
    return replace(given, lattices=lattices, fractional_coordinates=places, site_columns={}, columns={})
