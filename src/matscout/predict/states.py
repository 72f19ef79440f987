"""Nest the states of parts in the state of a whole, and take them out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class State:
    """A fitted model as plain data, what an artefact folder holds: JSON-able ``spec`` and named ``arrays``."""

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
    start = f"{name}/"
    arrays = {key.removeprefix(start): array for key, array in state.arrays.items() if key.startswith(start)}
    return State(state.spec[name], arrays)
