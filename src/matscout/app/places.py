"""Where results may be written: asked before the work begins, so that minutes of it are not lost."""

from __future__ import annotations

from pathlib import Path

from matscout.errors import UsageError


def result_folder(folder: Path, mark: str) -> Path:
    """The folder itself, if a result may be written there: nothing is there, or an earlier result.

    Parameters
    ----------
    folder
        Where to write.
    mark
        Name of the file by which an earlier result is known.

    Raises
    ------
    UsageError
        If something else lies there.
    """
    if folder.is_file():
        raise UsageError(f"{folder} is a file; name a folder for the results")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / mark).is_file():
        raise UsageError(f"{folder} holds other files, which would be lost; name a new or empty folder")
    return folder


def result_file(path: Path | None) -> Path | None:
    """The path itself, if a file may be written there; None stays None.

    Raises
    ------
    UsageError
        If it is a folder.
    """
    if path is not None and path.is_dir():
        raise UsageError(f"{path} is a folder; name a file for the results")
    return path
