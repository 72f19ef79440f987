"""Which column is which: formula, structure, id, target and error columns are named by the user or recognised."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from matscout.data.column_names import (
    key_of,
)
from matscout.data.missing import is_missing, is_missing_label, tidy
from matscout.data.tables import Table
from matscout.data.units import parse_unit, unit_and_note
from matscout.data.values import parse_values
from matscout.errors import InputError, UsageError

LONGEST_PATH = 1000
"""Letters of a cell that may be the path of a file."""

_ID_NAMES = re.compile(
    r"#|no|nr|idx|index|entry|label|name|code|key|sample|specimen|mpid|unnamed: ?\d*|column 1"
    r"|(.*[ _])?id|(row|sample)[_ ]?(name|no|nr|number)?"
    r"|probe(n?(nummer|name|nr\.?|bezeichnung))?|bezeichnung|nummer|lfd\.? ?nr\.?|échantillon|echantillon|numéro"
    r"|muestra|campione|amostra|monster|próbka|prov|образец|номер|样品|样品编号|编号|序号|試料|試料名|試料番号|番号|시료|번호"
)
_NOT_TARGETS = frozenset([
    "fold", "folds", "split", "splits", "doi", "year", "date", "reference", "references", "ref", "source", "sources",
    "comment", "comments", "note", "notes", "url", "link", "author", "authors", "paper", "citation", "nsites",
])  # fmt: skip
_ERROR_NAMES = (
    *("error", "err", "uncertainty", "unc", "std", "sd", "stdev", "standard deviation"),
    *("fehler", "unsicherheit", "standardabweichung", "messunsicherheit", "erreur", "incertitude", "écart type"),
    *("incertidumbre", "desviación estándar", "errore", "incertezza", "erro", "incerteza", "fout", "onzekerheid"),
    *("погрешность", "ошибка", "неопределенность", "błąd", "niepewność", "chyba", "nejistota", "hata"),
    *("误差", "不确定度", "标准差", "誤差", "不確かさ", "標準偏差", "오차", "불확도", "표준편차"),
)
_ERROR_WORDS = (*_ERROR_NAMES, "sigma", "standard error", "se")
_PLUS_MINUS = ("±", "+/-")
_BEFORE_NAME = tuple(f"{word} {between}" for word in (*_ERROR_WORDS, "delta", "d") for between in ("", "of ", "in "))
_DECIMAL = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?")
_SAMPLE = 300
_PARTLY = 0.3
MAX_CLASSES = 10
"""A text column with at most this many different values is recognised as classes; a named one may have more."""


class NoTargetError(InputError):
    """No column can be the target."""


class SeveralTargetsError(UsageError):
    """Several columns, ``candidates``, can be the target and none was named."""

    def __init__(self, candidates: Sequence[str], message: str) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


def sample_of(cells: Sequence[str | None]) -> list[str]:
    """Up to 300 filled cells spread evenly over the column."""
    filled = [cell for cell in cells if cell]
    step = max(1, len(filled) // _SAMPLE)
    return filled[::step]


def find_structure(table: Table, taken: Collection[str] = ()) -> str | None:
    """The column that holds structures as text or as paths of existing files; None if there is none."""
    for column in table.columns:
        sample = [cell for cell in table.column(column) if cell][:5]
        if column not in taken and sample and all(_is_structure(cell, table.folder) for cell in sample):
            return column
    return None


def _is_structure(cell: str, folder: Path | None) -> bool:
    from matscout.data.structure_folders import is_named_like_a_structure
    from matscout.data.structure_texts import recognised_format

    if "\n" in cell or cell.startswith("{"):
        form = recognised_format(cell)
        return '"lattice"' in cell if form == "json" else form is not None
    return is_named_like_a_structure(cell) and structure_path(cell, folder) is not None


def structure_path(cell: str, folder: Path | None) -> Path | None:
    """The existing file a cell names, relative to the table's folder or to the current one; None if there is none."""
    if "\n" in cell or len(cell) > LONGEST_PATH:
        return None
    for path in ([folder / cell] if folder else []) + [Path(cell)]:
        try:
            if path.is_file():
                return path
        except OSError:  # a name that no file can have
            return None
    return None


def may_be_id(name: str) -> bool:
    """Whether :func:`find_id` could choose a column of this name."""
    return bool(_ID_NAMES.fullmatch(key_of(name)))


def find_id(table: Table, taken: Collection[str]) -> str | None:
    """The column that names the rows: called like one, every cell filled and different."""
    for column in table.columns:
        if column not in taken and may_be_id(column):
            cells = table.column(column)
            if None not in cells and len(set(cells)) == len(cells):
                return column
    return None


def why_no_id(table: Table) -> str:
    """Why :func:`find_id` chose none: what is blank or stands twice in the first column that is called like one."""
    for column in filter(may_be_id, table.columns):
        seen: dict[str, int] = {}
        for cell, row in zip(table.column(column), table.row_numbers.tolist(), strict=True):
            if cell is None:
                return f"column {column!r} is blank in row {row}"
            if cell in seen:
                return f"column {column!r} holds {cell!r} in row {seen[cell]} and in row {row}"
            seen[cell] = row
    return "no column identifies each of them"


def is_numeric(cells: Sequence[str | None], share: float = 0.8) -> bool:
    """True if at least this share of the cells that hold something are numbers (judged from a sample).

    Text after a number must be a unit, or the same in most cells: "2a", "3b" are labels.
    """
    sample = [cell for cell in sample_of(cells) if not is_missing(cell)]
    if sample and all(map(_DECIMAL.fullmatch, sample)):
        return True
    parsed = parse_values(sample)
    units = parsed.units.tolist()
    behind = [unit_and_note(unit)[0] for unit in units]
    fine = [not unit or parse_unit(unit) or 2 * behind.count(unit) > len(behind) for unit in behind]
    is_number = parsed.readable & np.array(fine, dtype=np.bool_)
    is_number[list(parsed.reasons)] = True  # A number, though it is not known which.
    return bool(sample) and is_number.sum() >= share * len(sample)


def are_classes(cells: Sequence[str | None]) -> bool:
    """True for text cells with 2 to 10 different values, at least two rows for each on average."""
    filled = [tidy(cell).lower() for cell in cells if not is_missing_label(cell)]
    return 2 <= len(set(filled)) <= MAX_CLASSES and len(filled) >= 2 * len(set(filled))


def find_errors(targets: Iterable[str], columns: Sequence[str]) -> dict[str, str]:
    """Target -> the column with its errors: ``sigma_x``, ``x error``, ``x_std``, or ``±`` right of it."""
    places: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        places.setdefault(_words_of(column), []).append(place)
    following = dict(pairwise(columns))
    errors = {}
    for target in targets:
        name = _words_of(target)
        called = [*(f"{before}{name}" for before in _BEFORE_NAME), *(f"{name} {word}" for word in _ERROR_WORDS)]
        own = [place for one in called for place in places.get(one, ()) if columns[place] != target]
        if own:
            errors[target] = columns[min(own)]
        elif target in following and key_of(following[target]) in (*_PLUS_MINUS, *_ERROR_NAMES):
            errors[target] = following[target]
    return errors


def _words_of(column: str) -> str:
    return re.sub(r"[\W_]+", " ", key_of(column)).strip()


def find_target(table: Table, taken: Collection[str]) -> str:
    """The only column that can be a target: numeric, or else text with few different values.

    Raises
    ------
    NoTargetError
        If no column can be one.
    SeveralTargetsError
        If several can.
    """
    free = [
        column
        for column in table.columns
        if column not in taken and _NOT_TARGETS.isdisjoint(re.split(r"[\W_]+", key_of(column)))
    ]
    free = [column for column in free if not _is_numbering(table, column)]
    called_so = [column for column in free if key_of(column) in ("target", "y")]
    numeric = [column for column in free if is_numeric(table.column(column))]
    errors = set(find_errors(numeric, table.columns).values())
    candidates = [column for column in numeric if column not in errors]
    candidates = candidates or [column for column in free if are_classes(table.column(column))]
    candidates = called_so if len(called_so) == 1 else candidates
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise SeveralTargetsError(
            candidates,
            f"several columns could be the target: {', '.join(candidates)}; name it (--target), and the conditions "
            "of the measurement, such as a temperature (--context)",
        )
    partly = [column for column in free if is_numeric(table.column(column), share=_PARTLY)]
    if partly:
        mixed_columns = "; ".join(_partly_numeric(column, table.column(column)) for column in partly[:3])
        raise NoTargetError(f"{mixed_columns}; write numbers or leave those cells empty, or name it (--target)")
    raise NoTargetError(
        f"no column with a measured property was found among {', '.join(table.columns)}; add a column of numbers "
        "(or of classes, at most 10), or name it (--target)"
    )


def _partly_numeric(column: str, cells: Sequence[str | None]) -> str:
    """``"column 'gap' holds numbers in 4 of 6 cells, and else 'metal' (2)"``."""
    filled = [tidy(cell) for cell in cells if not is_missing(cell)]
    others = Counter(cell for cell in filled if not is_numeric([cell]))
    listed = ", ".join(f"{cell[:30]!r} ({count})" for cell, count in others.most_common(3))
    more = ", ..." if len(others) > 3 else ""
    numbers = len(filled) - sum(others.values())
    return f"column {column!r} holds numbers in {numbers:,} of {len(filled):,} cells, and else {listed}{more}"


def may_be_measured(table: Table, column: str) -> bool:
    """Whether a column of numbers may hold a measured quantity, not numbers of rows, years or the like."""
    return (
        _NOT_TARGETS.isdisjoint(re.split(r"[\W_]+", key_of(column)))
        and not _is_numbering(table, column)
        and is_numeric(table.column(column))
    )


def _is_numbering(table: Table, column: str) -> bool:
    """True for a column that only counts or names the rows."""
    key = key_of(column)
    if key == "id" or key.endswith((" id", "_id")):
        return True
    cells = table.column(column)
    return bool(_ID_NAMES.fullmatch(key)) and len(set(cells)) == len(cells)
