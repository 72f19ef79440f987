"""What reading a formula comes to besides its atoms: how a part of it was understood, or why it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from matscout.errors import InputError


class FormulaError(InputError):
    """A formula that cannot be read: what is wrong with it, and what to write instead."""

    def __init__(self, text: str, reason: str, advice: str) -> None:
        super().__init__(f"{text!r}: {reason}; {advice}")
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True)
class Interpretation:
    """How something was understood that is not plain.

    Parameters
    ----------
    rule
        In a few words that are the same for all formulas of a kind: ``"adduct"``, ``"charge left out"``.
    remark
        What the user should look at, a sentence without its full stop; "" where the notation leaves no doubt.
    """

    rule: str
    remark: str = ""
