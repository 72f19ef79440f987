"""Energy above the convex hull: how far a material is from the mixture of phases with the lowest energy."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted, part_of
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.read_only import lock
from matscout.errors import RowProblem
from matscout.progress import Progress, silent
from matscout.remarks import Remark, codes
from matscout.shown import ShownTable
from matscout.simulate.competing_phases import CompetingPhases, Mixture
from matscout.simulate.energy_schemes import UNKNOWN, require_one_scheme
from matscout.simulate.hull_opinions import HullInterval, SecondOpinion
from matscout.simulate.mp2020 import correction_table
from matscout.simulate.oxidation_guesses import reduced_amounts
from matscout.simulate.references import References, System, system_name

if TYPE_CHECKING:
    import polars

Floats = NDArray[np.float64]

ON_HULL = 1e-9
"""Energies above the hull that are smaller, eV/atom, count as 0: the phase decomposes into itself."""

FORMATION_ENERGY, ABOVE_HULL = "formation energy (eV/atom)", "e_above_hull (eV/atom)"
LOWER, UPPER = "e_above_hull lower (eV/atom)", "e_above_hull upper (eV/atom)"
ABOVE_OWN, DIFFERENCE = "e_above_own_hull (eV/atom)", "e_above_hull minus own (eV/atom)"
ABOVE_SECOND, SECOND = "e_above_hull by second (eV/atom)", "second_energies_by"
WARNINGS, WARNING_CODES = "warnings", "warning codes"
"""Columns of tables."""

NAMED_SYSTEMS = 12
"""Systems without a phase that a cell of the table names."""


@dataclass(frozen=True)
class DecompositionPart:
    """A phase that a material decomposes into.

    Parameters
    ----------
    id, formula
        The phase; of an element that is not among the references the symbol.
    share
        Share of the atoms that are in this phase.
    """

    id: str
    formula: str
    share: float

    def __str__(self) -> str:
        name = self.formula if self.id in ("", self.formula) else f"{self.formula} ({self.id})"
        return f"{self.share:.3g} {name}"


@dataclass(frozen=True)
class SystemCoverage:
    """What the references know of a chemical system.

    Parameters
    ----------
    phases
        Number of compositions of two elements and more with a reference in the system and its parts.
    without
        Systems of two elements and more in it that have no reference, smallest first.
    """

    phases: int
    without: tuple[str, ...]

    def __str__(self) -> str:
        more = len(self.without) - NAMED_SYSTEMS
        return "; ".join([*self.without[:NAMED_SYSTEMS], *([f"and {more} more"] if more > 0 else [])])


@dataclass(frozen=True, eq=False, repr=False)
class Hull(ShownTable):
    """Where n materials are relative to a hull.

    Parameters
    ----------
    materials
        n materials.
    formation_energies
        float64 [n], eV/atom; NaN where it is not known.
    above
        float64 [n], energy above the hull, eV/atom; NaN where it is not known.
    distances
        float64 [n], formation energy minus that of the lowest mixture, eV/atom: negative, where ``above`` is 0, for
        materials below all references.
    decompositions
        The phases that each material decomposes into, the largest share first; of one on the hull itself.
    coverage
        What the references know of the chemical system of each.
    scheme, source
        Of the references.
    without_itself
        Whether each was compared with phases of other compositions only: ``above`` is negative then where a material
        is stable, by as much as it is.
    problems
        Rows without an energy above the hull, and remarks on how rows were read.
    remarks
        On all of them, a sentence each.
    warnings
        n tuples of remarks: what makes an energy above the hull doubtful.
    force_field
        Name, version and digest of the force field that the energies come from; "" for energies that were given.
    own_above
        float64 [n], energy above the own hull of the force field, eV/atom; None where there is no such hull.
    interval
        Between what the energies above the hull lie; None where that is not known.
    second
        What a second force field says; None without one.
    """

    materials: Materials
    formation_energies: Floats
    above: Floats
    distances: Floats
    decompositions: tuple[tuple[DecompositionPart, ...], ...]
    coverage: tuple[SystemCoverage, ...]
    scheme: str
    source: str
    without_itself: bool = False
    problems: tuple[RowProblem, ...] = ()
    remarks: tuple[str, ...] = ()
    warnings: tuple[tuple[Remark, ...], ...] = ()
    force_field: str = ""
    own_above: Floats | None = None
    interval: HullInterval | None = None
    second: SecondOpinion | None = None

    def __post_init__(self) -> None:
        if len(self.warnings) != len(self.materials):
            raise ValueError(f"{len(self.warnings)} tuples of warnings do not fit {len(self.materials)} materials")
        lock(self)

    def warned(self, more: Sequence[Sequence[Remark]]) -> Hull:
        """The same with further warnings, one sequence for each material."""
        both = zip(self.warnings, more, strict=True)
        return replace(self, warnings=tuple((*one, *other) for one, other in both))

    def __len__(self) -> int:
        return len(self.materials)

    @property
    def whose(self) -> str:
        """``"phases.csv (corrected-mp2020), energies by chgnet 0.3.0 6f1a2b3c4d5e"``."""
        by = f", energies by {self.force_field}" if self.force_field else ""
        return f"{self.source} ({self.scheme}){by}"

    @property
    def warnings_in_short(self) -> tuple[str, ...]:
        """``("3 of 12 materials have warnings: hulls-disagree 2, far-from-references 1",)``; () without any."""
        counts = Counter(code for one in self.warnings for code in codes(one))
        if not counts:
            return ()
        warned = part_of(sum(map(bool, self.warnings)), len(self), self.materials.noun)
        each = ", ".join(f"{code} {n:,}" for code, n in counts.most_common())
        return (f"{warned} {'has' if warned.startswith('1 ') else 'have'} warnings: {each}",)

    def in_a_line(self) -> str:
        """How many materials, how many on the hull, and whose."""
        on_hull = int(np.sum(self.above <= ON_HULL))
        return f"{counted(len(self), self.materials.noun)}, {on_hull:,} on the hull of {self.whose}"

    def to_frame(self) -> polars.DataFrame:
        """A row for each material: its energies in eV/atom, decomposition and coverage."""
        import polars

        identity = {"id": self.materials.ids.tolist(), "formula": self.materials.formulas.tolist()}
        return polars.DataFrame({**identity, **hull_columns(self)})


def hull_columns(hull: Hull) -> dict[str, polars.Series]:
    """The columns that a hull adds to a table of its materials, n rows each."""
    import polars

    columns: dict[str, polars.Series] = {
        FORMATION_ENERGY: polars.Series(hull.formation_energies).fill_nan(None),
        ABOVE_HULL: polars.Series(hull.above).fill_nan(None),
        **_bounds(hull.interval),
        "decomposition": polars.Series([" + ".join(map(str, parts)) or None for parts in hull.decompositions]),
        "competing_phases": polars.Series([one.phases for one in hull.coverage]),
        "systems_without_phases": polars.Series([str(one) or None for one in hull.coverage]),
        "hull_references": polars.Series([hull.source] * len(hull)),
        "hull_scheme": polars.Series([hull.scheme] * len(hull)),
    }
    if hull.force_field:
        columns["hull_energies_by"] = polars.Series([hull.force_field] * len(hull))
    if hull.own_above is not None:
        columns[ABOVE_OWN] = polars.Series(hull.own_above).fill_nan(None)
        columns[DIFFERENCE] = polars.Series(hull.above - hull.own_above).fill_nan(None)
    if hull.second is not None:
        columns[ABOVE_SECOND] = polars.Series(hull.second.above).fill_nan(None)
        columns[SECOND] = polars.Series([hull.second.force_field] * len(hull))
    columns[WARNINGS] = polars.Series(["; ".join(map(str, one)) or None for one in hull.warnings])
    columns[WARNING_CODES] = polars.Series([" ".join(codes(one)) or None for one in hull.warnings])
    texts = (
        "decomposition",
        "systems_without_phases",
        "hull_references",
        "hull_scheme",
        "hull_energies_by",
        SECOND,
        WARNINGS,
        WARNING_CODES,
    )
    return {name: one.cast(polars.String) if name in texts else one for name, one in columns.items()}


def _bounds(interval: HullInterval | None) -> dict[str, polars.Series]:
    import polars

    bounds = {} if interval is None else {LOWER: interval.lower, UPPER: interval.upper}
    return {name: polars.Series(values).fill_nan(None) for name, values in bounds.items()}


def hull_of(
    materials: Materials,
    formation_energies: Floats,
    scheme: str,
    references: References,
    *,
    without_itself: bool = False,
    progress: Progress = silent,
) -> Hull:
    """The hull of references at n materials.

    Parameters
    ----------
    materials
        n materials.
    formation_energies
        float64 [n], eV/atom; NaN where it is not known.
    scheme
        Which calculation they come from.
    references
        The phases of the hull.
    without_itself
        Leave out the references of the same composition. Otherwise a material that lies below all references is on
        the hull, at 0.
    progress
        Told how many materials are done.

    Raises
    ------
    UsageError
        If the schemes differ, and there is no way from that of the references to that of the energies.
    InputError
        If there is a way, and the energies of the elements that it takes are not at hand.
    """
    given = references.scheme
    references = references.beside(materials.compositions).in_scheme(scheme)
    require_one_scheme(scheme, references.scheme)
    search = _Search(materials, np.asarray(formation_energies, dtype=np.float64), references, without_itself)
    for done, system in enumerate(search.systems, start=1):
        search.fill(system)
        progress("hull", done, len(search.systems))
    return Hull(
        materials,
        search.energies,
        search.above,
        search.distances,
        tuple(search.decompositions),
        tuple(search.coverage),
        references.scheme,
        references.source,
        without_itself,
        (),
        (*references.remarks, *_remarks(given, references.scheme)),
        tuple(_bare(search, row) for row in range(len(materials))),
    )


class _Search:
    """The hull at all materials, chemical system by chemical system."""

    def __init__(self, materials: Materials, energies: Floats, references: References, without_itself: bool) -> None:
        self.materials, self.references, self.without_itself = materials, references, without_itself
        n = len(materials)
        self.energies = np.where(np.isfinite(energies), energies, np.nan)
        self.above, self.distances = np.full(n, np.nan), np.full(n, np.nan)
        self.decompositions: list[tuple[DecompositionPart, ...]] = [()] * n
        self.coverage: list[SystemCoverage] = [SystemCoverage(0, ())] * n
        self.systems: dict[System, list[int]] = {}
        compositions = materials.compositions
        for row in range(n):
            numbers = compositions.elements[compositions.offsets[row] : compositions.offsets[row + 1]]
            self.systems.setdefault(tuple(numbers.tolist()), []).append(row)

    def fill(self, system: System) -> None:
        """Everything about the materials of one chemical system."""
        phases = self.references.phases_of(system)
        coverage = _coverage(self.references, system)
        compositions = self.materials.compositions
        for row in self.systems[system]:
            self.coverage[row] = coverage
            if not np.isnan(self.energies[row]):
                self._place(
                    row, phases, compositions.fractions[compositions.offsets[row] : compositions.offsets[row + 1]]
                )

    def _place(self, row: int, phases: CompetingPhases, fractions: Floats) -> None:
        mixture = phases.lowest_of_others(fractions) if self.without_itself else phases.lowest(fractions)
        above = float(self.energies[row]) - mixture.energy
        self.distances[row] = above
        self.above[row] = above if self.without_itself or above > ON_HULL else 0.0
        on_hull = above <= ON_HULL and not self.without_itself
        material = DecompositionPart(str(self.materials.ids[row]), str(self.materials.formulas[row]), 1.0)
        self.decompositions[row] = (material,) if on_hull else self._parts(phases, mixture)

    def _parts(self, phases: CompetingPhases, mixture: Mixture) -> tuple[DecompositionPart, ...]:
        known = self.references.materials
        parts = []
        for position, share in zip(mixture.phases.tolist(), mixture.shares.tolist(), strict=True):
            row = int(phases.rows[position])
            symbol = SYMBOLS[phases.system[position] - 1] if row < 0 else ""
            name = (symbol, symbol) if row < 0 else (str(known.ids[row]), formula_unit(str(known.formulas[row])))
            parts.append(DecompositionPart(*name, share))
        return tuple(parts)


def formula_unit(formula: str) -> str:
    """The formula of a cell as that of its formula unit, metals first; others as they are written.

    Formulas of cells have a 1, or more than two formula units.

    >>> formula_unit("Fe1Li1O4P1"), formula_unit("Ge24Ru16"), formula_unit("Ca(OH)2"), formula_unit("Li2O2")
    ('LiFePO4', 'Ge3Ru2', 'Ca(OH)2', 'Li2O2')
    """
    parts = _PLAIN.findall(formula)
    amounts = {symbol: int(count or 1) for symbol, count in parts}
    unit = reduced_amounts(amounts)
    whole = "".join(symbol + count for symbol, count in parts) == formula and len(amounts) == len(parts)
    if not whole or not unit or not (any(count == "1" for _, count in parts) or math.gcd(*amounts.values()) > 2):
        return formula
    scale = correction_table().electronegativities
    ordered = sorted(unit, key=lambda symbol: scale.get(symbol, 0.0))
    return "".join(symbol + (str(unit[symbol]) if unit[symbol] != 1 else "") for symbol in ordered)


_PLAIN = re.compile(r"([A-Z][a-z]?)(\d*)")


def _coverage(references: References, system: System) -> SystemCoverage:
    without = tuple(system_name(part) for part in references.without_phases(system))
    return SystemCoverage(len(references.rows_within(system)), without)


def _remarks(given: str, scheme: str) -> tuple[str, ...]:
    """What is to be known of the scheme."""
    if given != scheme:
        text = f"The references are {given}; they were converted to {scheme} by exchanging the corrections."
        return (Remark("references-converted", text),)
    if scheme == UNKNOWN:
        text = "Neither energies nor references state their scheme: the hull holds if they are of one kind."
        return (Remark("scheme-unknown", text),)
    return ()


def _bare(search: _Search, row: int) -> tuple[Remark, ...]:
    """Whether the hull consists of the elements only."""
    if np.isnan(search.above[row]) or search.coverage[row].phases or search.materials.compositions.lengths[row] == 1:
        return ()
    text = "it was compared with its elements only: the references hold no compound of them, so the energy says little"
    return (Remark("elements-only", text),)
