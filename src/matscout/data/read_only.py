"""Arrays of frozen records cannot be written to either."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np


def lock(record: Any) -> None:
    """Put a view that cannot be written to in the place of every array of a frozen dataclass, also in its mappings.

    For its ``__post_init__``. Nothing is copied, and whoever made an array may still write to it: the record shows it.
    """
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray) and value.flags.writeable:
            object.__setattr__(record, field.name, _locked(value))
        elif isinstance(value, dict) and any(isinstance(column, np.ndarray) for column in value.values()):
            columns = {name: _locked(column) for name, column in value.items()}
            object.__setattr__(record, field.name, columns)


def _locked(value: Any) -> Any:
    """A view of an array that cannot be written to; anything else as it is."""
    if not isinstance(value, np.ndarray) or not value.flags.writeable:
        return value
    view = value.view()
    view.flags.writeable = False
    return view
