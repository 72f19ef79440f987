"""Names that a package offers and imports only when they are used (PEP 562), so that importing it stays light."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def offered(file: str) -> dict[str, str]:
    """Name -> module of all that a package imports for type checkers: what it offers.

    Parameters
    ----------
    file
        The ``__init__.py``, whose imports below ``if TYPE_CHECKING:`` are the only list of these names.
    """
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: str(node.module) for node in imports for alias in node.names}


def lazily(package: str, names: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package that imports what it offers on first use.

    Parameters
    ----------
    package
        Its name.
    names
        Name -> module, see :func:`offered`.
    """

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(names[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def names_of() -> list[str]:
        return sorted([*names, *(name for name in vars(sys.modules[package]) if name.startswith("__"))])

    return get, names_of
