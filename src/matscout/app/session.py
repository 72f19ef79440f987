"""One run of a command: what it has said, how loud it is, and how it ends for programs that read it."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from matscout.errors import InputError
from matscout.version import __version__

PARTLY = 3
"""Exit code of a command that did a part of what it was asked."""

SCHEMA = 1
"""Version of the JSON document: keys are added, none changes its meaning within a version."""

_NUMBER = re.compile(r"[+-]?(\d+(,\d{3})+|\d+)(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)


@dataclass
class Session:
    """What a command has said until now.

    Parameters
    ----------
    command
        Its name.
    as_json
        Whether standard output is one JSON document, written at the end.
    quiet, verbose
        Whether remarks are left out; whether all are told, with times.
    overwrite
        Whether earlier results are replaced.
    log
        File to which each line goes with time and level.
    lines, tables, remarks
        What was said, shown and noted.
    results
        What commands give besides: name -> plain data.
    partly
        What was left undone, a sentence each.
    """

    command: str = ""
    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    log: Path | None = None
    overwrite: bool = False
    lines: list[str] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    partly: list[str] = field(default_factory=list)

    def write_log(self, level: str, text: str) -> None:
        """Add a line to the log, if there is one."""
        if self.log is None:
            return
        time = datetime.now(tz=UTC).isoformat(timespec="milliseconds")
        with suppress(OSError), self.log.open("a", encoding="utf-8") as file:
            file.writelines(f"{time} {level} {line}\n" for line in text.splitlines() or [""])

    def document(self, code: int, error: str = "", kind: str = "") -> dict[str, Any]:
        """The JSON document of a run that ended with exit code ``code``."""
        return {
            "schema": SCHEMA,
            "matscout": __version__,
            "command": self.command,
            "exit_code": code,
            "error": {"kind": kind, "message": error} if error else None,
            "partly": self.partly,
            "remarks": self.remarks,
            "results": {"lines": self.lines, "tables": self.tables, **self.results},
        }


_session = Session()


def session() -> Session:
    """The run at hand."""
    return _session


def begin(**options: Any) -> Session:
    """A new run with these settings.

    Raises
    ------
    InputError
        If the log cannot be written.
    """
    global _session  # noqa: PLW0603 - a process runs one command at a time
    _session = Session(**options)
    if _session.log is not None:
        try:
            _session.log.parent.mkdir(parents=True, exist_ok=True)
            _session.log.open("a", encoding="utf-8").close()
        except OSError as error:
            place, _session.log = _session.log, None
            raise InputError(f"the log {place} cannot be written: {error.strerror}") from error
    return _session


def give(name: str, value: object) -> None:
    """Results as data for ``--json``, beside what is said and shown: frames, records, plain values."""
    if _session.as_json:
        _session.results[name] = plain(value)


def partly(reason: str) -> None:
    """Say that a part of what was asked could not be done: the run ends with exit code 3."""
    _session.partly.append(reason)


def may_replace(path: Path) -> bool:
    """Whether an earlier result is replaced: if it is said, or a person at a terminal says so."""
    if _session.overwrite:
        return True
    if _session.as_json or _session.quiet or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    import typer

    return typer.confirm(f"{path} already exists; replace it?", default=False, err=True)


def add_table(header: Sequence[str], rows: Sequence[Sequence[str]], title: str | None) -> None:
    """Take down a table that is shown; cells that are numbers become numbers."""
    records = [dict(zip(header, map(_value, row), strict=True)) for row in rows]
    _session.tables.append({"title": title or "", "columns": list(header), "rows": records})


def write_document(code: int, error: str = "", kind: str = "") -> None:
    """Write the JSON document to standard output."""
    text = json.dumps(_session.document(code, error, kind), ensure_ascii=False, allow_nan=False, indent=1)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _value(cell: str) -> str | float | bool | None:
    if cell in ("", "True", "False"):
        return {"": None, "True": True, "False": False}[cell]
    if not _NUMBER.fullmatch(cell):
        return cell
    number = float(cell.replace(",", ""))
    return int(number) if re.fullmatch(r"[+-]?[\d,]+", cell) else number


def plain(value: object) -> Any:
    """Any value as JSON has it; numbers that are none, or infinite, are null."""
    if hasattr(value, "to_dicts"):
        value = value.to_dicts()
    elif is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    elif hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
