"""The 530 settings of the space groups by symbol, and which of them a cell allows.

International Tables A; Hall, Acta Cryst. A37 (1981) 517.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.spglib_calls import ask_spglib
from matscout.data.structure_readings import StructureError

SETTINGS = 530

LONGEST = 200
"""Characters of an operation."""

METRIC = 0.05
"""How far an operation may change the metric of the cell, relative to the product of two edges; relaxed and measured
cells are rounded, and symmetry is found within tolerances."""

_SAME_METRIC = 0.002
_MONOCLINIC = range(3, 16)
_CUBIC = range(195, 231)
_ONCE_SPELLED = {
    **dict(zip(range(191, 197), ("Abm2", "Bma2", "B2cm", "C2mb", "Cm2a", "Ac2m"), strict=True)),
    **dict(zip(range(203, 209), ("Aba2", "Bba2", "B2cb", "C2cb", "Cc2a", "Ac2a"), strict=True)),
    **dict(zip(range(304, 310), ("Cmca", "Ccmb", "Abma", "Acam", "Bbcm", "Bmab"), strict=True)),
    **dict(zip(range(316, 322), ("Cmma", "Cmmb", "Abmm", "Acmm", "Bmcm", "Bmam"), strict=True)),
    **dict(zip(range(322, 334, 2), ("Ccca", "Cccb", "Abaa", "Acaa", "Bbcb", "Bbab"), strict=True)),
    **dict(zip(range(323, 335, 2), ("Ccca", "Cccb", "Abaa", "Acaa", "Bbcb", "Bbab"), strict=True)),
}
"""Hall number -> symbol before the double glide plane e had a letter (de Wolff et al., Acta Cryst. A48 (1992) 727)."""


@dataclass(frozen=True, eq=False)
class SpaceGroupOperations:
    """n symmetry operations: rotations int [n, 3, 3] and translations float64 [n, 3], on fractional coordinates."""

    rotations: NDArray[np.int64]
    translations: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rotations)


@dataclass(frozen=True)
class Setting:
    """One setting of a space group: its number, symbols as they are compared, choice, and Hall number and symbol."""

    hall_number: int
    number: int
    symbols: frozenset[str]
    choice: str
    hall_symbol: str
    name: str

    def operations(self) -> SpaceGroupOperations:
        """All operations in the conventional cell."""
        return _operations(self.hall_number)


def squeezed(symbol: str) -> str:
    """A symbol without blanks, underscores and quotation marks, in lower case."""
    return re.sub(r"[\s_'\"]", "", symbol).lower()


@cache
def settings() -> tuple[Setting, ...]:
    """All settings, in the order of their Hall numbers."""
    return tuple(_setting(hall) for hall in range(1, SETTINGS + 1))


def _setting(hall: int) -> Setting:
    import spglib

    group: Any = ask_spglib(spglib.get_spacegroup_type, hall)
    written = [*group.international.split("="), group.international_full, group.international_short]
    name = group.international_full.replace("_", "") if group.number in _MONOCLINIC else written[0].strip()
    if group.number in _MONOCLINIC:
        # The short symbol of the standard setting is listed with every setting; that of this one has no 1 in it.
        own = [part for part in written[1:-1] if part.strip()]
        written = [*own, *(" ".join(word for word in part.split() if word != "1") for part in own)]
    symbols = {squeezed(symbol) for symbol in written if symbol.strip()}
    if group.number in _CUBIC:
        symbols |= {symbol.replace("-3", "3") for symbol in symbols}
    if hall in _ONCE_SPELLED:
        symbols.add(squeezed(_ONCE_SPELLED[hall]))
    return Setting(hall, group.number, frozenset(symbols), group.choice.lower(), _spaced(group.hall_symbol), name)


@cache
def _operations(hall: int) -> SpaceGroupOperations:
    import spglib

    stored: Any = ask_spglib(spglib.get_symmetry_from_database, hall)
    return SpaceGroupOperations(
        np.asarray(stored["rotations"], dtype=np.int64), np.asarray(stored["translations"], dtype=np.float64)
    )


@cache
def _by_symbol() -> dict[str, tuple[Setting, ...]]:
    by_symbol: dict[str, list[Setting]] = {}
    for setting in settings():
        for symbol in setting.symbols:
            by_symbol.setdefault(symbol, []).append(setting)
    return {symbol: tuple(several) for symbol, several in by_symbol.items()}


def settings_of_symbol(symbol: str) -> tuple[Setting, ...]:
    """The settings that a Hermann-Mauguin symbol may mean, perhaps with a choice behind it (``:2``, ``Z``, ``:R``)."""
    base, colon, choice = squeezed(symbol).partition(":")
    if not colon:
        if exact := _by_symbol().get(base):
            return exact
        base, choice = base[:-1], {"z": "2", "s": "1"}.get(base[-1:], base[-1:])
    several = _by_symbol().get(base, ())
    if choice in ("z", "s"):
        choice = {"z": "2", "s": "1"}[choice]
    chosen = [setting for setting in several if setting.choice.startswith(choice)]
    return tuple(chosen) or (several if choice in ("1", "2", "h") and not any(map(_choice, several)) else ())


def _choice(setting: Setting) -> str:
    return setting.choice


def settings_of_hall(symbol: str) -> tuple[Setting, ...]:
    """The settings with a Hall symbol; none if it is not written as in the tables."""
    # Some programs write = for the double prime, which is a quotation mark of CIF, or leave the blanks out.
    wanted = _spaced(symbol.replace("=", '"'))
    if exact := tuple(setting for setting in settings() if setting.hall_symbol == wanted):
        return exact
    joined = tuple(setting for setting in settings() if setting.hall_symbol.replace(" ", "") == wanted)
    return joined if len({setting.number for setting in joined}) == 1 else ()


def _spaced(symbol: str) -> str:
    return " ".join(symbol.replace("_", " ").split()).lower()


def settings_of_number(number: int) -> tuple[Setting, ...]:
    """The settings of a space group."""
    return tuple(setting for setting in settings() if setting.number == number)


def metric_change(rotations: NDArray[np.int64], lattice: NDArray[np.float64]) -> float:
    """The largest change that operations make to the metric of a cell (3 x 3, rows are vectors), relative."""
    metric = lattice @ lattice.T
    edges = np.sqrt(np.diag(metric))
    turned = np.transpose(rotations, (0, 2, 1)) @ metric @ rotations
    return float((np.abs(turned - metric) / np.outer(edges, edges)).max())


def allowed_by_cell(several: Iterable[Setting], lattice: NDArray[np.float64]) -> list[Setting]:
    """Those settings whose operations keep the metric of the cell best, in order; none if all change it."""
    changes = {setting: metric_change(setting.operations().rotations, lattice) for setting in several}
    least = min(changes.values(), default=np.inf)
    if least > METRIC:
        return []
    return [setting for setting, change in changes.items() if change <= least + _SAME_METRIC]


_TERM = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)?(?:/(\d+))?\*?([xyz]?)")


def operations_of_texts(texts: Sequence[str]) -> SpaceGroupOperations:
    """Operations written like ``-x+1/2, y, -z`` (a number before them and a time reversal behind them are left out).

    Raises
    ------
    StructureError
        If one cannot be read, or is no rotation with a shift.
    """
    rotations, translations = zip(*map(_operation, texts), strict=True)
    return SpaceGroupOperations(np.array(rotations, dtype=np.int64), np.array(translations, dtype=np.float64))


def _operation(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if len(text) > LONGEST:
        raise _no_operation(text)
    parts = text.lower().split(",")
    first = parts[0].split()
    if len(first) > 1 and first[0].isdecimal():
        parts[0] = "".join(first[1:])
    if len(parts) not in (3, 4) or (len(parts) == 4 and parts[3].strip() not in ("1", "+1", "-1")):
        raise _no_operation(text)
    rotation, translation = np.zeros((3, 3), dtype=np.int64), np.zeros(3)
    for row, part in enumerate(parts[:3]):
        at, squeezed_part = 0, "".join(part.split())
        while at < len(squeezed_part):
            term = _TERM.match(squeezed_part, at)
            if term is None or term.end() == at or not (term[2] or term[4]) or (at and not term[1]):
                raise _no_operation(text)
            value = float(term[2] or 1) / (float(term[3]) if term[3] else 1.0) * (-1.0 if term[1] == "-" else 1.0)
            if term[4]:
                rotation[row, "xyz".index(term[4])] += round(value)
            else:
                translation[row] += value
            at = term.end()
    if abs(round(np.linalg.det(rotation))) != 1:
        raise _no_operation(text)
    return rotation, _rounded(translation)


def _rounded(translation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shifts are multiples of a twelfth or an eighth; files may give three digits of them."""
    ideal = np.round(translation * 24) / 24
    return np.where(np.abs(ideal - translation) < 1e-3, ideal, translation) % 1.0


def _no_operation(text: str) -> StructureError:
    return StructureError(f"{text[:60]!r} is not a symmetry operation", "write it like -x+1/2, y, -z")


def is_closed(operations: SpaceGroupOperations) -> bool:
    """Whether the product of any two operations is one of them, up to lattice translations."""
    rotations, translations = operations.rotations, operations.translations
    keys = set(_keys(rotations, translations))
    for rotation, translation in zip(rotations, translations, strict=True):
        products = _keys(rotation @ rotations, translations @ rotation.T + translation)
        if not keys.issuperset(products):
            return False
    return True


def _keys(rotations: NDArray[np.int64], translations: NDArray[np.float64]) -> list[bytes]:
    shifts = np.round(translations * 120).astype(np.int64) % 120
    rows = np.concatenate([rotations.reshape(-1, 9), shifts], axis=1).astype(np.int16)
    return [row.tobytes() for row in rows]
