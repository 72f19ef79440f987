"""Atom features and energy of a force field that you pass as a calculator, e.g. MACE, trained on DFT energies."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.atoms import ase_atoms
from matscout.crystal.crystals import Crystals
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.materials import Materials
from matscout.errors import RowProblem, UsageError
from matscout.represent.atom_feature_representation import AtomFeatureRepresentation, AtomFeatures
from matscout.simulate.calculators import ADDRESS, calculator_at

if TYPE_CHECKING:
    from ase import Atoms

Floats = NDArray[np.float64]

EXAMPLE = f"ForceFieldRepresentation(calculator={ADDRESS!r})"


class ForceFieldRepresentation(AtomFeatureRepresentation):
    """Features and energies from a calculator in the sense of ASE that also describes atoms.

    It must have two methods that take an ``ase.Atoms``: ``get_potential_energy`` (eV), as all of them, and
    ``get_descriptors``, features [s, d] that do not depend on place and orientation, as MACE's. Those of matgl and ORB
    have no such method: give the address of a factory that returns one of them with ``get_descriptors`` added, which
    reads the node features before the readout of its network. What the weights were trained on is in the model card
    that comes with them: on properties that follow from these energies the vector may know the answers.

    Parameters
    ----------
    calculator
        The calculator, or the address ``"package.module:factory"`` of what makes it without arguments.
    element
        One that the calculator knows. It is asked once for a crystal of it, to see how many features an atom has.
    """

    title = "force field"
    packages: ClassVar[tuple[str, ...]] = ("ase",)
    extra = "structures"
    sites_at_once = 1000

    def __init__(self, calculator: Any = None, element: str = "Si") -> None:
        self.calculator = calculator
        self.element = element

    @classmethod
    def missing(cls) -> str:
        """What must be installed and given before it can be used: never "", for it is nothing without calculator."""
        return " and ".join(filter(None, [super().missing(), f"a calculator: {EXAMPLE}"]))

    @property
    def elements(self) -> None:
        """Only the calculator knows."""
        return

    @cached_property
    def width(self) -> int:
        """Number of features of an atom of ``element``, in a simple cubic crystal with 2.5 Å to the next."""
        atoms = import_module("ase").Atoms([ATOMIC_NUMBERS[self.element]], cell=2.5 * np.eye(3), pbc=True)
        return int(self._described(atoms)[0].shape[1])

    def site_features(self, crystals: Crystals) -> AtomFeatures:
        """One crystal after the other; NaN for those that the calculator refuses."""
        features, energies = np.full((len(crystals.fractional), self.width), np.nan), np.full(len(crystals), np.nan)
        for row, (start, stop) in enumerate(zip(crystals.offsets[:-1], crystals.offsets[1:], strict=True)):
            try:
                features[start:stop], energies[row] = self._described(ase_atoms(crystals, row))
            # So calculators refuse elements that they do not know and atoms without neighbours.
            except (ValueError, KeyError, IndexError):
                continue
        return AtomFeatures(features, energies)

    def _described(self, atoms: Atoms) -> tuple[Floats, float]:
        """Features [s, d] and energy per atom of one crystal."""
        calculator = self._made()
        energy = float(calculator.get_potential_energy(atoms)) / len(atoms)
        return np.asarray(calculator.get_descriptors(atoms), dtype=np.float64), energy

    def _made(self) -> Any:
        if self.calculator is None:
            raise UsageError(f"{self.name} needs a calculator: {EXAMPLE}")
        made = calculator_at(self.calculator) if isinstance(self.calculator, str) else self.calculator
        if not hasattr(made, "get_descriptors"):
            raise UsageError(
                f"{type(made).__name__} does not describe atoms: give it a method get_descriptors(atoms) that returns "
                "features [sites, d]"
            )
        return made

    def _refusal(self, materials: Materials, row: int, reason: tuple[str, str] | None) -> RowProblem:
        refused = ("the calculator fails on it", "compute the energy of this structure alone with it to see why")
        return super()._refusal(materials, row, reason or refused)
