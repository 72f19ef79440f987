"""Numbers, names and formulas as a person reads them."""

from __future__ import annotations

import math
import re

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from matscout.counting import unit_behind
from matscout.data.powers import superscript
from matscout.discover.goals import Aim
from matscout.predict.definitions import MODEL, Definition
from matscout.represent.addresses import Address

MODEL_NAMES = {
    "auto": "matscout (auto)",
    "extratrees-magpie": "extra trees on Magpie",
    "gp": "Gaussian process",
    "dummy": "constant guess",
}
"""What the built-in models are called in the report; others keep their names."""

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, so that no line ends there."""

WRITTEN_OUT = (1e-4, 1e7)
"""Sizes of numbers that need no power of ten."""

MOST_DECIMALS = 4
"""A column that needs more is written in powers of ten."""

_COMPUTED = re.compile(r"(?<![\w.])-?\d(?:\.\d+)?e[+-]\d{2,3}(?!\w)")
_AMOUNT = re.compile(r"(?<=[A-Za-z)\]])(\d+(?:\.\d+)?)")


def number(value: float, digits: int = 3) -> str:
    """A number with about ``digits`` significant digits: ``"0.0123"``, ``"12,300"``, ``"1.2 × 10⁻⁷"``."""
    if not math.isfinite(value):
        return "not known"
    # Rounded first: 999.6 is written as 1000 is.
    rounded = float(f"{value:.{digits - 1}e}") + 0.0
    size = abs(rounded)
    if size and not WRITTEN_OUT[0] <= size < WRITTEN_OUT[1]:
        return scientific(value, digits)
    if size >= 10**digits:
        return f"{rounded:,.0f}".replace("-", MINUS)
    return f"{rounded:.{digits}g}".replace("-", MINUS)


def scientific(value: float, digits: int = 3) -> str:
    """A number as a power of ten: ``"1.20 × 10⁻⁷"``; 0 is ``"0"``."""
    if not value:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa} × 10{superscript(int(exponent))}".replace("-", MINUS)


def numerals(text: str) -> str:
    """A text whose numbers in the notation of computers are written as :func:`number` writes them.

    >>> numerals("beyond the best label, 1.269e+06 S/m")
    'beyond the best label, 1,269,000 S/m'
    """
    return _COMPUTED.sub(lambda match: number(float(match.group()), len(re.sub(r"e.*|\D", "", match.group()))), text)


def quantity(value: float, unit: str | None, digits: int = 3) -> str:
    """A number with its unit, if it has one."""
    return f"{number(value, digits)}{SPACE}{unit}" if unit else number(value, digits)


def factor(decades: float) -> str:
    """The size of a difference between decimal logarithms as a factor: ``"1.02"``, ``"3.2"``."""
    size = 10 ** abs(decades)
    return number(size, 3 if size < 1.1 else 2)


def percent(share: float) -> str:
    """A share in whole percent; what is small or nearly all is said so."""
    if not math.isfinite(share):
        return "not known"
    if 0 < share < 0.01:
        return f"under 1{SPACE}%"
    if 0.99 < share < 1:
        return f"over 99{SPACE}%"
    return f"{100 * share:.0f}{SPACE}%"


def decimals_for(widths: NDArray[np.float64]) -> int:
    """Decimals that a column of values with these interval widths deserves: two digits of the typical half width."""
    typical = float(np.median(widths)) / 2 if len(widths) else 0.0
    return max(1 - math.floor(math.log10(typical)), 0) if typical > 0 else 2


def fixed(value: float, decimals: int) -> str:
    """A number of a column with a given number of decimals."""
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def plus_minus(value: float, error: float) -> str:
    """A value with its error, both to the first digit of the error (the second if the first is 1).

    >>> plus_minus(1.234, 0.38), plus_minus(0.031, 0.0141)
    ('1.2 ± 0.4', '0.031 ± 0.014')
    """
    decimals = max(-math.floor(math.log10(error / 2)), 0) if error > 0 else 2
    return f"{value:,.{decimals}f} \N{PLUS-MINUS SIGN} {error:,.{decimals}f}".replace("-", MINUS)


def as_sentence(text: str) -> str:
    """With a capital at the start and a full stop at the end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def model_name(name: str) -> str:
    """What a model is called in the report; one by a law by what learns the properties that the law is about."""
    asked = Address.parse(name)
    if asked.name == MODEL:
        return f"the law, by {model_name(Definition.of(asked.part, asked.weights).component)}"
    return MODEL_NAMES.get(name, name)


def goal_words(aim: Aim) -> str:
    """A goal as asked for: ``"gap of 1.1 to 1.6 eV"``, ``"highest ZT"``, ``"gap of about 1.34 eV (1.2 to 1.5 eV)"``."""
    goal = aim.goal
    if goal.kind == "max":
        return f"highest {goal.target}"
    if goal.kind == "min":
        return f"lowest {goal.target}"
    if goal.kind == "absmax":
        return f"largest {goal.target}, of either sign"
    if aim.classes:
        return aim.words
    if goal.kind == "value":
        return f"{goal.target} of about {goal.low:g}{unit_behind(aim.unit)} ({aim.words})"
    return f"{goal.target} of {aim.words}"


def formula_markup(formula: str) -> Markup:
    """A formula with its amounts as subscripts, behind which a line may end; everything else is escaped.

    >>> str(formula_markup("SiO2"))
    'SiO<sub>2</sub><wbr>'
    """
    if ">" in formula:  # a reaction, whose digits are rings
        return Markup(f'<span class="smiles">{escape(formula)}</span>')
    return Markup(_AMOUNT.sub(r"<sub>\1</sub><wbr>", str(escape(formula))))
