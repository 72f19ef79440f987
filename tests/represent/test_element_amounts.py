"""Amounts of elements, and that ``auto`` looks at them where all rows are made of the same few elements."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import matscout
from matscout.data.elements import SYMBOLS
from matscout.predict.models.auto import FEW_ELEMENTS, Auto


def test_amounts_of_steel_by_hand() -> None:
    """Fe 98 %, C 2 % of the atoms: 0.02 * 12.011 / (0.98 * 55.845 + 0.02 * 12.011) of the weight is carbon."""
    embedding = matscout.embed(["Fe98C2"], "element-amounts")
    amounts = dict(zip(embedding.columns, embedding.vectors[0].tolist(), strict=True))
    assert amounts["fraction C"] == pytest.approx(0.02)
    assert amounts["weight fraction C"] == pytest.approx(0.24022 / (0.98 * 55.845 + 0.24022), rel=1e-4)
    assert amounts["log10 fraction C"] == pytest.approx(np.log10(0.02))
    assert amounts["log10 fraction N"] == pytest.approx(-4)


def alloys(n_elements: int) -> matscout.Dataset:
    """Made-up alloys of so many elements, whose strength depends on how much of the second there is."""
    rng = np.random.default_rng(0)
    symbols = (*SYMBOLS[20:30], *SYMBOLS[38:48], *SYMBOLS[71:79])[:n_elements]
    shares = rng.dirichlet(np.full(n_elements, 0.3), size=60)
    formulas = ["".join(f"{s}{x:.4f}" for s, x in zip(symbols, row, strict=True) if x >= 5e-4) for row in shares]
    table = pl.DataFrame({"formula": formulas, "strength (MPa)": 500 + 900 * shares[:, 1]})
    return matscout.read(table, target="strength")


@pytest.mark.parametrize(("n_elements", "tried"), [(8, True), (FEW_ELEMENTS + 1, False)])
def test_bare_amounts_are_tried_where_elements_are_few(n_elements: int, *, tried: bool) -> None:
    model = matscout.fit(alloys(n_elements), fast=True)
    labels = " ".join(candidate.label for candidate in model.summary.candidates)
    assert ("amounts" in labels, "bare fractions" in labels) == (tried, tried)
    assert ("element-amounts" in Auto().may_learn_from(alloys(n_elements).materials)) == tried
