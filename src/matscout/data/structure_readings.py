"""What readers of structures give back, and how they refuse."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matscout.data.budgets import BUDGET
from matscout.data.elements import ATOMIC_NUMBERS, ISOTOPES, SYMBOLS, is_element
from matscout.data.guards import one_line, words_of
from matscout.data.structure_objects import completed_cell
from matscout.data.structures import FULLEST
from matscout.data.unit_cells import NO_VOLUME, have_volume
from matscout.errors import InputError

if TYPE_CHECKING:
    from pymatgen.core import Lattice, Structure


PERIODIC = (True, True, True)
"""Along all three lattice vectors."""


class StructureError(InputError):
    """A text or file that holds no usable structure: what is wrong with it, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"{reason}; {advice}")
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True, eq=False)
class StructureExtras:
    """What is known of a structure beside its cell and atoms.

    Parameters
    ----------
    pbc
        Along which lattice vectors it is periodic.
    charge
        Of the cell, elementary charges.
    site_columns
        Name -> one value, or one row, for each of s sites.
    columns
        Name -> numbers of the structure.
    """

    pbc: tuple[bool, bool, bool] = PERIODIC
    charge: float = 0.0
    site_columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)


NO_EXTRAS = StructureExtras()


@dataclass(frozen=True)
class StructureReading:
    """A structure with what was noted on the way: what was repaired or replaced, and its own properties."""

    structure: Structure
    remarks: tuple[str, ...] = ()
    properties: Mapping[str, object] | None = None


def run_reader(read: Callable[[Any], StructureReading], source: object) -> StructureReading:
    """Run a reader of one structure: whatever it raises becomes a :class:`StructureError`, with the warnings before it.

    Where it raises nothing, warnings are left out: they are of libraries, on what is not read (electronegativities).
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            return _of_elements(read(source))
        except StructureError:
            raise
        except Exception as error:
            reason = "; ".join([*_messages(caught), words_of(error)])
            advice = "open it in a structure viewer and save it again"
            raise StructureError(f"it cannot be read ({one_line(reason)})", advice) from error


def _messages(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """What the warnings say, each thing once; what a library tells its own programmers is left out."""
    for_people = [warning for warning in caught if not issubclass(warning.category, DeprecationWarning)]
    return [line for line in dict.fromkeys(one_line(warning.message) for warning in for_people) if line]


def _of_elements(reading: StructureReading) -> StructureReading:
    """The structure with a remark on deuterium, which counts as hydrogen; anything but elements is refused."""
    structure = reading.structure
    if not len(structure):
        raise StructureError("it has no atoms", "leave it out")
    refuse_many(len(structure))
    unit_cell(structure.lattice.matrix)
    kinds = {species for site in structure for species in site.species}
    unknown = sorted({str(getattr(kind, "symbol", kind)) for kind in kinds} - set(ATOMIC_NUMBERS))
    if unknown:
        raise StructureError(f"{', '.join(unknown)} is not an element", "name the atoms by element symbols")
    _require_occupancies([float(amount) for site in structure for amount in site.species.values()])
    _require_occupancies([float(site.species.num_atoms) for site in structure])
    names = {kind.name for kind in kinds if hasattr(kind, "name")}
    remarks = tuple(f"{isotope} counts as {ISOTOPES[isotope]}" for isotope in sorted(names & set(ISOTOPES)))
    remarks += (_open_directions(structure.lattice.pbc),) * (not all(structure.lattice.pbc))
    return StructureReading(structure, reading.remarks + remarks, reading.properties)


def _open_directions(pbc: Sequence[bool]) -> str:
    axes = [axis for axis, periodic in zip("abc", pbc, strict=True) if periodic]
    return f"it is periodic along {' and '.join(axes)} only (pbc)" if axes else "it is periodic along no axis (pbc)"


def _require_occupancies(occupancies: Sequence[float]) -> None:
    for value in occupancies:
        if not 0 < value <= FULLEST:
            raise StructureError(f"an occupancy is {value:g}", "occupancies lie above 0, those of a site sum to 1")


def unit_cell(vectors: ArrayLike, pbc: Sequence[bool] = PERIODIC, positions: ArrayLike = ()) -> Lattice:
    """The lattice with the rows of ``vectors`` (3 x 3, Å).

    Parameters
    ----------
    vectors
        Those that are missing (zero) along axes on which it is not periodic are made up.
    pbc
        Along which it is periodic.
    positions
        Of the atoms, Å, which vectors that are made up enclose.

    Raises
    ------
    StructureError
        If they span no volume, or one is longer than any that native code is given.
    """
    from pymatgen.core import Lattice

    matrix = np.array(vectors, dtype=np.float64)
    if not all(pbc) and matrix.shape == (3, 3) and matrix.any():
        matrix = completed_cell(matrix, pbc, positions)
    if matrix.shape != (3, 3) or not np.isfinite(matrix).all() or np.abs(matrix).max() > 1e100:
        raise StructureError(*NO_VOLUME)
    longest = float(np.sqrt((matrix**2).sum(axis=1)).max())
    if longest > BUDGET.longest_vector:
        raise StructureError(f"a lattice vector is {longest:.3g} Å long", "check the unit of the lattice: Å")
    if not have_volume(matrix):
        raise StructureError(*NO_VOLUME)
    return Lattice(matrix, pbc=(bool(pbc[0]), bool(pbc[1]), bool(pbc[2])))


def structure_of_atoms(
    cell: ArrayLike,
    kinds: Sequence[str | float],
    positions: ArrayLike,
    extras: StructureExtras = NO_EXTRAS,
) -> Structure:
    """A structure of cell vectors (rows, Å), element symbols or atomic numbers [n], and Cartesian positions (Å) [n, 3].

    Parameters
    ----------
    cell, kinds, positions
        The atoms.
    extras
        What else is known of them.

    Raises
    ------
    StructureError
        If the cell cannot be, or a kind  is not an element.
    """
    symbols = [kind if isinstance(kind, str) else _symbol(kind) for kind in kinds]
    if unknown := next((kind for kind in symbols if not is_element(kind)), None):
        raise StructureError(f"{unknown[:20]} is not an element", "name the atoms by element symbols")
    return structure_of_species(cell, symbols, positions, extras)


def structure_of_species(
    cell: ArrayLike, species: Sequence[str], positions: ArrayLike, extras: StructureExtras
) -> Structure:
    """The same of whatever pymatgen takes for a species (``"Fe3+"``)."""
    from pymatgen.core import Structure

    places = np.asarray(positions, dtype=np.float64)
    return Structure(
        unit_cell(cell, extras.pbc, places),
        species,
        places,
        charge=extras.charge or None,
        coords_are_cartesian=True,
        site_properties={name: column.tolist() for name, column in extras.site_columns.items()},
        properties=dict(extras.columns),
    )


def _symbol(number: float) -> str:
    return SYMBOLS[int(number) - 1] if 1 <= number <= len(SYMBOLS) and number == int(number) else f"{number:g}"


def refuse_many(atoms: int) -> None:
    """Refuse structures with more atoms than are read; raises :class:`StructureError`."""
    if atoms > BUDGET.sites:
        raise StructureError(f"it has about {atoms} atoms, more than {BUDGET.sites}", "reduce it to one cell")
