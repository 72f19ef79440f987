"""Stability without knowing the phase: ``python benchmarks/force_field_stability.py --with chgnet`` makes the cells.

Leave one phase out of ``mp_structures``: of the lowest phases of their formulas, with 2 to 4 elements and few sites,
some are drawn. Each is left out of the references, together with all phases of its composition, and so are phases that
nobody knows. Its structure is then

- *substituted*: the elements in the phase of another chemical system that has the same proportions and the nearest
  elements (by Mendeleev numbers), its cell scaled by the volumes of the elements, relaxed by the force field;
- *perturbed*: the phase itself, strained by up to 3 % and rattled by 0.08 Å, relaxed by the force field.

The distance from the hull is compared with that of the DFT energy. Relaxed structures are stored in
``benchmarks/cells/force_fields``, ten in a file, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from data_folder import data_folder
from force_field_crystals import disturbed
from hull import LABELS, STABLE, best_threshold
from jobs import CELLS
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor

import matscout
from matscout import embed
from matscout.crystal.tables import own_table
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.data.structures import Structures
from matscout.discover.hull_references import read_references
from matscout.simulate.energy_schemes import MP2020
from matscout.simulate.hull import hull_of
from matscout.simulate.own_hull import DISAGREEMENT
from matscout.simulate.references import References

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FOLDER = CELLS / "force_fields"
MOST_SITES, SEED, IN_A_CELL = 12, 0, 10
KINDS = ("substituted", "perturbed")
STEPS = 300
FIELDS = ("chgnet", "7net-0")
TITLES = {"chgnet": "CHGNet", "7net-0": "SevenNet-0"}
TREE_ROWS = 12000
"""Rows of ``mp_e_hull`` that trees learn from."""


def references() -> References:
    """All phases of mp_structures, as the command takes them."""
    return read_references("mp_structures")


def lowest(known: References) -> Integers:
    """Rows of the lowest phase of each composition."""
    order = np.argsort(known.formation_energies, kind="stable")
    _, first = np.unique(known.materials.compositions.keys()[order], return_index=True)
    return np.sort(order[first])


def kinds_of(materials: Materials) -> list[tuple[float, ...]]:
    """The proportions of each composition, whatever the elements."""
    compositions = materials.compositions
    pairs = zip(compositions.offsets[:-1], compositions.offsets[1:], strict=True)
    return [tuple(np.sort(np.round(compositions.fractions[start:stop], 4)).tolist()) for start, stop in pairs]


class Prototypes:
    """The lowest small phases, by their proportions."""

    def __init__(self, known: References) -> None:
        structures = known.materials.structures
        assert structures is not None
        sites, elements = np.diff(structures.offsets), known.materials.compositions.lengths
        rows = lowest(known)
        rows = rows[(sites[rows] >= 2) & (sites[rows] <= MOST_SITES) & (elements[rows] >= 2) & (elements[rows] <= 4)]
        self.known, self.rows, self.materials = known, rows, known.materials[rows]
        self.systems = self.materials.compositions.chemical_systems()
        self.kinds: dict[tuple[float, ...], list[int]] = {}
        for place, kind in enumerate(kinds_of(self.materials)):
            self.kinds.setdefault(kind, []).append(place)
        self.order = own_table("magpie").column("MendeleevNumber")

    def drawn(self, n: int) -> Integers:
        """Places of phases that have at least twenty others of their proportions."""
        usable = np.sort([place for places in self.kinds.values() if len(places) > 20 for place in places])
        return np.random.default_rng(SEED).permutation(usable)[:n]

    def nearest(self, place: int) -> tuple[int, dict[int, int]]:
        """The phase of another chemical system with the nearest elements, and which element becomes which."""
        mine = self._elements(place)
        others = [one for one in self.kinds[_kind(mine)] if self.systems[one] != self.systems[place]]
        best = min((self._apart(mine, self._elements(one)), one) for one in others)
        return best[1], self._ways(mine, self._elements(best[1]))[1]

    def _elements(self, place: int) -> list[tuple[float, int]]:
        """Fraction and atomic number of each element, fractions ascending."""
        compositions = self.materials.compositions
        of = slice(compositions.offsets[place], compositions.offsets[place + 1])
        fractions = np.round(compositions.fractions[of], 4).tolist()
        return sorted(zip(fractions, compositions.elements[of].tolist(), strict=True))

    def _apart(self, mine: list[tuple[float, int]], theirs: list[tuple[float, int]]) -> float:
        return self._ways(mine, theirs)[0]

    def _ways(self, mine: list[tuple[float, int]], theirs: list[tuple[float, int]]) -> tuple[float, dict[int, int]]:
        """The smallest mean distance of the elements over all ways to put mine in the place of theirs."""
        ways = []
        for order in permutations(mine):
            if [one for one, _ in order] == [one for one, _ in theirs]:
                pairs = [(share, old, new) for (share, new), (_, old) in zip(order, theirs, strict=True)]
                apart = sum(share * abs(self.order[old - 1] - self.order[new - 1]) for share, old, new in pairs)
                ways.append((float(apart), {old: new for _, old, new in pairs}))
        return min(ways, key=lambda way: way[0])


def _kind(elements: Sequence[tuple[float, int]]) -> tuple[float, ...]:
    return tuple(share for share, _ in elements)


def substituted(prototypes: Prototypes, places: Integers) -> tuple[Structures, Integers]:
    """The guess for each phase, and the prototype that it comes from."""
    volumes = own_table("magpie").column("GSvolume_pa")
    structures = prototypes.materials.structures
    assert structures is not None
    parts, from_where = [], []
    for place in places.tolist():
        other, swaps = prototypes.nearest(place)
        one = structures[other : other + 1]
        numbers = np.array([swaps[int(number)] for number in one.atomic_numbers], dtype=np.uint8)
        ratio = volumes[numbers.astype(int) - 1].sum() / volumes[one.atomic_numbers.astype(int) - 1].sum()
        parts.append(replace(one, lattices=one.lattices * np.cbrt(ratio), atomic_numbers=numbers))
        from_where.append(other)
    return Structures.joined(parts), np.array(from_where)


def given(prototypes: Prototypes, kind: str, places: Integers) -> Structures:
    """The structures that are relaxed."""
    if kind == "substituted":
        return substituted(prototypes, places)[0]
    structures = prototypes.materials.structures
    assert structures is not None
    return disturbed(structures[places], SEED)


def cells(name: str, kind: str, n: int, prototypes: Prototypes) -> Iterator[Path]:
    """Relax those that are not stored, ten in a file; the files."""
    places = prototypes.drawn(n)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for start in range(0, n, IN_A_CELL):
        path = FOLDER / f"{kind}-{name}-{start:04d}.npz"
        if not path.exists():
            some = places[start : start + IN_A_CELL]
            result = matscout.relax(given(prototypes, kind, some), name, steps=STEPS)
            ends = result.materials.structures
            assert ends is not None
            arrays: dict[str, Any] = {f"structures {key}": value for key, value in ends.arrays.items()}
            np.savez(path, places=some, energies=result.energies, converged=result.converged, **arrays)
            print(path.name, flush=True)
        yield path


def relaxed(name: str, kind: str, n: int, prototypes: Prototypes) -> tuple[Structures, Floats]:
    """The relaxed structures and their energies, eV/atom."""
    parts, energies = [], []
    for path in cells(name, kind, n, prototypes):
        with np.load(path) as stored:
            named = {key.removeprefix("structures "): stored[key] for key in stored.files if "structures " in key}
            parts.append(Structures(**named))
            energies.append(stored["energies"])
    return Structures.joined(parts), np.concatenate(energies)


def placed(name: str, n: int, prototypes: Prototypes) -> dict[str, Any]:
    """Distances from both hulls by a force field, of both kinds; stored."""
    path = FOLDER / f"hull-{name}-{n}.npz"
    if not path.exists():
        made = [relaxed(name, kind, n, prototypes) for kind in KINDS]
        structures = Structures.joined([one for one, _ in made])
        hull = matscout.hull(structures, prototypes.known, force_field=name, own_hull=True, without_itself=True)
        assert hull.own_above is not None
        assert hull.interval is not None
        lost = np.isnan(np.concatenate([energies for _, energies in made]))
        np.savez(
            path,
            distances=np.where(lost, np.nan, hull.distances),
            own=np.where(lost, np.nan, hull.own_above),
            widths=hull.interval.widths,
            codes=np.array([" ".join(remark.code for remark in one) for one in hull.warnings]),
        )
    with np.load(path) as stored:
        return {key: stored[key] for key in stored.files}


def distances(prototypes: Prototypes, rows: Integers) -> Floats:
    """Of the DFT energies of phases from the hull of all others, eV/atom."""
    phases = prototypes.known[rows]
    known = prototypes.known.beside(phases.materials.compositions).in_scheme(MP2020)
    mine = phases.in_scheme(MP2020).formation_energies
    return hull_of(phases.materials, mine, MP2020, known, without_itself=True).above


def by_magpie(materials: Materials) -> tuple[Floats, Flags]:
    """Energies above the hull by trees that learned ``mp_e_hull`` of other chemical systems; and which are stable."""
    tables = [pl.read_csv(data_folder() / path, infer_schema_length=None, null_values=[]) for path in LABELS]
    dataset = read_materials(pl.concat(tables), max_bad=0.01)
    assert dataset.table is not None
    values = dataset.table["target"].cast(pl.Float64).to_numpy()
    others = ~np.isin(dataset.materials.compositions.chemical_systems(), materials.compositions.chemical_systems())
    rows = np.random.default_rng(SEED).permutation(np.flatnonzero(others))[:TREE_ROWS]
    forest = ExtraTreesRegressor(150, min_samples_leaf=2, bootstrap=True, oob_score=True, random_state=SEED)
    forest.fit(embed(dataset.materials[rows], "magpie").vectors, values[rows])
    found = forest.predict(embed(materials, "magpie").vectors)
    return found, found <= best_threshold(forest.oob_prediction_, values[rows] <= STABLE)


def scores(words: str, found: Floats, true: Floats, stable: Flags | None = None) -> dict[str, Any]:
    """How well stable phases are found; a phase without a distance counts as unstable."""
    chosen = found <= 0.0 if stable is None else stable
    rng = np.random.default_rng(SEED)
    draws = [_f1(chosen[rows], true[rows] <= 0.0) for rows in rng.integers(0, len(true), (1000, len(true)))]
    hits, known = float(np.sum(chosen & (true <= 0.0))), np.isfinite(found)
    precision = hits / max(1.0, float(chosen.sum()))
    cut = np.abs(np.maximum(found, 0.0) - np.maximum(true, 0.0))[known]
    return {
        "method": words,
        "n": len(true),
        "lost": int((~known).sum()),
        "precision": precision,
        "recall": hits / float(np.sum(true <= 0.0)),
        "F1": _f1(chosen, true <= 0.0),
        "F1 between": np.quantile(draws, [0.05, 0.95]).tolist(),
        "DAF": precision / float(np.mean(true <= 0.0)),
        "MAE": float(cut.mean()),
        "MAE of distances": float(np.abs(found - true)[known].mean()),
        "bias": float((found - true)[known].mean()),
    }


def _f1(chosen: Flags, true: Flags) -> float:
    return float(2.0 * np.sum(chosen & true) / max(1.0, float(chosen.sum() + true.sum())))


def stability(n: int) -> dict[str, Any]:
    """All numbers of the page."""
    prototypes = Prototypes(references())
    places = prototypes.drawn(n)
    true = distances(prototypes, prototypes.rows[places])
    _, origins = substituted(prototypes, places)
    phases = prototypes.materials[places]
    rows = [
        scores("0 for all", np.zeros(n), true),
        scores("trees on Magpie, `mp_e_hull`", *_ordered(by_magpie(phases), true)),
        scores("distance of the nearest prototype", distances(prototypes, prototypes.rows[origins]), true),
    ]
    made = {name: placed(name, n, prototypes) for name in FIELDS}
    for number, kind in enumerate(KINDS):
        of = slice(number * n, (number + 1) * n)
        for name, one in made.items():
            rows.append(scores(f"{TITLES[name]}, {kind}, hull of the references", one["distances"][of], true))
            rows.append(scores(f"{TITLES[name]}, {kind}, own hull", one["own"][of], true))
    return {"n": n, "share stable": float(np.mean(true <= 0.0)), "rows": rows, "doubts": doubts(made, true)}


def _ordered(found: tuple[Floats, Flags], true: Floats) -> tuple[Floats, Floats, Flags]:
    return found[0], true, found[1]


def doubts(made: dict[str, dict[str, Any]], true: Floats) -> list[dict[str, Any]]:
    """What flags say of distances from the hull of the references, and what intervals cover."""
    n, found = len(true), []
    for number, kind in enumerate(KINDS):
        of = slice(number * n, (number + 1) * n)
        apart = np.abs(made["chgnet"]["distances"] - made["7net-0"]["distances"])[of]
        for name, one in made.items():
            errors, own = one["distances"][of] - true, one["own"][of]
            known = np.isfinite(errors) & np.isfinite(apart) & np.isfinite(own)
            sizes = np.abs(errors)[known]
            flags = {
                "both hulls differ by more than 0.05": np.abs(one["distances"][of] - own) > DISAGREEMENT,
                "tenth where the force fields differ most": apart > np.quantile(apart[known], 0.9),
                "far from the references": np.array(["far-from-references" in text for text in one["codes"][of]]),
            }
            found.append(
                {
                    "force field": TITLES[name],
                    "kind": kind,
                    "n": int(known.sum()),
                    "coverage": float(np.mean(sizes <= one["widths"][of][known])),
                    "flags": {words: _flag(sizes, flag[known]) for words, flag in flags.items()},
                }
            )
    return found


def _flag(sizes: Floats, flags: Flags) -> dict[str, float]:
    """How many are flagged, and the mean error of these and of the rest."""
    mine, rest = sizes[flags], sizes[~flags]
    return {"n": int(flags.sum()), "MAE": float(mine.mean()) if len(mine) else float("nan"), "rest": float(rest.mean())}


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the cells of a force field."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--with", dest="name", default="chgnet", choices=FIELDS)
    parser.add_argument("-n", type=int, default=100, help="phases")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    assert data_folder().is_dir()
    placed(options.name, options.n, Prototypes(references()))


if __name__ == "__main__":
    main()
