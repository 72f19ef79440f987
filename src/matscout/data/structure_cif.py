"""One structure from a CIF, with the checks that tell whether the file says what its author meant.

International Tables for Crystallography G (2005); Hall, Allen and Brown, Acta Cryst. A47 (1991) 655.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.cif_sites import PlacedSite, listed_sites, number, placed_sites
from matscout.data.cif_symmetry import TAGS, PossibleSymmetry, possible_symmetries
from matscout.data.cif_syntax import CifBlock, cif_blocks
from matscout.data.elements import ISOTOPES, add_amounts, atomic_mass
from matscout.data.spglib_calls import ask_spglib
from matscout.data.structure_checks import GRAMS_PER_CUBIC_CENTIMETRE, check
from matscout.data.structure_readings import StructureError, StructureReading, refuse_many, unit_cell
from matscout.data.structures import FULLEST, Structures
from matscout.data.unit_cells import NO_VOLUME, volumes_of

SHARE = 0.03
"""By how much an amount may differ from that of the formula: formulas and occupancies are rounded."""

WHOLE = 0.05
"""By how much Z, density and volume may differ."""

EMPTY = 0.2
"""Occupancies of sites that are all less, or all like multiplicities, are none."""

_LENGTHS = ("_cell_length_a", "_cell_length_b", "_cell_length_c")
_ANGLES = ("_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma")
_SYSTEM = ("_space_group_crystal_system", "_symmetry_cell_setting")
_DENSITY = "_exptl_crystal_density_diffrn"
_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d+\.?\d*|\.\d+)?(?:\(\d+\))?")


def read_cif(text: str) -> StructureReading:
    """The first structure of a CIF.

    Raises
    ------
    StructureError
        If there is none, or what stands there contradicts itself.
    """
    blocks = cif_blocks(text)
    holding = [block for block in blocks if block.column("_atom_site_fract_x")]
    if not holding:
        raise StructureError("it lists no atoms with fractional coordinates", "add the loop with _atom_site_fract_x")
    common = [block for block in blocks if not block.column("_atom_site_label") and block not in holding]
    reading = _read_block(_with_common(holding[0], common))
    several = (f"the first of its {len(holding)} structures is used",) * (len(holding) > 1)
    return replace(reading, remarks=(*several, *reading.remarks))


def _with_common(block: CifBlock, others: Sequence[CifBlock]) -> CifBlock:
    """The block with the cell and the symmetry of blocks without atoms, where it has none of its own."""
    columns = dict(block.columns)
    for wanted in ((*_LENGTHS, *_ANGLES), TAGS):
        if any(map(block.value, wanted)):
            continue
        source = next((other for other in others if any(map(other.value, wanted))), None)
        if source is not None:
            columns |= {tag: source.columns[tag] for tag in wanted if tag in source.columns}
    return replace(block, columns=columns)


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A structure that a block may mean, and what contradicts it: facts, and things that cannot be."""

    reading: StructureReading
    sites: Sequence[PlacedSite]
    symmetry: PossibleSymmetry
    contradictions: tuple[str, ...]
    impossible: bool


def _read_block(block: CifBlock) -> StructureReading:
    lattice = _lattice(block)
    formula = _formula(block)
    listed, remarks = listed_sites(block, frozenset(formula))
    if not listed:
        raise StructureError("it has no atoms", "leave it out")
    candidates = []
    for symmetry in possible_symmetries(block, lattice):
        refuse_many(len(listed) * len(symmetry.operations))
        sites = placed_sites(listed, symmetry.operations, lattice)
        candidates.append(_candidate(block, formula, lattice, sites, symmetry))
    best = min(candidates, key=lambda candidate: (candidate.impossible, len(candidate.contradictions)))
    if len(best.contradictions) > 1 and not best.symmetry.listed:
        raise StructureError("; ".join(best.contradictions), "list the symmetry operations, or all atoms in P 1")
    has_size = block.value(_DENSITY) or (formula and block.value("_cell_formula_units_z"))
    fractions = () if has_size and not best.contradictions else _multiplicity_fractions(best)
    _require_declared_symmetry(best, bool(formula) and not best.contradictions)
    all_remarks = [
        *remarks,
        *best.symmetry.remarks,
        *best.reading.remarks,
        *best.contradictions,
        *fractions,
        *_undecided(candidates),
    ]
    return StructureReading(best.reading.structure, tuple(all_remarks))


def _multiplicity_fractions(candidate: _Candidate) -> tuple[str, ...]:
    """A remark where each occupancy may be the multiplicity of its site over that of the general one, as in SHELX.

    Sites that are all equally empty are remarked, too: the operations may be lost.

    Raises
    ------
    StructureError
        If sites are so empty then that they cannot be meant as shares that are filled.
    """
    sites, order = candidate.sites, len(candidate.symmetry.operations)
    filled = [sum(site.shares.values()) for site in sites]
    emptiest = min(filled)
    fractions = all(
        abs(share * order / len(site.images) - 1) < SHARE for share, site in zip(filled, sites, strict=True)
    )
    alike = max(filled) < EMPTY and max(filled) - emptiest < SHARE * emptiest
    if not alike and not (fractions and emptiest < 1 - SHARE):
        return ()
    reason = (
        f"its occupancies look like site multiplicity fractions ({sites[filled.index(emptiest)].label}: {emptiest:.4g})"
    )
    if fractions and emptiest < EMPTY:
        raise StructureError(reason, "write how much of each site is filled: 1 for all of it")
    return (reason,)


def _undecided(candidates: Sequence[_Candidate]) -> list[str]:
    """A remark where nothing in the file tells which of two structures it means."""
    if len(candidates) == 1 or len({candidate.impossible for candidate in candidates}) > 1:
        return []
    if len({len(candidate.contradictions) for candidate in candidates}) > 1:
        return []
    if len({len(candidate.reading.structure) for candidate in candidates}) == 1:
        return ["its origin choice is not given: choice 1 is used"]
    return ["its origin choice is not given and choice 2 would give other atoms: choice 1 is used"]


def _lattice(block: CifBlock) -> NDArray[np.float64]:
    """The cell vectors, rows, Å; what the crystal system leaves no choice for may be missing."""
    system = (block.value(*_SYSTEM) or "").lower()
    hexagonal = system in ("hexagonal", "trigonal")
    written = [block.column(tag) for tag in _LENGTHS]
    if not written[0]:
        raise StructureError("it gives no cell", "add _cell_length_a and the other five")
    given = [number(column[0]) if column else None for column in written]
    a, b, c = given
    if b is None and (hexagonal or system in ("cubic", "tetragonal")):
        b = a
    if c is None and system == "cubic":
        c = a
    usual = (90.0, 90.0, 120.0 if hexagonal else 90.0)
    angles = [number(text) if (text := block.value(tag)) else other for tag, other in zip(_ANGLES, usual, strict=True)]
    if a is None or b is None or c is None:
        raise StructureError("it lacks a length of the cell", "add _cell_length_a, _b and _c")
    return _vectors((a, b, c), angles)


def _vectors(lengths: Sequence[float], angles: Sequence[float]) -> NDArray[np.float64]:
    from pymatgen.core import Lattice

    sound = all(length > 0 for length in lengths) and all(0 < angle < 180 for angle in angles)
    cosines = np.cos(np.radians(angles))
    if not sound or 1 - (cosines**2).sum() + 2 * cosines.prod() <= 0:
        raise StructureError(NO_VOLUME[0], "give three lengths in Å and three angles in degrees")
    lattice: NDArray[np.float64] = unit_cell(Lattice.from_parameters(*lengths, *angles).matrix).matrix
    return lattice


def _formula(block: CifBlock) -> dict[str, float]:
    """Amounts of the sum formula, hydrogen isotopes as H; empty where there is none that can be read."""
    words = (block.value("_chemical_formula_sum") or "").split()
    amounts: dict[str, float] = {}
    for word in words:
        at = 0
        while at < len(word):
            match = _ELEMENT.match(word, at)
            if match is None:
                return {}
            symbol = ISOTOPES.get(match[1], match[1])
            add_amounts(amounts, {symbol: float(match[2] or 1)})
            at = match.end()
    return {symbol: amount for symbol, amount in amounts.items() if amount > 0}


def _candidate(
    block: CifBlock,
    formula: Mapping[str, float],
    lattice: NDArray[np.float64],
    sites: Sequence[PlacedSite],
    symmetry: PossibleSymmetry,
) -> _Candidate:
    from pymatgen.core import Composition, Structure

    species = [_scaled(site) for site in sites for _ in site.images]
    positions = np.concatenate([site.images for site in sites])
    structure = Structure(lattice, [Composition(shares) for shares in species], positions).get_sorted_structure()
    over = [
        f"{sum(site.shares.values()):.4g} at {site.label}" for site in sites if sum(site.shares.values()) > 1 + 1e-6
    ]
    remarks = (f"occupancies sum to > 1 ({', '.join(over[:3])}) and are scaled to 1",) * bool(over)
    amounts = _amounts(sites)
    volume = float(volumes_of(lattice))
    contradictions = (
        *_against_formula(block, formula, amounts),
        *_against_multiplicities(sites),
        *_against_size(block, amounts, volume),
    )
    fault = check(Structures.from_pymatgen([structure]))[0] if not symmetry.listed else None
    impossible = fault is not None and fault.fatal
    return _Candidate(StructureReading(structure, remarks), sites, symmetry, contradictions, impossible)


def _scaled(site: PlacedSite) -> dict[str, float]:
    """What a site holds, 1 at most.

    Raises
    ------
    StructureError
        If it holds more than rounding explains.
    """
    total = sum(site.shares.values())
    if total > FULLEST:
        reason = f"occupancies sum to > 1: {total:.4g} at {site.label}"
        raise StructureError(reason, "write each atom once, with the share of its site that it fills")
    return {symbol: amount / max(total, 1.0) for symbol, amount in site.shares.items()}


def _amounts(sites: Sequence[PlacedSite]) -> dict[str, float]:
    """Atoms in the cell by element."""
    amounts: dict[str, float] = {}
    for site in sites:
        for symbol, share in site.shares.items():
            add_amounts(amounts, {ISOTOPES.get(symbol, symbol): share}, len(site.images))
    return amounts


def _against_formula(block: CifBlock, formula: Mapping[str, float], amounts: Mapping[str, float]) -> list[str]:
    """What the sum formula and Z say against the sites; hydrogen is often not located."""
    if not formula:
        return []
    written = " ".join(f"{symbol}{amount:g}" for symbol, amount in formula.items())
    missing = sorted(set(formula) ^ set(amounts))
    if missing:
        where = "sites" if missing[0] in formula else "formula"
        return [f"its {where} lack {', '.join(missing)}: the formula is {written}"]
    units = sum(amounts.values()) / sum(formula.values())
    if any(abs(amounts[symbol] / (units * amount) - 1) > SHARE for symbol, amount in formula.items()):
        held = " ".join(f"{symbol}{amount:.4g}" for symbol, amount in amounts.items())
        return [f"its sites hold {held}, its formula is {written}"]
    wanted = _number_or_none(block.value("_cell_formula_units_z")) or units
    if abs(units - 1) <= WHOLE:
        # Programs write the contents of the cell as its formula.
        return []
    if abs(units - wanted) > WHOLE * max(wanted, units):
        return [f"its cell holds {units:.4g} formula units, it says {wanted:g}"]
    return []


def _against_multiplicities(sites: Sequence[PlacedSite]) -> list[str]:
    wrong = [site for site in sites if site.multiplicity not in (None, len(site.images))]
    if not wrong:
        return []
    return [f"site {wrong[0].label} has {len(wrong[0].images)} images, its multiplicity is {wrong[0].multiplicity}"]


def _against_size(block: CifBlock, amounts: Mapping[str, float], volume: float) -> list[str]:
    sizes = (
        ("volume", "Å³", volume, _number_or_none(block.value("_cell_volume"))),
        ("density", "g/cm³", _density(amounts, volume), _number_or_none(block.value(_DENSITY))),
    )
    return [
        f"its {name} is {computed:.4g} {unit}, it says {declared:g}"
        for name, unit, computed, declared in sizes
        if declared and abs(computed - declared) > WHOLE * max(computed, declared)
    ]


def _number_or_none(text: str | None) -> float | None:
    try:
        return number(text) if text else None
    except StructureError:
        return None


def _density(amounts: Mapping[str, float], volume: float) -> float:
    mass = sum(atomic_mass(symbol) * amount for symbol, amount in amounts.items())
    return float(mass / volume * GRAMS_PER_CUBIC_CENTIMETRE)


def _require_declared_symmetry(candidate: _Candidate, confirmed: bool) -> None:
    """Refuse a list of operations that is shorter than the space group named, unless the atoms make up for it."""
    declared, listed = candidate.symmetry.declared, len(candidate.symmetry.operations)
    if not declared or not candidate.symmetry.listed or confirmed:
        return
    wanted = len(declared[0].operations())
    if listed >= wanted or _n_operations(candidate) >= wanted:
        return
    raise StructureError(
        f"its space group {declared[0].name} has {wanted} operations, it lists {listed} and its atoms have no more",
        "list all operations, or write P 1 and all atoms",
    )


def _n_operations(candidate: _Candidate) -> int:
    """How many operations the structure has in its cell, by spglib."""
    import spglib

    structure = candidate.reading.structure
    kinds = {species: place for place, species in enumerate(dict.fromkeys(site.species for site in structure))}
    cell = (structure.lattice.matrix, structure.frac_coords, [kinds[site.species] for site in structure])
    symmetry = ask_spglib(spglib.get_symmetry, cell, symprec=0.05)
    return 0 if symmetry is None else len(symmetry["rotations"])
