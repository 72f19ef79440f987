"""How a representation is asked for: by its name, one of its parts, or with weights of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


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
        """From text as above."""
        asked, _, weights = text.partition("=")
        name, _, part = asked.partition("/")
        return cls(name, part, weights)

    @property
    def whole(self) -> str:
        """The text that asks for the whole."""
        return f"{self.name}={self.weights}" if self.weights else self.name
