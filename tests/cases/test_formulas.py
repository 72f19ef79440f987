"""Every formula of the list of cases, with its right value or refusal (``formulas.csv``; values counted by hand)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pymatgen.core import Composition

from matscout.data.formulas import ParsedFormulas, parse_formulas

with Path(__file__).with_name("formulas.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def fractions(parsed: ParsedFormulas) -> dict[str, float]:
    amounts = parsed.compositions.to_dict(0)
    return {symbol: amount / sum(amounts.values()) for symbol, amount in amounts.items()}


def said(parsed: ParsedFormulas) -> str:
    remarks = [f"{problem.reason}; {problem.advice}" for problem in parsed.problems]
    return " ".join([*remarks, *(f"{reading.read_as} {reading.rule}" for reading in parsed.readings)])


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kind']}: {case['input']}" for case in CASES])
def test_formula(case):
    parsed = parse_formulas([case["input"]], alloys=case["alloys"] or None)
    assert case["said"] in said(parsed)
    if case["right"] == "refused":
        (problem,) = parsed.problems
        assert problem.dropped
        assert problem.advice
        return
    assert len(parsed.rows) == 1, said(parsed)
    assert fractions(parsed) == pytest.approx(right_fractions(case["right"]), abs=1e-5)
    if not case["said"]:
        assert not parsed.problems


def right_fractions(right: str) -> dict[str, float]:
    """Atomic fractions of the right value, a plain formula or shares "by weight", by pymatgen."""
    plain, by_weight, _ = right.partition(" by weight")
    amounts = Composition(plain).get_el_amt_dict()
    found = Composition.from_weight_dict(amounts) if by_weight else Composition(amounts)
    return {element.symbol: found.get_atomic_fraction(element) for element in found}
