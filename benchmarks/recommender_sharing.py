"""Networks that learn several properties at once against networks of one, by number of labels.

Two settings: ``together``, where all properties are known of the same few materials; ``beside many``, where the one
that is asked for is known of few and the others of a thousand. At last all labels are taken, together. Beside them
trees on the same columns, which learn one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from aflow import AFLOW, PARTS, PLENTIFUL, rows
from data_folder import data_folder
from jobs import RESULTS, fail_if
from ledger import Ledger, Measured
from matplotlib.figure import Figure

from matscout.data.dataset import Dataset, Target
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.evaluation.plots import LIGHT
from matscout.evaluation.statistics import wilcoxon_test
from matscout.predict.base import Predictions
from matscout.predict.fitting import fit

LEDGER, PICTURE = RESULTS / "recommender" / "sharing.jsonl", "sharing.png"
SIZES, DRAWS, MANY = (50, 250, 1000), 2, 1000
ALL = 1_000_000
"""Asked for where all labels are."""
SINGLE, SINGLE_LEVELS, SHARED, LEVELS, TREES = (
    "single-task-network",
    "single-task-network/one-hot",
    "mixture-of-experts",
    "mixture-of-experts/one-hot",
    "extratrees-magpie",
)
SETTINGS = ("together", "beside many")

ESTM = {
    "Seebeck": "seebeck_uV_per_K",
    "log10 sigma": "electrical_conductivity_S_per_m",
    "kappa": "thermal_conductivity_W_per_mK",
}


@dataclass(frozen=True)
class SharingJob(Measured):
    """One model of one property, from one draw of labels."""

    data: str
    target: str
    setting: str
    size: int
    draw: int
    model: str

    @property
    def name(self) -> str:
        return f"{self.data}, {self.target}, {self.setting}, {self.size} labels, draw {self.draw}, {self.model}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """MAE on the test materials, and the share of them inside the 90 % intervals."""
        train, test = DATA[self.data]()
        labelled = drawn(train, self)
        learned = fit(labelled, self.target, model=self.model, seed=self.draw)
        told = learned.predict(test.materials)
        assert isinstance(told, Predictions)
        truth = test.target(self.target).values
        known = np.isfinite(truth)
        errors = np.abs(told.predicted - truth)[known]
        inside = ((told.lower <= truth) & (truth <= told.upper))[known]
        known = labelled.materials.compositions.keys()[labelled.target(self.target).known]
        return {
            "mae": float(errors.mean()),
            "coverage": float(inside.mean()),
            "materials": len(np.unique(known)),
        }


def drawn(train: Dataset, job: SharingJob) -> Dataset:
    """The labels of a draw: units (materials, or all rows of one) in random order, the same for all models."""
    rng = np.random.default_rng(100 + job.draw)
    keys = train.materials.compositions.keys()
    known = np.isfinite(train.target(job.target).values)
    order = rng.permutation(np.unique(keys[known]))
    few = np.isin(keys, order[: job.size])
    many = few if job.setting == "together" else np.isin(keys, rng.permutation(np.unique(keys))[:MANY]) | few
    targets = {
        name: Target(name, np.where(few if name == job.target else many, target.values, np.nan), target.unit)
        for name, target in train.targets.items()
    }
    labelled = np.flatnonzero(np.any([target.known for target in targets.values()], axis=0))
    return Dataset(train.materials, targets)[labelled]


def aflow() -> tuple[Dataset, Dataset]:
    """Train with validation rows, and test rows, of the given splits; a property that a formula does not have is NaN.

    Of the properties that are known of far more formulas than the others, those of the others are taken. A formula that
    any property has among its test rows is tested in all of them, and learned in none.
    """
    tables = {(wanted.name, part): rows(wanted, part) for wanted in AFLOW for part in PARTS}
    tested = pl.concat(
        [table["formula"] for (name, part), table in tables.items() if part == "test" and name not in PLENTIFUL]
    )
    long = pl.concat([table.rename({"value": name}) for (name, _), table in tables.items()], how="diagonal")
    whole = long.group_by("formula", maintain_order=True).agg(pl.all().mean())
    whole = whole.filter(pl.col("ln K").is_not_null())
    return _divided(whole, whole["formula"].is_in(tested.implode()).to_numpy(), [wanted.name for wanted in AFLOW])


def estm() -> tuple[Dataset, Dataset]:
    """Thermoelectrics with temperature; a fifth of the materials is tested."""
    whole = pl.read_csv(data_folder() / "thermoelectrics" / "estm.csv.gz", infer_schema_length=None)
    sigma = pl.col(ESTM["log10 sigma"])
    whole = whole.filter(sigma > 0).select(
        "formula",
        pl.col("temperature_K").alias("temperature"),
        pl.col(ESTM["Seebeck"]).alias("Seebeck"),
        sigma.log10().alias("log10 sigma"),
        pl.col(ESTM["kappa"]).alias("kappa"),
    )
    readable = parse_formulas(whole["formula"].to_list())
    whole, keys = whole[readable.rows], readable.compositions.keys()
    drawn_keys = np.random.default_rng(0).permutation(np.unique(keys))
    return _divided(whole, np.isin(keys, drawn_keys[: len(drawn_keys) // 5]), list(ESTM))


def _divided(table: pl.DataFrame, tested: Any, names: Sequence[str]) -> tuple[Dataset, Dataset]:
    parsed = parse_formulas(table["formula"].to_list())
    readable = np.asarray(parsed.rows)
    table, tested = table[readable], np.asarray(tested)[readable]
    context = {"temperature": table["temperature"].to_numpy()} if "temperature" in table.columns else {}
    formulas = table["formula"].to_numpy().astype(np.str_)
    ids = np.array([f"r{row}" for row in range(len(table))], dtype=np.str_)
    materials = Materials(ids, formulas, parsed.compositions, context=context)
    targets = {name: Target(name, table[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()) for name in names}
    whole = Dataset(materials, targets)
    return whole[np.flatnonzero(~tested)], whole[np.flatnonzero(tested)]


DATA = {"AFLOW": aflow, "ESTM": estm}


def jobs() -> Iterator[SharingJob]:
    """All cells."""
    for data, names in (("AFLOW", [wanted.name for wanted in AFLOW]), ("ESTM", list(ESTM))):
        for size in (*(one for one in SIZES if data == "AFLOW" or one < MANY), ALL):
            for draw in range(DRAWS):
                for target in names:
                    for model in (SINGLE, TREES, SHARED, *((SINGLE_LEVELS, LEVELS) if data == "ESTM" else ())):
                        yield SharingJob(data, target, "together", size, draw, model)
                    if size < MANY:
                        yield SharingJob(data, target, "beside many", size, draw, SHARED)


def measure(folder: Path, options: Any) -> list[dict[str, Any]]:
    """Make what is missing, and read all; draws the picture."""
    folder.mkdir(parents=True, exist_ok=True)
    ledger, wanted = Ledger[SharingJob](LEDGER), list(jobs())
    fail_if(ledger.make(wanted, folder, options.processes))
    facts = [{**vars(job), **ledger[job]} for job in wanted if job in ledger]
    _draw(_beside_single(facts), LEDGER.with_name(PICTURE))
    return facts


def _beside_single(facts: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """All rows, with the MAE of the network that learned the same property alone."""
    table = pl.DataFrame(facts)
    alone = table.filter(pl.col("model") == SINGLE).select(
        "data", "target", "size", "draw", pl.col("mae").alias("alone")
    )
    return table.join(alone, on=["data", "target", "size", "draw"])


def _draw(joined: pl.DataFrame, path: Path) -> None:
    """A panel for each data set: geometric mean of the ratio, a line for each way of sharing."""
    names = joined["data"].unique(maintain_order=True).to_list()
    drawn = joined.filter(pl.col("model") != SINGLE).select("model", "setting").unique(maintain_order=True).rows()
    colours = {line: f"C{place}" for place, line in enumerate(drawn)}
    figure = Figure(figsize=(4.6 * len(names), 3.6), layout="constrained")
    for axes, data in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        own = joined.filter((pl.col("data") == data) & (pl.col("model") != SINGLE))
        ratio = (pl.col("mae") / pl.col("alone")).log().mean().exp()
        for (model, setting), line in own.group_by("model", "setting", maintain_order=True):
            drawn_line = line.group_by("size").agg(ratio=ratio, materials=pl.col("materials").mean()).sort("size")
            label = model if model == TREES else f"{model}, {setting}"
            style = {"color": colours[model, setting], "markersize": 3.5, "linewidth": 1.2}
            axes.plot(drawn_line["materials"], drawn_line["ratio"], "o-", label=label, **style)
        axes.axhline(1.0, color=LIGHT.muted, linewidth=0.8, zorder=0)
        axes.set(xscale="log", xlabel="labels of the property (materials)", ylabel=f"MAE over that of {SINGLE}")
        sizes = np.unique(own["materials"].to_numpy())
        told = sizes[np.diff(sizes, prepend=0) > 0.1 * sizes]
        axes.set_xticks(told, [f"{size:,.0f}" for size in told])
        axes.set_xticks([], minor=True)
        axes.set_title(data, fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=7)
    figure.savefig(path, dpi=200)


def page(facts: list[dict[str, Any]]) -> str:
    """As Markdown."""
    joined = _beside_single(facts)
    parts = [
        "## Several properties at once",
        "MAE on test materials over that of `single-task-network`, which learns the property alone; geometric mean "
        f"over properties and {DRAWS} draws of labels (where all are taken, {DRAWS} seeds), p is Wilcoxon's test of "
        "the logarithms of these pairs, which share their test materials, so it is rather too small. *Together*: all "
        f"properties are known of the same materials. *Beside many*: the others are known of {MANY:,} materials (of "
        "ESTM of all). "
        f"AFLOW: {', '.join(wanted.name for wanted in AFLOW)}; ESTM: {', '.join(ESTM)} with temperature (materials, "
        "each at all its temperatures). All on Magpie.",
        "| data | labels | setting | model | ratio | p | pairs | coverage of 90 % |\n|---|--:|---|---|--:|--:|--:|--:|",
    ]
    for (data, size, setting, model), own in joined.group_by(["data", "size", "setting", "model"], maintain_order=True):
        ratios = (own["mae"] / own["alone"]).to_numpy()
        logarithms = (np.log(own[name].to_numpy()) for name in ("mae", "alone"))
        p = "" if model == SINGLE else f"{wilcoxon_test(*logarithms).p_value:.2g}"
        parts[-1] += (
            f"\n| {data} | {'all' if size == ALL else f'{size:,}'} | {setting} | {model} "
            f"| {np.exp(np.log(ratios).mean()):.3f} | {p} | {len(own)} "
            f"| {own['coverage'].mean():.1%} |"
        )
    parts.append(f"![Sharing against learning alone](recommender/{PICTURE})")
    each = joined.filter((pl.col("setting") == "beside many") & (pl.col("model") == SHARED))
    if len(each):
        ratio = (pl.col("mae") / pl.col("alone")).log().mean().exp().alias("ratio")
        told = each.group_by(["data", "target", "size"], maintain_order=True).agg(ratio)
        lines = [
            f"| {one['data']} | {one['target']} | {one['size']:,} | {one['ratio']:.3f} |" for one in told.to_dicts()
        ]
        parts.append(
            f"`{SHARED}` beside many, property by property:\n\n"
            "| data | property | labels | ratio |\n|---|---|--:|--:|\n" + "\n".join(lines)
        )
    return "\n\n".join(parts)
