"""What a stored result depends on besides data and settings: the code that predicts and the libraries it calls."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PREDICTING = ("data", "represent", "predict", "evaluation/cells.py")
"""Rooms and files of the package that take part in a prediction."""


LIBRARIES = ("numpy", "scipy", "scikit-learn", "torch")
"""Packages whose version, or absence, may change the numbers of a prediction."""


@cache
def library_versions() -> tuple[str, ...]:
    """The installed version of each of :data:`LIBRARIES`, "none" where it is not installed."""
    return tuple(_version(name) for name in LIBRARIES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@cache
def code_digest() -> str:
    """SHA-256 over the syntax trees, without docstrings, of all that takes part in a prediction, and its tables.

    Results of other code are never mixed with those of this one; a changed comment costs nothing.
    """
    hashed, package = hashlib.sha256(), Path(__file__).parents[1]
    for place in PREDICTING:
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
