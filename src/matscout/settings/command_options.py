"""Settings as options of the command line: a command takes records, Typer shows their fields."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, TypeVar, get_type_hints

import typer
from annotated_types import Ge, Le

from matscout.errors import UsageError
from matscout.settings.checking import SettingProblem, SettingsError, as_number, check_settings
from matscout.settings.fields import (
    SettingField,
    apart,
    entry_of,
    fields_of,
    is_record,
    value_of_mapping,
    without_none,
)

Command = TypeVar("Command", bound=Callable[..., Any])


def with_options(command: Command) -> Command:
    """A command whose parameters that are records become an option for each of their fields.

    ``def search(*, asked: SearchSettings, out: ...)`` has the options of ``SearchSettings`` and its own; it is called
    with the record. Wrong values are told by the names of the options.
    """
    hints = get_type_hints(command, include_extras=True)
    records, parameters = dict[str, type](), list[inspect.Parameter]()
    for parameter in inspect.signature(command).parameters.values():
        annotation = hints[parameter.name]
        if is_record(apart(annotation)[0]):
            records[parameter.name] = apart(annotation)[0]
            parameters += [_parameter(field) for field in fields_of(records[parameter.name])]
        else:
            parameters.append(parameter.replace(annotation=annotation))

    @wraps(command)
    def called(**given: Any) -> Any:
        made = {name: record_of(record, given) for name, record in records.items()}
        taken = {field.name for record in records.values() for field in fields_of(record)}
        return command(**made, **{name: value for name, value in given.items() if name not in taken})

    names = [parameter.name for parameter in parameters]
    if twice := {name for name in names if names.count(name) > 1}:
        raise TypeError(f"{command.__name__} has two settings called {', '.join(sorted(twice))}")
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return called  # type: ignore[return-value]


def _parameter(field: SettingField) -> inspect.Parameter:
    info, marks = field.info, apart(without_none(field.annotation))[1]
    options: dict[str, Any] = {"metavar": info.metavar, "help": info.help, "rich_help_panel": info.panel}
    for mark in marks:
        if isinstance(mark, Ge):
            options["min"] = mark.ge
        elif isinstance(mark, Le):
            options["max"] = mark.le
    options["show_default"] = False if field.required else info.default
    flags = [f"{flag}/--no-{flag[2:]}" if field.default is True else flag for flag in info.flags]
    shown = typer.Argument(**options) if info.argument else typer.Option(*flags, **options)
    default = inspect.Parameter.empty if field.required else _as_given(field)
    return inspect.Parameter(
        field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[_typed(field), shown]
    )


def _typed(field: SettingField) -> Any:
    """What Typer reads: several values are a list, names with values are texts."""
    kind = without_none(field.annotation)
    entry = entry_of(kind)
    if entry is not None:
        annotation: Any = str if field.info.commas else list[apart(entry)[0]]  # type: ignore[misc]
    elif value_of_mapping(kind) is not None:
        annotation = list[str]
    else:
        annotation = apart(kind)[0]
    nothing = field.default is None or (entry_of(kind) is not None or value_of_mapping(kind) is not None)
    return annotation if field.required or not nothing else annotation | None


def _as_given(field: SettingField) -> Any:
    """The default as Typer knows it: no list is nothing."""
    kind = without_none(field.annotation)
    return None if entry_of(kind) is not None or value_of_mapping(kind) is not None else field.default


def record_of(record: type, given: Mapping[str, Any]) -> Any:
    """The record that the options of a command say, by the names of the fields; what was not given stays as it is."""
    known = {field.name: field for field in fields_of(record)}
    values = {}
    for name, field in known.items():
        value = given[name]
        if value is None or (value == [] and not field.required) or (not field.required and value == field.default):
            continue
        if value_of_mapping(without_none(field.annotation)) is not None:
            value = _assigned(value, field)
        values[field.info.key] = value
    try:
        return check_settings(record, values)
    except SettingsError as error:
        raise SettingsError([_by_option(problem, known) for problem in error.problems]) from error


def _assigned(texts: list[str], field: SettingField) -> dict[str, Any]:
    """``["a=b"]`` -> ``{"a": "b"}``; the last ``=`` divides, since names of columns may hold one."""
    within = value_of_mapping(without_none(field.annotation))
    values: dict[str, Any] = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.rpartition("="))
        if not name or not value:
            raise UsageError(f"{field.info.flags[0]} {text!r} is not of the form {field.info.metavar or 'NAME=VALUE'}")
        values[name] = as_number(value, apart(within)[0])
    return values


def _by_option(problem: SettingProblem, known: Mapping[str, SettingField]) -> SettingProblem:
    """The same, called as on the command line."""
    for field in known.values():
        if problem.path == field.info.key or problem.path.startswith(f"{field.info.key}."):
            shown = field.info.metavar if field.info.argument else field.info.flags[0]
            reason = problem.reason.removeprefix(field.info.key).replace(" or null is", " is")
            reason = f" {reason[1:]}" if reason.startswith(".") else reason
            return SettingProblem(problem.path, f"{shown}{reason}")
    return problem
