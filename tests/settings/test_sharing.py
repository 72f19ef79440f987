"""Settings that records have in common."""

from __future__ import annotations

from dataclasses import dataclass

from matscout.settings.sharing import taken_over


@dataclass(frozen=True)
class Given:
    a: int = 1
    b: str = "b"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    b: str
    a: int = 5
    c: float = 0.5


def test_what_both_have_is_taken_over_unless_said_otherwise() -> None:
    assert taken_over(Wanted, Given(a=3)) == Wanted(b="b", a=3)
    assert taken_over(Wanted, Given(a=3), b="x", c=2.0) == Wanted(b="x", a=3, c=2.0)
