"""How a representation is asked for: by its name, one of its parts, or with weights of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from matscout.errors import UsageError


@dataclass(frozen=True)
class Address:
    """``NAME``, ``NAME/PART``, ``NAME=FOLDER`` or ``NAME/PART=FOLDER``.

    Parameters
    ----------
    name
        In the catalogue of representations.
    part
        One of its parts; "" for the whole.
    weights
        Folder written by ``matscout pretrain`` (``RUN/artefact``); "" for what comes with matscout.
    """

    name: str
    part: str = ""
    weights: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """From text as above.

        Raises
        ------
        UsageError
            If nothing follows the slash or the equals sign.
        """
        asked, given, weights = text.partition("=")
        name, parted, part = asked.partition("/")
        if (given and not weights) or (parted and not part):
            raise UsageError(f"{text!r} names {'no folder' if given and not weights else 'no part'}; ask for {name}")
        return cls(name, part, weights)

    @property
    def whole(self) -> str:
        """The text that asks for the whole."""
        return f"{self.name}={self.weights}" if self.weights else self.name
