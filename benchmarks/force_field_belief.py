"""How far energies by force fields may be believed: ``python benchmarks/force_field_belief.py`` makes the cells.

Energies and features of crystals of ``mp_structures`` with 2 to 20 sites as they are, by CHGNet and SevenNet-0 (two CPU
minutes), beside formation energies of MP-2018 with the corrections of 2020. Chemical systems are split at random, 20
times: the errors of the phases of one part are what :class:`matscout.discover.reference_errors.ReferenceErrors` learns
from, and those of the other part are judged. Cells of a hundred crystals are stored in
``benchmarks/cells/force_fields``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from force_field_stability import FOLDER
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.materials import Materials
from matscout.discover.hull_references import read_references
from matscout.discover.reference_errors import PHASES, TENTH, JudgedCrystals, ReferenceErrors
from matscout.predict.conformal import DEFAULT_LEVEL, Scores
from matscout.remarks import codes
from matscout.simulate.choice import make_force_field
from matscout.simulate.described_cells import described_cells
from matscout.simulate.element_energies import mp_elements
from matscout.simulate.energy_schemes import MP2020
from matscout.simulate.energy_warnings import energy_warnings
from matscout.simulate.formation_energies import formation_energies
from matscout.simulate.references import References

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

N, MOST_SITES, SEED, SPLITS, IN_A_CELL = 1500, 20, 11, 20, 100
FIELDS = ("chgnet", "7net-0")
WITHOUT_U = "metal with U in oxides, beside other anions (no warning of matscout)"


def drawn(known: References) -> References:
    """The crystals that are judged, compounds only, of the scheme of 2020."""
    structures = known.materials.structures
    assert structures is not None
    sites = np.diff(structures.offsets)
    usable = np.flatnonzero((sites >= 2) & (sites <= MOST_SITES) & (known.materials.compositions.lengths > 1))
    return known[np.random.default_rng(SEED).permutation(usable)[:N]].in_scheme(MP2020)


def computed(name: str, materials: Materials) -> tuple[Floats, Floats]:
    """Total energies, eV/atom, and features; a hundred crystals in a cell."""
    structures, energies, features = materials.structures, [], []
    assert structures is not None
    FOLDER.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(materials), IN_A_CELL):
        path = FOLDER / f"energies-{name}-{start:05d}.npz"
        if not path.exists():
            cells = described_cells(structures[start : start + IN_A_CELL], make_force_field(name))
            assert cells.features is not None
            np.savez(
                path, ids=materials.ids[start : start + IN_A_CELL], energies=cells.energies, features=cells.features
            )
            print(path.name, flush=True)
        with np.load(path) as stored:
            assert (stored["ids"] == materials.ids[start : start + IN_A_CELL]).all()
            energies.append(stored["energies"])
            features.append(stored["features"])
    return np.concatenate(energies), np.concatenate(features)


def without_u(materials: Materials) -> Flags:
    """Metals that the Materials Project calculates with U in oxides and fluorides, beside other anions."""
    there = materials.compositions.dense() > 0
    with_u, oxygen, others = (
        there[:, [ATOMIC_NUMBERS[symbol] - 1 for symbol in symbols.split()]].any(axis=1)
        for symbols in ("V Cr Mn Fe Co Ni Mo W", "O F", "N P As S Se Te Cl Br I")
    )
    return np.asarray(with_u & ~oxygen & others)


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of formation energies, eV/atom, with all that is known of the crystals."""

    judged: JudgedCrystals
    values: Floats
    flags: dict[str, Flags]

    def part(self, rows: NDArray[np.int64], *, second: bool) -> tuple[JudgedCrystals, Floats]:
        """Of some crystals, with or without the second force field."""
        one = self.judged
        assert one.features is not None
        assert one.apart is not None
        apart = one.apart[rows] if second else None
        return JudgedCrystals(one.compositions[rows], one.features[rows], apart), self.values[rows]


def measured_errors() -> dict[str, Errors]:
    """Of both force fields on the same crystals."""
    known = drawn(read_references("mp_structures"))
    made, features = {}, {}
    for name in FIELDS:
        field = make_force_field(name)
        totals, features[name] = computed(name, known.materials)
        made[name] = formation_energies(known.materials, totals, field.scheme, mp_elements()).values
    apart = np.abs(made["chgnet"] - made["7net-0"])
    usable = np.flatnonzero(np.isfinite(apart))
    crystals = Crystals.from_structures(known.materials[usable].structures)  # type: ignore[arg-type]
    named = [
        codes(energy_warnings(make_force_field("chgnet"), crystals[np.array([row])])) for row in range(len(usable))
    ]
    flags = {code: np.array([code in one for one in named]) for code in sorted({code for one in named for code in one})}
    flags[WITHOUT_U] = without_u(known.materials[usable])
    return {
        name: Errors(
            JudgedCrystals(known.materials.compositions[usable], features[name][usable], apart[usable]),
            (made[name] - known.formation_energies)[usable],
            flags,
        )
        for name in FIELDS
    }


def splits(systems: NDArray[np.str_]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Phases that errors are learned from, and crystals of other chemical systems."""
    names, places = np.unique(systems, return_inverse=True)
    for seed in range(SPLITS):
        order = np.argsort(np.random.default_rng(seed).permutation(len(names))[places], kind="stable")
        phases = order[:PHASES]
        yield phases, np.flatnonzero(~np.isin(places, places[phases]))


def intervals(errors: Errors) -> dict[str, dict[str, float]]:
    """Coverage, width and score of intervals on crystals of other chemical systems, by how they are made."""
    systems = errors.judged.compositions.chemical_systems()
    found: dict[str, list[list[float]]] = {}
    for phases, others in splits(systems):
        for words, second in (("distance", False), ("distance and second force field", True)):
            (known, made), (asked, theirs) = errors.part(phases, second=second), errors.part(others, second=second)
            widths = ReferenceErrors(known, made).doubt(asked).widths
            found.setdefault(words, []).append(_scores(widths, theirs, asked))
        units = np.unique(known.compositions.chemical_systems(), return_inverse=True)[1]
        constant = Scores.collect(np.abs(made), units).quantile(DEFAULT_LEVEL)
        found.setdefault("one width", []).append(_scores(np.full(len(others), constant), theirs, asked))
    names = ("coverage", "width", "score", "coverage 2", "coverage 3", "coverage 4")
    tables = {words: np.array(rows) for words, rows in found.items()}
    return {
        words: {
            **dict(zip(names, table.mean(axis=0).tolist(), strict=True)),
            "coverage spread": float(table[:, 0].std()),
        }
        for words, table in tables.items()
    }


def _scores(widths: Floats, errors: Floats, asked: JudgedCrystals) -> list[float]:
    """Coverage, mean width, mean interval score (Winkler), and coverage by number of elements."""
    outside, lengths = np.maximum(np.abs(errors) - widths, 0.0), asked.compositions.lengths
    score = 2.0 * widths + 2.0 / (1.0 - DEFAULT_LEVEL) * outside
    inside = outside == 0.0
    by_size = [float(inside[np.clip(lengths, 2, 4) == size].mean()) for size in (2, 3, 4)]
    return [float(inside.mean()), float(2.0 * widths.mean()), float(score.mean()), *by_size]


def flagged(errors: Errors) -> list[dict[str, Any]]:
    """How much more flagged crystals err, with a bootstrap interval of 90 %."""
    judged, sizes = errors.judged, np.abs(errors.values)
    assert judged.apart is not None
    every = np.arange(len(sizes))
    both, _ = errors.part(every, second=True)
    alone, _ = errors.part(every, second=False)
    # Distances and differences do not depend on the errors, so that all crystals may be judged among all.
    widths = {
        "tenth with the widest intervals, second force field": ReferenceErrors(both, errors.values).doubt(both).widths,
        "tenth with the widest intervals, one force field": ReferenceErrors(alone, errors.values).doubt(alone).widths,
        "tenth where the force fields differ most": judged.apart,
    }
    tenths = {words: one > np.quantile(one, TENTH) for words, one in widths.items()}
    return [_ratio(words, flags, sizes) for words, flags in {**tenths, **errors.flags}.items()]


def _ratio(words: str, flags: Flags, sizes: Floats) -> dict[str, Any]:
    rng, ratios = np.random.default_rng(SEED), []
    for _ in range(1000):
        rows = rng.integers(0, len(sizes), len(sizes))
        some, values = flags[rows], sizes[rows]
        if some.any() and not some.all():
            ratios.append(values[some].mean() / values[~some].mean())
    low, high = np.quantile(ratios, [0.05, 0.95])
    mine, rest = sizes[flags], sizes[~flags]
    return {
        "flag": words,
        "n": int(flags.sum()),
        "MAE": float(mine.mean()),
        "rest": float(rest.mean()),
        "ratio": float(mine.mean() / rest.mean()),
        "between": [float(low), float(high)],
        "median ratio": float(np.median(mine) / np.median(rest)),
    }


def belief() -> dict[str, Any]:
    """All numbers of the page."""
    found = measured_errors()
    return {
        name: {
            "n": len(one.values),
            "MAE": float(np.abs(one.values).mean()),
            "median": float(np.median(np.abs(one.values))),
            "bias": float(one.values.mean()),
            "intervals": intervals(one),
            "flags": flagged(one),
        }
        for name, one in found.items()
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(belief())
