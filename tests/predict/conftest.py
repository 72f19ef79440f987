"""Small made-up data sets for the tests of models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Provenance, Target
from matscout.data.materials import Materials

CATIONS = ("Li", "Na", "K", "Mg", "Ca", "Sr", "Ba", "Ti", "Zr", "Zn", "Al", "Ga", "In", "Sn")
ANIONS = ("O", "S", "Se", "Te", "F", "Cl", "Br", "N", "P")
PULL = {"O": 3.4, "S": 2.6, "Se": 2.5, "Te": 2.1, "F": 4.0, "Cl": 3.2, "Br": 3.0, "N": 3.0, "P": 2.2}
"""How much each anion widens the made-up gap."""

MakeDataset = Callable[..., Dataset]


def make_dataset(
    n: int = 60, *, seed: int = 0, task: str = "regression", context: bool = False, n_groups: int = 0
) -> Dataset:
    """n different ternary compounds whose made-up property grows with the share and kind of the anion."""
    rng = np.random.default_rng(seed)
    rows: dict[str, dict[str, float]] = {}
    while len(rows) < n:
        first, second = (str(symbol) for symbol in rng.choice(CATIONS, 2, replace=False))
        amounts = rng.integers(1, 5, size=3)
        row = dict(zip((first, second, str(rng.choice(ANIONS))), (float(x) for x in amounts), strict=True))
        rows["".join(f"{symbol}{amount:g}" for symbol, amount in row.items())] = row
    compositions = Compositions.from_dicts(rows.values())
    shares = [row[anion] / sum(row.values()) * PULL[anion] for row in rows.values() for anion in row if anion in PULL]
    values = 4.0 * np.array(shares) + 0.1 * rng.normal(size=n)
    columns = {}
    if context:
        columns = {"temperature": rng.uniform(300.0, 900.0, n), "route": rng.choice(["bulk", "film"], n)}
        values = values + columns["temperature"] / 500.0
    materials = Materials(np.arange(1, n + 1).astype(np.str_), np.array(list(rows)), compositions, context=columns)
    target = Target("gap", values, "eV")
    if task == "classification":
        classes = np.digitize(values, np.quantile(values, [0.35, 0.7])).astype(np.float64)
        target = Target("kind", classes, None, "classification", ("insulator", "metal", "semiconductor"))
    groups = np.array([f"paper {i % n_groups}" for i in range(n)]) if n_groups else None
    return Dataset(materials, {target.name: target}, groups, provenance=Provenance("made up", "", n))


@pytest.fixture(scope="session", name="make_dataset")
def fixture_make_dataset() -> MakeDataset:
    return make_dataset
