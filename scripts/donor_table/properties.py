"""The columns of the donor table: what is meant, in which unit, and what counts as absurd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scale = Literal["linear", "log10", "log10(1 + x)"]
_HEADERS: dict[Scale, str] = {
    "linear": "{name} ({unit})",
    "log10": "log10 {name} (log10 {unit})",
    "log10(1 + x)": "log10(1 + {name}) (1)",
}


@dataclass(frozen=True)
class Property:
    """One column of the table.

    Parameters
    ----------
    name
        E.g. "PBE band gap".
    unit
        Of the values as read; "1" for pure numbers, and for yes (1) or no (0).
    low, high
        A value outside is absurd and dropped; in ``unit``.
    reason
        Why these limits.
    meaning
        Method or level of theory. Values of several sources stand in one column only where this is the same.
    scale
        Skewed quantities stand in the table as logarithms.
    """

    name: str
    unit: str
    low: float
    high: float
    reason: str
    meaning: str
    scale: Scale = "linear"

    @property
    def column(self) -> str:
        """Header with the unit, e.g. "log10 bulk modulus (log10 GPa)"."""
        return _HEADERS[self.scale].format(name=self.name, unit=self.unit)

    @property
    def is_class(self) -> bool:
        """Whether the values are yes (1) or no (0)."""
        return self.reason == YES_OR_NO

    def absurd(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Where a value breaks the limits, [n]; a blank does not."""
        return (values < self.low) | (values > self.high)

    def scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values as they stand in the table, [n]."""
        if self.scale == "log10":
            return np.log10(values)
        return np.log10(1 + values) if self.scale == "log10(1 + x)" else values


YES_OR_NO = "1 is yes, 0 is no"
ENERGY = "outside stands a failed calculation: stable solids reach -4.6 eV/atom, and 3 is near the binding of a solid"
GAP = "a gap is not negative, and the widest known, of solid neon, is 21.7 eV"
MODULUS = "a stable solid is stiffer than 0; diamond has K = 440 and G = 535 GPa"
MP = "Materials Project, PBE with +U for its list of oxides and fluorides"
AFLOW = "AFLOW, PBE with its own +U list"
AEL = "AFLOW AEL, PBE, Voigt-Reuss-Hill average"
AGL = "AFLOW AGL, quasi-harmonic Debye model on PBE energies"


def _class(name: str, meaning: str) -> Property:
    return Property(name, "1", 0, 1, YES_OR_NO, meaning)


FORMATION_ENERGY = Property("PBE formation energy", "eV/atom", -5, 3, ENERGY, f"{MP}, energy corrections applied")
PBE_GAP = Property("PBE band gap", "eV", 0, 22, GAP, MP)
PBE_METAL = _class("PBE metal", f"{MP}: the PBE band gap above is 0")
HULL = Property("energy above hull", "eV/atom", 0, 6, "not negative by definition; 6 unbinds most solids", MP)
MAGNETISATION = Property(
    "magnetisation", "Bohr magneton/atom", 0, 10, "no free atom exceeds 10", f"{MP}; total moment of the cell / atoms"
)
MAGNETIC = _class("magnetic", f"{MP}: the total moment of the calculated cell exceeds 0.5 Bohr magnetons")
VOLUME = Property("volume", "Å³/atom", 4, 200, "diamond 5.7, caesium about 114", MP)
FERMI = Property(
    "Fermi energy", "eV", -20, 20, "more than a valence band away", f"{MP}; zero is that of the potentials"
)
BULK = Property("bulk modulus", "GPa", 1, 600, MODULUS, f"{MP}; Voigt-Reuss-Hill average", "log10")
SHEAR = Property("shear modulus", "GPa", 0.5, 600, MODULUS, f"{MP}; Voigt-Reuss-Hill average", "log10")
POISSON = Property("Poisson ratio", "1", -1, 0.5, "limits of a stable isotropic solid", MP)
ANISOTROPY = Property(
    "elastic anisotropy", "1", 0, 100, "not negative in a stable solid; above 100 nearly unstable",
    f"{MP}; universal index, doi 10.1103/PhysRevLett.101.055504", "log10(1 + x)",
)  # fmt: skip
OQMD_GAP = Property("OQMD band gap", "eV", 0, 22, GAP, "OQMD, PBE with its own +U list")
OQMD_METAL = _class("OQMD metal", "the OQMD band gap above is 0")
AFLOW_GAP = Property("AFLOW band gap", "eV", 0, 22, GAP, AFLOW)
AFLOW_METAL = _class("AFLOW metal", "the AFLOW band gap above is 0")
AFLOW_ENERGY = Property(
    "AFLOW energy", "eV/atom", -16, 0, "bound against free atoms, and tungsten has -13", f"{AFLOW}; total energy"
)
AFLOW_BULK = Property("AFLOW bulk modulus", "GPa", 1, 600, MODULUS, AEL, "log10")
AFLOW_SHEAR = Property("AFLOW shear modulus", "GPa", 0.5, 600, MODULUS, AEL, "log10")
DEBYE = Property(
    "Debye temperature", "K", 20, 2500, "softer than solid neon; harder than diamond (2230 K)", "AFLOW AEL", "log10"
)
CONDUCTIVITY = Property(
    "thermal conductivity at 300 K", "W/m/K", 0.01, 4000, "stiller than air; above diamond", f"{AGL}; lattice", "log10"
)
EXPANSION = Property(
    "thermal expansion at 300 K",
    "1/K",
    1e-7,
    1e-3,
    "the model is of solids that expand; above solid argon",
    AGL,
    "log10",
)
HSE_GAP = Property("HSE band gap", "eV", 0, 22, GAP, "HSE06 on Materials Project structures")
GLLB_GAP = Property("GLLB-SC band gap", "eV", 0, 22, GAP, "GLLB-SC on Materials Project structures")
TC = Property(
    "superconducting Tc", "K", 0, 165, "the highest of a cuprate, under pressure, is 164 K",
    "measured; 0 where no superconductivity was found",
)  # fmt: skip
SYNTHESISED = _class("synthesised", "1: some structure of the formula is known from experiment; 0: none is known to be")
SOLID_STATE = _class("solid-state synthesised", "ternary oxides, read by hand from papers; 0: made in other ways only")
PEROVSKITE_ENERGY = Property(
    "cubic perovskite formation energy", "eV/atom", -5, 3, ENERGY, "Castelli, RPBE, five-atom cubic cell"
)
PEROVSKITE_GAP = Property("cubic perovskite band gap", "eV", 0, 22, GAP, "Castelli, GLLB-SC, five-atom cubic cell")

PROPERTIES: tuple[Property, ...] = (
    FORMATION_ENERGY, PBE_GAP, PBE_METAL, HULL, MAGNETISATION, MAGNETIC, VOLUME, FERMI, BULK, SHEAR, POISSON,
    ANISOTROPY, OQMD_GAP, OQMD_METAL, AFLOW_GAP, AFLOW_METAL, AFLOW_ENERGY, AFLOW_BULK, AFLOW_SHEAR, DEBYE,
    CONDUCTIVITY, EXPANSION, HSE_GAP, GLLB_GAP, TC, SYNTHESISED, SOLID_STATE, PEROVSKITE_ENERGY,
    PEROVSKITE_GAP,
)  # fmt: skip
"""In the order of the table."""

METALS: dict[Property, Property] = {PBE_METAL: PBE_GAP, OQMD_METAL: OQMD_GAP, AFLOW_METAL: AFLOW_GAP}
"""Columns that follow from another one: 1 where that gap is 0."""
