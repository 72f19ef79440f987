"""Files and folders written whole or not at all: first beside their place, then moved there in one step.

A run that is stopped (Ctrl-C, power cut) leaves the old file or none, never half of a new one. ``os.replace`` is
atomic on POSIX and on Windows as long as both names are on one volume, hence the temporary name in the same folder.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ABANDONED = 86_400.0
"""Seconds after which nobody is at work any more."""

_MAKER = re.compile(r"(?P<machine>\w*)-(?P<process>\d+)\.\w{8}")
"""End of the name of an unfinished file or folder: who is at work on it."""

_OS_ERROR = re.compile(r"\(os error (\d+)\)")


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; on leaving without an error it becomes ``path``.

    The temporary name ends like ``path`` does, because some writers choose the format by it.

    Parameters
    ----------
    path
        The file to make or to replace; missing parent folders are made.

    Yields
    ------
    Path
        Where to write. It does not exist yet; if nothing is written there, nothing happens to ``path``.

    Raises
    ------
    OSError
        If it cannot be written, also where the writer says so in an error of another kind.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    workplace = _workplace(path)
    try:
        unfinished = workplace / path.name
        yield unfinished
        if unfinished.exists():
            os.replace(unfinished, path)  # noqa: PTH105 - named so in the docstring: the one atomic step
    except Exception as error:
        # Writers in Rust tell a full disk in errors of their own.
        if (match := _OS_ERROR.search(str(error))) and not isinstance(error, OSError):
            raise OSError(int(match[1]), os.strerror(int(match[1])), str(path)) from error
        raise
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give an empty temporary folder to fill; on leaving without an error it becomes the folder ``path``.

    An older folder at ``path`` is moved aside first and deleted last, so that it survives any failure before the
    new one is in place.

    Yields
    ------
    Path
        The folder to write into.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    workplace = _workplace(path)
    new, old = workplace / "new", workplace / "old"
    new.mkdir()
    try:
        yield new
        if path.exists():
            path.rename(old)
        try:
            new.rename(path)
        except OSError:
            if old.exists():
                old.rename(path)
            raise
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _workplace(path: Path) -> Path:
    """A hidden folder beside ``path``, named by it, this machine and this process.

    Those that killed processes have left there are removed.
    """
    mark = f".{path.name}."
    for one in path.parent.iterdir():
        if one.name.startswith(mark) and is_abandoned(one, one.name.removeprefix(mark)):
            shutil.rmtree(one, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{mark}{mark_of_maker()}.", dir=path.parent))


def mark_of_maker() -> str:
    """The machine and the process, as the names of what they have not finished begin."""
    return f"{_machine()}-{os.getpid()}"


def is_abandoned(unfinished: Path, named: str | None = None) -> bool:
    """Whether whoever was at work on a file or folder was killed or stopped.

    Parameters
    ----------
    unfinished
        Where it is.
    named
        ``MAKER.RANDOM`` with 8 random letters, the maker as :func:`mark_of_maker` has it; the whole name if not given.
    """
    maker = _MAKER.fullmatch(unfinished.name if named is None else named)
    if not maker or unfinished.is_symlink():
        return False
    return not _may_live(maker["machine"], int(maker["process"]), unfinished)


def _machine() -> str:
    return re.sub(r"\W", "", platform.node())[:20]


def _may_live(machine: str, process: int, workplace: Path) -> bool:
    """Whether a process may still be at work; where it cannot be asked, so for a day."""
    try:
        if time.time() - workplace.stat().st_mtime > _ABANDONED:
            return False
        if machine == _machine() and os.name == "posix":
            os.kill(process, 0)
    except (ProcessLookupError, FileNotFoundError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def write_text_whole(path: Path, text: str) -> Path:
    """Write ``text`` as UTF-8 with plain newlines, whole or not at all; returns ``path``."""
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)
