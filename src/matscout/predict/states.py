"""Fitted things as plain data, and back: what an artefact folder holds of them.

A class that is :class:`Stored` is kept by its fields: arrays go to the arrays of the state, plain values to its JSON,
and what is stored itself (alone, in a tuple or by names) nests in both under the name of its field. Only what cannot be
kept by its fields writes :meth:`Stored.state` and :meth:`Stored.from_state` itself.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from matscout.remarks import Remark, as_json, from_json

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class State:
    """A fitted thing as plain data: JSON-able ``spec`` and named ``arrays``."""

    spec: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def join_states(spec: Mapping[str, Any], parts: Mapping[str, State]) -> State:
    """One state holding ``spec`` and every part under its name.

    Parameters
    ----------
    spec
        What the whole needs besides its parts; its keys must differ from the names of the parts.
    parts
        Name -> state; the arrays of a part are found under ``"name/array"``.
    """
    joined = {**spec, **{name: dict(part.spec) for name, part in parts.items()}}
    arrays = {f"{name}/{key}": array for name, part in parts.items() for key, array in part.arrays.items()}
    return State(joined, arrays)


def part_state(state: State, name: str) -> State:
    """The part called ``name`` of a state made by :func:`join_states`."""
    return State(state.spec[name], _below(state.arrays, name))


class Stored:
    """A dataclass that an artefact keeps by its fields, but for those with the metadata ``{"stored": False}``."""

    @classmethod
    def stored_fields(cls) -> Mapping[str, Any]:
        """Names of what is kept, with their types."""
        hints = get_type_hints(cls)
        return {one.name: hints[one.name] for one in fields(cls) if one.metadata.get("stored", True)}  # type: ignore[arg-type]

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        return state_of({name: getattr(self, name) for name in self.stored_fields()})

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The same again, see :meth:`state`."""
        return cls(**values_of(cls.stored_fields(), state))


def state_of(values: Mapping[str, Any]) -> State:
    """Named values as one state; see :func:`values_of` for the way back."""
    spec, arrays = _packed(values)
    return State(spec, arrays)


def values_of(kinds: Mapping[str, Any], state: State) -> dict[str, Any]:
    """The values whose types are given out of a state that :func:`state_of` made.

    Names that the state does not hold are left out: fields that came later keep their defaults.
    """
    return {
        name: _unpacked(kind, state.spec.get(name), _below(state.arrays, name))
        for name, kind in kinds.items()
        if name in state.spec or _below(state.arrays, name)
    }


def _packed(value: Any) -> tuple[Any, Arrays]:
    """A value as JSON and arrays; an array that stands alone has no name and no JSON."""
    if isinstance(value, np.ndarray):
        return None, {"": value}
    if hasattr(value, "state"):
        state = value.state()
        return dict(state.spec), dict(state.arrays)
    if isinstance(value, Mapping):
        packed = {str(name): _packed(one) for name, one in value.items()}
        return {name: spec for name, (spec, held) in packed.items() if "" not in held}, _nested(packed)
    if isinstance(value, (tuple, list)):
        listed = {str(place): _packed(one) for place, one in enumerate(value)}
        return [spec for spec, _ in listed.values()], _nested(listed)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Remark):
        return as_json(value), {}
    return (str(value) if isinstance(value, float) and np.isinf(value) else value), {}


def _nested(packed: Mapping[str, tuple[Any, Arrays]]) -> Arrays:
    return {
        f"{name}/{key}" if key else name: array for name, (_, held) in packed.items() for key, array in held.items()
    }


def _below(arrays: Mapping[str, NDArray[Any]], name: str) -> Arrays:
    """The array of a name, as "", and those that nest under it, by their names there."""
    start = f"{name}/"
    nested = {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}
    return {"": arrays[name], **nested} if name in arrays else nested


def _unpacked(kind: Any, spec: Any, arrays: Arrays) -> Any:
    """A value of this type out of what :func:`_packed` made of it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        kind = _chosen(inner, there=spec is not None or bool(arrays), array="" in arrays)
        return _unpacked(kind, spec, arrays)
    if origin is np.ndarray:
        return arrays[""]
    if hasattr(kind, "from_state"):
        return kind.from_state(State(spec, arrays))
    if origin is tuple:
        return _unpacked_tuple(inner, spec, arrays)
    if origin is Mapping:
        of_arrays = get_origin(inner[1]) is np.ndarray
        return arrays if of_arrays else {n: _unpacked(inner[1], part, _below(arrays, n)) for n, part in spec.items()}
    return float(spec) if kind is float and isinstance(spec, str) else from_json(spec) if kind is str else spec


def _chosen(kinds: tuple[Any, ...], *, there: bool, array: bool) -> Any:
    """Which of several types a value has: none if it is not there, that of arrays if it is one."""
    if not there:
        return types.NoneType
    return next(one for one in kinds if one is not types.NoneType and (get_origin(one) is np.ndarray) == array)


def _unpacked_tuple(kinds: tuple[Any, ...], spec: Any, arrays: Arrays) -> tuple[Any, ...]:
    each = [kinds[0]] * len(spec) if kinds[1:] == (...,) else kinds
    return tuple(
        _unpacked(kind, part, _below(arrays, str(place)))
        for place, (kind, part) in enumerate(zip(each, spec, strict=True))
    )
