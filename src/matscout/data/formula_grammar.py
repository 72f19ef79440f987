"""The grammar of one tidied formula: elements, brackets, amounts, and parts joined by dots or signs.

A recursive-descent reader over text that :mod:`matscout.data.formula_notation` has already cleaned::

    formula  = part { ("·" | "+" | "-") part }        "·" joins an adduct; a sign joins a mixture with given shares
    part     = [ product ] group { group }            a leading amount multiplies the whole part
    group    = ( element | "(" part { "·" part } ")" ) [ amount ]
    amount   = product { ("+" | "-") product }        bare sums need a variable; in brackets any sum will do
    product  = factor { [ "*" | "/" ] factor }
    factor   = number | variable | "(" amount ")"

A bracket without a capital letter holds an amount, any other holds atoms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from matscout.data.elements import ATOMIC_NUMBERS, ISOTOPES, add_amounts
from matscout.data.formula_findings import FormulaError, Interpretation
from matscout.data.formula_spelling import VARIABLE_LETTERS, unknown_element

MAX_AMOUNT = 1e5
MAX_DEPTH = 20
VACANCY = "□"
ADDUCT = "adduct"
AMOUNT_OF_ZERO = "amount of 0 left out"
_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3}(?!\d))?")
_POINT_MISSING = re.compile(r"0\d+(?![\d.])")
_UNCERTAINTY = re.compile(r"\(\d+\)")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_OPENING = frozenset(_CLOSING)


@dataclass(frozen=True)
class Amount:
    """The value of an amount, and whether a variable or a sum went into it."""

    value: float
    variable: bool = False


@dataclass(frozen=True)
class FormulaPart:
    """One part of a formula: its atoms, and its share in a mixture if one was written."""

    atoms: dict[str, float]
    share: float | None


@dataclass(frozen=True)
class FormulaGroup:
    """A bracket of elements without amounts: its symbols, and how often it stands in the formula."""

    symbols: tuple[str, ...]
    amount: float


@dataclass
class FormulaReader:
    """Reads one tidied formula from left to right.

    Parameters
    ----------
    text
        The tidied formula, no whitespace.
    variables
        Values of the named amounts, e.g. ``{"x": 0.3}``.
    """

    text: str
    variables: Mapping[str, float] = field(default_factory=dict)
    position: int = 0
    depth: int = 0
    mixture: bool = False
    interpretations: list[Interpretation] = field(default_factory=list)
    groups: list[FormulaGroup] = field(default_factory=list)

    def read(self) -> dict[str, float]:
        """Element symbol -> amount of the whole formula.

        Raises
        ------
        FormulaError
            If the text is no formula.
        """
        self.mixture = self._starts_amount()
        parts = [self._part()]
        joints = set()
        while self.position < len(self.text):
            joint = self._peek()
            if joint not in "·+-":
                raise self._unexpected()
            joints.add(joint)
            self.position += 1
            parts.append(self._part())
        if joints & {"+", "-"}:
            self._check_shares(parts)
        elif joints:
            self._note(ADDUCT)
        total: dict[str, float] = {}
        for part in parts:
            add_amounts(total, part.atoms)
        return self._checked(total)

    def number(self) -> float:
        """The value of a text that is one amount, e.g. ``1/3``.

        Raises
        ------
        FormulaError
            If it is not.
        """
        amount = self._sum(bare=False) if self._starts_amount() else None
        if amount is None or self.position < len(self.text):
            raise self.fail("this is not a number", "write the value of a variable as a number, e.g. (x=0.3)")
        return amount.value

    def fail(self, reason: str, advice: str) -> FormulaError:
        """The error to raise: what is wrong and what to write."""
        return FormulaError(self.text, reason, advice)

    def _note(self, rule: str, remark: str = "") -> None:
        self.interpretations.append(Interpretation(rule, remark))

    def _peek(self, ahead: int = 0) -> str:
        at = self.position + ahead
        return self.text[at] if at < len(self.text) else ""

    def _closing(self) -> int:
        """Position of the bracket that closes the one at the current position."""
        level = 0
        for at in range(self.position, len(self.text)):
            level += (self.text[at] in _OPENING) - (self.text[at] in ")]}")
            if level == 0:
                return at
        raise self.fail(f"the bracket opened at position {self.position + 1} is never closed", "close it")

    def _starts_amount(self) -> bool:
        """Whether an amount begins here: a number, a variable, or a bracket without a capital letter."""
        here = self._peek()
        if here in _OPENING:
            inside = self.text[self.position + 1 : self._closing()]
            return not any(letter.isupper() or letter == VACANCY for letter in inside)
        return here.isdecimal() or here == "." or here.islower()

    def _part(self) -> FormulaPart:
        coefficient = self._product().value if self._starts_amount() else None
        if coefficient is not None and not 0 <= coefficient <= MAX_AMOUNT:
            raise self.fail(f"the share {coefficient:g} of a part is not usable", "write shares between 0 and 100")
        start = self.position
        atoms, amounts = self._groups()
        if not amounts:
            raise self._unexpected()
        whole_in_brackets = len(amounts) == 1 and self.text[start] in _OPENING
        share = coefficient if coefficient is not None else amounts[0] if whole_in_brackets else None
        factor = 1.0 if coefficient is None else coefficient
        return FormulaPart({symbol: amount * factor for symbol, amount in atoms.items()}, share)

    def _groups(self) -> tuple[dict[str, float], list[float]]:
        """Atoms of the groups that follow, and the amount of each group."""
        atoms: dict[str, float] = {}
        amounts = []
        while (here := self._peek()) and (here.isupper() or here in _OPENING or here == VACANCY):
            start = self.position
            group = self._bracket() if here in _OPENING else self._element()
            inside = self.text[start + 1 : self.position - 1]
            amount = self._amount(", ".join(group) or VACANCY)
            if here in _OPENING and self.depth == 0 and inside.isalpha():
                self.groups.append(FormulaGroup(tuple(group), amount))
            add_amounts(atoms, group, amount)
            amounts.append(amount)
        return atoms, amounts

    def _bracket(self) -> dict[str, float]:
        opened = self._peek()
        closing = self._closing()
        if self.text[closing] != _CLOSING[opened]:
            raise self.fail(
                f"{opened!r} at position {self.position + 1} is closed by {self.text[closing]!r}",
                f"close it with {_CLOSING[opened]!r}",
            )
        self._enter()
        self.position += 1
        atoms, amounts = self._groups()
        while amounts and self._peek() == "·":
            self.position += 1
            add_amounts(atoms, self._part().atoms)
        if self.position != closing or not amounts:
            raise self._unexpected()
        self.position += 1
        self.depth -= 1
        return atoms

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"brackets are nested more than {MAX_DEPTH} deep", "write the formula more plainly")

    def _element(self) -> dict[str, float]:
        here, two = self._peek(), self.text[self.position : self.position + 2]
        if here == VACANCY:
            self.position += 1
            self._note("vacancy as no atom", "the vacancy □ counts as no atom")
            return {}
        if two in ATOMIC_NUMBERS:
            self.position += 2
            return {two: 1.0}
        if len(two) == 2 and two[1].islower() and two[1] not in self.variables:
            raise self._unknown(two)
        if here in ISOTOPES:
            if two.capitalize() in ATOMIC_NUMBERS:
                raise self.fail(
                    f"{two} may be {two.capitalize()}, or {here} (hydrogen) and {two[1]}",
                    "write it with the right capitals",
                )
            self.position += 1
            self._note(f"{here} as hydrogen", f"{here} counts as {ISOTOPES[here]}")
            return {ISOTOPES[here]: 1.0}
        if here in ATOMIC_NUMBERS:
            self.position += 1
            return {here: 1.0}
        raise self._unknown(here)

    def _amount(self, of: str) -> float:
        """The amount after an element or bracket, 1 if none is written."""
        if not self._starts_amount():
            return 1.0
        start = self.position
        amount = self._product() if self.mixture and self.depth == 0 else self._sum(bare=True)
        written = self.text[start : self.position]
        if abs(amount.value) < 1e-12:
            self._note(AMOUNT_OF_ZERO, f"the amount of {of} is 0, so it is left out")
            return 0.0
        if not 0 < amount.value <= MAX_AMOUNT:
            what = "negative" if amount.value < 0 else f"above {MAX_AMOUNT:g}"
            raise self.fail(
                f"the amount {written} of {of} is {what}", "write a positive amount, or leave the element out"
            )
        return amount.value

    def _sum(self, *, bare: bool) -> Amount:
        start = self.position
        total = self._product()
        terms = 1
        while self._peek() in ("+", "-") and self._next_starts_amount():
            sign = 1 if self._peek() == "+" else -1
            self.position += 1
            term = self._product()
            total = Amount(total.value + sign * term.value, total.variable or term.variable)
            terms += 1
        if bare and terms > 1 and not total.variable:
            raise self.fail(
                f"{self.text[start : self.position]!r} may be a sum, a charge or a mixture",
                "write the amount as one number, a charge as ^2+, or a mixture with a share before each part",
            )
        return total

    def _next_starts_amount(self) -> bool:
        self.position += 1
        answer = self._starts_amount()
        self.position -= 1
        return answer

    def _product(self) -> Amount:
        value = self._factor()
        while True:
            here = self._peek()
            if here in ("*", "/") and self._next_starts_amount():
                self.position += 1
                factor = self._factor()
                value = self._combine(value, factor, divide=here == "/")
            elif here.islower() or (here in _OPENING and self._starts_amount()):
                factor = self._factor()
                if not factor.variable:
                    raise self.fail(
                        f"a bracketed number follows a number before position {self.position + 1}", "remove one"
                    )
                value = self._combine(value, factor, divide=False)
            else:
                return value

    def _combine(self, left: Amount, right: Amount, *, divide: bool) -> Amount:
        if divide and right.value == 0:
            raise self.fail("an amount is divided by zero", "write the amount as a number")
        value = left.value / right.value if divide else left.value * right.value
        return Amount(value, left.variable or right.variable)

    def _factor(self) -> Amount:
        here = self._peek()
        if here in _OPENING:
            return self._bracketed_amount()
        number = _NUMBER.match(self.text, self.position)
        if number:
            self._check_point(number)
            self.position = number.end()
            self._skip_uncertainty(number.group())
            return Amount(float(number.group()))
        if not here.islower():
            raise self._unexpected()
        if here not in self.variables:
            raise self._no_value(here)
        self.position += 1
        return Amount(self.variables[here], variable=True)

    def _check_point(self, number: re.Match[str]) -> None:
        """Refuse amounts that lost their decimal point or minus, and note exponents."""
        written, after = number.group(), self.text[number.end() : number.end() + 1]
        place = f"at position {number.start() + 1}"
        if _POINT_MISSING.fullmatch(written):
            pointed = f"{written[0]}.{written[1:]}"
            raise self.fail(
                f"{written} {place} begins with 0: a decimal point may be missing", f"write the amount, e.g. {pointed}"
            )
        if written == "1" and after in self.variables:
            raise self.fail(
                f"'1{after}' {place} may be 1-{after}: a sign may be missing", f"write 1-{after}, 1+{after} or {after}"
            )
        if "e" in written.lower():
            self._note("amount with an exponent")

    def _skip_uncertainty(self, number: str) -> None:
        """Pass over the standard uncertainty of a refined amount, as in ``0.72(3)``."""
        uncertainty = _UNCERTAINTY.match(self.text, self.position)
        if uncertainty and "." in number:
            self.position = uncertainty.end()
            self._note("uncertainty left out", f"the uncertainty {uncertainty.group()} of {number} is left out")

    def _bracketed_amount(self) -> Amount:
        self._enter()
        closing = self._closing()
        self.position += 1
        amount = self._sum(bare=False) if self._starts_amount() else None
        if amount is None or self.position != closing:
            raise self._unexpected()
        self.position += 1
        self.depth -= 1
        return amount

    def _check_shares(self, parts: list[FormulaPart]) -> None:
        shares = [part.share for part in parts if part.share is not None]
        if len(shares) < len(parts):
            raise self.fail(
                "a sign joins parts without shares",
                "write a share before each part, e.g. 0.7BiFeO3-0.3BaTiO3; a charge as ^2+",
            )
        if not any(abs(sum(shares) - whole) <= 0.011 * whole for whole in (1, 100)):
            raise self.fail(f"the shares of the parts add up to {sum(shares):g}", "make them add up to 1 or 100")
        listed = ", ".join(f"{share:g}" for share in shares)
        self._note("mixture with shares", f"read as a mixture with the shares {listed}")

    def _checked(self, total: dict[str, float]) -> dict[str, float]:
        atoms = {symbol: amount for symbol, amount in total.items() if amount != 0}
        for symbol, amount in atoms.items():
            if not 0 < amount <= MAX_AMOUNT:
                raise self.fail(
                    f"the amount of {symbol} comes to {amount:g}", f"keep amounts between 0 and {MAX_AMOUNT:g}"
                )
        if not atoms:
            raise self.fail("no atoms are left", "write at least one element with a positive amount")
        return atoms

    def _unexpected(self) -> FormulaError:
        here = self._peek()
        if not here:
            return self.fail("it ends where an element or amount should follow", "complete the formula")
        place = f"at position {self.position + 1}"
        if here == ",":
            return self.fail(
                f"the shares of what the comma joins {place} are not given", "write e.g. (Mg0.5Fe0.5)2SiO4"
            )
        if here == ":":
            return self.fail(
                f"the amount of the dopant after ':' {place} is not given", "write it, e.g. Al1.98Cr0.02O3"
            )
        if here.islower():
            return self._unknown(here)
        if here in ")]}":
            return self.fail(f"{here!r} {place} closes nothing, or an empty bracket", "check the brackets")
        return self.fail(f"{here!r} {place} cannot occur there", "write a formula such as Bi2Te2.7Se0.3")

    def _no_value(self, name: str) -> FormulaError:
        if self.position and name in VARIABLE_LETTERS and not self._peek(1).islower():
            return self.fail(f"{name!r} at position {self.position + 1} has no value", f"add it, e.g. ({name}=0.3)")
        return self._unknown(name)

    def _unknown(self, symbol: str) -> FormulaError:
        reason, advice = unknown_element(self.text, symbol, self.position + 1)
        return self.fail(reason, advice)
