"""The search for neighbours, vesin, without the second that it takes to import torch beside it."""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType
from typing import Any


@cache
def load_neighbour_search() -> ModuleType:
    """Import vesin, once.

    It also takes tensors of torch, and imports torch for that wherever it is installed. matscout gives it arrays, so
    torch is out of its sight while it is imported, unless somebody has imported torch already.
    """
    modules: dict[str, Any] = sys.modules
    hidden = "torch" not in modules
    if hidden:
        modules["torch"] = None
    try:
        import vesin
    finally:
        if hidden:
            del modules["torch"]
    module: ModuleType = vesin
    return module
