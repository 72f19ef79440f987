"""matscout: from a handful of labels to trustworthy predictions and a ranked shortlist of materials."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from matscout.version import __version__

_PUBLIC = {
    "read": "matscout.data.reading",
    "read_materials": "matscout.data.reading",
    "fit": "matscout.predict.fitting",
    "load": "matscout.predict.artefact",
    "evaluate": "matscout.evaluation.evaluating",
    "embed": "matscout.represent.embedding",
    "describe": "matscout.represent.describing.describe",
    "map_materials": "matscout.workflow.mapping",
    "scout": "matscout.app.front",
    "build_index": "matscout.workflow.indexing",
    "search_index": "matscout.workflow.indexing",
    "Recall": "matscout.discover.generators.recall",
    "screen": "matscout.app.front",
}

__all__ = [
    "Recall",
    "__version__",
    "build_index",
    "describe",
    "embed",
    "evaluate",
    "fit",
    "load",
    "map_materials",
    "read",
    "read_materials",
    "scout",
    "screen",
    "search_index",
]

if TYPE_CHECKING:
    from matscout.app.front import scout, screen
    from matscout.data.reading import read, read_materials
    from matscout.discover.generators.recall import Recall
    from matscout.evaluation.evaluating import evaluate
    from matscout.predict.artefact import load
    from matscout.predict.fitting import fit
    from matscout.represent.describing.describe import describe
    from matscout.represent.embedding import embed
    from matscout.workflow.indexing import build_index, search_index
    from matscout.workflow.mapping import map_materials


def __getattr__(name: str) -> Any:
    """Import on first use (PEP 562), so that ``import matscout`` stays light."""
    if name in _PUBLIC:
        value = getattr(importlib.import_module(_PUBLIC[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'matscout' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])
