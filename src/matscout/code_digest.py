"""What stored results depend on besides data and settings: the logic of the code that made them."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

VECTORS = ("data", "crystal", "simulate", "represent")
"""Rooms that take part in a vector."""


@cache
def digest_of_code(places: Sequence[str]) -> str:
    """SHA-256 over the syntax trees, without docstrings, of rooms and files of the package, and over their tables.

    Results of other code are never mixed with those of this one; a changed comment costs nothing.

    Parameters
    ----------
    places
        Paths within the package, such as ``"represent"`` or ``"evaluation/cells.py"``.
    """
    hashed, package = hashlib.sha256(), Path(__file__).parent
    for place in places:
        top = package.joinpath(*place.split("/"))
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and path.suffix not in (".pyc", ".nbi", ".nbc"):
                name = path.relative_to(package).as_posix()
                hashed.update(f"{name} ".encode() + (logic(path) if path.suffix == ".py" else path.read_bytes()))
    return hashed.hexdigest()


def logic(path: Path) -> bytes:
    """The syntax tree of a Python file without docstrings and other free-standing texts, as bytes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [entry for entry in body if not _is_text(entry)]
    return ast.dump(tree).encode("utf-8")


def _is_text(entry: ast.AST) -> bool:
    return isinstance(entry, ast.Expr) and isinstance(entry.value, ast.Constant) and isinstance(entry.value.value, str)
