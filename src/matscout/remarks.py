"""What a reader is told in a sentence, with a code that says which sentence it is whatever its words are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn


class Remark(str):
    """A sentence with a code; in everything else it is its text.

    Parameters
    ----------
    code
        Words with hyphens between them, e.g. "groups-not-used". It stays the same when the text is worded otherwise, so
        programs and tests ask for it.
    text
        The sentence.
    """

    __slots__ = ("code",)

    code: str

    def __new__(cls, code: str, text: str) -> Remark:
        """The sentence ``text``."""
        made = super().__new__(cls, text)
        object.__setattr__(made, "code", code)
        return made

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"a remark cannot be changed: {name}")

    def __reduce__(self) -> tuple[type[Remark], tuple[str, str]]:
        """Remarks come back from other processes."""
        return type(self), (self.code, str(self))

    def worded(self, text: str) -> Remark:
        """The same remark in other words."""
        return type(self)(self.code, text)

    def __str__(self) -> str:
        """The text alone."""
        return str.__str__(self)


def codes(remarks: Iterable[str]) -> list[str]:
    """The codes of those that have one, in order."""
    return [remark.code for remark in remarks if isinstance(remark, Remark)]


def worded(remark: str, text: str) -> str:
    """What says the same in other words: with the code of the remark, if it has one."""
    return remark.worded(text) if isinstance(remark, Remark) else text


def as_json(remark: str) -> str | dict[str, list[str]]:
    """A remark as JSON that keeps the code; texts without one stay as they are."""
    return {"remark": [remark.code, str(remark)]} if isinstance(remark, Remark) else remark


def from_json(node: Any) -> Any:
    """The remark of which :func:`as_json` made ``node``; anything else stays as it is."""
    match node:
        case {"remark": [str(code), str(text)]}:
            return Remark(code, text)
    return node
