"""One structure from what programs of calculations read and write, told apart by content.

Of an output the last geometry is read. FHI-aims and CASTEP input is read here, the others through ASE's readers (Larsen
et al., J. Phys.: Condens. Matter 29 (2017) 273002). No format is read that holds pickles, and no program is started.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.structure_objects import site_arrays, structure_record
from matscout.data.structure_readings import (
    StructureError,
    StructureExtras,
    StructureReading,
    refuse_many,
    structure_of_atoms,
)
from matscout.data.structure_shelx import is_shelx, read_shelx

if TYPE_CHECKING:
    from ase import Atoms

TRAJECTORY_BEGINS = b"- of UlmASE-Trajectory"
_HEAD = 200
"""Lines that tell a format."""
_END = 20_000
"""Characters in which a finished calculation says that it is one."""

_BOHR = 0.529177210903
"""Å (CODATA 2018)."""

_AIMS_BEGINS = ("invoking fhi-aims", "reading geometry description geometry.in")
_GEN = re.compile(r"\d{1,9}[ \t]+[SFCH]")


@dataclass(frozen=True)
class CalculationFormat:
    """What a format is called, whether the first lines of a text (in lower case) are of it, and how it is read."""

    name: str
    holds: Callable[[Sequence[str]], bool]
    read: Callable[[str], StructureReading]


def calculation_format(lines: Sequence[str]) -> CalculationFormat | None:
    """The format of a text with these lines; None if it is none of those that are known here."""
    head = [line.strip().lower() for line in lines[:_HEAD]]
    return next((form for form in FORMATS if form.holds(head)), None)


def _any_begins(lines: Sequence[str], *begins: str) -> bool:
    return any(line.startswith(begins) for line in lines)


def _any_holds(lines: Sequence[str], *parts: str) -> bool:
    return any(part in line for line in lines for part in parts)


def _is_aims(lines: Sequence[str]) -> bool:
    return _any_begins(lines, "lattice_vector ") and _any_begins(lines, "atom ", "atom_frac ")


def _is_castep_cell(lines: Sequence[str]) -> bool:
    return any(line.startswith("%block") and "lattice_" in line for line in lines)


def _is_espresso_input(lines: Sequence[str]) -> bool:
    return _any_begins(lines, "&system") or (_any_begins(lines, "&control") and _any_begins(lines, "atomic_positions"))


def _is_xsf(lines: Sequence[str]) -> bool:
    words = {line for line in lines if line and not line.startswith("#")}
    return "crystal" in words and not words.isdisjoint({"primvec", "convvec", "primvec 1"})


def _is_gen(lines: Sequence[str]) -> bool:
    return bool(lines) and _GEN.fullmatch(lines[0].upper()) is not None


def _is_wien2k(lines: Sequence[str]) -> bool:
    return len(lines) > 2 and "lattice,nonequiv" in lines[1].replace(" ", "")


def _read_aims(text: str) -> StructureReading:
    lines = [line.partition("#")[0].split() for line in text.split("\n")]
    vectors = [words[1:4] for words in lines if words and words[0] == "lattice_vector"]
    atoms = [words for words in lines if words and words[0] in ("atom", "atom_frac")]
    if len(vectors) != 3 or any(len(words) < 5 for words in atoms):
        raise StructureError("it lacks a lattice vector, or an atom its element", "complete the file")
    cell = np.array(vectors, dtype=np.float64)
    fractional = [words[0] == "atom_frac" for words in atoms]
    return _of_mixed(cell, [words[4] for words in atoms], [words[1:4] for words in atoms], fractional)


def _of_mixed(
    cell: NDArray[np.float64], symbols: Sequence[str], positions: Sequence[Sequence[str]], fractional: Sequence[bool]
) -> StructureReading:
    """Atoms whose positions are fractions of the cell or Cartesian (Å), each as said."""
    refuse_many(len(symbols))
    given = np.array(positions, dtype=np.float64).reshape(-1, 3)
    cartesian = np.where(np.array(fractional)[:, None], given @ cell, given)
    return StructureReading(structure_of_atoms(cell, symbols, cartesian))


def _read_castep_cell(text: str) -> StructureReading:
    from pymatgen.core import Lattice

    blocks = dict(_castep_blocks(text))
    if "lattice_cart" in blocks:
        unit, rows = _castep_unit(blocks["lattice_cart"])
        cell = np.array([row[:3] for row in rows[:3]], dtype=np.float64) * unit
    elif "lattice_abc" in blocks:
        unit, rows = _castep_unit(blocks["lattice_abc"])
        lengths, angles = np.array([row[:3] for row in rows[:2]], dtype=np.float64)
        cell = Lattice.from_parameters(*(lengths * unit), *angles).matrix
    else:
        raise StructureError("it gives no lattice", "add %BLOCK LATTICE_CART")
    fractional = "positions_frac" in blocks
    atoms = blocks.get("positions_frac") or blocks.get("positions_abs")
    if not atoms:
        raise StructureError("it has no atoms", "add %BLOCK POSITIONS_FRAC")
    unit, rows = (1.0, atoms) if fractional else _castep_unit(atoms)
    if any("mixture" in word.lower() for row in rows for word in row):
        raise StructureError("it contains mixtures of atoms", "write it as CIF with partial occupancies")
    positions = (np.array([row[1:4] for row in rows], dtype=np.float64) * unit).tolist()
    symbols = [row[0].partition(":")[0].capitalize() for row in rows]
    return _of_mixed(cell, symbols, positions, [fractional] * len(rows))


def _castep_blocks(text: str) -> Iterator[tuple[str, list[list[str]]]]:
    name, rows = "", list[list[str]]()
    for line in text.split("\n"):
        words = line.partition("!")[0].partition("#")[0].split()
        keyword = words[0].lower() if words else ""
        if keyword == "%block" and len(words) > 1:
            name, rows = words[1].lower(), []
        elif keyword == "%endblock":
            yield name, rows
        elif words:
            rows.append(words)


def _castep_unit(rows: list[list[str]]) -> tuple[float, list[list[str]]]:
    """Å of the unit in the first row, and the other rows; all rows are in Å where it names none."""
    if len(rows[0]) > 1:
        return 1.0, rows
    units = {"ang": 1.0, "bohr": _BOHR, "a0": _BOHR, "nm": 10.0}
    unit = units.get(rows[0][0].lower())
    if unit is None:
        raise StructureError(f"{rows[0][0][:20]} is not a unit of length", "write ang, bohr or nm")
    return unit, rows[1:]


def _read_by_ase(text: str, form: str) -> StructureReading:
    """The last geometry of a text, through ASE, and its energy (eV of the cell)."""
    _require_ase()
    from ase.io import read

    return _of_ase(read(_Text(text), format=form, index=-1))


class _Text(io.StringIO):
    """A text like a file in a folder that does not exist: ASE looks for other files of the calculation beside it."""

    name = "/nowhere/of/this/machine/file"


def _read_aims_output(text: str) -> StructureReading:
    _require_ase()
    from ase.io.aims import read_aims_output

    return _of_ase(read_aims_output(io.StringIO(text), index=-1))


def _read_vasprun(text: str) -> StructureReading:
    """Of an unfinished file the complete steps: of half a step ASE would read half of the numbers."""
    if "</modeling>" in text:
        return _read_by_ase(text, "vasp-xml")
    steps, end, _ = text.rpartition("</calculation>")
    # Without a complete step ASE gives the first geometry, but only of a file that is left open.
    whole = f"{steps}{end}</modeling>" if end else text.partition("<calculation>")[0]
    return _read_by_ase(whole, "vasp-xml")


@dataclass(frozen=True)
class _Output:
    """Reader of what a program writes while it runs, the words with which it ends, and what else holds a geometry."""

    read: Callable[[str], StructureReading]
    end: str
    instead: str = "the last geometry that was written"

    def __call__(self, text: str) -> StructureReading:
        if self.end in text[-_END:]:
            return self.read(text)
        unfinished = f"the calculation did not finish, or the file is truncated (it lacks {self.end!r} at its end)"
        try:
            reading = self.read(text)
        except StructureError:
            raise
        except Exception as error:
            raise StructureError(unfinished, f"give {self.instead}, or let the calculation finish") from error
        what = "its last complete step" if reading.properties else "the initial geometry"
        return replace(reading, remarks=(*reading.remarks, f"{unfinished}: {what} was read"))


def _read_wien2k(text: str) -> StructureReading:
    _require_ase()
    from ase.io.wien2k import read_struct

    return _of_ase(read_struct(io.StringIO(text)))


def _read_pdb(text: str) -> StructureReading:
    for line in text.split("\n"):
        if line.startswith("CRYST1") and line[55:66].strip() not in ("", "P 1", "P1"):
            raise StructureError(f"its space group {line[55:66].strip()} is not applied", "write all atoms in P 1")
        if line.startswith(("ATOM", "HETATM")) and line[54:60].strip() not in ("", "1.00", "1.0", "1"):
            raise StructureError("it has partial occupancies", "write it as CIF")
    return _read_by_ase(text, "proteindatabank")


def _require_ase() -> None:
    try:
        import ase  # noqa: F401
    except ModuleNotFoundError as error:
        advice = "install it: pip install 'matscout[structures]'"
        raise StructureError("this format is read by ASE, which is not installed", advice) from error


def _of_ase(atoms: Atoms) -> StructureReading:
    refuse_many(len(atoms))
    extras = _extras_of(atoms)
    structure = structure_of_atoms(np.array(atoms.cell), atoms.numbers, atoms.positions, extras)
    energy = atoms.calc.results.get("energy") if atoms.calc is not None else None
    return StructureReading(structure, properties={} if energy is None else {"energy": float(energy)})


def _extras_of(atoms: Atoms) -> StructureExtras:
    """Periodic directions, charge and columns of ASE's atoms; numbers of the structure are kept where they are many."""
    known = {name: np.asarray(value) for name, value in structure_record(atoms).items()}
    many = {name: value for name, value in known.items() if value.size > 1 and value.dtype.kind in "iufb"}
    charge = atoms.info.get("charge", 0.0)
    return StructureExtras(
        pbc=(bool(atoms.pbc[0]), bool(atoms.pbc[1]), bool(atoms.pbc[2])),
        charge=float(charge) if isinstance(charge, int | float) else 0.0,
        site_columns=site_arrays(atoms),
        columns=many,
    )


def read_trajectory(content: bytes) -> list[StructureReading]:
    """All frames of a trajectory of ASE, with their energies.

    Raises
    ------
    StructureError
        If ASE is not installed; what ASE raises passes.
    """
    _require_ase()
    from ase.io import read

    frames: Any = read(io.BytesIO(content), format="traj", index=":")
    return [_of_ase(frame) for frame in frames]


def _by_ase(name: str, form: str, holds: Callable[[Sequence[str]], bool]) -> CalculationFormat:
    return CalculationFormat(name, holds, partial(_read_by_ase, form=form))


FORMATS = (
    CalculationFormat(
        "FHI-aims output",
        lambda lines: _any_holds(lines, *_AIMS_BEGINS),
        _Output(_read_aims_output, "Have a nice day", "geometry.in.next_step"),
    ),
    CalculationFormat(
        "Quantum ESPRESSO output",
        lambda lines: _any_holds(lines, "program pwscf"),
        _Output(partial(_read_by_ase, form="espresso-out"), "JOB DONE"),
    ),
    CalculationFormat(
        "CASTEP output",
        lambda lines: _any_holds(lines, "castep version"),
        _Output(partial(_read_by_ase, form="castep-castep"), "Total time", "the file that ends in -out.cell"),
    ),
    CalculationFormat(
        "vasprun.xml",
        lambda lines: _any_begins(lines[:5], "<modeling"),
        _Output(_read_vasprun, "</modeling>", "CONTCAR"),
    ),
    CalculationFormat(
        "OUTCAR",
        lambda lines: _any_begins(lines[:5], "vasp."),
        _Output(partial(_read_by_ase, form="vasp-out"), "General timing", "CONTCAR"),
    ),
    CalculationFormat("FHI-aims", _is_aims, _read_aims),
    CalculationFormat("CASTEP cell", _is_castep_cell, _read_castep_cell),
    _by_ase("Quantum ESPRESSO", "espresso-in", _is_espresso_input),
    _by_ase("XSF", "xsf", _is_xsf),
    _by_ase("DFTB+", "gen", _is_gen),
    CalculationFormat("PDB", lambda lines: _any_begins(lines, "cryst1 "), _read_pdb),
    CalculationFormat("WIEN2k", _is_wien2k, _read_wien2k),
    CalculationFormat("SHELX", is_shelx, read_shelx),
)
"""In the order in which they are tried."""
