"""Named amounts behind a formula: ``(x=0.3)``, ``, x = 0.4, y = 1/3``; ranges and lists of values are refused."""

from __future__ import annotations

import re
from collections.abc import Callable

from matscout.data.formula_findings import FormulaError, Interpretation

Failure = Callable[[str, str], FormulaError]

_ASSIGNMENT = re.compile(r"(?<![A-Za-z\d])(delta|[a-zα-ω∂]) ?([=<>≤≥≈∼])=? ?")
_VALUE = re.compile(r"-?(?:\d+/\d+(?![\d.,])|(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?)(?:\(\d+\))?")
_RANGE = re.compile(r" ?(?:-|\.\.+|to\b|bis\b|up to\b|±|\+/-) ?[.,]?\d")
_LIST = re.compile(r" ?(?:[/,;&]|and\b|or\b|und\b) ?[.,]?\d")
_SPREAD = re.compile(r" ?(?:±|\+/-) ?(\d+(?:[.,]\d+)?|[.,]\d+)")
_SMALL_SPREAD = 0.1
"""Part of a value that its uncertainty is at most; more is a range."""
_PERCENT = re.compile(r" ?(?:at\.?|mol\.?)? ?%")
_SEPARATORS = " ,;:&()[]"
_WORDS = ("with", "for", "where", "at", "and")
_DELTA = re.compile(r"(?<=[+\-±])(?:delta|d|∂)(?![a-z])")
_UNKNOWN_DELTA = re.compile(r"[+-] ?(?:\d+(?:\.\d+)?|\.\d+)? ?δ")


def take_variables(text: str, fail: Failure) -> tuple[str, dict[str, float], list[Interpretation]]:
    """The formula without the values behind it, the values, and how they were understood; an unknown δ is zero.

    Parameters
    ----------
    text
        The formula in plain characters, spaces single.
    fail
        Makes the error to raise from a reason and an advice.

    Raises
    ------
    FormulaError
        If a variable is given as a range, several values or something else that  is not a number.
    """
    variables: dict[str, float] = {}
    notes: list[Interpretation] = []
    assignments = list(_ASSIGNMENT.finditer(text))
    rest = ""
    for place, match in enumerate(assignments):
        end = assignments[place + 1].start() if place + 1 < len(assignments) else len(text)
        name = "δ" if match[1] in ("delta", "d", "∂") else match[1]
        value, rest, doubts = _value(name, match[2], text[match.end() : end], fail)
        notes += doubts
        if variables.setdefault(name, value) != value:
            raise fail(f"{name} has two values, {variables[name]:g} and {value:g}", _one_row(name))
        if rest and place + 1 < len(assignments):
            raise _not_at_the_end(fail)
    if any(letter.isdecimal() for letter in rest):
        raise _not_at_the_end(fail)
    notes += [Interpretation(f"{name} = {value:g} inserted") for name, value in variables.items()]
    formula = _before(text[: assignments[0].start()]) if assignments else text
    if rest:
        formula = f"{formula} {rest}" if "%" in rest else f"{formula} ({rest})"
    return _with_delta(formula, variables, notes)


def _with_delta(
    formula: str, variables: dict[str, float], notes: list[Interpretation]
) -> tuple[str, dict[str, float], list[Interpretation]]:
    formula = _DELTA.sub("δ", formula).replace("+/-", "±").replace("±", "+")
    if "δ" not in variables and _UNKNOWN_DELTA.search(formula):
        variables = {**variables, "δ": 0.0}
        notes = [*notes, Interpretation("δ as 0", "δ is not known and is set to 0")]
    return formula.strip(), variables, notes


def _one_row(name: str) -> str:
    return f"write one row for each value, e.g. ({name}=0.1)"


def _not_at_the_end(fail: Failure) -> FormulaError:
    return fail("the values of its variables are not all at the end", "write them after it, e.g. (x=0.3, y=0.1)")


def _value(name: str, sign: str, text: str, fail: Failure) -> tuple[float, str, list[Interpretation]]:
    """The value that text begins with, what stands behind it, and how far it is not exact.

    Raises
    ------
    FormulaError
        If it is none, or not the only one.
    """
    if sign in "<>≤≥":
        raise fail(f"{name} is given as a range, not as a value", _one_row(name))
    match = _VALUE.match(text)
    if not match:
        raise fail(
            f"the value of {name}, {_stripped(text)[:40]!r}, is not a number",
            f"write it as a number, e.g. ({name}=0.3)",
        )
    value = _number(name, match.group(), fail)
    notes = [Interpretation("value of about", f"{name} is about {value:g}")] if sign in "≈∼" else []
    after = text[match.end() :]
    spread = _SPREAD.match(after)
    if spread and float(spread[1].replace(",", ".")) <= _SMALL_SPREAD * abs(value):
        after = after[spread.end() :]
        notes.append(Interpretation("uncertainty left out", f"the uncertainty {spread[1]} of {name} is left out"))
    percent = _PERCENT.match(after)
    if percent:
        value, after = value / 100, after[percent.end() :]
    written = f"{name}{sign}{text.strip(_SEPARATORS)[:40]}"
    if _RANGE.match(after):
        raise fail(f"{written!r} is a range of values, so the composition is not known", _one_row(name))
    if _LIST.match(after):
        raise fail(f"{written!r} gives several values", _one_row(name))
    return value, _stripped(after), notes


def _number(name: str, written: str, fail: Failure) -> float:
    number, _, _ = written.replace(",", ".").partition("(")
    top, _, bottom = number.partition("/")
    if bottom and not float(bottom):
        raise fail(f"the value of {name} is divided by zero", f"write it as a number, e.g. ({name}=0.3)")
    return float(top) / float(bottom or 1)


def _stripped(text: str) -> str:
    """Without separators, brackets and joining words at both ends."""
    text = text.strip(_SEPARATORS)
    while (word := text.rpartition(" ")[2]) in _WORDS:
        text = text[: -len(word)].strip(_SEPARATORS)
    return text


def _before(text: str) -> str:
    """The formula before its first assignment: without what leads over to it; an open note is closed."""
    text = text.rstrip(" ,;:&([")
    while (word := text.rpartition(" ")[2].lstrip("([")) in _WORDS:
        text = text[: -len(word)].rstrip(" ,;:&([")
    return text + ")" * (text.count("(") - text.count(")"))
