"""What vectors of crystal networks add to descriptors, in one command: ``python benchmarks/crystal_blocks.py``.

A Gaussian process with a part of its kernel for each block of columns learns from few labels: on descriptors
(``magpie``, ``ionic`` and ``structure-basic``), with ``elements=mat2vec`` beside them, and with the vectors of a
network beside both, and beside a donor that knows other properties of formulas. Networks are named by ``--weights
NAME=RUN/artefact``; of the first one's encoder come also copies that were never trained. Draws of labels are those of
``benchmarks/structures.py``; one more task has its labels in oxides and is tested on what holds no oxygen. (Networks
that learn on from few labels: ``crystal_fine_tuning.py``.)
Every cell is stored under ``benchmarks/cells``, and a killed run goes on where it was. Writes
``benchmarks/results/crystal_blocks.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from data_folder import data_folder
from jobs import CELLS, RESULTS, Job, chosen, fail_if, run
from peers import Floats
from structure_tasks import DRAWS, PROPERTIES, SIZES, Property, benchmarks
from tables import number, p_value, table
from tasks import SEED

from matscout.data.dataset import Dataset
from matscout.data.files import atomic_write, write_text_whole
from matscout.evaluation.base import Split
from matscout.evaluation.code import code_digest
from matscout.evaluation.statistics import wilcoxon_test
from matscout.predict.learners.gaussian_process import GaussianProcess
from matscout.registry import load_class
from matscout.represent.artefact import as_modules, described, load_pretrained, save_pretrained
from matscout.represent.embedding import make_representation
from matscout.represent.stored_network import read_spec

BASE = ("magpie", "ionic", "structure-basic")
BESIDE = (*BASE, "elements=mat2vec")
DONOR = "composition-donor-strict/properties"
BASELINE = "+ Mat2Vec"
ALL = "+ Mat2Vec + all of them"
SURE = 0.05
UNTRAINED = 5
FAMILY = "oxides-then-others"
OXYGEN = 8
CHOSEN = ("bulk-modulus", "shear-modulus", "formation-energy", "band-gap", "critical-temperature")


@dataclass(frozen=True)
class Task:
    """Few labels of one property; in a family and tested outside of it, or not."""

    of: Property
    size: int
    by_family: bool = False

    @property
    def name(self) -> str:
        return f"{self.of.name}-{self.size}-labels" + (f"-{FAMILY}" if self.by_family else "")

    def splits(self, draws: int) -> Iterator[tuple[Dataset, str, Split]]:
        """The rows, the name of the target, and each draw."""
        benchmark = benchmarks(self.of, 10**6 if self.by_family else self.size, draws)[0]
        dataset = benchmark.load()
        (target,) = dataset.targets
        for number_, split in enumerate(benchmark.protocol.splits(dataset, target, SEED)):
            yield dataset, target, self._in_family(dataset, split, number_) if self.by_family else split

    def _in_family(self, dataset: Dataset, split: Split, draw: int) -> Split:
        compositions = dataset.materials.compositions
        oxygen = np.bincount(compositions.rows, compositions.elements == OXYGEN, len(compositions)) > 0
        pool = np.random.default_rng([SEED, draw]).permutation(split.train[oxygen[split.train]])
        return replace(split, train=np.sort(pool[: self.size]), test=split.test[~oxygen[split.test]])


@dataclass(frozen=True)
class Entrant:
    """A row of the table: what it is called, and the addresses of its blocks."""

    name: str
    blocks: tuple[str, ...]

    @property
    def network(self) -> str:
        """The address whose weights the row is about; "" if it has none."""
        return next((block for block in reversed(self.blocks) if "=" in block), "")


_BLOCK_OF_NONE = "+ Mat2Vec + untrained "


def entrants(weights: dict[str, str], untrained: Sequence[str]) -> list[Entrant]:
    """Descriptors, each network beside them, all networks, and the donor that knows none of the formulas with each."""
    networks = {name: f"crystal-network={folder}" for name, folder in weights.items()}
    return [
        Entrant("descriptors", BASE),
        Entrant(BASELINE, BESIDE),
        *(Entrant(f"{_BLOCK_OF_NONE}{seed}", (*BESIDE, one)) for seed, one in enumerate(untrained)),
        *(Entrant(f"+ Mat2Vec + {name}", (*BESIDE, address)) for name, address in networks.items()),
        *([Entrant(ALL, (*BESIDE, *networks.values()))] if len(networks) > 1 else []),
        Entrant("+ Mat2Vec + strict donor", (*BESIDE, DONOR)),
        *(Entrant(f"+ Mat2Vec + strict donor + {name}", (*BESIDE, DONOR, at)) for name, at in networks.items()),
    ]


def untrained_copies(folder: str, count: int) -> list[str]:
    """Addresses of networks like the one in ``folder`` before training, from seeds 0, 1, ..."""
    trained, spec = load_pretrained(folder), read_spec(Path(folder))
    found = []
    for seed in range(count):
        path = CELLS / f"untrained-{trained.digest[:16]}-{seed}"
        if not (path / "spec.json").is_file():
            torch.manual_seed(seed)
            encoders = {name: type(encoder)(**encoder.settings) for name, encoder in trained.encoders.items()}
            names = {name: entry["name"] for name, entry in spec["encoders"].items()}
            objective = load_class("objectives", spec["objective"]["name"])(**spec["objective"]["settings"])
            save_pretrained(
                path,
                plug_ins=described(names, encoders, spec["objective"]["name"], objective),
                weights=as_modules(encoders, objective).state_dict(),
                seen=trained.seen[:0],
                facts=trained.facts,
                card="# Never trained\n",
            )
        found.append(f"crystal-network={path}")
    return found


def vectors(dataset: Dataset, address: str) -> Floats:
    """The vectors of all rows [n, d], made once and kept; medians where a crystal has none."""
    maker = make_representation(address)
    told = hashlib.sha256(f"{code_digest()} {maker.name} {address.partition('=')[0]} {maker.origin}".encode())
    for column in dataset.materials.structures.arrays.values():
        told.update(np.ascontiguousarray(column).tobytes())
    path = CELLS / f"block-{told.hexdigest()[:32]}.npy"
    if not path.is_file():
        embedding = maker.represent(dataset.materials)
        found = np.full((len(dataset), embedding.vectors.shape[1]), np.nan)
        found[embedding.rows] = embedding.vectors
        blank = np.isnan(found).all(axis=0)
        medians = np.nanmedian(np.where(blank, 0.0, found), axis=0)
        with atomic_write(path) as unfinished, unfinished.open("wb") as file:
            np.save(file, np.where(np.isnan(found), medians, found), allow_pickle=False)
    return np.asarray(np.load(path))


@dataclass(frozen=True)
class Cell(Job):
    """Predictions for all draws of a task by a process on some blocks."""

    task: Task
    blocks: tuple[str, ...]
    draws: int

    @property
    def name(self) -> str:
        return f"{self.task.name}, {', '.join(self.blocks)}"

    def path(self, folder: Path) -> Path:
        """Where the predictions are stored."""
        versions = [make_representation(block).origin for block in self.blocks]
        blocks = [block.partition("=")[0] for block in self.blocks]
        told = json.dumps([code_digest(), self.task.name, blocks, versions, self.draws])
        return folder / f"blocks-{hashlib.sha256(told.encode()).hexdigest()[:32]}.npz"

    def make(self, folder: Path) -> None:
        found = {
            str(draw): process_of(dataset, target, split, self.blocks).astype(np.float32)
            for draw, (dataset, target, split) in enumerate(self.task.splits(self.draws))
        }
        with atomic_write(self.path(folder)) as unfinished, unfinished.open("wb") as file:
            np.savez(file, **found)  # type: ignore[arg-type]

    def predictions(self) -> list[Floats] | None:
        """Of the tested rows of each draw, None if they are not finished."""
        path = self.path(CELLS)
        if not path.is_file():
            return None
        with np.load(path) as stored:
            return [stored[str(draw)].astype(np.float64) for draw in range(self.draws)]

    def errors(self) -> Floats | None:
        """MAE of each draw, None if they are not finished."""
        told = self.predictions()
        if told is None:
            return None
        known = truth(self.task, self.draws)
        return np.array([np.abs(mean - label).mean() for mean, label in zip(told, known, strict=True)])


@lru_cache(maxsize=4)
def truth(task: Task, draws: int) -> list[Floats]:
    """Labels of the tested rows of each draw."""
    return [dataset.targets[target].values[split.test] for dataset, target, split in task.splits(draws)]


def process_of(dataset: Dataset, target: str, split: Split, blocks: Sequence[str]) -> Floats:
    """What a Gaussian process on the columns of each block that vary over the labels predicts."""
    kept, places, start = [], [], 0
    for block in blocks:
        columns = vectors(dataset, block)
        learned = columns[split.train]
        varying = columns[:, (learned != learned[:1]).any(axis=0)]
        kept.append(varying)
        places.append(np.arange(start, start + varying.shape[1]))
        start += varying.shape[1]
    joined, values = np.concatenate(kept, axis=1), dataset.targets[target].values
    process = GaussianProcess(seed=SEED, blocks=tuple(place for place in places if len(place)))
    process.fit(joined[split.train], values[split.train])
    return process.predict(joined[split.test]).mean


def page(tasks: Sequence[Task], rows: Sequence[Entrant], draws: int) -> str:
    """The result as Markdown."""
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "torch", "numpy", "numba"))
    alone = [row for row in rows if row.blocks == (*BESIDE, row.network)]
    trained = [row for row in alone if _BLOCK_OF_NONE not in row.name]
    weights = [f"- `{row.name}`: {make_representation(row.network).version[:16]}…" for row in trained]
    return "\n".join(
        [
            "# What vectors of crystal networks add to descriptors",
            "",
            f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python "
            f"{platform.python_version()}; {packages}; code sha256 {code_digest()[:16]}…; data {_digest()}….",
            f"Gaussian process, a part of its kernel for each block; {draws} draws of labels. Errors are MAE, "
            "ratios the mean over the draws of MAE over that of descriptors and Mat2Vec, ± their standard deviation; "
            "p is Wilcoxon's test of the same draws. Untrained networks are of the same encoder, from as many seeds.",
            "Command: `.venv/bin/python benchmarks/crystal_blocks.py --weights NAME=RUN/artefact ...`.",
            "",
            "Digests of the weights:",
            "",
            *weights,
            "",
            *_summary(tasks, rows, draws),
            *(text for task in tasks for text in _task(task, rows, draws)),
        ]
    )


def _digest() -> str:
    paths = {data_folder() / one.file for one in PROPERTIES}
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()[:16]


def _shown(task: Task, rows: Sequence[Entrant], draws: int) -> dict[str, Floats]:
    """Errors of each row of a table that is finished, those of untrained networks averaged."""
    found = {row.name: Cell(task, row.blocks, draws).errors() for row in rows}
    done = {name: errors for name, errors in found.items() if errors is not None}
    untrained = [errors for name, errors in done.items() if _BLOCK_OF_NONE in name]
    shown = {name: errors for name, errors in done.items() if _BLOCK_OF_NONE not in name}
    if untrained:
        shown["+ Mat2Vec + untrained, mean of the seeds"] = np.mean(untrained, axis=0)
    return shown


def _summary(tasks: Sequence[Task], rows: Sequence[Entrant], draws: int) -> list[str]:
    """All ratios on one page."""
    of_tasks = {task.name: _shown(task, rows, draws) for task in tasks}
    names = list(dict.fromkeys(name for shown in of_tasks.values() for name in shown if name != BASELINE))
    lines = [
        [task, *(_ratio(shown[name], shown[BASELINE]) if name in shown else "" for name in names)]
        for task, shown in of_tasks.items()
        if BASELINE in shown
    ]
    said = (
        f"Ratios to descriptors and Mat2Vec, to which all but the first add a block; bold: lower, p < {SURE}. "
        "`crystal-properties` has learned formation energies and gaps of other crystals, the donor all five properties "
        "of other formulas, both of all families; the other networks saw no label."
    )
    heads = [name.removeprefix(f"{BASELINE} ") for name in names]
    return ["## In short", "", said, "", table(("task", *heads), lines), ""]


def _ratio(errors: Floats, beside: Floats) -> str:
    ratio = f"{(errors / beside).mean():.3f}"
    lower = ratio < "1.000" and wilcoxon_test(errors, beside).p_value < SURE
    return f"**{ratio}**" if lower else ratio


def _task(task: Task, rows: Sequence[Entrant], draws: int) -> list[str]:
    shown = _shown(task, rows, draws)
    if BASELINE not in shown:
        return [f"**{task.name}: not finished.**", ""]
    beside = shown[BASELINE]
    lines = [
        [
            name,
            f"{number(errors.mean())} ± {number(errors.std(ddof=1))}",
            f"{(errors / beside).mean():.3f} ± {(errors / beside).std(ddof=1):.3f}",
            "" if name == BASELINE else p_value(wilcoxon_test(errors, beside).p_value),
        ]
        for name, errors in shown.items()
    ]
    missing = [row.name for row in rows if row.name not in shown and _BLOCK_OF_NONE not in row.name]
    return [
        f"## {task.name} ({task.of.unit})",
        "",
        *([f"**Not finished: {', '.join(missing)}.**", ""] if missing else []),
        table(("blocks", "MAE", "ratio", "p"), lines),
        "",
    ]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", nargs="+", required=True, metavar="NAME=FOLDER", help="networks, by name")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N")
    parser.add_argument("--tasks", nargs="+", default=["*"], metavar="NAME", help="names or patterns")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cells made at the same time (processes)")
    return parser.parse_args()


@lru_cache(maxsize=1)
def all_tasks() -> list[Task]:
    """Those with the fewest labels first."""
    properties = [one for one in PROPERTIES if one.name in CHOSEN]
    family = [Task(one, size, by_family=True) for size in SIZES for one in properties if one.name == "formation-energy"]
    return [*(Task(one, size) for size in SIZES for one in properties), *family]


def main() -> None:
    options = parse()
    weights = dict(one.split("=", 1) for one in options.weights)
    rows = entrants(weights, untrained_copies(next(iter(weights.values())), UNTRAINED))
    tasks = chosen(all_tasks(), options.tasks)
    cells = [Cell(task, row.blocks, options.draws) for task in tasks for row in rows]
    failed = run([cell for cell in cells if not cell.path(CELLS).is_file()], CELLS, options.jobs)
    print(write_text_whole(RESULTS / "crystal_blocks.md", page(tasks, rows, options.draws)))
    fail_if(failed)


if __name__ == "__main__":
    main()
