"""How a representation or a model is asked for: by its name, one of its parts, or with weights of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Self

from matscout.errors import UsageError


@dataclass(frozen=True)
class Address:
    """``NAME``, ``NAME/PART``, ``NAME=FOLDER`` or ``NAME/PART=FOLDER``.

    Parameters
    ----------
    name
        In the catalogue of representations, or of models.
    part
        One of its parts (of a model: one of its ways to learn); "" for the whole.
    weights
        Folder written by ``matscout pretrain`` (``RUN/artefact``); "" for what comes with matscout. Some models take
        the name of a representation, or its address.
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

    def arguments(self, maker: Callable[..., object]) -> dict[str, str]:
        """Part and weights, where they are asked for, as arguments of what is called so.

        Raises
        ------
        UsageError
            If it takes none.
        """
        wanted = {key: value for key, value in (("part", self.part), ("weights", self.weights)) if value}
        for key in wanted:
            if key not in signature(maker).parameters:
                raise UsageError(f"{self.name} has no {'parts' if key == 'part' else key}: ask for {self.name}")
        return wanted

    @property
    def whole(self) -> str:
        """The text that asks for the whole."""
        return f"{self.name}={self.weights}" if self.weights else self.name


def with_whole_path(address: str) -> str:
    """The same address, its folder by its whole path: what is saved finds it again from anywhere."""
    weights = Address.parse(address).weights
    return address.removesuffix(weights) + str(Path(weights).resolve()) if Path(weights or "=").is_dir() else address
