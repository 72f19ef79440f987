"""How long reading, listing and scoring arrangements of defects takes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
from defects_rows import ENERGY, pilot

from matscout.crystal.defects.enumeration import count_arrangements, listed_arrangements
from matscout.crystal.defects.finding import DefectFinder
from matscout.data.defects.column_store import Defects
from matscout.data.defects.hosts import supercell_sites
from matscout.data.ragged import offsets_of
from matscout.predict.fitting import fit
from matscout.predict.models.defect_pairs import DefectPairs
from matscout.predict.pair_kernel import PairTable

MILLION = 1_000_000
VACANCIES = {42 * 256: 1, 16 * 256: 2}
"""A vacancy of Mo and two of S."""


def speeds() -> str:
    """Seconds of each, as JSON."""
    reading = pilot().reading
    structures, host = reading.materials.structures, reading.defects.hosts[0]
    assert structures is not None
    finder, matrix = DefectFinder(host), reading.defects.matrix_of(0)

    def find() -> None:
        for row in range(len(structures)):
            own = slice(int(structures.offsets[row]), int(structures.offsets[row + 1]))
            numbers = structures.atomic_numbers[own].astype(np.int64)
            finder.find(structures.lattices[row], numbers, structures.fractional_coordinates[own])

    find()
    model = fit(pilot().dataset(ENERGY), model="defect-pairs")
    assert isinstance(model.predictor, DefectPairs)
    law = model.predictor.law
    listing = listed_arrangements(host, matrix, Counter(VACANCIES))
    many = _random(reading.defects, MILLION)
    outcome = {
        "read 200 supercells": _seconds(find),
        "list 8 x 8 MoS2 with three defects": _seconds(lambda: listed_arrangements(host, matrix, Counter(VACANCIES))),
        "count the same by Burnside": _seconds(lambda: count_arrangements(host, matrix, Counter(VACANCIES))),
        "pairs of a million arrangements": _seconds(many.pairs),
        "score a million arrangements": _seconds(lambda: law.score(PairTable.of(many, law.table.types))),
        "listed": len(listing.defects),
        "counted": count_arrangements(host, matrix, Counter(VACANCIES)),
        "before symmetry": listing.n_all,
    }
    return json.dumps(outcome, indent=1) + "\n"


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return round(time.process_time() - start, 3)


def _random(like: Defects, n: int) -> Defects:
    """Arrangements of a vacancy of Mo and two of S anywhere."""
    positions, numbers = supercell_sites(like.hosts[0], like.matrix_of(0))
    rng = np.random.default_rng(0)
    metal, other = (np.flatnonzero(numbers == number) for number in (42, 16))
    first = rng.choice(other, n)
    second = other[(np.searchsorted(other, first) + rng.integers(1, len(other), n)) % len(other)]
    sites = np.column_stack([rng.choice(metal, n), first, second]).ravel()
    return Defects(
        offsets_of(np.full(n, 3)),
        numbers[sites].astype(np.uint8),
        np.zeros(len(sites), dtype=np.uint8),
        positions[sites],
        like.hosts,
        np.zeros(n, dtype=np.int64),
        np.broadcast_to(like.supercells[:1], (n, 3, 3)),
    )
