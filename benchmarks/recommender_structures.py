"""Crystals instead of formulas: four properties of 1,000 crystals from fingerprints, descriptions and networks.

Both texts are read by the same language model. What robocrystallographer says takes an hour and is stored crystal by
crystal. Networks learn as heads on frozen vectors (five with four fifths of the rows each, mean absolute error), as in
the paper; trees learn from the same vectors.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import neighbours
import numpy as np
import polars as pl
from data_folder import data_folder
from descriptions import robocrystallographer
from jobs import RESULTS, fail_if
from ledger import Ledger, Measured
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor
from structure_data import mp_structures, small_ones

from matscout.code_digest import digest_of_code
from matscout.data.files import atomic_write
from matscout.data.materials import Materials
from matscout.evaluation.statistics import corrected_t_test
from matscout.predict.experts import ExpertsLesson, TrainedExperts
from matscout.predict.scaling import Scaling
from matscout.represent.embedding import make_representation
from matscout.represent.language.text_representation import TextRepresentation

Floats = NDArray[np.float64]

LEDGER = RESULTS / "recommender" / "structures.jsonl"
N, MOST_SITES, FOLDS = 1_000, 50, 5
THEIRS = "text by robocrystallographer"
BY = (
    "crystal-nn-fingerprint",
    "structure-text",
    THEIRS,
    "structure-basic",
    "deep-infomax",
    "crystal-denoising",
    "crystal-properties",
    "composition-text",
    "elements=mat2vec",
    "magpie",
)
MODULI = {"ln K": "bulk_modulus_vrh_GPa", "ln G": "shear_modulus_vrh_GPa"}
PROPERTIES = ("ln K", "ln G", "formation energy", "gap")
PUBLISHED = {"ln K": (0.26, 0.90, 0.93), "ln G": (0.29, 0.83, 0.84), "gap": (0.45, 0.88, 0.89)}
"""R2 of fingerprint, MatSciBERT and MatBERT on structures; of AFLOW, so that only their order compares."""


@lru_cache(maxsize=1)
def crystals() -> tuple[Materials, dict[str, Floats]]:
    """1,000 crystals with sane moduli, and their properties."""
    folder = data_folder()
    moduli = pl.read_csv(folder / "mp_elasticity" / "structures.csv.gz", infer_schema_length=None)
    moduli = moduli.filter(pl.col("sane_moduli") == 1).unique("material_id", maintain_order=True)
    known = pl.read_csv(folder / "mp_structures" / "properties.csv.gz", infer_schema_length=None)
    whole = mp_structures(folder)
    materials = small_ones(whole[np.flatnonzero(np.isin(whole.ids, moduli["material_id"].to_numpy()))], MOST_SITES, N)
    ids = pl.DataFrame({"material_id": materials.ids.astype(str)})
    rows = ids
    for table in (moduli.select("material_id", *MODULI.values()), known):
        rows = rows.join(table, on="material_id", how="left", maintain_order="left")
    return materials, {
        **{name: np.log(rows[column].to_numpy()) for name, column in MODULI.items()},
        # Of the release that the crystals are of: those of mp_elasticity belong to crystals relaxed anew.
        "formation energy": rows["formation_energy_per_atom"].to_numpy(),
        "gap": rows["band_gap"].to_numpy(),
    }


def vectors_of(name: str, folder: Path) -> Floats:
    """Vectors of all crystals [n, d], from the folder if they are there; blanks are the mean of their column."""
    path = folder / f"structures-{name.replace(' ', '-')}-{digest_of_code('matscout.represent')[:8]}.npy"
    if not path.is_file():
        materials, _ = crystals()
        with atomic_write(path) as unfinished, unfinished.open("wb") as file:
            np.save(file, _described(materials) if name == THEIRS else neighbours.vectors_of(name, materials))
    return np.asarray(np.load(path))


def _described(materials: Materials) -> Floats:
    """Of robocrystallographer's texts; a crystal that it fails on has an empty one."""
    assert materials.structures is not None
    reader = make_representation("structure-text")
    assert isinstance(reader, TextRepresentation)
    warnings.simplefilter("ignore")
    texts = []
    for row, name in enumerate(materials.ids.tolist()):
        said = robocrystallographer(materials.structures, row, name)
        texts.append(said.text if said else "")
        if row % 50 == 0:
            print(f"described {row} of {len(materials)}", flush=True)
    return reader.vectors_of(texts)


@dataclass(frozen=True)
class StructureJob(Measured):
    """One property from one representation."""

    target: str
    by: str

    @property
    def name(self) -> str:
        return f"{self.target}, {self.by}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """MAE and R2 of each fold, by a network and by trees."""
        vectors, values = vectors_of(self.by, folder), crystals()[1][self.target]
        return {"network": _scores(vectors, values, _head), "trees": _scores(vectors, values, _trees)}


def _scores(vectors: Floats, values: Floats, learner: Any) -> dict[str, list[float]]:
    """MAE and R2 of each of five folds; crystals of one composition are in one."""
    parts = folds()
    found: dict[str, list[float]] = {"mae": [], "r2": []}
    for fold in range(FOLDS):
        test = parts == fold
        errors = learner(vectors[~test], values[~test], vectors[test]) - values[test]
        found["mae"].append(float(np.abs(errors).mean()))
        found["r2"].append(float(1 - np.square(errors).sum() / np.square(values[test] - values[test].mean()).sum()))
    return found


def folds() -> NDArray[np.int64]:
    """The fold of each crystal, by its composition."""
    _, owners = np.unique(crystals()[0].compositions.keys(), return_inverse=True)
    return np.asarray(np.random.default_rng(0).permutation(owners.max() + 1)[owners] % FOLDS)


def _head(train: Floats, values: Floats, test: Floats) -> Floats:
    """Mean of five networks, each of which stops by another fifth of the rows."""
    scaling = Scaling.fit(train)
    usual, spread = values.mean(), values.std()
    judge = np.random.default_rng(1).permutation(len(values)) % FOLDS == np.arange(FOLDS)[:, None]
    lesson = ExpertsLesson(
        scaling.transform(train), ((values - usual) / spread)[:, None], np.ones(len(values)), ~judge, judge
    )
    networks = TrainedExperts.learn(lesson, experts=1, width=48)
    return np.asarray(networks.predict(scaling.transform(test)).mean(axis=0) * spread + usual)


def _trees(train: Floats, values: Floats, test: Floats) -> Floats:
    return np.asarray(ExtraTreesRegressor(400, random_state=0).fit(train, values).predict(test))


def jobs() -> Iterator[StructureJob]:
    """All cells, the slow text last."""
    for by in sorted(BY, key=lambda name: name == THEIRS):
        for target in PROPERTIES:
            yield StructureJob(target, by)


def measure(folder: Path, options: Any) -> list[dict[str, Any]]:
    """Make the vectors and what is missing, and read all."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger[StructureJob](LEDGER)
    for by in sorted(BY, key=lambda name: name == THEIRS):
        wanted = [job for job in jobs() if job.by == by]
        if options.processes and any(job not in ledger for job in wanted):
            vectors_of(by, folder)
            fail_if(ledger.make(wanted, folder, options.processes))
    return [{**vars(job), **ledger[job]} for job in jobs() if job in ledger]


def page(facts: list[dict[str, Any]]) -> str:
    """As Markdown."""
    scores = {(one["target"], one["by"]): one for one in facts}
    lines = []
    for learner in ("network", "trees"):
        for by in BY:
            own = [scores[target, by][learner] if (target, by) in scores else None for target in PROPERTIES]
            cells = " | ".join("not run" if found is None else _cell(found) for found in own)
            lines.append(f"| {learner} | {by} | {cells} |")
    for place, who in enumerate(("fingerprint", "MatSciBERT", "MatBERT")):
        told = " | ".join(str(PUBLISHED[one][place]) if one in PUBLISHED else "" for one in PROPERTIES)
        lines.append(f"| published, AFLOW | {who} | {told} |")
    return "\n\n".join(
        [
            "## From crystals",
            f"{N:,} crystals of `mp_elasticity` that are in `mp_structures`, of at most {MOST_SITES} sites, five "
            "folds by composition: R2 ± its standard deviation over the folds (MAE). `crystal-properties` has learned "
            "energies and gaps of some of these crystals. Published: papers/000, chapter 12, on AFLOW crystals.",
            f"| learner | by | {' | '.join(PROPERTIES)} |\n|---|---|{'--:|' * len(PROPERTIES)}\n" + "\n".join(lines),
            "The two texts, MAE by ours over that by robocrystallographer's, and p of Nadeau and Bengio's corrected t "
            f"test on the same folds: {_texts(scores)}.",
        ]
    )


def _texts(scores: dict[tuple[str, str], dict[str, Any]]) -> str:
    """Our description beside robocrystallographer's, for each property and learner."""
    told = []
    for target in (one for one in PROPERTIES if (one, THEIRS) in scores):
        for learner in ("network", "trees"):
            ours, theirs = (np.array(scores[target, by][learner]["mae"]) for by in ("structure-text", THEIRS))
            p = corrected_t_test(ours, theirs, 1 / FOLDS).p_value
            told.append(f"{target}, {learner} {ours.mean() / theirs.mean():.3f} (p {p:.2g})")
    return "; ".join(told) or "not run"


def _cell(found: dict[str, list[float]]) -> str:
    return f"{np.mean(found['r2']):.3f} ± {np.std(found['r2'], ddof=1):.3f} ({np.mean(found['mae']):.3f})"
