"""One structure from one text: CIF, POSCAR, extended XYZ, JSON or another format, told apart by content."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from matscout.data.budgets import BUDGET
from matscout.data.structure_cif import read_cif
from matscout.data.structure_errors import StructureError, StructureReading, guarded
from matscout.data.structure_json import read_json
from matscout.data.structure_poscar import is_poscar, read_poscar
from matscout.data.structure_xyz import is_extended_xyz, read_extended_xyz

_CIF_TAGS = ("_cell_length_a", "_cell.length_a", "_atom_site_", "_atom_site.")
_HEAD = 8
"""Lines that tell a POSCAR or an extended XYZ file."""


def plain_text(text: str) -> str:
    """The text without a byte order mark, its lines ended by newline characters."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def recognised_format(text: str) -> str | None:
    """``"cif"``, ``"poscar"``, ``"extxyz"`` or ``"json"`` by content; None if it is none of these."""
    return _format_of(plain_text(text))


def _format_of(text: str) -> str | None:
    if text.lstrip()[:1] in ("{", "["):
        return "json"
    lines = text.split("\n")
    if any(line.lstrip()[:20].lower().startswith(_CIF_TAGS) for line in lines):
        return "cif"
    head = list(islice(lines, _HEAD))
    if is_poscar(head):
        return "poscar"
    return "extxyz" if is_extended_xyz(head) else None


def read_structure_text(text: str) -> StructureReading:
    """The structure in a text.

    Raises
    ------
    StructureError
        If the text is no CIF, POSCAR, extended XYZ or pymatgen JSON, or cannot be read.
    """
    if len(text) > BUDGET.bytes_per_structure:
        limit = BUDGET.bytes_per_structure // 1_000_000
        raise StructureError(f"it has more than {limit} MB", "leave it out or reduce it to one cell")
    plain = plain_text(text)
    name = _format_of(plain)
    if name is None:
        raise StructureError("no CIF, POSCAR, extended XYZ or pymatgen JSON", "give one of these, as text or path")
    return guarded(_READERS[name], plain)


_READERS: dict[str, Callable[[str], StructureReading]] = {
    "cif": read_cif,
    "poscar": read_poscar,
    "extxyz": read_extended_xyz,
    "json": read_json,
}
