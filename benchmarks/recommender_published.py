"""The paper's composition table: six AFLOW properties, by networks on frozen vectors, trees and auto.

The donor here was trained from the labels of ``scripts/make_donor_table.py`` without any formula of the six, and is
kept in ``benchmarks/networks`` (not in git; ``--donor-labels FILE`` trains it anew): the one that matscout ships has
learned these very properties. Formulas that are learned here are left out as well, since a donor errs half as much on
what it has seen, and a model that learns beside it would rely on it too much.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from aflow import AFLOW, PLENTIFUL, PUBLISHED, Floats, all_keys, divided
from jobs import HERE, RESULTS, fail_if
from ledger import Ledger, Measured

from matscout.data.files import atomic_write, write_text_whole
from matscout.data.formulas import parse_formulas
from matscout.predict.base import Predictions
from matscout.predict.column_sets import CHEMISTRY, ColumnSet, Menu
from matscout.predict.fitting import make_model
from matscout.predict.model import Predictor
from matscout.predict.models.auto import Auto
from matscout.represent.artefact import load_pretrained
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.run_folder import RunFolder
from matscout.represent.pretraining.training import pretrain

TREES, WITHOUT, AUTO, ALL = "extratrees-magpie", "auto-without-donor", "auto, donor", "auto, donor, texts and PolySRL"
HEADS = ("elements=mat2vec", "formula-text", "composition-text", "magpie", "polysrl")
HEAD = "single-task-network"
GOAL = 0.9
LABELS = HERE.parent / "donor" / "donor-full.parquet"
SAMPLES = 2_000
"""Of the bootstrap over test rows."""
LEDGER = RESULTS / "recommender" / "published.jsonl"
DONOR = HERE / "networks" / "donor-without-aflow"
TOLD = "training.json"
"""Beside its weights: minutes, epochs, formulas."""


@dataclass(frozen=True)
class Contestant:
    """Who learns: a model by its address, or auto with a donor of this benchmark (``stacked``: and with all else)."""

    label: str
    model: str | None
    stacked: bool = False

    def unfitted(self, donor: Path, *, fast: bool) -> Predictor:
        """What learns."""
        if self.model is not None:
            return make_model(self.model.format(donor=donor), fast=fast)
        return WithDonor(donor, stacked=self.stacked, fast=fast)


class WithDonor(Auto):
    """As auto, with the donor of this benchmark."""

    def __init__(self, donor: Path, *, stacked: bool = False, fast: bool = False, seed: int = 0) -> None:
        self.folder, self.stacked = donor, stacked
        super().__init__(fast=fast, seed=seed, donor=f"composition-donor={donor}")

    def _menu(self) -> Menu:
        """What auto may learn from, with the donor's weights in place of those that are shipped."""
        own = tuple(
            replace(one, representations=tuple(_own(address, self.folder) for address in one.representations))
            for one in CHEMISTRY
        )
        if not self.stacked:
            return own
        every = (
            "magpie",
            "ionic",
            f"composition-donor/properties={self.folder}",
            "polysrl",
            "composition-text",
            "elements=mat2vec",
        )
        beside = (
            ColumnSet("PolySRL", ("magpie", "ionic", "polysrl"), lent=True, by_distances=True),
            ColumnSet("text", ("magpie", "ionic", "composition-text"), lent=True, by_distances=True),
            ColumnSet("donor, PolySRL and text", every, lent=True, quick=True, by_distances=True),
        )
        return (*own, *beside)


def _own(address: str, donor: Path) -> str:
    name, _, part = address.partition("/")
    if name != "{donor}":
        return address
    return f"composition-donor/{part}={donor}" if part else f"composition-donor={donor}"


def contestants(extra: Sequence[str]) -> list[Contestant]:
    """All; ``extra`` are representations that the user names."""
    heads = [Contestant(f"network on {name}", f"{HEAD}={name}") for name in (*HEADS, *extra)]
    return [
        Contestant(TREES, TREES),
        *heads,
        Contestant("network on the donor's vector", f"{HEAD}=composition-donor/vector={{donor}}"),
        Contestant(WITHOUT, WITHOUT),
        Contestant(AUTO, None),
        Contestant(ALL, None, stacked=True),
    ]


@dataclass(frozen=True)
class PublishedJob(Measured):
    """One contestant on one property."""

    target: str
    contestant: Contestant
    donor: Path

    @property
    def fast(self) -> bool:
        """Networks and auto on 23,464 rows take up to hours of a core otherwise."""
        return self.contestant.label != TREES and self.target in PLENTIFUL

    @property
    def name(self) -> str:
        """With the donor, where it is asked: another one makes other cells."""
        asked = self.contestant.model is None or "{donor}" in self.contestant.model
        beside = f", donor {load_pretrained(self.donor).digest[:8]}" if asked else ""
        return f"{self.target}, {self.contestant.label}{beside}{', fast' * self.fast}"

    def measure(self, folder: Path) -> dict[str, Any]:
        """MAE and R2 on the test rows, their mean deviation, and the share inside the 90 % intervals."""
        train, test = divided(self.target)
        model = self.contestant.unfitted(self.donor, fast=self.fast)
        told = model.fit(train, self.target).predict(test.materials)
        assert isinstance(told, Predictions)
        truth = test.target().values
        errors, away = truth - told.predicted, truth - truth.mean()
        kept = {"errors": [float(f"{one:.4g}") for one in errors]} if self.contestant.label in (TREES, AUTO) else {}
        return {
            **kept,
            "mae": float(np.abs(errors).mean()),
            "r2": float(1 - np.square(errors).sum() / np.square(away).sum()),
            "deviation": float(np.abs(away).mean()),
            "coverage": float(((told.lower <= truth) & (truth <= told.upper)).mean()),
            "rows": [len(train), len(test)],
        }


def donor_told(labels: Path | None, folder: Path) -> dict[str, Any]:
    """How the donor was trained; it is trained first if labels are given, or if there is none."""
    if labels is not None or not (DONOR / TOLD).is_file():
        made = train_donor(labels or LABELS, folder)
        result = made.read_record()["result"]
        told = {"minutes": result["seconds"] / 60, "epochs": result["epochs"], "formulas": _labelled(folder)}
        shutil.copytree(made.artefact, DONOR, dirs_exist_ok=True)
        write_text_whole(DONOR / TOLD, json.dumps(told, indent=1) + "\n")
    return dict(json.loads((DONOR / TOLD).read_text(encoding="utf-8")))


def train_donor(labels: Path, folder: Path) -> RunFolder:
    """The donor without the formulas of the six; training goes on where it was interrupted."""
    path = folder / "donor.parquet"
    if not path.is_file():
        table = pl.read_parquet(labels)
        own = all_keys()
        known = parse_formulas(table["formula"].to_list()).compositions.keys()
        others = table.filter(pl.Series([key not in own for key in known.tolist()]))
        # Of properties that are known of the six alone nothing is left to learn.
        told = [one.name for one in others if one.drop_nulls().n_unique() > 1]
        with atomic_write(path) as unfinished:
            others.select(told).write_parquet(unfinished)
    made = RunFolder(folder / "donor")
    if not made.finished:
        pretrain(read_experiment("composition_donor", [f"data.labels={path}"]), made.path)
    return made


def jobs(extra: Sequence[str], donor: Path) -> Iterator[PublishedJob]:
    """All cells, those of large tables last, and those that goals are about before others."""
    for large in (False, True):
        for contestant in sorted(contestants(extra), key=lambda one: one.label not in {TREES, AUTO}):
            for wanted in AFLOW:
                if (wanted.name in PLENTIFUL) == large:
                    yield PublishedJob(wanted.name, contestant, donor)


def measure(folder: Path, options: Any) -> dict[str, Any]:
    """Train the donor, make what is missing, and read what there is."""
    folder.mkdir(parents=True, exist_ok=True)
    donor = donor_told(options.donor_labels, folder)
    wanted, ledger = list(jobs(options.head, DONOR)), Ledger[PublishedJob](LEDGER)
    fail_if(ledger.make(wanted, folder, options.processes))
    return {
        "donor": donor,
        "rows": [
            {"target": job.target, "label": job.contestant.label, **ledger[job]} for job in wanted if job in ledger
        ],
    }


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    table = pl.DataFrame(facts["rows"])
    donor = facts["donor"]
    return "\n\n".join(
        [
            "## The paper's six AFLOW properties, from formulas",
            "Given train and validation rows together are learned, test rows are tested; moduli in ln of GPa, Debye "
            "temperature and thermal expansion in log10, energies above 5 eV per atom taken as 5, the row that is not "
            "positive left out. *Network on ...* is `single-task-network` on frozen vectors, mean absolute error as "
            f"loss; networks and auto are fast on {' and '.join(PLENTIFUL)}, of which there are most rows. The donor "
            f"was trained here for {donor['epochs']} epochs ({donor['minutes']:.0f} minutes) on "
            f"{donor['formulas']:,} formulas without any of the six, learned or tested. Published: papers/000, "
            "chapter 12, networks on compositions; its set of gaps is another selection.",
            _table(table, "r2", "R2", ".3f", published=1),
            _table(table, "mae", "MAE", ".4f", published=0),
            _table(table, "relative", "MAE over the mean deviation of the test rows", ".3f"),
            _table(table, "coverage", "share of the test rows inside the 90 % interval", ".3f"),
            _goals(table),
        ]
    )


def _table(table: pl.DataFrame, column: str, heading: str, form: str, published: int | None = None) -> str:
    """Contestants by properties; ``published`` is the place of this score among the published ones."""
    table = table.with_columns((pl.col("mae") / pl.col("deviation")).alias("relative"))
    lines = [f"| {heading} | {' | '.join(wanted.name for wanted in AFLOW)} |", f"|---|{'--:|' * len(AFLOW)}"]
    for label in table["label"].unique(maintain_order=True):
        own = dict(table.filter(pl.col("label") == label).select("target", column).iter_rows())
        cells = (format(own[wanted.name], form) if wanted.name in own else "not run" for wanted in AFLOW)
        lines.append(f"| {label} | {' | '.join(cells)} |")
    if published is not None:
        lines += [
            f"| published: {who} | {' | '.join(str(wanted.published[place][published]) for wanted in AFLOW)} |"
            for place, who in enumerate(PUBLISHED)
        ]
    return "\n".join(lines)


def _goals(table: pl.DataFrame) -> str:
    """R2 above that of MatBERT, and MAE below a share of that of the trees, by auto with the donor of this page."""
    lines = ["| auto beside | property | found | 95 % of the samples | goal | met |", "|---|---|--:|--:|--:|---|"]
    scores = {(one["target"], one["label"]): one for one in table.to_dicts()}
    for wanted in AFLOW:
        if not {(wanted.name, AUTO), (wanted.name, TREES)} <= scores.keys():
            continue
        ours, trees = scores[wanted.name, AUTO], scores[wanted.name, TREES]
        least = wanted.published[PUBLISHED.index("MatBERT")][1]
        ratio = ours["mae"] / trees["mae"]
        scatter, ratios = _samples(wanted.name, ours["errors"], trees["errors"])
        if wanted.name != "gap":
            lines.append(
                f"| MatBERT, R2 | {wanted.name} | {ours['r2']:.3f} | {_span(scatter)} | > {least} "
                f"| {_met(ours['r2'] > least)} |"
            )
        lines.append(
            f"| {TREES}, ratio of MAE | {wanted.name} | {ratio:.3f} | {_span(ratios)} | <= {GOAL} "
            f"| {_met(ratio <= GOAL)} |"
        )
    return "\n".join(lines) + f"\n\nSamples: {SAMPLES:,} times as many test rows, drawn with replacement; one seed."


def _samples(target: str, ours: Sequence[float], trees: Sequence[float]) -> tuple[Floats, Floats]:
    """R2, and ratios of the errors, on test rows that are drawn with replacement."""
    truth, errors, others = divided(target)[1].target().values, np.array(ours), np.abs(trees)
    rows = np.random.default_rng(0).integers(0, len(truth), (SAMPLES, len(truth)))
    spread = np.array([truth[one].var() for one in rows])
    return 1 - np.square(errors)[rows].mean(axis=1) / spread, np.abs(errors)[rows].mean(1) / others[rows].mean(1)


def _span(values: Floats) -> str:
    low, high = np.quantile(values, [0.025, 0.975])
    return f"{low:.3f} to {high:.3f}"


def _met(met: bool) -> str:
    return "yes" if met else "**no**"


def _labelled(folder: Path) -> int:
    return int(pl.scan_parquet(folder / "donor.parquet").select(pl.len()).collect().item())
