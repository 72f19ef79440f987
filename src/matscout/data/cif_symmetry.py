"""The symmetry operations of a data block of CIF: those listed, or those of the setting that its symbols name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matscout.data.cif_syntax import ABSENT, CifBlock
from matscout.data.space_group_settings import (
    LONGEST,
    METRIC,
    Setting,
    SpaceGroupOperations,
    allowed_by_cell,
    is_closed,
    metric_change,
    operations_of_texts,
    settings_of_hall,
    settings_of_number,
    settings_of_symbol,
    squeezed,
)
from matscout.data.structure_readings import StructureError

LISTED = ("_symmetry_equiv_pos_as_xyz", "_space_group_symop_operation_xyz")
LISTED_MAGNETIC = ("_space_group_symop_magn_operation_xyz",)
CENTRINGS = ("_space_group_symop_magn_centering_xyz",)
SYMBOLS = (
    "_space_group_name_h_m_alt",
    "_symmetry_space_group_name_h_m",
    "_space_group_name_h_m_full",
    "_symmetry_space_group_name_h_m_alt",
    "_space_group_name_h_m",
    "_space_group_name_h_m_ref",
)
HALL_SYMBOLS = ("_space_group_name_hall", "_symmetry_space_group_name_hall")
NUMBERS = ("_space_group_it_number", "_symmetry_int_tables_number")
TAGS = (*LISTED, *LISTED_MAGNETIC, *SYMBOLS, *HALL_SYMBOLS, *NUMBERS)
MOST = 1000
"""Symmetry operations in a list; a face-centred cubic cell has 192, cells that are multiples of another one more."""

_MODULATED = "_cell_modulation_dimension"
_WRITE_OPERATIONS = "list the operations (_space_group_symop_operation_xyz), or write all atoms in P1"


@dataclass(frozen=True, eq=False)
class PossibleSymmetry:
    """Operations that a block may mean, what is to be said about them, and the settings that it names.

    Parameters
    ----------
    operations
        All of the space group in the cell of the file.
    remarks
        Sentences.
    declared
        Settings of the symbols in the block, those that the cell allows.
    listed
        Whether the operations stand in the file.
    """

    operations: SpaceGroupOperations
    remarks: tuple[str, ...] = ()
    declared: tuple[Setting, ...] = ()
    listed: bool = False


def possible_symmetries(block: CifBlock, lattice: NDArray[np.float64]) -> list[PossibleSymmetry]:
    """What the symmetry of a block may be, the likeliest first; several where its origin choice is not said.

    Parameters
    ----------
    block
        Of a structure.
    lattice
        Rows are the cell vectors, Å, [3, 3].

    Raises
    ------
    StructureError
        If the operations do not fit the cell, form no group, or no setting has the symbols.
    """
    modulated = ("it is modulated, and its average structure is read",) * bool(block.value(_MODULATED))
    if texts := _listed(block):
        if len(texts) > MOST:
            raise StructureError(f"it lists {len(texts)} symmetry operations", f"no space group needs more than {MOST}")
        operations = _checked(operations_of_texts(texts), lattice)
        named = () if block.column(*LISTED_MAGNETIC) else tuple(_declared(block, lattice, strict=False))
        return [PossibleSymmetry(operations, modulated, named, listed=True)]
    if any("magn" in tag and "space_group" in tag for tag in block.columns):
        raise StructureError("its magnetic symmetry operations are not listed", _WRITE_OPERATIONS)
    if not any(map(block.value, TAGS)):
        alone = SpaceGroupOperations(np.eye(3, dtype=np.int64)[None], np.zeros((1, 3)))
        return [PossibleSymmetry(alone, ("its symmetry is not given: all atoms are assumed to be listed",))]
    declared = _declared(block, lattice, strict=True)
    remark = _ambiguity(declared)
    return [PossibleSymmetry(setting.operations(), modulated, (setting,)) for setting in declared[:1]] + [
        PossibleSymmetry(setting.operations(), (*modulated, *remark), (setting,)) for setting in declared[1:]
    ]


def _ambiguity(declared: Sequence[Setting]) -> tuple[str, ...]:
    return ("its origin choice is not given: the one that its formula and distances allow is used",) * (
        len(declared) > 1
    )


def _listed(block: CifBlock) -> list[str]:
    """The operations as texts; those of magnetic structures times their centrings."""
    magnetic = _joined(block.column(*LISTED_MAGNETIC))[: MOST + 1]
    if not magnetic:
        return next((texts for tag in LISTED if (texts := _joined(block.column(tag)))), [])
    centrings = _joined(block.column(*CENTRINGS))[: MOST + 1] or ["x,y,z"]
    return [_shifted(text, centring) for centring in centrings for text in magnetic]


def _joined(values: Iterable[str]) -> list[str]:
    """Operations, where words of one that lacks its quotation marks were taken for several values."""
    texts: list[str] = []
    for value in values:
        if texts and len(texts[-1]) < LONGEST and not _is_whole(texts[-1]):
            texts[-1] += value
        else:
            texts.append(value)
    return [text for text in texts if text.strip() not in ABSENT]


def _is_whole(text: str) -> bool:
    return text.count(",") >= 2 and not text.rstrip().endswith(",")


def _shifted(text: str, centring: str) -> str:
    shift = operations_of_texts([centring]).translations[0]
    parts = text.split(",")
    moved = [f"{part}+{float(amount)!r}" for part, amount in zip(parts, shift, strict=False)]
    return ",".join([*moved, *parts[3:]])


def _checked(operations: SpaceGroupOperations, lattice: NDArray[np.float64]) -> SpaceGroupOperations:
    if metric_change(operations.rotations, lattice) > METRIC:
        reason = "its symmetry operations do not keep the shape of its unit cell"
        raise StructureError(reason, "check the cell and the operations: both must be of one setting")
    if not is_closed(operations):
        raise StructureError(
            "its list of symmetry operations is incomplete", "list all, including those of the centring"
        )
    return operations


def _declared(block: CifBlock, lattice: NDArray[np.float64], *, strict: bool) -> list[Setting]:
    """The settings that the symbols and the number mean; without ``strict`` none where they contradict."""
    try:
        return _allowed(block, _named(block), lattice)
    except StructureError:
        if strict:
            raise
        return []


def _named(block: CifBlock) -> list[Setting]:
    hall = block.value(*HALL_SYMBOLS)
    by_hall = list(settings_of_hall(hall)) if hall else []
    symbols = list(dict.fromkeys(text for tag in SYMBOLS if (text := block.value(tag))))
    number = _number(block)
    settings = by_hall or next((list(several) for text in symbols if (several := settings_of_symbol(text))), [])
    if not settings:
        return _by_number(symbols or ([hall] if hall else []), number)
    agreeing = [setting for setting in settings if number in (None, setting.number)]
    if not agreeing:
        names = f"{symbols[0] if symbols else hall} is number {settings[0].number}"
        raise StructureError(f"its space group contradicts itself: {names}, not {number}", "correct one of them")
    return agreeing


def _number(block: CifBlock) -> int | None:
    text = block.value(*NUMBERS) or ""
    digits = re.match(r"\d{1,3}", text)
    return int(digits[0]) if digits and 1 <= int(digits[0]) <= 230 else None


def _by_number(symbols: Sequence[str], number: int | None) -> list[Setting]:
    """The settings of a number; with a symbol that is not known, those with its centring."""
    several = list(settings_of_number(number)) if number else []
    if not symbols:
        return several
    centring = squeezed(symbols[0])[:1]
    same = [setting for setting in several if setting.name[0].lower() == centring]
    if len({setting.name for setting in same}) != 1:
        beside = f" among the settings of number {number}" if number else ""
        reason = f"its space group {symbols[0]} is not recognised{beside} and no symmetry operations are listed"
        raise StructureError(reason, _WRITE_OPERATIONS)
    return same


def _allowed(block: CifBlock, settings: Sequence[Setting], lattice: NDArray[np.float64]) -> list[Setting]:
    if not settings:
        return []
    allowed = allowed_by_cell(settings, lattice)
    if not allowed:
        symbol = block.value(*SYMBOLS, *HALL_SYMBOLS, *NUMBERS)
        reason = f"the symmetry of its space group {symbol} does not keep the shape of its unit cell"
        raise StructureError(reason, "check the cell and the setting of the symbol (unique axis, :H or :R)")
    first = allowed[0]
    return [first, *(other for other in allowed[1:] if other.name == first.name and _origin(other) != _origin(first))]


def _origin(setting: Setting) -> str:
    return setting.choice[:1] if setting.choice[:1] in ("1", "2") else ""
