"""Train the model ``known-likeness`` that comes with matscout: ``python scripts/train_known_likeness.py [-o FOLDER]``.

Data (folder ``MATSCOUT_DATA``, by default ``../shared/data``): labels of the Materials Project of two dates
(``synthesizability/mp_clscores``: in the ICSD in 2020; ``mp_synthesized_labels``: known later), 40,817 compositions of
the ICSD (``icsd_like_compositions_scores``, its formulas only), crystals and energies of ``mp_structures``. A row is
known if any list says so, and unlabelled otherwise. Published scores in these tables are not read. A quarter of an hour
of one core.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout import __version__
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.data.stated_digests import digest_of_file
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.discover.hull_references import read_references
from matscout.evaluation.folds import deal_groups
from matscout.predict.features import Features
from matscout.predict.likeness_learner import LikenessExamples
from matscout.predict.likeness_learners.boosted import LEAVES, STEPS, Boosted
from matscout.predict.models.known_likeness import in_standard_cells
from matscout.predict.recall_curves import summary
from matscout.predict.shipped_likeness import COMPOSITION, FOLDER, STRUCTURE, LikenessPart, Places, joined
from matscout.predict.shipped_likeness import ShippedLikeness as Shipped
from matscout.represent.embeddings import Embeddings
from matscout.represent.seen import marks, proportions
from matscout.simulate.energy_schemes import MP_LEGACY
from matscout.simulate.hull import hull_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DATA = Path(os.environ.get("MATSCOUT_DATA") or Path(__file__).parents[2] / "shared" / "data")
IN_2020, LATER = "synthesizability/mp_clscores.csv.gz", "synthesizability/mp_synthesized_labels.csv.gz"
KNOWN_FORMULAS = "synthesizability/icsd_like_compositions_scores.csv.gz"
CRYSTALS, ENERGIES = "mp_structures/arrays.npz", "mp_structures/extra_labels.csv.gz"
COLUMNS = {COMPOSITION: ("magpie",), STRUCTURE: ("magpie", "structure-basic")}
FOLDS = 3
SEED = 0


@dataclass(frozen=True, eq=False)
class Rows:
    """n materials, which of them are known, and their energies above the hull (eV/atom; NaN where there is none)."""

    materials: Materials
    known: Flags
    above: Floats

    def __getitem__(self, rows: NDArray[np.int64]) -> Rows:
        return Rows(self.materials[rows], self.known[rows], self.above[rows])


@dataclass(frozen=True, eq=False)
class Labels:
    """Ids and compositions that a list calls made."""

    ids: frozenset[str]
    formulas: NDArray[np.str_]


def labels() -> tuple[Labels, Materials]:
    """What is known, and all materials with labels by id."""
    old = pl.read_csv(DATA / IN_2020, columns=["material_id", "composition", "in_icsd_2020"])
    new = pl.read_csv(DATA / LATER)
    ids = {*old.filter(in_icsd_2020=1)["material_id"], *new.filter(synthesized=1)["material_id"]}
    parsed = parse_formulas(old["composition"].to_list())
    names = np.array(old["material_id"].to_list())[parsed.rows]
    written = np.array(old["composition"].to_list())[parsed.rows]
    listed = parse_formulas(pl.read_csv(DATA / KNOWN_FORMULAS).to_series(0).cast(str).to_list())
    made = np.isin(names, list(ids))
    formulas = np.unique(np.concatenate([parsed.compositions.keys()[made], listed.compositions.keys()]))
    return Labels(frozenset(ids), formulas), Materials(names, written, parsed.compositions)


def compositions(known: Labels, materials: Materials, solid: Rows) -> Rows:
    """Each composition once; known if one of its materials is, with the energy of its lowest crystal."""
    keys = materials.keys()
    _, first = np.unique(keys, return_index=True)
    chosen = materials[np.sort(first)]
    own, order = solid.materials.keys(), np.argsort(solid.above, kind="stable")
    formulas, places = np.unique(own[order], return_index=True)
    energies = dict(zip(formulas.tolist(), solid.above[order][places].tolist(), strict=True))
    above = np.array([energies.get(key, np.nan) for key in chosen.keys().tolist()])
    return Rows(chosen, np.isin(chosen.keys(), known.formulas), above)


def crystals(known: Labels) -> Rows:
    """Crystals with a label; energies above the hull of the whole set."""
    with np.load(DATA / CRYSTALS) as stored:
        arrays = {name: stored[name] for name in stored.files}
    offsets = np.concatenate([[0], np.cumsum(arrays["n_sites"])]).astype(np.int64)
    sites = (arrays["atomic_number"], arrays["frac_coords"].astype(np.float64), np.ones(offsets[-1]))
    structures = Structures(arrays["lattice"].astype(np.float64), offsets, *sites)
    ids = arrays["material_id"].astype(np.str_)
    table = pl.read_csv(DATA / ENERGIES, infer_schema_length=None)
    rows = np.flatnonzero(table["synthesized"].is_not_null().to_numpy())
    materials = Materials(ids, ids, compositions_of(structures), structures)[rows]
    energies = table["formation_energy_per_atom_mp2018"].cast(pl.Float64).to_numpy()[rows]
    above = hull_of(materials, energies, MP_LEGACY, read_references("mp_structures")).above
    return Rows(materials, np.isin(materials.ids, list(known.ids)), above)


def trained(name: str, rows: Rows) -> tuple[LikenessPart, dict[str, dict[str, float]]]:
    """A part, and its scores on chemical systems that a fit had not seen: alone, and with energies where there are."""
    began, known = time.process_time(), rows.known
    features = Features(COLUMNS[name])
    cells = in_standard_cells(rows.materials, features.representations)
    vectors = features.fit_transform(Embeddings(cells)).vectors.astype(np.float32).astype(np.float64)
    examples = LikenessExamples(vectors, known, features.columns, seed=SEED)
    folds = deal_groups(systems(rows.materials), known.astype(np.int64), FOLDS, np.random.default_rng(SEED))
    unseen = np.empty(len(known))
    for fold in range(FOLDS):
        unseen[folds == fold] = boosted(examples.subset(folds != fold)).score(vectors[folds == fold])
    there = np.isfinite(rows.above)
    alone, energies = Places.of(unseen, known), Places.of(-rows.above[there], known[there])
    both = joined(alone, energies, unseen[there], rows.above[there])
    measured = {
        name: scores_of(unseen, known, folds),
        f"{name} and hull": scores_of(both, known[there], folds[there]),
        f"{name}, hull alone": scores_of(-rows.above[there], known[there], folds[there]),
    }
    print(f"{measured}, {time.process_time() - began:.0f} s", flush=True)
    return LikenessPart(features, boosted(examples), alone, energies, Places.of(both, known[there])), measured


def scores_of(scores: Floats, known: Flags, folds: NDArray[np.int64]) -> dict[str, float]:
    """Means over folds, and how many rows are known and unlabelled."""
    each = [summary(scores[(folds == fold) & known], scores[(folds == fold) & ~known]) for fold in range(FOLDS)]
    counts = {"known": float(known.sum()), "unlabelled": float((~known).sum())}
    return {**{key: float(np.mean([one[key] for one in each])) for key in each[0]}, **counts}


def boosted(examples: LikenessExamples) -> Boosted:
    """With the most steps and leaves, as many rows bear."""
    return Boosted().boost(examples, STEPS[-1], LEAVES[-1])


def systems(materials: Materials) -> NDArray[np.str_]:
    """Equal for equal elements, [n]."""
    parts = np.split(materials.compositions.elements, materials.compositions.offsets[1:-1])
    return np.array(["-".join(map(str, sorted(part.tolist()))) for part in parts], dtype=np.str_)


def card(measured: Mapping[str, Mapping[str, float]], digests: Mapping[str, str], date: str) -> str:
    """What a reader must know."""
    rows = "\n".join(
        f"| {name} | {one['known']:,.0f} | {one['unlabelled']:,.0f} | {one['area']:.3f} | "
        + " | ".join(f"{one[f'recall_at_{share}']:.3f}" for share in ("0.01", "0.05", "0.1", "0.2"))
        + " |"
        for name, one in measured.items()
    )
    data = "\n".join(f"- `{name}`, SHA-256 {digest[:16]}" for name, digest in digests.items())
    return f"""# known-likeness: likeness to materials that databases list as made

A score ranks a material among known and unlabelled ones of the Materials Project. It does not say whether a material
can be made: the label is *a database lists it as made*, and unlabelled is not a no.

| part | known | unlabelled | area | recall at 0.01 | 0.05 | 0.1 | 0.2 |
|---|--:|--:|--:|--:|--:|--:|--:|
{rows}

Scores on chemical systems that a fit had not seen ({FOLDS} folds). *Area*: ROC-AUC of known against unlabelled rows.
*Recall at a share*: known rows that stand above all but this share of the unlabelled ones. Boosted trees
({STEPS[-1]} steps, at most {LEAVES[-1]} leaves) on Magpie, with `structure-basic` in primitive cells where there is a
structure. With an energy above the hull (eV/atom, Materials Project before 2020), half of the place by energy is added
to the place by these: learned together the area is higher here, and lower on entries after 2013.

## Trained on

{data}

A row is known if the ICSD of 2020, a later list of the Materials Project, or a list of 40,817 compositions of the ICSD
has it. The published scores in these tables were not read. `seen.npy` holds 64-bit marks of the compositions of all
training rows, by which scores of these are marked; the weights hold no row.

## What it is not

- Not a probability, and no proof in either direction: chemists make some elements and structures more often.
- Materials after 2020 come from another kind of search. On entries after 2013, learned from those before, the area is
  clearly lower than here (`benchmarks/results/synthesizability.md`).
- An energy above the hull by another method than PBE with these corrections shifts the scores of the parts with it.

Trained {date} with matscout {__version__} by `scripts/train_known_likeness.py`, seed {SEED}.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Train all parts and write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=FOLDER)
    asked = parser.parse_args(arguments)
    known, labelled = labels()
    solid = crystals(known)
    sets = {COMPOSITION: compositions(known, labelled, solid), STRUCTURE: solid}
    made = {name: trained(name, rows) for name, rows in sets.items()}
    seen = np.unique(np.concatenate([marks(rows.materials.compositions) for rows in sets.values()]))
    patterns = np.unique(np.concatenate([proportions(rows.materials.compositions) for rows in sets.values()]))
    plain = sets[COMPOSITION]
    elements = plain.materials[np.flatnonzero(plain.known)].compositions.elements
    counts = np.bincount(elements, minlength=119)[1:].astype(np.int64)
    digests = {one: digest_of_file(DATA / one) for one in (IN_2020, LATER, KNOWN_FORMULAS, CRYSTALS, ENERGIES)}
    date = datetime.now(tz=UTC).strftime("%Y-%m-%d")
    measured = {name: scores for _, each in made.values() for name, scores in each.items()}
    facts = {"data": digests, "measured": measured, "matscout": __version__, "date": date, "seed": SEED}
    Shipped({name: part for name, (part, _) in made.items()}, counts, patterns, seen, facts).save(asked.output)
    (asked.output / "card.md").write_text(card(measured, digests, date), encoding="utf-8")


if __name__ == "__main__":
    main()
