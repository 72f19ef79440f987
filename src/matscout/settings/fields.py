"""What is known of each setting: how it is called in files and on the command line, what it takes, what it is for."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import BaseMetadata, Ge, Gt, Le, Lt


@dataclass(frozen=True)
class SettingInfo:
    """What a type does not say of a setting: ``count: Annotated[int, Ge(1), SettingInfo(flags=("-k",))] = 20``.

    Parameters
    ----------
    key
        Its name in files, and on the command line behind ``--``; else that of the field, with hyphens.
    flags
        How it is given on the command line, if not by ``--KEY``.
    argument
        Whether it stands on the command line without a name.
    metavar
        What stands for its value in the help.
    panel
        Heading under which the help lists it.
    default
        What the help shows as the default, if not the value itself; False for nothing.
    help
        What it is for; else what the section ``Parameters`` of the docstring says of it.
    unit
        Of a number.
    words
        What is expected, if the type does not say it.
    commas
        Whether a text with commas is a list; else the option is given once for each entry.
    """

    key: str = ""
    flags: tuple[str, ...] = ()
    argument: bool = False
    metavar: str | None = None
    panel: str | None = None
    default: str | bool = True
    help: str = ""
    unit: str = ""
    words: str = ""
    commas: bool = False


@dataclass(frozen=True)
class SettingField:
    """One setting of a record.

    Parameters
    ----------
    name
        Of the field.
    annotation
        Its type with all that is annotated.
    info
        See there; key, flags and help are filled in.
    default
        What it is if nothing is given; ``dataclasses.MISSING`` if it must be given.
    """

    name: str
    annotation: Any
    info: SettingInfo
    default: Any

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is MISSING


@cache
def fields_of(record: Any) -> tuple[SettingField, ...]:
    """The settings of a dataclass, in order."""
    annotations = get_type_hints(record, include_extras=True)
    texts = {name: text for kind in reversed(record.__mro__) for name, text in _parameters(kind.__doc__).items()}
    return tuple(_field(one, annotations[one.name], texts.get(one.name, "")) for one in fields(record) if one.init)


def _field(field: Any, annotation: Any, text: str) -> SettingField:
    given = next((mark for mark in apart(annotation)[1] if isinstance(mark, SettingInfo)), SettingInfo())
    key = given.key or field.name.replace("_", "-")
    values = {one.name: getattr(given, one.name) for one in fields(SettingInfo)}
    values |= {"key": key, "flags": given.flags or (f"--{key}",), "help": given.help or text}
    made = field.default if field.default_factory is MISSING else field.default_factory()
    return SettingField(field.name, annotation, SettingInfo(**values), made)


def apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type, and what is annotated to it."""
    if get_origin(annotation) is Annotated:
        kind, *marks = get_args(annotation)
        return kind, tuple(marks)
    return annotation, ()


def is_record(annotation: Any) -> bool:
    """Whether it is a dataclass."""
    return isinstance(annotation, type) and is_dataclass(annotation)


def alternatives(annotation: Any) -> tuple[Any, ...]:
    """The members of a union; of other types the type itself."""
    kind = apart(annotation)[0]
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (annotation,)


def without_none(annotation: Any) -> Any:
    """``X`` for ``X | None``; other types as they are."""
    others = [one for one in alternatives(annotation) if one is not type(None)]
    return others[0] if len(others) == 1 else annotation


def entry_of(annotation: Any) -> Any:
    """``X`` for ``tuple[X, ...]``, ``list[X]`` and ``Sequence[X]``; None for what is no list."""
    kind = apart(annotation)[0]
    arguments = get_args(kind)
    if get_origin(kind) is tuple:
        return arguments[0] if len(arguments) == 2 and arguments[1] is Ellipsis else None
    return arguments[0] if get_origin(kind) in (list, Sequence) else None


def value_of_mapping(annotation: Any) -> Any:
    """``X`` for ``Mapping[str, X]``; None for what is no mapping."""
    kind = apart(annotation)[0]
    return get_args(kind)[1] if get_origin(kind) in (dict, Mapping) else None


def words_of(annotation: Any, *, single: bool = False) -> str:
    """What a type takes, for people: ``"a whole number from 1"``.

    Parameters
    ----------
    annotation
        The type.
    single
        Whether one entry counts as a list of one.
    """
    for mark in apart(annotation)[1]:
        if isinstance(mark, SettingInfo) and mark.words:
            return mark.words
    members = alternatives(annotation)
    if len(members) > 1:
        parts = [words_of(one, single=single) for one in sorted(members, key=lambda one: one is type(None))]
        return _either([name for words in dict.fromkeys(parts) for name in words.split(" or ")])
    entry = entry_of(annotation)
    if entry is None:
        return _named(annotation)[0]
    one, several = _named(entry)
    single = single and not is_record(apart(entry)[0])
    return f"{one}, or a list of {several}" if single else f"a list of {several}"


def expected(annotation: Any, *, single: bool = False) -> str:
    """``"expected a whole number from 1"``; see :func:`words_of`."""
    words = words_of(annotation, single=single)
    return f"expected {words}"


def _named(annotation: Any) -> tuple[str, str]:
    """One and several of a kind."""
    kind, marks = apart(annotation)
    limits = _limits(marks)
    if get_origin(kind) is Literal:
        words = _either([str(one) for one in get_args(kind)])
        return words, words
    if value_of_mapping(kind) is not None:
        words = f"names with {_named(value_of_mapping(kind))[1]}"
        return words, f"mappings of {words}"
    if len(alternatives(kind)) > 1:
        words = words_of(kind)
        return words, words
    one, several = NAMES.get(kind, ("names with values", "mappings") if is_record(kind) else ("anything", "anything"))
    return one + limits, several + limits


def _either(names: Sequence[str]) -> str:
    """``"a, b or c"``."""
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


NAMES: Mapping[Any, tuple[str, str]] = {
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("true or false", "true or false"),
    str: ("a text", "texts"),
    Path: ("the name of a file or folder", "names of files or folders"),
    type(None): ("null", "nulls"),
}
"""How one and several of a kind are called."""


def _limits(marks: Sequence[Any]) -> str:
    """``" from 0 to 1"``, ``" above 0"``, ``" from 0 to below 1"``."""
    bounds = {type(mark): mark for mark in marks if isinstance(mark, BaseMetadata)}
    low, above = (getattr(bounds.get(kind), name, None) for kind, name in ((Ge, "ge"), (Gt, "gt")))
    high, below = (getattr(bounds.get(kind), name, None) for kind, name in ((Le, "le"), (Lt, "lt")))
    if above is not None and below is not None:
        return f" between {above} and {below}"
    start = "" if low is None else f" from {low}"
    start += "" if above is None else f" above {above}"
    if high is not None:
        return f"{start} to {high}" if start else f" up to {high}"
    return start if below is None else f"{start} to below {below}" if start else f" below {below}"


_SECTION = re.compile(r"^(\w[\w ]*)\n-+\n", re.MULTILINE)
_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


def _parameters(docstring: str | None) -> dict[str, str]:
    """Name -> text of the section ``Parameters`` of a docstring in the way of NumPy."""
    pieces = _SECTION.split(inspect.cleandoc(docstring or ""))
    sections = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    texts: dict[str, str] = {}
    for entry in re.split(r"\n(?=\S)", sections.get("Parameters", "").strip()):
        names, _, text = entry.partition("\n")
        plain = _ROLE.sub(r"\1", " ".join(text.split())).replace("``", "`")
        texts |= {name.strip(): plain for name in names.partition(" : ")[0].split(",")}
    return texts
