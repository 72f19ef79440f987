"""What is known of a single structure without a model: formula, symmetry, cell, density, disorder."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from matscout.counting import counted
from matscout.crystal.crystals import Crystals
from matscout.crystal.space_groups import TOLERANCE, space_group
from matscout.data.formulas import format_formula
from matscout.data.structure_checks import mass_densities
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.describing.describe import describe

_SCREW = re.compile(r"_(\d)")
"""How spglib writes the subscript of a screw axis."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

LONGEST = 3000
"""Characters of a description."""


@dataclass(frozen=True)
class Fact:
    """A line of the table: what it is, and its value in words."""

    name: str
    value: str


@dataclass(frozen=True)
class Facts:
    """A structure in words.

    Parameters
    ----------
    formula
        Reduced where all amounts are whole.
    lines
        For the table, the formula first.
    words
        Prototype, coordination and bonds in plain English; "" for disordered crystals.
    """

    formula: str
    lines: tuple[Fact, ...]
    words: str


def side_by_side(before: Facts, after: Facts) -> list[tuple[str, str, str]]:
    """Name and both values of each line; blank where one of the two has none."""
    values = [{fact.name: fact.value for fact in one.lines} for one in (before, after)]
    names = dict.fromkeys([*values[1], *values[0]])
    return [(name, values[0].get(name, ""), values[1].get(name, "")) for name in names]


def facts_of(structure: Structures) -> Facts:
    """Formula, space group (spglib, 0.01 Å), cell, volume per atom, density, sites, disorder, and a description."""
    crystal = Crystals.from_structures(structure)
    lengths = np.linalg.norm(crystal.lattices[0], axis=1)
    directions = crystal.lattices[0] / lengths[:, None]
    angles = [
        np.degrees(np.arccos(np.clip(directions[i] @ directions[j], -1.0, 1.0))) for i, j in ((1, 2), (0, 2), (0, 1))
    ]
    volume, atoms = float(crystal.volumes[0]), float(structure.occupancies.sum())
    formula = format_formula(compositions_of(structure).to_dict(0))
    lines = {
        "formula": formula,
        "space group": _symmetry(crystal),
        "a, b, c": f"{', '.join(f'{length:.3f}' for length in lengths)} Å",
        "α, β, γ": f"{', '.join(f'{angle:.2f}' for angle in angles)}°",
        "volume of the cell": f"{volume:.2f} Å³",
        "volume per atom": f"{volume / atoms:.2f} Å³",
        "density": f"{mass_densities(structure, crystal.volumes)[0]:.2f} g/cm³",
        "sites": str(len(crystal.fractional)),
        "disorder": _disorder(crystal),
    }
    return Facts(formula, tuple(Fact(name, value) for name, value in lines.items()), _words(structure))


def _words(structure: Structures) -> str:
    """The description, of crystals with very many different sites its beginning."""
    description = describe(structure)[0]
    if not isinstance(description, str):
        return ""
    return description if len(description) <= LONGEST else f"{description[:LONGEST].rpartition('. ')[0]}..."


def _symmetry(crystal: Crystals) -> str:
    group = space_group(crystal, 0)
    if group is None:
        return f"none within {TOLERANCE} Å"
    symbol = _SCREW.sub(lambda axis: axis.group(1).translate(_SUBSCRIPTS), group.symbol)
    return f"{symbol} (no. {group.number}), {group.system}"


def _disorder(crystal: Crystals) -> str:
    """How many sites are shared by several species, and how many are partly vacant."""
    shared = int((np.bincount(crystal.site_of_species) > 1).sum())
    vacant = int((crystal.occupied < 1.0 - 1e-3).sum())
    if not shared and not vacant:
        return "none"
    words = [f"{counted(shared, 'site')} shared by several elements"] if shared else []
    return ", ".join([*words, *([f"{counted(vacant, 'site')} partly vacant"] if vacant else [])])
