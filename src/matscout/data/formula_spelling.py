"""What somebody may have meant who wrote a symbol that no element has."""

from __future__ import annotations

import difflib
import re
import unicodedata

from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS, add_amounts
from matscout.data.formula_charges import ANIONS, Balance, balance

VARIABLE_LETTERS = "uvwxyznmk"
"""Letters that papers use for an open amount."""


def unknown_element(formula: str, symbol: str, position: int) -> tuple[str, str]:
    """Reason and advice for a symbol that is no element.

    Parameters
    ----------
    formula
        The whole formula.
    symbol
        The one or two letters in question.
    position
        Where they stand in the formula, from 1.
    """
    place = f"at position {position}"
    if not symbol.isascii():
        names = " ".join(unicodedata.name(letter, "unknown character") for letter in symbol if not letter.isascii())
        return f"{symbol!r} {place} is not in Latin letters ({names})", "type it again in Latin letters"
    if re.fullmatch(r"[A-Za-z][a-z]{4,}", formula):
        return "this looks like a name", "write the formula"
    whole = recased(formula)
    if whole is not None and _is_likely(whole):
        return f"unknown element {symbol!r} {place}", f"did you mean {whole}?"
    if symbol[0] in ATOMIC_NUMBERS and symbol[1:] and symbol[1] in VARIABLE_LETTERS:
        return f"{symbol[1]!r} in {symbol!r} {place} has no value", f"add it, e.g. ({symbol[1]}=0.3)"
    if len(symbol) == 1:
        return f"no element has the symbol {symbol!r}, {place}", "write the formula, not an abbreviation or a name"
    near = difflib.get_close_matches(symbol, SYMBOLS, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(near)}?" if near else "write the symbol of an element"
    return f"unknown element {symbol!r} {place}", advice


def recased(text: str) -> str | None:
    """The formula that ``text`` may mean if its capitals are wrong: ``"NACL"`` -> ``"NaCl"``; None if there is none."""
    if not re.fullmatch(r"[A-Za-z\d.()\[\]]+", text):
        return None
    runs = re.split(r"([A-Za-z]+)", text)
    words = [_segmented(run) if run.isalpha() else run for run in runs]
    if any(word is None for word in words):
        return None
    joined = "".join(word for word in words if word is not None)
    return None if joined == text else joined


def _is_likely(formula: str) -> bool:
    """Whether the charges of a plain formula add up, the cation first, or it is one of an element."""
    tokens = re.findall(r"([A-Z][a-z]?)([\d.]*)", formula)
    atoms: dict[str, float] = {}
    for symbol, amount in tokens:
        if amount.count(".") > 1 or amount == ".":
            return False
        add_amounts(atoms, {symbol: float(amount or 1)})
    if min(atoms.values(), default=0.0) <= 0:
        return False
    return len(atoms) == 1 or (tokens[0][0] not in ANIONS and balance(atoms) != Balance.NONE)


def _segmented(letters: str) -> str | None:
    """``letters`` as the fewest element symbols, whatever the case; None if they do not make symbols."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(letters) + 1):
        ways = [
            [*head, symbol]
            for length in (2, 1)
            if end >= length
            and (symbol := letters[end - length : end].capitalize()) in ATOMIC_NUMBERS
            and (head := best[end - length]) is not None
        ]
        best.append(min(ways, key=len) if ways else None)
    symbols = best[-1]
    return None if symbols is None else "".join(symbols)
