"""What a hull is made of and where energies stand, as settings of the command and the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from matscout.errors import UsageError
from matscout.settings.fields import SettingInfo
from matscout.simulate.energy_columns import EnergyColumns
from matscout.simulate.energy_schemes import SCHEMES, check_scheme

_SCHEMES = "|".join(SCHEMES)


@dataclass(frozen=True, kw_only=True)
class HullSettings:
    """References, energies, and what is compared.

    Parameters
    ----------
    references
        Phases of the hull: a table with formation energies (or total energies, the elements among them), an index, or
        a public data set (mp_structures, matbench_mp_e_form, mp_nostruct_20181018).
    force_field
        Compute the energies of the structures as they are: chgnet, 7net-0, 7net-l3i5, or package.module:factory of what
        makes a calculator of ASE.
    own_hull
        Also compare with the references as the force field sees them; they need structures.
    second_opinion
        Another force field: where the two disagree, neither is to be believed.
    formation_energy
        Column of formation energies, eV/atom (else found).
    total_energy
        Column of total energies, eV per cell or as its unit says (else found).
    scheme
        Calculation that the energies come from (else the force field or a column scheme states it).
    references_scheme
        The same of the references.
    without_itself
        Compare with phases of other compositions only: stable materials get negative energies.
    """

    references: Annotated[str, SettingInfo(metavar="FILE|INDEX|NAME")]
    force_field: Annotated[str | None, SettingInfo(key="with", metavar="NAME")] = None
    own_hull: bool = False
    second_opinion: Annotated[str | None, SettingInfo(metavar="NAME")] = None
    formation_energy: Annotated[str | None, SettingInfo(metavar="COL")] = None
    total_energy: Annotated[str | None, SettingInfo(metavar="COL")] = None
    scheme: Annotated[str | None, SettingInfo(metavar=_SCHEMES)] = None
    references_scheme: Annotated[str | None, SettingInfo(metavar=_SCHEMES)] = None
    without_itself: bool = False

    def __post_init__(self) -> None:
        if self.references_scheme is not None:
            check_scheme(self.references_scheme)
        if self.force_field is not None and (self.formation_energy is not None or self.total_energy is not None):
            raise UsageError("--with computes the energies, so no column holds them: leave out its name, or --with")
        require_field_of(self.force_field, own_hull=self.own_hull, second=self.second_opinion)
        _ = self.columns

    @property
    def columns(self) -> EnergyColumns:
        """Where the energies stand."""
        return EnergyColumns(self.formation_energy, self.total_energy, self.scheme)


def require_field_of(force_field: object, *, own_hull: bool, second: object) -> None:
    """Refuse an own hull and a second opinion without a force field.

    Raises
    ------
    UsageError
        If one is asked for.
    """
    if own_hull and force_field is None:
        raise UsageError("an own hull (--own-hull) is that of a force field: name the force field, too")
    if second is not None and force_field is None:
        raise UsageError("a second opinion (--second-opinion) needs a first one: name the force field, too")
