"""Settings from files, pages and Python: checked as a whole, and every mistake told at once in plain words."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from annotated_types import MinLen

from matscout.errors import UsageError, shortened
from matscout.settings.fields import (
    SettingField,
    SettingInfo,
    alternatives,
    apart,
    entry_of,
    expected,
    fields_of,
    is_record,
    value_of_mapping,
    without_none,
)

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Record = TypeVar("Record")


@dataclass(frozen=True)
class SettingProblem:
    """What is wrong with one setting: where it stands (``"steps.gap.fit.model"``), and in words."""

    path: str
    reason: str


class SettingsError(UsageError):
    """Settings are missing, unknown or not what is expected."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        reasons = [problem.reason for problem in problems]
        super().__init__(reasons[0] if len(reasons) == 1 else f"{len(reasons)} mistakes: {'; '.join(reasons)}")
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[SettingsError], tuple[tuple[SettingProblem, ...]]]:
        """Errors come back from other processes as pickles."""
        return type(self), (self.problems,)


def check_settings(record: type[Record], values: object, where: str = "", *, whole: str = "") -> Record:
    """Settings as a record, from names with values.

    One entry counts as a list of one, text with commas as a list where the record says so; hyphens and underscores in
    names are the same.

    Parameters
    ----------
    record
        A frozen dataclass.
    values
        As YAML or JSON give them.
    where
        What is checked, e.g. ``"labels"``: paths in messages begin with it.
    whole
        What the whole is called in messages, if nothing is said there: the name of a file.

    Raises
    ------
    SettingsError
        Naming all that is missing, unknown (with the name that may be meant) or of another kind.
    UsageError
        If the record itself refuses values that do not go together.
    """
    checking = _Checking(whole)
    made = checking.record(record, values, where)
    if checking.problems:
        raise SettingsError(checking.problems)
    return made  # type: ignore[no-any-return]


def argument_of(name: str) -> str:
    """What an argument is called whose name in files is a word of Python: ``with_`` for ``with``."""
    return f"{name}_" if iskeyword(name) else name


def check_arguments(
    maker: Callable[..., object], values: Mapping[str, Any], where: str, *, skip: int = 0, complete: bool = True
) -> None:
    """Refuse arguments that a plug-in's constructor does not take, by the types that it is annotated with.

    Parameters
    ----------
    maker
        A class or function; of types that cannot be told from its annotations anything is taken.
    values
        Its arguments by name.
    where
        What it is, e.g. ``"the stage similarity"``.
    skip
        So many of its first parameters are not settings.
    complete
        Whether these are all arguments; else those that must be given may still come.

    Raises
    ------
    SettingsError
        As :func:`check_settings`.
    """
    given = [*inspect.signature(maker).parameters.items()][skip:]
    open_ended = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    known = {name.rstrip("_"): one for name, one in given if one.kind not in open_ended}
    unknown = [] if len(known) < len(given) else [name for name in values if name not in known]
    missing = [name for name, one in known.items() if complete and one.default is one.empty and name not in values]
    problems = [
        SettingProblem(where, f"{where} has no {shortened(name)}; {_nearest(str(name), known)}") for name in unknown
    ]
    problems += [SettingProblem(where, f"{where} needs {name}") for name in missing]
    for name in values:
        if name in known:
            annotation = _annotation(maker, known[name])
            try:
                _read(annotation, values[name])
            except _OtherKindError:
                reason = f"{name} of {where} is {shortened(values[name])}; {expected(annotation)}"
                problems.append(SettingProblem(f"{where}.{name}", reason))
    if problems:
        raise SettingsError(problems)


class _Checking:
    """Goes through values once, and takes down what is wrong."""

    def __init__(self, whole: str) -> None:
        self._whole = whole
        self.problems: list[SettingProblem] = []

    def record(self, record: type, values: object, path: str) -> Any:
        """The record; None if something in it is wrong."""
        if is_dataclass(values) and isinstance(values, record):
            return values
        if not isinstance(values, Mapping):
            return self._refuse(path, f"is {shortened(values)}; expected names with values, as in 'keep: 100'")
        before, fields = len(self.problems), fields_of(record)
        # Messages spell names as the user does.
        underscores = any("_" in str(name) for name in values)
        known = {one.info.key.replace("-", "_") if underscores else one.info.key: one for one in fields}
        spelled = {name: key for key, one in known.items() for name in (one.name, one.info.key, key)}
        given: dict[str, Any] = {}
        for name, value in values.items():
            key = spelled.get(name)
            if key is None:
                self._refuse(path, f"has no {shortened(name)}; {_nearest(str(name), known)}")
            elif known[key].name in given:
                self._refuse(path, f"names {key} twice")
            else:
                given[known[key].name] = self.value(known[key], value, f"{path}.{key}" if path else key)
        for key, field in known.items():
            if field.required and field.name not in given:
                self._refuse(path, f"needs {key}")
        return record(**given) if len(self.problems) == before else None

    def value(self, field: SettingField, value: object, path: str) -> Any:
        """The value of a setting."""
        return self._value(field.annotation, value, path, field.info)

    def _value(self, annotation: Any, value: object, path: str, info: SettingInfo) -> Any:
        kind = without_none(annotation)
        base, entry, given = apart(kind)[0], entry_of(kind), value
        if base is Any or (value is None and type(None) in alternatives(annotation)):
            return value
        if is_record(base):
            return self.record(base, value, path)
        if entry is not None:
            value = _as_list(value, apart(entry)[0], info)
        try:
            if isinstance(value, Mapping) and (within := value_of_mapping(kind)) is not None:
                return self._values(within, _long_enough(kind, value), path, info)
            if isinstance(value, list) and _has_parts(entry):
                return self._entries(entry, _long_enough(kind, value), path, info)
            return _read(kind, value)
        except _OtherKindError:
            return self._refuse(path, f"is {shortened(given)}; {expected(annotation, single=True)}")

    def _values(self, within: Any, values: Mapping[Any, Any], path: str, info: SettingInfo) -> dict[str, Any]:
        return {str(name): self._value(within, one, f"{path}.{name}", info) for name, one in values.items()}

    def _entries(self, entry: Any, values: list[Any], path: str, info: SettingInfo) -> tuple[Any, ...]:
        return tuple(self._value(entry, one, f"{path}.{place}", info) for place, one in enumerate(values, start=1))

    def _refuse(self, path: str, reason: str) -> None:
        self.problems.append(SettingProblem(path, f"{path or self._whole} {reason}".strip()))


def _has_parts(entry: Any) -> bool:
    """Whether entries of a list are looked at one by one: records, and what is of any kind."""
    return entry is Any or is_record(apart(entry)[0])


def _as_list(value: object, entry: Any, info: SettingInfo) -> object:
    """One entry as a list of one, a text with commas as several."""
    if isinstance(value, str) and info.commas:
        return [as_number(part, entry) for part in map(str.strip, value.split(",")) if part]
    return value if isinstance(value, list | tuple | Mapping) else [value]


def as_number(text: str, kind: Any) -> int | float | str:
    """A text as the number that is asked for; as it is if it is none, or a text is asked for."""
    try:
        return kind(text) if kind in (int, float) else text
    except ValueError:
        return text


class _OtherKindError(Exception):
    """A value is not what is expected."""


Parts = TypeVar("Parts", list[Any], Mapping[Any, Any])


def _long_enough(annotation: Any, parts: Parts) -> Parts:
    """The same, if it has as many entries as are annotated."""
    if any(isinstance(mark, MinLen) and len(parts) < mark.min_length for mark in apart(annotation)[1]):
        raise _OtherKindError
    return parts


def _read(annotation: Any, value: object) -> Any:
    """A value as one of a type, as JSON has it; a text that is blank is none."""
    texts = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(text, str) and not text.strip() for text in texts):
        raise _OtherKindError
    try:
        return _adapter(annotation).validate_json(json.dumps(value, default=_plain), strict=True)
    except (ValueError, TypeError, RecursionError) as error:  # pydantic's own is a ValueError.
        raise _OtherKindError from error


@lru_cache(maxsize=1000)
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    """What checks a type; anything passes where the type is none of values in files."""
    from pydantic import PydanticUserError, TypeAdapter

    try:
        return TypeAdapter(annotation)
    except PydanticUserError:
        return TypeAdapter(Any)


def _plain(value: object) -> Any:
    """As JSON has values that Python has another kind for."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{shortened(value)} cannot be written to a file")


def _annotation(maker: Callable[..., object], parameter: inspect.Parameter) -> Any:
    """What a parameter is annotated with; anything if names in it are known to type checkers only."""
    if parameter.annotation is parameter.empty:
        return Any
    kinds = maker.__mro__ if isinstance(maker, type) else ()
    function = next((vars(kind)["__init__"] for kind in kinds if "__init__" in vars(kind)), maker)
    namespace = getattr(inspect.unwrap(function), "__globals__", vars(sys.modules[maker.__module__]))
    holder = type("Holder", (), {"__annotations__": {"it": parameter.annotation}})
    try:
        return get_type_hints(holder, globalns=namespace, include_extras=True)["it"]
    except (NameError, TypeError, AttributeError):
        return Any


def _nearest(name: str, known: Mapping[str, object]) -> str:
    if near := get_close_matches(name, known, n=1, cutoff=0.65):
        return f"did you mean {near[0]}?"
    return f"choose from {', '.join(known)}" if known else "it has no settings"
