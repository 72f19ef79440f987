"""A law that a person writes, ``zT=S**2*sigma*T/kappa``: read as arithmetic, never run as code."""

from __future__ import annotations

import ast
import operator
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matscout.errors import UsageError

Floats = NDArray[np.float64]

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

FORM = "a law consists of numbers, columns, + - * / ** and brackets, such as S**2*sigma*T/kappa"

LONGEST = 500
"""Characters."""
LARGEST = 1e300
"""Of a number in a law; beyond is no number of a computer."""


@dataclass(frozen=True)
class Law:
    """Arithmetic over named quantities.

    Parameters
    ----------
    text
        As it was written, with one sign for letters that have several (NFKC, as Python reads names).
    names
        What it is about, each once, in the order of the text.
    """

    text: str
    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """From text.

        Raises
        ------
        UsageError
            If it is not arithmetic, or about nothing.
        """
        text = unicodedata.normalize("NFKC", text)
        names: list[str] = []
        for node in ast.walk(_tree(text)):
            if isinstance(node, ast.Name):
                names.append(node.id)
            elif not _is_allowed(node):
                raise UsageError(f"the law {text!r} holds {_words(node, text)}; {FORM}")
        if not names:
            raise UsageError(f"the law {text!r} contains no column; {FORM}")
        return cls(text, tuple(dict.fromkeys(sorted(names, key=text.index))))

    def __call__(self, values: Mapping[str, Floats]) -> Floats:
        """The law of arrays that fit together; what divides by 0 and the like is not finite."""
        with np.errstate(all="ignore"):
            return np.asarray(_value(_tree(self.text), values), dtype=np.float64)


def _tree(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise UsageError(f"a law has at most {LONGEST} characters; got {len(text)}; {FORM}")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"the law {text!r} cannot be read; {FORM}") from error


def _is_allowed(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool) and abs(node.value) < LARGEST
    if isinstance(node, ast.BinOp):
        return type(node.op) in OPERATORS
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub | ast.UAdd)
    return isinstance(node, (*OPERATORS, ast.USub, ast.UAdd, ast.Load))


def _words(node: ast.AST, text: str) -> str:
    source = ast.get_source_segment(text.strip(), node) if isinstance(node, ast.expr) else None
    return repr(source) if source else f"something else ({type(node).__name__})"


def _value(node: ast.expr, values: Mapping[str, Floats]) -> Any:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return np.float64(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand, values)
        return -value if isinstance(node.op, ast.USub) else value
    assert isinstance(node, ast.BinOp)
    result = OPERATORS[type(node.op)](_value(node.left, values), _value(node.right, values))
    # What divides by 0 on the way has no value, even if 1 over that is 0.
    return np.where(np.isinf(result), np.nan, result)
