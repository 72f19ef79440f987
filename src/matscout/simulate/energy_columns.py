"""Where energies stand in a table, as the user says it."""

from __future__ import annotations

from dataclasses import dataclass

from matscout.errors import UsageError
from matscout.simulate.energy_schemes import check_scheme


@dataclass(frozen=True)
class EnergyColumns:
    """Where energies stand, as the user says it.

    Parameters
    ----------
    formation, total
        Column of formation energies per atom, or of total energies (of the cell, unless name or unit say per atom).
    scheme
        Which calculation they come from; None: as a column of the table says.
    option
        The option that states the scheme, for messages.
    """

    formation: str | None = None
    total: str | None = None
    scheme: str | None = None
    option: str = "--scheme"

    def __post_init__(self) -> None:
        if self.formation is not None and self.total is not None:
            raise UsageError("energies stand in one column: name --formation-energy or --total-energy, not both")
        if self.scheme is not None:
            check_scheme(self.scheme)
