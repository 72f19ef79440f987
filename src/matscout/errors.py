"""Errors for people: what was got, what was expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from reprlib import Repr

from matscout import mentions

_SHORT = Repr()
_SHORT.maxlevel = 2
_SHORT.maxstring = _SHORT.maxother = 80


def shortened(value: object) -> str:
    """A value as messages show it, whatever it holds: about 80 characters at most."""
    text = _SHORT.repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


class MatscoutError(Exception):
    """Base of every error that matscout raises on purpose; the command line prints it as one paragraph.

    The message names settings in the notation of :mod:`matscout.mentions`; ``str`` words it for its reader.
    """

    def __str__(self) -> str:
        return mentions.worded(super().__str__())


class InputError(MatscoutError):
    """The input cannot be used (command line: exit code 1)."""


class UsageError(MatscoutError):
    """An option or argument is wrong or contradicts another one (command line: exit code 2)."""


class ArtefactError(MatscoutError):
    """A saved model or representation cannot be read: damaged, too new, or not an artefact."""


class MissingExtraError(MatscoutError):
    """An optional dependency is not installed; the message names the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"this needs the package {package}: pip install 'matscout[{extra}]'")
        self._made_of = (package, extra)

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        """Errors come back from other processes as pickles."""
        return type(self), self._made_of


NOTHING_TO_DO = "no action is needed if this is right"
"""Advice on a row that was used as it was understood."""


@dataclass(frozen=True)
class RowProblem:
    """One input row that could not be used, or was used with a remark.

    Parameters
    ----------
    row
        Row number as the user sees it in the file: 1 is the first line of a text table or sheet (its header
        included); for folders and lists it is the position, from 1.
    value
        What stood there, shortened to 80 characters.
    reason
        Why it cannot be used as it is.
    advice
        What to do about it.
    dropped
        True if the row was left out, False if it was used with this remark.
    """

    row: int
    value: str
    reason: str
    advice: str
    dropped: bool = True

    def __post_init__(self) -> None:
        if len(self.value) > 80:
            object.__setattr__(self, "value", self.value[:77] + "...")

    def __str__(self) -> str:
        return mentions.worded(f"row {self.row}: {self.value!r}: {self.reason}; {self.advice}")
