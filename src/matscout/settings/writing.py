"""Settings as files and command lines say them, and what may be said, as a JSON schema."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, cast

from matscout.settings.fields import (
    SettingField,
    apart,
    entry_of,
    fields_of,
    is_record,
    value_of_mapping,
    without_none,
)


def to_plain(settings: object, *, complete: bool = False) -> dict[str, Any]:
    """Names with values, as :func:`~matscout.settings.checking.check_settings` takes them: JSON values.

    Parameters
    ----------
    settings
        A record.
    complete
        With those that are as they are if nothing is given.
    """
    plain, record = {}, cast("Any", type(settings))
    for field in fields_of(record):
        value = getattr(settings, field.name)
        if complete or field.required or value != field.default:
            plain[field.info.key] = _plain(value, complete=complete)
    return plain


def to_command_line(settings: object) -> list[str]:
    """The words of a command line that give these settings; those that are as they are without it are left out.

    Raises
    ------
    ValueError
        If one of them cannot be given on a command line: a record within the record, a switch that is on without it.
    """
    arguments, options, record = list[str](), list[str](), cast("Any", type(settings))
    for field in fields_of(record):
        value = getattr(settings, field.name)
        if not field.required and value == field.default:
            continue
        words = _words(field, value)
        if field.info.argument:
            arguments += words
        else:
            options += words
    return [*arguments, *options]


def command_of(name: str, *records: object) -> str:
    """The command line, quoted for a POSIX shell, that gives a command these records: ``"matscout scout a.csv"``."""
    words = [to_command_line(record) for record in records]
    n_arguments = [_n_arguments(record) for record in records]
    arguments = [word for part, n in zip(words, n_arguments, strict=True) for word in part[:n]]
    options = [word for part, n in zip(words, n_arguments, strict=True) for word in part[n:]]
    return shlex.join(["matscout", *name.split(), *arguments, *options])


def _n_arguments(record: object) -> int:
    """How many words of :func:`to_command_line` stand without a name."""
    fields, count = fields_of(cast("Any", type(record))), 0
    for field in fields:
        value = getattr(record, field.name)
        if field.info.argument and (field.required or value != field.default):
            count += len(value) if isinstance(value, list | tuple) else 1
    return count


def json_schema(record: type) -> dict[str, Any]:
    """What may be said of a record, as JSON schema (2020-12) with descriptions, units and defaults.

    A unit stands under ``x-unit``, since the standard has no word for it.
    """
    properties = {field.info.key: _schema_of(field) for field in fields_of(record)}
    required = [field.info.key for field in fields_of(record) if field.required]
    summary = (record.__doc__ or "").strip().split("\n", 1)[0]
    return {
        "type": "object",
        "title": record.__name__,
        "description": summary,
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _plain(value: object, *, complete: bool) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return to_plain(value, complete=complete)
    if isinstance(value, Mapping):
        return {str(name): _plain(one, complete=complete) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, complete=complete) for one in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _words(field: SettingField, value: object) -> list[str]:
    flag = [] if field.info.argument else [next(flag for flag in field.info.flags if flag.startswith("-"))]
    if isinstance(value, bool):
        switched = [*field.info.flags, *(f"--no-{one[2:]}" for one in field.info.flags if one.startswith("--"))]
        chosen = field.info.flags[0] if value else next((one for one in switched if one.startswith("--no-")), None)
        if chosen is None or field.default == value:
            raise ValueError(f"{field.info.key} cannot be set to {value} on a command line")
        return [chosen]
    plain = _plain(value, complete=False)
    if isinstance(plain, Mapping):
        if is_dataclass(value):
            raise ValueError(f"{field.info.key} cannot be given on a command line")
        return [word for name, one in plain.items() for word in (*flag, f"{name}={one}")]
    if isinstance(plain, list):
        if field.info.commas:
            return [*flag, ",".join(map(str, plain))]
        return [word for one in plain for word in (*flag, str(one))]
    return [*flag, str(plain)]


def _schema_of(field: SettingField) -> dict[str, Any]:
    schema = _schema(field.annotation)
    if field.info.help:
        schema["description"] = field.info.help
    if field.info.unit:
        schema["x-unit"] = field.info.unit
    if not field.required:
        schema["default"] = _plain(field.default, complete=True)
    return schema


def _schema(annotation: Any) -> dict[str, Any]:
    """Of a type; one entry of a list may stand for the list."""
    kind = without_none(annotation)
    if kind is not annotation:
        return {"anyOf": [_schema(kind), {"type": "null"}]}
    if is_record(apart(kind)[0]):
        return json_schema(apart(kind)[0])
    entry = entry_of(kind)
    if entry is not None:
        several = {**_leaf(kind), "items": _schema(entry)}
        return several if is_record(apart(entry)[0]) else {"anyOf": [several, _schema(entry)]}
    within = value_of_mapping(kind)
    if within is not None:
        return {"type": "object", "additionalProperties": _schema(within)}
    return _leaf(kind)


def _leaf(kind: Any) -> dict[str, Any]:
    from pydantic import PydanticUserError, TypeAdapter

    try:
        return TypeAdapter(kind).json_schema()
    except PydanticUserError:
        return {}
