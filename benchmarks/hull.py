"""Energies above the hull of public reference sets against those of the Materials Project.

``OMP_NUM_THREADS=1 python benchmarks/hull.py`` (about three minutes of one core). Of 6,000 formulas, drawn from those
that ``mp_e_hull`` and a set share, the lowest polymorph is placed on the hull of that set. Rivals: 0 for all, and trees
on Magpie, which learn ``mp_e_hull`` itself, in five folds of whole chemical systems. Then what exchanging the
corrections before 2020 does to formation energies, judged by a later release.
"""

from __future__ import annotations

import hashlib
import os
import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import polars as pl
from data_folder import data_folder
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import GroupKFold

from matscout import __version__, embed
from matscout.data.materials import Materials
from matscout.data.public import load_dataset
from matscout.data.reading import read_materials
from matscout.discover.hull_references import read_references
from matscout.simulate.element_energies import mp_elements
from matscout.simulate.energy_schemes import MP2020, MP_LEGACY
from matscout.simulate.hull import hull_of
from matscout.simulate.mp2020 import correction_table
from matscout.simulate.references import References

Floats = NDArray[np.float64]

RESULT = Path(__file__).parent / "results" / "hull.md"
STABLE = 1e-3
"""Energies above the hull up to this, eV/atom, count as stable: labels are rounded so, and 0 is not exact in them."""

CREDIBLE = 0.2
"""Labels above this, eV/atom, are often those of other polymorphs: Heusler compounds with up to 4.5."""

SAMPLE = 6000
"""Formulas of each set that are placed, drawn at random."""

SEED = 0
SETS = {"mp_structures": "mp_structures/properties.csv.gz", "matbench_mp_e_form": "matbench/mp_e_form.csv.gz"}
AS_THEY_STAND = "own column"
LABEL = {**{name: f"`{name}`" for name in SETS}, AS_THEY_STAND: "`mp_structures`, own column"}
BESIDE = "mp_structures/extra_labels.csv.gz"
LABELS = tuple(f"composition_benchmarks/mp_e_hull/{part}.csv.gz" for part in ("train", "val", "test"))
LATER = "mp_elasticity/structures.csv.gz"
ELEMENTS = "mp_element_references/references.csv"
PAGE = """# Energy above the hull

`python benchmarks/hull.py`, {date}, matscout {version}, {packages}. Stable: at most 1 meV/atom above the hull. Both
sides are of old releases of the Materials Project with the same corrections, so the page measures completeness and
bookkeeping of the references, not a prediction.

Data (first 12 digits of the SHA-256): {digests}.

## Against `mp_e_hull`

The lowest polymorph of 6,000 formulas, drawn at random (seed 0) from those that `mp_e_hull` and the set share, on the
hull of all phases of the set, in eV/atom. CPU time: {milliseconds:.1f} ms a material with one thread, reading aside.

| references | n | MAE | median | bias | within 5 meV | within 25 meV | Spearman | stable: precision | recall | \
share truly so |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
{rows}

By the number of elements, references `mp_structures`:

| elements | n | MAE | precision | recall |
|---|--:|--:|--:|--:|
{by_elements}

`mp_structures` is taken with the energies of MP-2018 that lie beside it (`extra_labels.csv.gz`). Its own column holds
four impossible energies (to -13.6 eV/atom), which lift all compounds of their systems, and a thousand that differ from
MP-2018 by more than 0.1 eV/atom; the command leaves out phases below -5 eV/atom. `matbench_mp_e_form` is the more
complete set: below 0.2 eV/atom it agrees within 2 meV on average. Higher labels of `mp_e_hull` reach 4.5 eV/atom for
Heusler compounds whose formation energy puts them on the hull, so they are those of another polymorph or wrong.

Trees on Magpie learned the energies above the hull of the other chemical systems, without references; "stable" is
their best threshold on the training folds (highest F1). The goal for `mp_structures` is MAE <= .005, precision >= .93
and recall >= .99. A precision has a standard error of .004 here; most false alarms are probably phases whose
competitors the set lacks.

## From the corrections before 2020 to MP2020

Formation energies of `mp_structures` against those of the same ids in `mp_elasticity`, a later release (n = {n_later}),
before and after `References.in_scheme("corrected-mp2020")`: MAE {before:.3f} and {after:.3f} eV/atom. What is left is
probably recalculation (magnetic states, other functionals in the later release). By the most electronegative element,
median of the difference:

| anion | n | before | after |
|---|--:|--:|--:|
{anions}
"""


@dataclass(frozen=True)
class Scores:
    """How energies above the hull agree with labels."""

    n: int
    mae: float
    median: float
    bias: float
    near: float
    close: float
    rank: float
    precision: float
    recall: float
    share: float

    @classmethod
    def of(cls, found: Floats, labels: Floats, stable: NDArray[np.bool_]) -> Scores:
        """Scores of n energies; ``stable`` is what counts as predicted to be stable."""
        errors, true = np.abs(found - labels), labels <= STABLE
        rank = float(spearmanr(found, labels).statistic) if np.ptp(found) else float("nan")
        hits = float(np.sum(stable & true))
        return cls(
            len(labels),
            float(errors.mean()),
            float(np.median(errors)),
            float((found - labels).mean()),
            float(np.mean(errors <= 0.005)),
            float(np.mean(errors <= 0.025)),
            rank,
            hits / max(float(stable.sum()), 1.0),
            hits / float(true.sum()),
            float(true.mean()),
        )

    def row(self, name: str) -> str:
        energies = " | ".join(f"{value:.4f}" for value in (self.mae, self.median, self.bias))
        rank = "-" if np.isnan(self.rank) else f"{self.rank:.2f}"
        shares = f"{self.near:.2f} | {self.close:.2f} | {rank}"
        stable = f"{self.precision:.3f} | {self.recall:.3f} | {self.share:.2f}"
        return f"| {name} | {self.n:,} | {energies} | {shares} | {stable} |"


@dataclass(frozen=True)
class Placed:
    """Shared formulas on the hull of a set, their labels and the CPU time."""

    materials: Materials
    found: Floats
    labels: Floats
    seconds: float


def references(name: str) -> References:
    """A public set as the command takes it, or ``mp_structures`` with its energies as they stand in the file."""
    if name != AS_THEY_STAND:
        return read_references(name)
    dataset = load_dataset("mp_structures")
    return References(dataset.materials, dataset.target().values, MP_LEGACY, name)


def labels() -> dict[str, float]:
    """Composition -> energy above the hull of the Materials Project."""
    table = pl.concat([pl.read_csv(data_folder() / path, infer_schema_length=None, null_values=[]) for path in LABELS])
    dataset = read_materials(table, max_bad=0.01)
    values = dataset.table["target"].cast(pl.Float64).to_list()
    return dict(zip(dataset.materials.keys().tolist(), values, strict=True))


def placed(name: str, known: dict[str, float]) -> Placed:
    """The lowest polymorph of each shared formula on the hull of the set."""
    phases = references(name)
    keys, energies = phases.materials.keys(), phases.formation_energies
    order = np.argsort(energies, kind="stable")
    _, first = np.unique(keys[order], return_index=True)
    lengths = phases.materials.compositions.lengths
    shared = [row for row in np.sort(order[first]) if keys[row] in known and lengths[row] > 1]
    rows = np.sort(np.random.default_rng(SEED).choice(shared, min(SAMPLE, len(shared)), replace=False))
    started = time.process_time()
    hull = hull_of(phases.materials[rows], energies[rows], MP_LEGACY, phases)
    seconds = time.process_time() - started
    return Placed(phases.materials[rows], hull.above, np.array([known[keys[row]] for row in rows]), seconds)


def by_magpie(one: Placed) -> Scores:
    """Trees on Magpie, in five folds of whole chemical systems."""
    vectors = embed(one.materials, "magpie").vectors
    systems = one.materials.compositions.chemical_systems()
    predicted, stable = np.zeros(len(systems)), np.zeros(len(systems), dtype=np.bool_)
    for train, test in GroupKFold(5, shuffle=True, random_state=SEED).split(vectors, groups=systems):
        forest = ExtraTreesRegressor(150, min_samples_leaf=2, bootstrap=True, oob_score=True, random_state=SEED)
        forest.fit(vectors[train], one.labels[train])
        predicted[test] = forest.predict(vectors[test])
        stable[test] = predicted[test] <= best_threshold(forest.oob_prediction_, one.labels[train] <= STABLE)
    return Scores.of(predicted, one.labels, stable)


def best_threshold(predicted: Floats, stable: NDArray[np.bool_]) -> float:
    """The threshold with the highest F1 on rows that the trees did not see."""
    order = np.argsort(predicted)
    hits, chosen = np.cumsum(stable[order]), np.arange(1, len(order) + 1)
    return float(predicted[order][np.argmax(2 * hits / (chosen + stable.sum()))])


def by_elements(one: Placed) -> str:
    """Scores by the number of elements."""
    lengths, rows = one.materials.compositions.lengths, []
    for count in (2, 3, 4, 5):
        of = lengths == count
        scores = Scores.of(one.found[of], one.labels[of], one.found[of] <= STABLE)
        rows.append(f"| {count} | {scores.n:,} | {scores.mae:.4f} | {scores.precision:.3f} | {scores.recall:.3f} |")
    return "\n".join(rows)


def conversion() -> dict[str, object]:
    """Formation energies before and after the corrections are exchanged, against a later release."""
    old = pl.read_csv(data_folder() / SETS["mp_structures"], infer_schema_length=None, null_values=[])
    new = pl.read_csv(data_folder() / LATER, infer_schema_length=None, null_values=[""])
    new = new.select("material_id", pl.col("formation_energy_per_atom").alias("later"))
    both = old.join(new, on="material_id").drop_nulls(["later"])
    materials = Materials.from_formulas(both["reduced_formula"].to_list(), counts_atoms=True)
    before, later = both["formation_energy_per_atom"].to_numpy(), both["later"].to_numpy()
    phases = References(materials, before, MP_LEGACY, elements=mp_elements(data_folder()))
    after = phases.in_scheme(MP2020).formation_energies
    table, names = correction_table(), []
    for row in range(len(materials)):
        names.append(table.most_electronegative(list(materials.compositions.to_dict(row))))
    rows, strongest = [], np.array(names)
    for anion in ("O", "F", "Cl", "Br", "I", "S", "Se", "Te", "N", "Sb", "Si", "P", "C", "Sn"):
        of = strongest == anion
        medians = [f"{np.median((values - later)[of]):+.3f}" for values in (before, after)]
        rows.append(f"| {anion} | {of.sum():,} | {' | '.join(medians)} |")
    return {
        "n_later": f"{len(later):,}",
        "before": np.mean(np.abs(before - later)),
        "after": np.mean(np.abs(after - later)),
        "anions": "\n".join(rows),
    }


def digest(path: str) -> str:
    """The first digits of the SHA-256 of a file."""
    return hashlib.sha256((data_folder() / path).read_bytes()).hexdigest()[:12]


def main() -> None:
    """Write the page."""
    os.environ["MATSCOUT_DATA"] = str(data_folder())
    known = labels()
    hulls = {name: placed(name, known) for name in (*SETS, AS_THEY_STAND)}
    main_set = hulls["mp_structures"]
    rows = [Scores.of(one.found, one.labels, one.found <= STABLE).row(LABEL[name]) for name, one in hulls.items()]
    large = hulls["matbench_mp_e_form"]
    low = large.labels <= CREDIBLE
    found, true = large.found[low], large.labels[low]
    rows.insert(2, Scores.of(found, true, found <= STABLE).row(f"`matbench_mp_e_form`, labels <= {CREDIBLE:g}"))
    zeros = np.zeros(len(main_set.labels))
    rows.append(Scores.of(zeros, main_set.labels, zeros <= STABLE).row("0 for all"))
    rows.append(by_magpie(main_set).row("none: trees on Magpie"))
    files = (*SETS.values(), BESIDE, *LABELS, LATER, ELEMENTS)
    page = PAGE.format(
        date=datetime.now(tz=UTC).strftime("%Y-%m-%d"),
        version=__version__,
        packages=", ".join(
            [
                *(f"{name} {version(name)}" for name in ("scipy", "numpy", "pymatgen")),
                f"Python {platform.python_version()}",
            ]
        ),
        digests=", ".join(f"`{path}` {digest(path)}" for path in files),
        milliseconds=1e3 * main_set.seconds / len(main_set.found),
        rows="\n".join(rows),
        by_elements=by_elements(main_set),
        **conversion(),
    )
    RESULT.write_text(page, encoding="utf-8")
    print(page)


if __name__ == "__main__":
    main()
