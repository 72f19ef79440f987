"""Fixtures shared by the tests of the representations."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials


@pytest.fixture(scope="session")
def make_materials():
    def make(amounts: Sequence[Mapping[str, float]]) -> Materials:
        formulas = ["".join(f"{symbol}{amount:g}" for symbol, amount in row.items()) for row in amounts]
        ids = [str(position) for position in range(len(amounts))]
        columns = (np.array(column, dtype=np.str_) for column in (ids, formulas))
        return Materials(*columns, Compositions.from_dicts(amounts))

    return make


@pytest.fixture(scope="session")
def random_amounts() -> list[dict[str, float]]:
    """1,000 random compositions of one to eight elements, whole and fractional amounts, all 118 elements."""
    rng = np.random.default_rng(20261120)
    rows = []
    for _ in range(1000):
        n_elements = rng.integers(1, 9)
        highest = 118 if rng.random() < 0.1 else 96
        symbols = [SYMBOLS[position] for position in rng.choice(highest, n_elements, replace=False)]
        whole = rng.random() < 0.7
        amounts = rng.integers(1, 9, n_elements) if whole else rng.random(n_elements) + 0.01
        rows.append(dict(zip(symbols, map(float, amounts), strict=True)))
    return rows


@pytest.fixture(scope="session")
def matminer() -> Iterator[object]:
    """The reference library; its import and its calls warn about things that are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from matminer.featurizers import composition

        yield composition
