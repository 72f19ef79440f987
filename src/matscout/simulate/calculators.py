"""Calculators in the sense of ASE (A. H. Larsen et al., doi:10.1088/1361-648X/aa680e) that users bring."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.atoms import ase_atoms
from matscout.crystal.crystals import Crystals
from matscout.errors import RowProblem, UsageError, shortened
from matscout.simulate.energies import GIGAPASCAL, Energies
from matscout.simulate.energy_schemes import EnergyScheme
from matscout.simulate.force_field import ForceField, WeightsFile

if TYPE_CHECKING:
    from ase import Atoms

ADDRESS = "package.module:factory"
"""How a calculator is addressed: what makes it without arguments."""

REFUSALS = (ValueError, KeyError, IndexError, RuntimeError, NotImplementedError, ArithmeticError)
"""How calculators refuse elements that they do not know and atoms without neighbours."""


@lru_cache(maxsize=2)
def calculator_at(address: str) -> Any:
    """The calculator at an address such as :data:`ADDRESS`, made once.

    Raises
    ------
    UsageError
        If there is none, or it cannot be made.
    """
    module, _, factory = address.partition(":")
    try:
        made = getattr(import_module(module), factory)()
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(
            f"no calculator could be made from {address!r}, which should be like {ADDRESS!r}: {error}"
        ) from None
    if not all(hasattr(made, name) for name in ("get_potential_energy", "get_forces")):
        raise UsageError(f"{address!r} gives no calculator of ASE, but {shortened(made)}: name what makes one")
    return made


class CalculatorForceField(ForceField):
    """A calculator of ASE as a force field: it computes one crystal after the other.

    Its energies belong to no scheme unless it has an attribute ``energy_scheme`` with the name of one.

    Parameters
    ----------
    calculator
        The calculator, or the address of what makes it.

    Raises
    ------
    UsageError
        If there is none at the address, or its ``energy_scheme`` is not the name of one.
    """

    precision = "single"
    packages: ClassVar[tuple[str, ...]] = ("ase",)
    extra: ClassVar[str] = "structures"

    def __init__(self, calculator: Any) -> None:
        self._address = calculator if isinstance(calculator, str) else ""
        self._calculator = calculator_at(calculator) if isinstance(calculator, str) else calculator
        self.title = self._address or type(self._calculator).__name__  # type: ignore[misc]
        self.scheme = getattr(self._calculator, "energy_scheme", "unknown")
        if self.scheme not in get_args(EnergyScheme):
            raise UsageError(
                f"the calculator {self.title} has energy_scheme {self.scheme!r}, which is none of "
                f"{', '.join(get_args(EnergyScheme))}"
            )

    @property
    def name(self) -> str:
        """Its address, or the name of its class."""
        return self.title

    @property
    def weights(self) -> WeightsFile:
        """Only the calculator knows: its name stands for them."""
        return WeightsFile(self.title)

    def batch(self, crystals: Crystals) -> Energies:
        """One crystal after the other; NaN for those that the calculator refuses, and for stresses that it lacks."""
        energy, forces = np.full(len(crystals), np.nan), np.full((len(crystals.fractional), 3), np.nan)
        stress, problems = np.full((len(crystals), 3, 3), np.nan), []
        for row, (start, stop) in enumerate(zip(crystals.offsets[:-1], crystals.offsets[1:], strict=True)):
            atoms = ase_atoms(crystals, row)
            atoms.calc = self._calculator
            try:
                forces[start:stop] = atoms.get_forces()
                energy[row] = atoms.get_potential_energy()
                stress[row] = _stress(atoms) if crystals.periodic[row] else np.nan
            except REFUSALS as error:
                why = str(error).strip().partition("\n")[0] or type(error).__name__
                problems.append(RowProblem(row + 1, "", f"the calculator refuses it: {why}", "leave it out"))
        return Energies(energy, forces, stress, tuple(problems))


def _stress(atoms: Atoms) -> NDArray[np.float64] | float:
    """Of one crystal, GPa, [3, 3]; NaN from a calculator that has none."""
    from ase.calculators.calculator import PropertyNotImplementedError

    try:
        return np.asarray(atoms.get_stress(voigt=False) * GIGAPASCAL, dtype=np.float64)
    except PropertyNotImplementedError:
        return np.nan
