"""Raised digits, and powers of ten written with them."""

from __future__ import annotations

import re

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
_PLAIN = "0123456789-+"
_TO_PLAIN = str.maketrans(_RAISED, _PLAIN)
_TO_RAISED = str.maketrans(_PLAIN, _RAISED)
_OF_TEN = re.compile(rf"(?<![\d.,])10([⁻⁺]?[{_RAISED[:10]}]+)")
_RUN = re.compile(rf"[{_RAISED}]+")


def superscript(power: int) -> str:
    """A whole number in raised digits: -3 is ``⁻³``."""
    return str(power).translate(_TO_RAISED)


def with_plain_digits(text: str) -> str:
    """Raised digits and signs as plain ones: ``m⁻¹`` is ``m-1``."""
    return _RUN.sub(lambda run: run.group().translate(_TO_PLAIN), text)


def with_plain_powers(text: str) -> str:
    """Powers of ten with a caret in place of raised digits: ``2·10⁻³`` is ``2·10^-3``; other raised digits stay."""
    return _OF_TEN.sub(lambda power: "10^" + power[1].translate(_TO_PLAIN), text)
