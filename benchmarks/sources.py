"""What a stored result depends on: the code that predicts, whatever its comments and layout."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import matscout

ROOMS = ("data", "represent", "predict")


def source_digest() -> str:
    """SHA-256 over the syntax trees, without docstrings, of every module that takes part in a prediction.

    Cells made by other code are never mixed with these; a changed comment costs nothing.
    """
    hashed = hashlib.sha256()
    package = Path(matscout.__file__).parent
    for room in ROOMS:
        for path in sorted((package / room).rglob("*")):
            if path.suffix == ".py":
                hashed.update(f"{path.relative_to(package).as_posix()} {_logic(path)}".encode())
            elif path.is_file() and path.suffix != ".pyc":
                hashed.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return hashed.hexdigest()


def _logic(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [entry for entry in body if not _is_text(entry)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(entry: ast.AST) -> bool:
    return isinstance(entry, ast.Expr) and isinstance(entry.value, ast.Constant) and isinstance(entry.value.value, str)
