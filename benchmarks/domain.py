"""What counts as outside the domain, by similarity alone and in all: ``python benchmarks/domain.py`` (half a minute).

Rows left out of the labels should be inside, and formulas whose amounts are exchanged among their elements outside.
Errors are those of 60 trees on means and deviations of Magpie's element properties, so that they cost nothing to fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from data_folder import data_folder
from sklearn.ensemble import ExtraTreesRegressor

from matscout import __version__
from matscout.crystal.tables import own_table
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.predict.domain import Domain
from matscout.predict.family import ASKS_NOTHING

RESULT = Path(__file__).parent / "results" / "domain.md"
SEED = 7
PAGE = """# What counts as outside the domain

`python benchmarks/domain.py`, {date}, matscout {version}. Left-out fifths, "similarity" as if nothing was asked of what
labels share; "exchanged": the left-out formulas with their amounts exchanged among their elements.

| labels | left out | outside: similarity | outside: in all | exchanged: similarity | exchanged: in all | MAE inside | \
MAE newly outside | rows newly outside |
|---|---|--:|--:|--:|--:|--:|--:|--:|
{rows}
"""


@dataclass(frozen=True)
class Task:
    """Formulas with a property: where they lie, and papers where these are to be left out as a whole."""

    name: str
    frame: pd.DataFrame
    formula: str
    target: str
    papers: str | None = None


@dataclass
class Tally:
    """What was found on all folds, a value for each left-out row."""

    far: list[bool] = field(default_factory=list)
    outside: list[bool] = field(default_factory=list)
    exchanged_far: list[bool] = field(default_factory=list)
    exchanged_outside: list[bool] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    def row(self) -> str:
        """The numbers of the page."""
        far, outside, errors = np.array(self.far), np.array(self.outside), np.array(self.errors)
        shares = [np.mean(part) for part in (far, outside, self.exchanged_far, self.exchanged_outside)]
        new = outside & ~far
        means = [f"{errors[rows].mean():.3g}" for rows in (~outside, new)]
        return " | ".join([*(f"{100 * share:.1f} %" for share in shares), *means, str(int(new.sum()))])


def tasks() -> Iterator[Task]:
    """Four kinds of materials, each formula once."""
    estm = _table("thermoelectrics/estm.csv.gz")
    estm = estm[(estm.temperature_K - 300).abs() < 15]
    moduli = _table("mp_elasticity/structures.csv.gz")
    moduli = moduli[moduli.sane_moduli == 1].assign(log_bulk=lambda frame: np.log(frame.bulk_modulus_vrh_GPa))
    sample = {"n": 3000, "random_state": 0}
    yield Task("Seebeck (µV/K), ESTM at 300 K", estm, "formula", "seebeck_uV_per_K")
    yield Task("Seebeck (µV/K), ESTM at 300 K", estm, "formula", "seebeck_uV_per_K", "reference_doi")
    gaps = _table("matbench/expt_gap.csv.gz").drop_duplicates("formula").sample(n=2000, random_state=0)
    yield Task("measured gap (eV)", gaps, "formula", "target")
    yield Task("ln bulk modulus (GPa)", moduli, "formula_pretty", "log_bulk")
    critical = _table("superconductors/supercon_formulas.csv.gz").drop_duplicates("formula").sample(**sample)
    yield Task("critical temperature (K)", critical, "formula", "tc_K")


def measure(task: Task, n_labels: int) -> tuple[Tally, int]:
    """Five folds (ten of the small table), each learned from at most ``n_labels`` rows."""
    frame = task.frame.drop_duplicates(task.formula)
    rows = np.asarray(parse_formulas(frame[task.formula].tolist()).rows)
    frame = frame.iloc[rows]
    materials = Materials.from_formulas(frame[task.formula].tolist())
    units = np.unique(frame[task.papers] if task.papers else materials.keys(), return_inverse=True)[1]
    vectors, values = _vectors(materials), frame[task.target].to_numpy()
    rng, tally, n_train = np.random.default_rng(SEED), Tally(), 0
    for _ in range(2 if len(frame) < 500 else 1):
        for left_out in np.array_split(rng.permutation(np.unique(units)), 5):
            test = np.isin(units, left_out)
            train = _first(rng.permutation(np.unique(units[~test])), units, n_labels)
            n_train = max(n_train, len(train))
            domain = Domain.fit(materials[train], units[train])
            asked, exchanged = materials[np.flatnonzero(test)], _exchanged(materials[np.flatnonzero(test)], rng)
            similar = replace(domain, family=ASKS_NOTHING)
            tally.far += (~similar.contains(asked)).tolist()
            tally.outside += (~domain.contains(asked)).tolist()
            tally.exchanged_far += (~similar.contains(exchanged)).tolist()
            tally.exchanged_outside += (~domain.contains(exchanged)).tolist()
            trees = ExtraTreesRegressor(60, random_state=0).fit(vectors[train], values[train])
            tally.errors += np.abs(trees.predict(vectors[test]) - values[test]).tolist()
    return tally, n_train


def _table(path: str) -> pd.DataFrame:
    return pd.read_csv(data_folder() / path, keep_default_na=False, na_values=[""])


def _first(order: np.ndarray, units: np.ndarray, n_labels: int) -> np.ndarray:
    """The rows of as many units as make ``n_labels`` rows."""
    counts = np.cumsum([np.count_nonzero(units == unit) for unit in order])
    return np.flatnonzero(np.isin(units, order[: int(np.searchsorted(counts, n_labels)) + 1]))


def _exchanged(materials: Materials, rng: np.random.Generator) -> Materials:
    """Those with different amounts, in another order."""
    compositions = materials.compositions
    amounts, changed = compositions.amounts.copy(), []
    for row, (start, stop) in enumerate(zip(compositions.offsets[:-1], compositions.offsets[1:], strict=True)):
        own = compositions.amounts[start:stop]
        while np.ptp(own) > 0 and np.array_equal(amounts[start:stop], own):
            amounts[start:stop] = rng.permutation(own)
        changed += [row] if np.ptp(own) > 0 else []
    return replace(materials, compositions=replace(compositions, amounts=amounts))[np.array(changed, dtype=np.int64)]


def _vectors(materials: Materials) -> np.ndarray:
    properties, fractions = np.nan_to_num(own_table("magpie").values), materials.compositions.dense()
    means = fractions @ properties
    return np.hstack([means, np.sqrt(np.maximum(fractions @ properties**2 - means**2, 0.0)), fractions])


def main() -> None:
    lines = []
    for task in tasks():
        for n_labels in (10**6, 100):
            tally, n_train = measure(task, n_labels)
            how = "whole papers" if task.papers else "at random"
            lines.append(f"| {task.name}, {n_train:,} | {how} | {tally.row()} |")
            print(lines[-1], flush=True)
    RESULT.write_text(
        PAGE.format(date=datetime.now(UTC).date(), version=__version__, rows="\n".join(lines)), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
