"""How far and how crystals are relaxed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt

from matscout.settings.fields import SettingInfo

CellModes = Literal["free", "fixed", "shape", "volume"]
"""What of the cell may change: all of it, nothing, its shape at constant volume, its volume at constant shape."""

Methods = Literal["bfgs", "fire"]
"""How to go downhill."""


@dataclass(frozen=True, kw_only=True)
class RelaxSettings:
    """When a relaxation ends, and what it may change.

    Parameters
    ----------
    fmax
        Relax until no force (eV/Å), and no gradient of the cell (virial by sites, eV), is larger.
    steps
        Steps of a structure at most; 0 gives the energies of the structures as they are.
    cell
        What of the cell may change: all, nothing, the shape at constant volume, or the volume at constant shape.
    pressure
        Outer pressure, GPa.
    method
        How to go downhill: bfgs takes fewer steps, fire takes those of ASE; structures of more than 150 sites use fire.
    keep_symmetry
        Keep the symmetry that a structure has at the start.
    time_limit
        A structure that takes more seconds is given up.
    """

    fmax: Annotated[float, Gt(0.0), SettingInfo(unit="eV/Å")] = 0.05
    steps: Annotated[int, Ge(0)] = 500
    cell: CellModes = "free"
    pressure: Annotated[float, SettingInfo(unit="GPa")] = 0.0
    method: Methods = "bfgs"
    keep_symmetry: bool = False
    time_limit: Annotated[float, Gt(0.0), SettingInfo(unit="s")] = 600.0
