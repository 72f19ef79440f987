"""One structure from one text, its format told by content: CIF, POSCAR, extended XYZ, JSON, or of a calculation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from matscout.data.budgets import BUDGET
from matscout.data.structure_calculations import calculation_format
from matscout.data.structure_cif import read_cif
from matscout.data.structure_json import holds_structures, read_structure_json
from matscout.data.structure_poscar import is_poscar, read_poscar
from matscout.data.structure_readings import StructureError, StructureReading, run_reader
from matscout.data.structure_xyz import is_extended_xyz, read_extended_xyz

_CIF_TAGS = ("_cell_length_a", "_cell.length_a", "_atom_site_", "_atom_site.")
_CIF_BEGINS = ("data_", "loop_", "global_", "_")
_HEAD = 8
"""Lines that tell a POSCAR or an extended XYZ file."""

KINDS = "CIF, POSCAR, extended XYZ, JSON of pymatgen or ASE, or a file of a calculation"


def plain_text(text: str) -> str:
    """The text without a byte order mark, its lines ended by newline characters."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def recognised_format(text: str) -> str | None:
    """``"cif"``, ``"poscar"``, ``"extxyz"``, ``"json"`` or that of a calculation; None if it is none of these."""
    recognised = _format_of(plain_text(text))
    return None if recognised is None else recognised[0]


def _format_of(text: str) -> tuple[str, Callable[[str], StructureReading]] | None:
    """Name and reader."""
    if text.lstrip()[:1] in ("{", "["):
        return "json", read_structure_json
    lines = text.split("\n")
    if any(line.lstrip()[:20].lower().startswith(_CIF_TAGS) for line in lines):
        return "cif", read_cif
    head = list(islice(lines, _HEAD))
    if is_poscar(head):
        return "poscar", read_poscar
    if calculation := calculation_format(lines):
        return calculation.name, calculation.read
    return ("extxyz", read_extended_xyz) if is_extended_xyz(head) else None


def begins_like_a_structure(text: str) -> bool:
    """Whether a text, perhaps cut short, is one of a structure, whatever its file is called.

    Tables with structures in their cells are none.
    """
    plain = plain_text(text)
    lines = [line.strip().lower() for line in plain.split("\n")]
    first = next((line for line in lines if line and not line.startswith("#")), "")
    recognised = _format_of(plain)
    match None if recognised is None else recognised[0]:
        case None:
            return first.startswith("data_") and " " not in first
        case "json":
            return holds_structures(plain)
        case "cif":
            return first.startswith(_CIF_BEGINS)
        case "extxyz":
            return "lattice" in lines[1]
        case _:
            return True


def read_structure_text(text: str) -> StructureReading:
    """The structure in a text.

    Raises
    ------
    StructureError
        If the text is of no format that is known, or cannot be read.
    """
    if len(text) > BUDGET.bytes_per_structure:
        limit = BUDGET.bytes_per_structure // 1_000_000
        raise StructureError(f"it has more than {limit} MB", "leave it out or reduce it to one cell")
    plain = plain_text(text)
    recognised = _format_of(plain)
    if recognised is None:
        raise StructureError(f"no {KINDS}", "give one of these, as text or path")
    return run_reader(recognised[1], plain)
