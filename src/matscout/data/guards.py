"""Foreign readers and files from elsewhere: whatever they raise becomes an error in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from matscout.errors import InputError, MatscoutError

LONGEST = 300
"""Characters of a foreign error's own words."""


@contextmanager
def guarded(what: str, advice: str, kind: type[MatscoutError] = InputError) -> Iterator[None]:
    """Whatever is raised within becomes an error of ``kind``: ``what (why); advice``.

    Errors of matscout stay as they are, and so do Ctrl-C and the end of the process. Libraries in Rust raise panics,
    which are no Exceptions.

    Parameters
    ----------
    what, advice
        As in "gaps.xlsx cannot be opened as a spreadsheet" and "save it again".
    kind
        The error that is raised.
    """
    try:
        yield
    except (MatscoutError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise kind(f"{what} ({words_of(error)}); {advice}") from error


def words_of(error: BaseException) -> str:
    """What an error says, on one line and not at length."""
    if isinstance(error, MemoryError):
        return "it does not fit into memory"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, KeyError):
        return f"{one_line(error)} is missing"
    return one_line(error) or type(error).__name__


def one_line(message: object) -> str:
    """The words of an error or a warning without line breaks, cut off where they are long."""
    words = " ".join(str(message)[: 10 * LONGEST].split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."
