"""Make ``examples/defects.csv``: defects in a layer with energies that a rule and a random number generator made.

No energy of this table was ever calculated. Each defect costs something alone, close pairs gain or lose energy that
oscillates with the distance, and numerical noise of 5 meV is added. Run as ``python scripts/make_defects.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from matscout.data.defects.column_store import Defects
from matscout.data.defects.files import write_arrangements
from matscout.data.defects.hosts import HostCrystal, supercell_sites
from matscout.data.defects.tables import frame_of
from matscout.data.ragged import offsets_of

HOST = HostCrystal.of_arrays(
    "MoS2",
    np.array([[3.19, 0.0, 0.0], [-1.595, 2.762621, 0.0], [0.0, 0.0, 14.9]]),
    np.array([42, 16, 16], dtype=np.uint8),
    np.array([[0.333333, 0.666667, 0.25], [0.666667, 0.333333, 0.145], [0.666667, 0.333333, 0.355]]),
)
SUPERCELL = (6, 0, 0, 0, 6, 0, 0, 0, 1)
ALONE = {(42, 0): 7.0, (16, 0): 2.6, (42, 74): 0.2, (16, 34): 0.3}
"""What was there and what is there now -> eV."""
ATTRACTION = {((16, 0), (42, 0)): 6.0, ((16, 34), (42, 0)): 0.7, ((16, 0), (16, 0)): -0.6, ((16, 0), (42, 74)): -0.3}
"""Pair -> eV at short distances, above 0 where it gains."""
SETS = (
    ((42, 0), (16, 0), (16, 0)),
    ((42, 0), (16, 0), (16, 34)),
    ((42, 0), (16, 34), (16, 34)),
    ((42, 74), (16, 0), (16, 0)),
    ((42, 74), (16, 0), (16, 34)),
    ((42, 74), (16, 34), (16, 34)),
    ((42, 0), (16, 0)),
    ((42, 74), (16, 34)),
    ((16, 0), (16, 34)),
)
EACH = {2: 6, 3: 16}
"""Defects -> arrangements of each set; two defects have few that differ by symmetry."""
NOISE, SEED = 0.005, 1


def arrangements(rng: np.random.Generator) -> Defects:
    """Arrangements of each set of defects, all different."""
    positions, numbers = supercell_sites(HOST, SUPERCELL)
    matrix = np.array(SUPERCELL).reshape(1, 3, 3)
    kept: list[Defects] = []
    for wanted in SETS:
        own: dict[str, Defects] = {}
        while len(own) < EACH[len(wanted)]:
            sites = np.concatenate([rng.choice(np.flatnonzero(numbers == was), 1) for was, _ in wanted])
            if len(set(sites.tolist())) == len(wanted):
                was, now = np.array(wanted, dtype=np.uint8).T
                one = Defects(offsets_of([len(wanted)]), was, now, positions[sites], (HOST,), np.zeros(1, int), matrix)
                own.setdefault(str(one.keys()[0]), one)
        kept += own.values()
    return Defects.joined(kept)


def energies(defects: Defects, rng: np.random.Generator) -> np.ndarray:
    """Formation energies, eV: sums over defects and pairs, and noise."""
    kinds = list(zip(defects.was.tolist(), defects.now.tolist(), strict=True))
    totals = np.bincount(defects.rows, [ALONE[kind] for kind in kinds], len(defects))
    pairs = defects.pairs()
    for row, one, two, distance in zip(pairs.rows, pairs.first, pairs.second, pairs.distances, strict=True):
        strength = ATTRACTION.get(tuple(sorted((kinds[one], kinds[two]))), 0.0)
        totals[row] -= strength * np.exp(-distance / 2.0) * np.cos(0.98 * (distance - 2.4)) ** 2
    return totals + rng.normal(scale=NOISE, size=len(totals))


def main() -> None:
    """Write the table."""
    rng = np.random.default_rng(SEED)
    defects = arrangements(rng)
    order = rng.permutation(len(defects))
    values = energies(defects, rng)[order]
    table = frame_of(defects[order], [f"d{place:03}" for place in range(1, len(order) + 1)])
    names = defects[order].texts().tolist()
    table = table.with_columns(
        pl.Series("set", [name.partition(": ")[2] for name in names]),
        pl.Series("formation energy (eV)", values.round(4)),
    )
    path = Path(__file__).parents[1] / "src" / "matscout" / "examples" / "defects.csv"
    write_arrangements(table, path)
    print(f"{path}: {len(table)} rows")


if __name__ == "__main__":
    main()
