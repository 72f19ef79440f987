"""Where results may be written: asked before the work begins, so that minutes of it are not lost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matscout.errors import UsageError


def _always(path: Path) -> bool:
    return True


_may_replace: Callable[[Path], bool] = _always


@contextmanager
def asking_before_replacing(may_replace: Callable[[Path], bool]) -> Iterator[None]:
    """Inside the block an earlier result is replaced only where this says so of its path; elsewhere always."""
    global _may_replace  # noqa: PLW0603 - who is asked is a fact about the whole process
    before, _may_replace = _may_replace, may_replace
    try:
        yield
    finally:
        _may_replace = before


def _ask(path: Path) -> None:
    if not _may_replace(path):
        raise UsageError(f"{path} already exists: add --overwrite to replace it, or choose another name")


def result_folder(folder: Path, mark: str, *, goes_on: bool = False) -> Path:
    """The folder itself, if a result may be written there: nothing is there, or an earlier result.

    Parameters
    ----------
    folder
        Where to write.
    mark
        Name of what is in an earlier result, by which it is known.
    goes_on
        Whether an earlier result is taken up, not replaced.

    Raises
    ------
    UsageError
        If something else lies there, an earlier result must not be replaced, or nothing can be written there.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file; name a folder for the results")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).exists():
        raise UsageError(f"{folder} contains other files, which would be lost; name a new or empty folder")
    if (folder / mark).exists() and not goes_on:
        _ask(folder)
    refuse_unwritable(folder)
    return folder


def result_file(path: Path | None, *sources: Path, endings: tuple[str, ...] = ()) -> Path | None:
    """The path itself, if a file may be written there; None stays None.

    Parameters
    ----------
    path
        Where to write.
    sources
        What is read, and must not be replaced.
    endings
        Those that say what is written, ``(".csv", ".json")``; any if there are none.

    Raises
    ------
    UsageError
        If it is a folder or one of the sources, has another ending, must not be replaced, or nothing can be written
        there.
    """
    if path is None:
        return None
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file for the results")
    if endings and path.suffix.lower() not in endings:
        raise UsageError(f"{path} does not end in {' or '.join(endings)}, the format that is written")
    if path.exists() and any(source.exists() and path.samefile(source) for source in sources):
        raise UsageError(f"{path} is the input and would be overwritten; name another file for the results")
    if path.exists():
        _ask(path)
    refuse_unwritable(path)
    return path


def refuse_unwritable(path: Path) -> None:
    """Refuse a path that nothing can be written to, with a :class:`~matscout.errors.UsageError`.

    The nearest folder above ``path`` that is there is tried: what it allows cannot be told from its mode everywhere.
    """
    place = next(folder for folder in path.absolute().parents if folder.exists())
    try:
        with tempfile.TemporaryDirectory(dir=place):
            pass
    except OSError as error:
        raise UsageError(f"{place} cannot be written to ({error.strerror}); choose another place") from None
