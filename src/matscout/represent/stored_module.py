"""What an artefact says of one of its modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StoredModule:
    """An encoder or objective of an artefact: its plug-in, and the arguments of its constructor."""

    name: str
    settings: Mapping[str, Any]
