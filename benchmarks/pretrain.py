"""Crystal encoders on one thread: preparing, training and embedding, in one command: ``python benchmarks/pretrain.py``.

Each figure comes from a process of its own: CPU seconds of all its threads (there is one), and the most memory it held.
Crystals are those of ``mp_structures`` in ``MATSCOUT_DATA`` with at most 50 sites, drawn at random. Training is what
``matscout pretrain`` does in an epoch after the first of a run, from making the batches to validation. What was
measured is stored under ``benchmarks/cells``, and a killed run goes on where it was. Writes
``benchmarks/results/pretrain.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from data_folder import data_folder
from jobs import CELLS, RESULTS
from structure_data import arrays_file, mp_structures, small_ones

from matscout.data.files import write_text_whole
from matscout.data.formulas import format_formula
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.data.structure_arrays import write_structure_arrays
from matscout.evaluation.code import code_digest
from matscout.represent.embedding import make_representation
from matscout.represent.prepared_crystals import AT_ONCE, Preparation, prepared
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain
from matscout.represent.views.false_crystals import FALSE_KINDS

CRYSTALS = 4000
ANY_SIZE = 200
CRYSTALS_AT_ONCE = 64
"""Of the crystals of the Materials Project none is larger."""
NARROW = "encoders.structure.site_width=64"
CGCNN = ("encoders.crystal.name=cgcnn", "data.number=12")


@dataclass(frozen=True)
class Measurement:
    """What is measured, how, and what it is compared with, in crystals per CPU second.

    Parameters
    ----------
    name
        As it stands in the table.
    kind
        "prepare", "train", "embed" (from prepared crystals), "end to end" (from structures) or "formulas".
    experiment
        The name of an experiment, then overrides.
    authors
        Of the authors' public code, as ``specs/performance.md`` of the project has it.
    goal
        Wanted.
    most_sites
        Larger cells are left out.
    """

    name: str
    kind: str
    experiment: tuple[str, ...] = ("deep_infomax",)
    authors: str = ""
    goal: float | None = None
    most_sites: int = 50


def supercell(most: int) -> tuple[str, ...]:
    """Deep InfoMax on supercells of at most so many sites."""
    return ("deep_infomax", "data.surroundings=supercell", f"data.number={most}")


MEASUREMENTS = (
    Measurement("prepare, 36 nearest", "prepare", authors="27", goal=1000),
    Measurement("prepare, supercell of 50", "prepare", supercell(50), "27", 1000),
    Measurement("train Deep InfoMax, all false kinds", "train", authors="121 (one kind)", goal=1000),
    Measurement(
        "train Deep InfoMax, batches of half the size", "train", ("deep_infomax", "loader.batch_size=600"), "121", 1000
    ),
    Measurement(
        "train Deep InfoMax, another crystal only",
        "train",
        ("deep_infomax", "view.kinds=[]", *(f"objective.false_weights.{kind}=0" for kind in FALSE_KINDS)),
        "121",
    ),
    Measurement("train denoising, Site-Net", "train", ("crystal_denoising",)),
    Measurement("train denoising, CGCNN", "train", ("crystal_denoising", *CGCNN)),
    Measurement("train Barlow Twins, CGCNN", "train", ("crystal_twins",)),
    *(
        Measurement(f"train Deep InfoMax, supercells of at most {most}", "train", supercell(most))
        for most in (25, 50, 100, 200)
    ),
    Measurement("embed, prepared crystals", "embed", authors="1,040", goal=4000),
    Measurement("embed, from structures", "end to end", authors="117 to 134", goal=500),
    Measurement("embed with CGCNN, from structures", "end to end", ("crystal_denoising", *CGCNN)),
    Measurement("PolySRL: prepare, 12 nearest", "prepare", ("polysrl",), "31", 2000, ANY_SIZE),
    Measurement("PolySRL: train, batches of 256, width 200", "train", ("polysrl",), "24", 240, ANY_SIZE),
    Measurement("PolySRL: train, sites and bonds of 64", "train", ("polysrl", NARROW), most_sites=ANY_SIZE),
    Measurement("PolySRL: embed compositions, from formulas", "formulas", ("polysrl",), "2,100", 10000, ANY_SIZE),
)


@dataclass(frozen=True)
class Figure:
    """Crystals, CPU seconds, and the most memory of the process."""

    crystals: int
    seconds: float
    peak_gib: float

    @property
    def rate(self) -> float:
        return self.crystals / self.seconds


def crystals_file(most_sites: int) -> Path:
    """So many crystals as a file that experiments read; kept, since drawing them needs more memory than learning."""
    digest = hashlib.sha256(arrays_file(data_folder()).read_bytes()).hexdigest()[:12]
    path = CELLS / f"pretrain-crystals-{most_sites}-{CRYSTALS}-{digest}.npz"
    if not path.is_file():
        materials = small_ones(mp_structures(data_folder()), most_sites, CRYSTALS)
        structures = materials.structures
        assert structures is not None
        write_structure_arrays(path, materials.ids, structures)
    return path


def measure(wanted: Measurement) -> Figure:
    """In this process, on one thread."""
    torch.set_num_threads(1)
    path = crystals_file(wanted.most_sites)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        seconds = {
            "prepare": prepare,
            "train": train,
            "embed": embed,
            "end to end": end_to_end,
            "formulas": from_formulas,
        }[wanted.kind](path, [wanted.experiment[0], f"data.structures={path}", *wanted.experiment[1:]])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Figure(CRYSTALS, seconds, peak)


def prepare(path: Path, experiment: Sequence[str]) -> float:
    """Distinct sites, neighbours and oxidation states of structures in memory."""
    data = read_experiment(experiment[0], experiment[1:]).data.settings
    how = Preparation(data["surroundings"], data["number"], data["merged"])
    structures = read_materials(path).materials.structures
    assert structures is not None
    prepared(structures[:10], how, None)  # compiled functions are read from disk
    start = time.process_time()
    for first in range(0, len(structures), AT_ONCE):  # so many are prepared by one process
        prepared(structures[first : first + AT_ONCE], how, None)
    return time.process_time() - start


def train(path: Path, experiment: Sequence[str]) -> float:
    """The second epoch of a run of two, by the time between the first and the second validation."""
    ends: list[float] = []

    def note(step: str, done: int, total: int) -> None:
        if done in {total // 2, total}:
            ends.append(time.process_time())

    with tempfile.TemporaryDirectory() as folder:
        pretrain(
            read_experiment(experiment[0], [*experiment[1:], "trainer.epochs=2", "trainer.accelerator=cpu"]),
            Path(folder) / "run",
            note,
        )
    return ends[1] - ends[0]


def embed(path: Path, experiment: Sequence[str]) -> float:
    """Vectors of prepared crystals, in batches."""

    read = read_experiment(experiment[0], experiment[1:])
    corpus, encoder = read.data.build(), read.encoders["crystal"].build().eval()
    rows = np.arange(len(corpus))
    parts = np.array_split(rows, len(rows) // CRYSTALS_AT_ONCE)
    with torch.inference_mode():
        encoder(corpus[parts[0]])
        start = time.process_time()
        for part in parts:
            encoder(corpus[part])
    return time.process_time() - start


def end_to_end(path: Path, experiment: Sequence[str]) -> float:
    """Vectors of structures by a representation with weights, checks of every row included."""
    materials = read_materials(path).materials
    return represented("crystal-network", experiment, lambda count: materials[:count])


def from_formulas(path: Path, experiment: Sequence[str]) -> float:
    """Vectors of compositions by a representation with weights, from the texts of their formulas."""
    compositions = read_materials(path).materials.compositions
    formulas = [format_formula(compositions.to_dict(row)) for row in range(len(compositions))]
    return represented("composition-network", experiment, lambda count: Materials.from_formulas(formulas[:count]))


def represented(name: str, experiment: Sequence[str], first: Callable[[int], Materials]) -> float:
    """Vectors of all materials by a network that was trained for an epoch, the making of the materials included."""
    with tempfile.TemporaryDirectory() as folder:
        trained = pretrain(
            read_experiment(experiment[0], [*experiment[1:], "trainer.epochs=1", "trainer.accelerator=cpu"]),
            Path(folder) / "run",
        )
        representation = make_representation(f"{name}={trained.artefact}")
        representation.represent(first(10))
        start = time.process_time()
        representation.represent(first(CRYSTALS))
        return time.process_time() - start


def stored(wanted: Measurement) -> Figure:
    """Measured now in another process, or earlier with the same code."""
    told = json.dumps([asdict(wanted), code_digest(), CRYSTALS], sort_keys=True)
    path = CELLS / f"pretrain-{hashlib.sha256(told.encode()).hexdigest()[:24]}.json"
    if not path.is_file():
        crystals_file(wanted.most_sites)
        alone = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        command = [sys.executable, __file__, "--only", wanted.name]
        said = subprocess.run(command, env=alone, check=True, capture_output=True, text=True).stdout
        write_text_whole(path, said.splitlines()[-1] + "\n")
    return Figure(**json.loads(path.read_text(encoding="utf-8")))


def page(figures: Sequence[tuple[Measurement, Figure]]) -> str:
    """The result as Markdown."""
    digest = hashlib.sha256(arrays_file(data_folder()).read_bytes()).hexdigest()
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "torch", "numpy", "numba"))
    return "\n".join(
        [
            "# Crystal encoders on one thread",
            "",
            f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python "
            f"{platform.python_version()}; {packages}; code sha256 {code_digest()[:16]}….",
            f"{CRYSTALS:,} crystals of `{arrays_file(data_folder()).name}` (SHA-256 {digest[:16]}…) with at most 50 "
            f"sites, for PolySRL {ANY_SIZE}. Rates are crystals per CPU second; training as `matscout pretrain` does "
            "it, an epoch with its validation. The column *authors* is their public code (mm04926412/Site-Net, "
            "Namkyeong/PolySRL_AI4Science) on other crystals of the same data set and another day (2026-11-20), so "
            "only the order of magnitude compares.",
            "Command: `.venv/bin/python benchmarks/pretrain.py`.",
            "",
            "| | crystals/s | authors | goal | met | peak memory (GiB) |",
            "|---|--:|--:|--:|---|--:|",
            *(_line(wanted, figure) for wanted, figure in figures),
            "",
        ]
    )


def _line(wanted: Measurement, figure: Figure) -> str:
    goal = "" if wanted.goal is None else f"{wanted.goal:,.0f}"
    met = "" if wanted.goal is None else ("yes" if figure.rate >= wanted.goal else "**no**")
    return f"| {wanted.name} | {figure.rate:,.0f} | {wanted.authors} | {goal} | {met} | {figure.peak_gib:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="NAME", help="measure one here, and write it to the standard output")
    options = parser.parse_args()
    by_name = {wanted.name: wanted for wanted in MEASUREMENTS}
    if options.only:
        print(json.dumps(asdict(measure(by_name[options.only]))))
        return
    figures = []
    for wanted in MEASUREMENTS:
        figures.append((wanted, stored(wanted)))
        print(f"{wanted.name}: {figures[-1][1].rate:,.0f} crystals/s", flush=True)
    print(f"wrote {write_text_whole(RESULTS / 'pretrain.md', page(figures))}")


if __name__ == "__main__":
    main()
