"""Records that have settings in common: each is described once, and taken over by name."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

Record = TypeVar("Record")


def taken_over(record: type[Record], other: Any, **more: Any) -> Record:
    """A record with the settings that another one has, too; ``more`` are those that it has not, or other ones."""
    names = {one.name for one in fields(record) if one.init} & {one.name for one in fields(other) if one.init}  # type: ignore[arg-type]
    return record(**{name: getattr(other, name) for name in names - more.keys()}, **more)
