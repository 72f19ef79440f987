"""When, by which version and by what call a folder of results was made: ``made.json`` in it."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from matscout.version import __version__

MADE = "made.json"
"""File in a folder of results."""

_command = ""


@dataclass(frozen=True)
class Made:
    """How a folder came about.

    Parameters
    ----------
    matscout, python
        Versions.
    date
        Time of writing, ISO 8601, UTC.
    command
        The command line; "" for a call from Python.
    seed
        Seed of every random choice; None where there is no single one.
    """

    matscout: str
    python: str
    date: str
    command: str = ""
    seed: int | None = None


def set_command(command: str) -> None:
    """The command line of this process, for what is written from now on."""
    global _command  # noqa: PLW0603 - a process has one command line
    _command = command


def write_made(folder: Path, seed: int | None = None) -> None:
    """Write ``made.json`` into a folder that is being written."""
    date = datetime.now(tz=UTC).isoformat(timespec="seconds")
    made = Made(__version__, platform.python_version(), date, _command, seed)
    text = json.dumps(asdict(made), indent=1, ensure_ascii=False)
    (folder / MADE).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def read_made(folder: Path) -> Made | None:
    """What ``made.json`` says; None where there is none that can be read, as in results of older versions."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        held: Mapping[str, Any] = json.loads((folder / MADE).read_text(encoding="utf-8"))
        return Made(**{name: held[name] for name in ("matscout", "python", "date", "command", "seed")})
    return None
