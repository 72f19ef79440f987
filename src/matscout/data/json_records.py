"""JSON as columns: an array of records, an object of columns and data (of matminer), or one record per line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matscout.data.column_sizes import refuse_many_cells
from matscout.data.encodings import decoded
from matscout.data.json_texts import parse_json
from matscout.data.unpacking import bare
from matscout.errors import InputError, RowProblem

JSON_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, eq=False)
class Records:
    """Columns of values of any kind.

    Parameters
    ----------
    columns
        Name -> n values.
    numbers
        Row numbers, n; None if they are 1 to n.
    problems
        Lines that are no records.
    """

    columns: Mapping[str, Sequence[Any]]
    numbers: Sequence[int] | None = None
    problems: tuple[RowProblem, ...] = ()


def is_json(name: str, content: bytes) -> bool:
    """Whether the bytes of a file, unpacked, are JSON: by the file's name, or by its first character."""
    return bare(name).suffix.lower() in (*JSON_LINES, ".json") or content.lstrip()[:1] in (b"[", b"{")


def read_json(name: str, content: bytes) -> Records:
    """The records of a file.

    Raises
    ------
    InputError
        If there are none.
    """
    text = decoded(content)
    try:
        whole = parse_json(text)
    except ValueError as error:
        if text.lstrip().startswith("["):
            raise _no_json(name, error) from error
        return _read_json_lines(name, text)
    if isinstance(whole, dict) and {"columns", "data"} <= whole.keys():
        return _read_split_json(name, whole)
    records = whole if isinstance(whole, list) else [whole]
    if not records or not all(isinstance(record, dict) for record in records):
        raise InputError(f"{name} contains no records; write one object per line, or an array of objects")
    return Records(_columns_of(name, records))


def _read_split_json(name: str, whole: Mapping[str, Any]) -> Records:
    try:
        columns = map(list, zip(*whole["data"], strict=True))
        return Records(dict(zip(map(str, whole["columns"]), columns, strict=True)))
    except (TypeError, ValueError) as error:
        raise _no_json(name, error) from error


def _read_json_lines(name: str, text: str) -> Records:
    """One record per line; the lines that are none are problems."""
    records, numbers, problems = [], [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        record = _record(line)
        if record is None:
            advice = 'write one object per line, {"formula": "NaCl", ...}'
            problems.append(RowProblem(number, line.strip(), "this line is not a valid JSON object", advice))
        else:
            records.append(record)
            numbers.append(number)
    if not records:
        raise _no_json(name, problems[0] if problems else "it is blank")
    return Records(_columns_of(name, records), numbers, tuple(problems))


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = parse_json(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _columns_of(name: str, records: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(key for record in records for key in record)
    refuse_many_cells(name, len(records), len(names))
    return {key: [record.get(key) for record in records] for key in names}


def _no_json(name: str, why: object) -> InputError:
    return InputError(f"{name} is not valid JSON: {why}; write one record per line, or an array of records")
