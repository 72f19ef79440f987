"""What is like PbTe: the 100 nearest of the formulas of ``mp_structures`` by each representation, as the paper draws.

Their figures of merit at 600 K are predicted from ESTM, by the law S² sigma T / kappa on trees; a sample of the
formulas is placed by UMAP.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from data_folder import data_folder
from jobs import RESULTS
from matplotlib.figure import Figure
from numpy.typing import NDArray
from recommender_families import BY, ELMD, families, nearness, vectors_of
from structure_data import mp_structures

from matscout.data.dataset import Dataset, Target
from matscout.data.files import write_text_whole
from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.evaluation.plots import LIGHT
from matscout.generate.assembly import first_of_each
from matscout.predict.base import Predictions
from matscout.predict.definitions import definition
from matscout.predict.fitting import fit
from matscout.represent.projection import project

Floats = NDArray[np.float64]

QUERY, KELVIN, NEAREST, PLACED = "PbTe", 600.0, 100, 4000
LAW = "S**2*sigma*T/kappa"
RANDOM = "100 at random"
GROUPS = ("O", "S", "Se", "Te", "F", "Cl", "N", "other")
COLOURS = ("#c44e52", "#dd9a3a", "#8c6d31", "#0b6e99", "#6aa84f", "#3d8c7a", "#7b5fb2", "#c8ced4")
PICTURES = RESULTS / "recommender"
DPI = 150


def formulas() -> Materials:
    """Every composition once."""
    compositions = mp_structures(data_folder()).compositions
    compositions = compositions[first_of_each(compositions)]
    names = np.array([format_formula(compositions.to_dict(row)) for row in range(len(compositions))], dtype=np.str_)
    return Materials(names, names, compositions)


def thermoelectrics() -> Dataset:
    """ESTM in SI units."""
    table = pl.read_csv(data_folder() / "thermoelectrics" / "estm.csv.gz", infer_schema_length=None)
    context = {"T": table["temperature_K"].to_numpy().astype(np.float64)}
    plain = Materials.from_formulas(table["formula"].to_list())
    materials = Materials(plain.ids, plain.formulas, plain.compositions, context=context)
    columns = {
        "S": table["seebeck_uV_per_K"].to_numpy() * 1e-6,
        "sigma": table["electrical_conductivity_S_per_m"].to_numpy(),
        "kappa": table["thermal_conductivity_W_per_mK"].to_numpy(),
        "zT": table["ZT"].to_numpy(),
    }
    return Dataset(materials, {name: Target(name, values.astype(np.float64)) for name, values in columns.items()})


def merits(materials: Materials, folder: Path) -> Floats:
    """Predicted figure of merit of each material at 600 K, [n]."""
    path = folder / "pbte-merits.json"
    if not path.is_file():
        model = fit(thermoelectrics(), "zT", model=definition(LAW, "extratrees-magpie"))
        hot = Materials(
            materials.ids, materials.formulas, materials.compositions, context={"T": np.full(len(materials), KELVIN)}
        )
        told = model.predict(hot)
        assert isinstance(told, Predictions)
        write_text_whole(path, json.dumps(told.predicted.tolist()))
    return np.array(json.loads(path.read_text(encoding="utf-8")))


def measure(folder: Path, options: Any) -> dict[str, Any]:
    """Merits of the nearest by each representation, and the two pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    materials = formulas()
    asked = int(np.flatnonzero(materials.formulas == QUERY)[0])
    merit = merits(materials, folder)
    rng = np.random.default_rng(0)
    placed = np.sort(np.append(rng.choice(np.delete(np.arange(len(materials)), asked), PLACED - 1, False), asked))
    nearest: dict[str, NDArray[np.int64]] = {}
    places: dict[str, Floats] = {}
    for name in (*BY, ELMD):
        vectors = vectors_of(name, materials)
        near = nearness(name, vectors[[asked]], vectors)
        near[asked] = -np.inf
        nearest[name] = np.argsort(-near, kind="stable")[:NEAREST]
        places[name] = _placed(name, np.union1d(placed, nearest[name]), vectors, folder)
        print(name, np.quantile(merit[nearest[name]], [0.25, 0.5, 0.75]).round(2).tolist(), flush=True)
    nearest[RANDOM] = rng.choice(len(materials), NEAREST, replace=False)
    PICTURES.mkdir(exist_ok=True)
    _merits_plot({name: merit[rows] for name, rows in nearest.items()}).savefig(PICTURES / "pbte-merits.png", dpi=DPI)
    groups = families(materials.compositions)
    drawn = {name: (np.union1d(placed, nearest[name]), places[name], nearest[name]) for name in places}
    _maps(drawn, groups).savefig(PICTURES / "pbte-maps.png", dpi=DPI)
    return {
        "materials": len(materials),
        "best": float((merit >= np.quantile(merit, 0.99)).mean()),
        "limit": float(np.quantile(merit, 0.99)),
        "rows": {name: _told(rows, merit, groups, materials) for name, rows in nearest.items()},
    }


def _placed(name: str, rows: NDArray[np.int64], vectors: Floats, folder: Path) -> Floats:
    """Places of these rows by UMAP, [n, 2]; in the middle where there is no vector."""
    path = folder / f"pbte-map-{name.replace('/', '-').replace(' ', '-')}.npy"
    if not path.is_file():
        known = np.isfinite(vectors[rows]).all(axis=1)
        found = np.full((len(rows), 2), np.nan)
        found[known] = project(vectors[rows][known], "umap", seed=0).coordinates
        np.save(path, found)
    return np.asarray(np.load(path))


def _told(rows: NDArray[np.int64], merit: Floats, groups: NDArray[np.str_], materials: Materials) -> dict[str, Any]:
    low, middle, high = np.quantile(merit[rows], [0.25, 0.5, 0.75])
    return {
        "quartiles": [float(low), float(middle), float(high)],
        "best": float((merit[rows] >= np.quantile(merit, 0.99)).mean()),
        "tellurides": float((groups[rows] == "Te").mean()),
        "first": materials.formulas[rows[:5]].tolist(),
    }


def _merits_plot(merits_by: dict[str, Floats]) -> Figure:
    """Boxes of the predicted figures of merit, a row each."""
    figure = Figure(figsize=(6.4, 0.42 * len(merits_by) + 0.9), layout="constrained")
    axes = figure.subplots()
    names = list(merits_by)
    drawn = axes.boxplot(
        [merits_by[name] for name in names], orientation="horizontal", widths=0.6, patch_artist=True, showfliers=True
    )
    for name, box in zip(names, drawn["boxes"], strict=True):
        box.set(facecolor=LIGHT.muted if name == RANDOM else LIGHT.accent, edgecolor=LIGHT.ink, alpha=0.85)
    for line in drawn["medians"]:
        line.set(color=LIGHT.paper, linewidth=1.6)
    for dots in drawn["fliers"]:
        dots.set(markersize=2.5, markeredgecolor=LIGHT.muted)
    axes.set_yticks(range(1, len(names) + 1), names)
    axes.invert_yaxis()
    axes.set_xlabel(f"predicted zT at {KELVIN:.0f} K of the {NEAREST} nearest to {QUERY}")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _maps(drawn: dict[str, tuple[NDArray[np.int64], Floats, NDArray[np.int64]]], groups: NDArray[np.str_]) -> Figure:
    """A map for each representation, by family; the nearest have a ring."""
    columns = 4
    lines = -(-len(drawn) // columns)
    figure = Figure(figsize=(2.6 * columns, 2.6 * lines + 0.5), layout="constrained")
    for axes, (name, (rows, places, nearest)) in zip(figure.subplots(lines, columns).flat, drawn.items(), strict=False):
        named = np.where(np.isin(groups[rows], GROUPS), groups[rows], "other")
        for group, colour in reversed(list(zip(GROUPS, COLOURS, strict=True))):
            own = places[named == group]
            axes.scatter(own[:, 0], own[:, 1], s=1.5, color=colour, linewidths=0, rasterized=True, label=group)
        ringed = places[np.isin(rows, nearest)]
        axes.scatter(ringed[:, 0], ringed[:, 1], s=9, facecolor="none", edgecolor=LIGHT.ink, linewidths=0.4)
        axes.set_title(name, fontsize=8, color=LIGHT.ink)
        axes.set(xticks=[], yticks=[])
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(GROUPS), frameon=False, markerscale=5)
    return figure


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    lines = [
        f"| {name} | {row['quartiles'][1]:.2f} ({row['quartiles'][0]:.2f} to {row['quartiles'][2]:.2f}) "
        f"| {row['best']:.0%} | {row['tellurides']:.0%} | {', '.join(row['first'])} |"
        for name, row in facts["rows"].items()
    ]
    return "\n\n".join(
        [
            f"## What is like {QUERY}",
            f"The {NEAREST} nearest to {QUERY} among {facts['materials']:,} formulas of `mp_structures` by each "
            f"representation, and their predicted figure of merit at {KELVIN:.0f} K (`{LAW}` by trees on ESTM): median "
            f"with quartiles, and how many are of the best hundredth of all formulas (predicted zT of at least "
            f"{facts['limit']:.2f}). The trees see `magpie`, so what is alike by it is predicted to be alike.",
            "| by | zT | of the best hundredth | tellurides | the five nearest |\n|---|--:|--:|--:|---|\n"
            + "\n".join(lines),
            "![Predicted figures of merit](recommender/pbte-merits.png)",
            f"By UMAP, {PLACED:,} of the formulas and the {NEAREST} nearest (rings):",
            "![Maps](recommender/pbte-maps.png)",
        ]
    )
