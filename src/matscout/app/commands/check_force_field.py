"""``matscout check-force-field``: whether its forces are the slopes of its energy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from matscout.app.console import say, show_table
from matscout.errors import InputError, UsageError
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo

if TYPE_CHECKING:
    from matscout.crystal.crystals import Crystals
    from matscout.simulate.conservation import Conservation
    from matscout.simulate.force_field import ForceField


@dataclass(frozen=True)
class CheckForceFieldSettings:
    """What is checked.

    Parameters
    ----------
    name
        Force field, or package.module:factory of what makes a calculator of ASE.
    crystal
        File of an ordered structure to check it on (else rock salt of two of its elements).
    seed
        Seed of the velocities.
    """

    name: Annotated[str, SettingInfo(argument=True, metavar="NAME")]
    crystal: Annotated[Path | None, SettingInfo(metavar="FILE")] = None
    seed: int = 0


@with_options
def check_force_field(*, asked: CheckForceFieldSettings) -> None:
    """Check whether the forces of a force field are the slopes of its energy, on one crystal (seconds to minutes).

    Forces are compared with differences of energies, the derivatives of the forces with their transpose, and the total
    energy is followed for 0.6 ps at constant energy from 600 K.
    """
    from matscout.simulate.choice import make_force_field
    from matscout.simulate.conservation import conservation

    field = make_force_field(asked.name)
    crystal = _crystal(field, asked.crystal)
    try:
        report = conservation(field, crystal, asked.seed)
    except ValueError as error:
        raise InputError(
            f"{field.title} cannot be checked on this crystal: {error}; name another one (--crystal)"
        ) from None
    show_table(["", "value"], _rows(field, report))
    say(report.verdict)


def _crystal(field: ForceField, path: Path | None) -> Crystals:
    from matscout.crystal.crystals import Crystals
    from matscout.data.given import as_materials
    from matscout.simulate.rock_salt import rock_salt

    if path is None:
        return rock_salt(field)
    materials = as_materials(path, "crystal")
    if materials.structures is None or len(materials) != 1 or not materials.has_structure.all():
        raise UsageError(f"{path} holds {len(materials)} rows; --crystal takes a file of one structure")
    return Crystals.from_structures(materials.structures)


def _rows(field: ForceField, report: Conservation) -> list[list[str]]:
    return [
        ["force field", field.title],
        ["energies", field.scheme],
        ["trained on", field.trained_on or "not stated"],
        ["licence of the weights", field.licence or "not stated"],
        ["weights", f"{field.weights.version} {field.weights.digest[:12]}".strip()],
        ["atoms of the crystal", f"{report.sites}"],
        ["largest |force + slope of the energy| (eV/Å)", f"{report.force_error:.1e}"],
        ["asymmetry of the derivatives of the forces", f"{report.asymmetry:.1e} (rounding: {report.floor:.0e})"],
        ["drift at constant energy (meV/atom/ps)", f"{1e3 * report.drift:+.3f}"],
        ["scatter of the total energy (meV/atom)", f"{1e3 * report.scatter:.3f}"],
        ["scatter of the kinetic energy (meV/atom)", f"{1e3 * report.kinetic_scatter:.3f}"],
    ]
