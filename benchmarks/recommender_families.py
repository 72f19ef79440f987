"""Recall by family: from the good materials of one family, are those of other families found among all measured ones?

A family is the most electronegative element of a composition (tellurides, oxides, antimonides, ...). The good ones of a
family are the query; each other material has its largest likeness to any of them; the score is how many times as often
good ones of other families stand among the first 10 and 100 as among all measured materials of other families.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from data_folder import data_folder
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from matscout.crystal.chemistry import element_facts
from matscout.data.compositions import Compositions
from matscout.data.files import write_text_whole
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.discover.index.standards import Standard
from matscout.generate.assembly import first_of_each
from matscout.represent.embedding import make_representation

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST = 5
"""Good materials that a family needs to be a query."""
AMONG = (10, 100)
LEAST_SHARE = 0.1
"""Share of the atoms that an element needs to name the family."""
BY = (
    "magpie",
    "elements=mat2vec",
    "element-fraction",
    "composition-donor-strict/vector",
    "polysrl-strict",
    "formula-text",
    "composition-text",
)
ELMD = "element mover's distance"


def questions() -> Mapping[str, tuple[Materials, Bools]]:
    """Name -> measured materials, each composition once, and which are good."""
    folder = data_folder()
    merit = pl.read_csv(folder / "thermoelectrics" / "estm.csv.gz", infer_schema_length=None)
    merit = merit.group_by("formula", maintain_order=True).agg(pl.col("ZT").max())
    gaps = pl.read_csv(folder / "matbench" / "expt_gap.csv.gz", infer_schema_length=None)
    critical = pl.read_csv(folder / "superconductors" / "supercon_formulas.csv.gz", infer_schema_length=None)
    temperature = next(name for name in critical.columns if name.lower().startswith("tc"))
    critical = critical.group_by(critical.columns[0], maintain_order=True).agg(pl.col(temperature).median())
    return {
        "thermoelectrics, ZT >= 1 at any temperature": _question(merit["formula"], merit["ZT"].to_numpy() >= 1),
        "superconductors, Tc >= 20 K": _question(critical[:, 0], critical[temperature].to_numpy() >= 20),
        "photovoltaic gaps, 1.1 to 1.6 eV": _question(gaps["formula"], _between(gaps["target"], 1.1, 1.6)),
        "transparent, gap >= 3.1 eV": _question(gaps["formula"], gaps["target"].to_numpy() >= 3.1),
    }


def _between(values: pl.Series, low: float, high: float) -> Bools:
    numbers = values.to_numpy()
    return np.asarray((numbers >= low) & (numbers <= high))


def _question(formulas: pl.Series, good: Bools) -> tuple[Materials, Bools]:
    parsed = parse_formulas(formulas.to_list())
    rows = np.asarray(parsed.rows)
    kept = first_of_each(parsed.compositions)
    names = formulas.to_numpy().astype(np.str_)[rows][kept]
    return Materials(names, names, parsed.compositions[kept]), np.asarray(good)[rows][kept]


def families(compositions: Compositions) -> NDArray[np.str_]:
    """The most electronegative element of at least a tenth of the atoms, [n]."""
    scale = np.nan_to_num(element_facts().electronegativity, nan=-1.0)
    found = []
    for row in range(len(compositions)):
        amounts = compositions.to_dict(row)
        total = sum(amounts.values())
        symbols = [one for one, amount in amounts.items() if amount >= LEAST_SHARE * total] or list(amounts)
        numbers = {one: scale[Materials.from_formulas([one]).compositions.elements[0] - 1] for one in symbols}
        found.append(max(numbers, key=lambda one: numbers[one]))
    return np.array(found, dtype=np.str_)


def vectors_of(name: str, materials: Materials) -> Floats:
    """Vectors [n, d] on the scale of an index; NaN where a material has none.

    For the element mover's distance (C. J. Hargreaves et al., doi:10.1021/acs.chemmater.0c03381) what is below each
    place of the modified Pettifor scale: the area between two of these is the distance.
    """
    if name == ELMD:
        # Its columns are the shares of the elements in the order of that scale.
        return make_representation("elements=mod-petti").represent(materials).vectors.cumsum(axis=1)
    embedding = make_representation(name).represent(materials)
    known = np.nan_to_num(embedding.vectors)
    counts = (~np.isnan(embedding.vectors)).sum(axis=0).astype(np.float64)
    standard = Standard.of(counts, known.sum(axis=0), (known**2).sum(axis=0))
    found = np.full((len(materials), known.shape[1]), np.nan)
    found[embedding.rows] = standard.apply(embedding.vectors)
    return found


def nearness(name: str, query: Floats, others: Floats) -> Floats:
    """Of each of m others, the largest likeness to any of the query, [m]; the least there is without a vector."""
    known = query[np.isfinite(query).all(axis=1)]
    if name == ELMD:
        return -cdist(others, known, "cityblock").min(axis=1)
    return np.nan_to_num((others @ known.T).max(axis=1), nan=-2.0)


def measure(folder: Path, options: Any) -> dict[str, Any]:
    """Enrichment of every representation on every question, cell by cell."""
    folder.mkdir(parents=True, exist_ok=True)
    facts: dict[str, Any] = {"questions": {}}
    for name, (materials, good) in questions().items():
        family = families(materials.compositions)
        asked = [str(one) for one in np.unique(family) if (good & (family == one)).sum() >= FEWEST]
        told = {"materials": len(materials), "good": int(good.sum()), "families": asked, "rows": {}}
        for by in (*BY, ELMD):
            cell = (
                folder
                / f"families-{name.split(',')[0].replace(' ', '-')}-{by.replace('/', '-').replace(' ', '-')}.json"
            )
            if not cell.is_file():
                vectors = vectors_of(by, materials)
                rows = [enrichments(by, vectors, good, family == one) for one in asked]
                write_text_whole(cell, json.dumps(rows))
                print(name, by, np.mean(rows, axis=0).round(2).tolist(), flush=True)
            told["rows"][by] = json.loads(cell.read_text(encoding="utf-8"))
        facts["questions"][name] = told
    return facts


def enrichments(name: str, vectors: Floats, good: Bools, inside: Bools) -> list[float]:
    """Of the first 10 and 100 among materials outside the family: share of good ones over that among all of them."""
    query, outside = np.flatnonzero(good & inside), np.flatnonzero(~inside)
    nearest = nearness(name, vectors[query], vectors[outside])
    order = outside[np.argsort(-nearest, kind="stable")]
    return [float(good[order[:count]].mean() / good[outside].mean()) for count in AMONG]


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    parts = [
        "## Recall across families",
        "From the good materials of one family (its most electronegative element) to the good ones of other families: "
        "how many times as often these stand among the first 10 and 100, by largest cosine to one of the query, as "
        "among all measured materials of other families; random is 1. Mean over families ± standard error. "
        "`composition-donor-strict` and `polysrl-strict` have not learned from formulas of thermoelectrics and gaps. "
        "The donor has learned the Tc of the very superconductors that are sought, so of these its row is no measure.",
    ]
    for name, told in facts["questions"].items():
        lines = [
            f"| {by} | {_spread(np.array(rows)[:, 0])} | {_spread(np.array(rows)[:, 1])} |"
            for by, rows in told["rows"].items()
        ]
        base = told["good"] / told["materials"]
        named = ", ".join(told["families"])
        parts.append(
            f"**{name}**: {told['good']:,} good of {told['materials']:,} ({base:.0%}); families: "
            f"{named}.\n\n| by | among 10 | among 100 |\n|---|--:|--:|\n" + "\n".join(lines)
        )
    return "\n\n".join(parts)


def _spread(values: Floats) -> str:
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return f"{values.mean():.2f} ± {error:.2f}"
