"""How a representation or a model is asked for: by its name, one of its parts, options, or weights of one's own."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import Parameter, signature
from pathlib import Path
from typing import Any, Self, Union, get_args, get_origin

from matscout.errors import UsageError
from matscout.represent.former_names import present_representation

OPTIONS_ELSEWHERE = ("metric", "fast", "seed")
"""Arguments that have options of their own on the command line."""
TABLES = "elements"
"""The representation that takes the name of a table, which is no folder even where there is one of that name."""
YES_AND_NO = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Address:
    """``NAME``, ``NAME/PART``, ``NAME=FOLDER``, ``NAME/PART=FOLDER`` or ``NAME:OPTION=VALUE,OPTION=VALUE``.

    ``elements=TABLE`` names a table in place of a folder.

    Parameters
    ----------
    name
        In the catalogue of representations, or of models.
    part
        One of its parts (of a model: one of its ways to learn); "" for the whole.
    weights
        Folder written by ``matscout pretrain`` (``RUN/artefact``); "" for what comes with matscout. Some models take
        the name of a representation, or its address; ``elements`` takes the name of a table.
    options
        Settings by their names, as texts; a value may be an address itself.
    """

    name: str
    part: str = ""
    weights: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """From text as above.

        Raises
        ------
        UsageError
            If nothing follows the slash or the equals sign, or an option has no value.
        """
        name, given, options = text.partition(":")
        if given and not any(sign in name for sign in "=/"):
            return cls(name, options=_options(text, name, options))
        head, given, weights = text.partition("=")
        name, parted, part = head.partition("/")
        if (given and not weights) or (parted and not part):
            raise UsageError(f"{text!r} names {'no folder' if given and not weights else 'no part'}; use {name}")
        return cls(name, part, weights)

    def arguments(self, maker: Callable[..., object]) -> dict[str, Any]:
        """Part, weights and options, where they are asked for, as arguments of what is called so.

        Raises
        ------
        UsageError
            If it takes none, or a value is not of the kind that it takes.
        """
        taken = signature(maker, eval_str=bool(self.options)).parameters
        chosen = "table" if "table" in taken else "weights"
        wanted = {key: value for key, value in (("part", self.part), (chosen, self.weights)) if value}
        for key in wanted:
            if key not in taken:
                raise UsageError(f"{self.name} has no {'parts' if key == 'part' else key}: use {self.name}")
        free = [name for name in taken if name not in OPTIONS_ELSEWHERE]
        for key in self.options:
            if key not in free:
                there = f"its options are {', '.join(free)}" if free else "it has none"
                raise UsageError(f"{self.name} has no option {key!r}; {there}")
        return {**wanted, **{key: _value(self.name, taken[key], text) for key, text in self.options.items()}}

    @property
    def whole(self) -> str:
        """The text that asks for the whole."""
        if self.options:
            return f"{self.name}:{','.join(f'{key}={value}' for key, value in self.options.items())}"
        return f"{self.name}={self.weights}" if self.weights else self.name


def _options(text: str, name: str, options: str) -> dict[str, str]:
    values = {}
    for one in options.split(","):
        key, _, value = one.partition("=")
        if not key or not value:
            raise UsageError(f"{text!r}: an option is OPTION=VALUE, got {one!r}; use {name} to have none")
        values[key] = value
    return values


def _value(name: str, parameter: Parameter, text: str) -> Any:
    """What an option means, by the type of the argument."""
    kinds = get_args(parameter.annotation) if get_origin(parameter.annotation) in {Union, types.UnionType} else ()
    if types.NoneType in kinds and text == "none":
        return None
    if parameter.annotation is bool:
        if text not in YES_AND_NO:
            raise UsageError(f"{name}:{parameter.name}= takes yes or no; got {text!r}")
        return YES_AND_NO[text]
    if parameter.annotation is int:
        try:
            return int(text)
        except ValueError:
            raise UsageError(f"{name}:{parameter.name}= takes a whole number; got {text!r}") from None
    return text


def option_text(value: object) -> str:
    """The value of an option as an address has it."""
    return "none" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def with_whole_path(address: str) -> str:
    """The same address as it is saved: folders by their whole paths, found from anywhere, and today's names."""
    address = present_representation(address)
    parsed = Address.parse(address)
    if parsed.name == TABLES:
        return address
    if parsed.options:
        whole = {key: with_whole_path(value) for key, value in parsed.options.items()}
        return Address(parsed.name, options=whole).whole
    weights = parsed.weights
    return address.removesuffix(weights) + str(Path(weights).resolve()) if Path(weights or "=").is_dir() else address
