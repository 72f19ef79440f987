"""Results on the disk: frozen dataclasses as a folder of JSON, arrays and tables, without pickles.

``record.json`` holds the tree of values; arrays lie in ``arrays.npz``, tables as Parquet beside it, and what saves
itself (a model) in a folder of its own. Only dataclasses of matscout, or of packages that bring plug-ins, are made
again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from matscout.errors import ArtefactError
from matscout.predict.states import State
from matscout.registry import FAMILIES, plug_ins
from matscout.remarks import Remark

RECORD, ARRAYS = "record.json", "arrays.npz"

VERSION = 1
"""Of the layout of the folder."""


def write_record(record: object, folder: Path) -> None:
    """Write a value into an empty folder.

    Parameters
    ----------
    record
        A dataclass, or a list or mapping of such; in them texts, numbers, None, paths, arrays without objects, polars
        frames, and what is :class:`Saved` or :class:`Stated`.
    folder
        Is there.

    Raises
    ------
    TypeError
        If something in it is of another kind.
    """
    writing = _RecordWriter(folder)
    tree = {"version": VERSION, "value": writing.node(record)}
    if writing.arrays:
        np.savez(folder / ARRAYS, allow_pickle=False, **writing.arrays)
    (folder / RECORD).write_text(json.dumps(tree, allow_nan=False), encoding="utf-8")


def read_record(folder: Path) -> Any:
    """What :func:`write_record` wrote.

    Raises
    ------
    ArtefactError
        If the folder holds something else, or what a later version of matscout wrote.
    """
    try:
        tree = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if tree["version"] != VERSION:
            raise ArtefactError(f"{folder} was written by another version of matscout: create it again")
        return _RecordReader(folder).value(tree["value"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise ArtefactError(f"{folder} contains no readable result: {error}") from error


@runtime_checkable
class Saved(Protocol):
    """What writes itself into a folder; ``loaded_by`` is the ``"module:function"`` that reads it."""

    loaded_by: ClassVar[str]

    def save(self, folder: Path) -> Any:
        """Write it."""
        ...


@runtime_checkable
class Stated(Protocol):
    """What tells its state as JSON and arrays, as fitted things do, and is made again by ``from_state``."""

    def state(self) -> Any:
        """The state."""
        ...

    def from_state(self, state: Any) -> Any:
        """The same again."""
        ...


class _RecordWriter:
    """Goes through a value once and takes its arrays, tables and models apart from the tree."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frames = self._saved = 0
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}

    def node(self, value: Any) -> Any:
        """A value as JSON: plain ones as they are, others as a mapping of one name."""
        if value is None or type(value) in {bool, int, str} or (type(value) is float and math.isfinite(value)):
            return value
        made = next((make for kind, make in self._ways if isinstance(value, kind)), self._object)
        return made(value)

    @property
    def _ways(self) -> Sequence[tuple[Any, Callable[[Any], Any]]]:
        """The first that fits is taken: some kinds are others, too."""
        return (
            (Remark, lambda value: {"remark": [value.code, str(value)]}),
            (Enum, lambda value: {"member": [_address(type(value)), value.name]}),
            (np.ndarray, self._array),
            (np.generic, lambda value: {"scalar": [value.dtype.str, value.item()]}),
            (str, str),
            (float, lambda value: {"float": str(value)}),
            (int, int),
            (Path, lambda value: {"path": str(value)}),
            (list, lambda value: [self.node(one) for one in value]),
            (tuple, lambda value: {"tuple": [self.node(one) for one in value]}),
            (set | frozenset, lambda value: {"set": [self.node(one) for one in sorted(value)]}),
            (Mapping, lambda value: {"mapping": [[self.node(name), self.node(one)] for name, one in value.items()]}),
        )

    def _array(self, value: np.ndarray[Any, Any]) -> dict[str, Any]:
        if value.dtype.hasobject:
            if all(isinstance(one, str) for one in value.ravel().tolist()):
                return {"texts": [list(value.shape), value.ravel().tolist()]}
            raise TypeError("an array of objects cannot be saved")
        name = f"a{len(self.arrays)}"
        self.arrays[name] = value
        return {"array": name}

    def _object(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Saved):
            self._saved += 1
            value.save(self._folder / f"saved-{self._saved}")
            return {"saved": [_address(type(value)), f"saved-{self._saved}"]}
        if isinstance(value, Stated):
            state = value.state()
            return {"state": [_address(type(value)), self.node(dict(state.spec)), self.node(dict(state.arrays))]}
        if is_dataclass(value) and not isinstance(value, type):
            inner = {field.name: self.node(getattr(value, field.name)) for field in fields(value) if field.init}
            return {"record": [_address(type(value)), inner]}
        if type(value).__module__.startswith("polars") and hasattr(value, "write_parquet"):
            self._frames += 1
            value.write_parquet(self._folder / f"table-{self._frames}.parquet")
            return {"table": f"table-{self._frames}.parquet"}
        raise TypeError(
            f"a {type(value).__name__} cannot be saved: results are dataclasses of texts, numbers and arrays"
        )


class _RecordReader:
    """The other way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrays: Any = None
        self._makers: Mapping[str, Callable[[Any], Any]] = {
            "remark": lambda inner: _function("matscout.remarks:Remark")(*inner),
            "member": lambda inner: _class(inner[0])[inner[1]],
            "array": self._array,
            "texts": lambda inner: np.array(inner[1], dtype=object).reshape(inner[0]),
            "scalar": lambda inner: np.dtype(inner[0]).type(inner[1]),
            "float": float,
            "path": Path,
            "tuple": lambda inner: tuple(self.value(one) for one in inner),
            "set": lambda inner: frozenset(self.value(one) for one in inner),
            "mapping": lambda inner: {self.value(name): self.value(one) for name, one in inner},
            "saved": lambda inner: _function(_class(inner[0]).loaded_by)(self._place(inner[1])),
            "state": self._state,
            "record": lambda inner: _class(inner[0])(**{name: self.value(one) for name, one in inner[1].items()}),
            "table": self._table,
        }

    def value(self, node: Any) -> Any:
        """The value of a node."""
        if isinstance(node, list):
            return [self.value(one) for one in node]
        if not isinstance(node, dict):
            return node
        ((name, inner),) = node.items()
        return self._makers[name](inner)

    def _array(self, name: str) -> np.ndarray[Any, Any]:
        if self._arrays is None:
            with np.load(self._folder / ARRAYS, allow_pickle=False) as arrays:
                self._arrays = {one: arrays[one] for one in arrays.files}
        array: np.ndarray[Any, Any] = self._arrays[name]
        return array

    def _table(self, name: str) -> Any:
        import polars

        return polars.read_parquet(self._place(name))

    def _state(self, inner: Any) -> Any:
        address, spec, arrays = inner
        return _class(address).from_state(State(self.value(spec), self.value(arrays)))

    def _place(self, name: str) -> Path:
        """A file or folder in the folder, nowhere else."""
        if Path(name).name != name or name in {"", ".", ".."}:
            raise ValueError(f"{name!r} is not a valid name of a part")
        return self._folder / name


def _address(kind: type) -> str:
    if "<" in kind.__qualname__:
        raise TypeError(f"{kind.__qualname__} is defined in a function and cannot be imported")
    return f"{kind.__module__}:{kind.__qualname__}"


def _function(address: str) -> Any:
    module, _, name = address.partition(":")
    return getattr(import_module(module), name)


def _class(address: str) -> Any:
    """A dataclass, an enumeration, or what loads itself.

    Raises
    ------
    ValueError
        If it is of a package that is none of ours, or another object.
    """
    module, _, name = address.partition(":")
    if module.partition(".")[0] not in _packages():
        raise ValueError(f"{address} belongs to a package that is not allowed to define results")
    member = getattr(import_module(module), name)
    kept = isinstance(member, type) and (
        is_dataclass(member) or issubclass(member, Enum) or hasattr(member, "from_state")
    )
    if not kept:
        raise ValueError(f"{address} is not a kind of result")
    return member


@cache
def _packages() -> frozenset[str]:
    """Top-level packages whose classes may stand in results: our own, and those that bring plug-ins."""
    return frozenset(plug_in.target.partition(".")[0] for family in FAMILIES for plug_in in plug_ins(family))
