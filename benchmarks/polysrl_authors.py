"""PolySRL beside its authors' code on one thread: graphs, training and vectors of formulas, in turns in one run.

``python benchmarks/polysrl_authors.py --authors CHECKOUT --python PYTHON``: CHECKOUT is their repository
(github.com/Namkyeong/PolySRL_AI4Science), which has no licence and is therefore no part of ours; PYTHON has torch,
torch_geometric, torch_scatter, pymatgen, chemparse, pandas, scikit-learn, tensorboardX and tqdm. Crystals are the same
on both sides; each measurement has a process of its own, and they take turns. Writes
``benchmarks/results/polysrl_authors.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from data_folder import data_folder
from jobs import RESULTS
from pretrain import ANY_SIZE, CRYSTALS, Figure, crystals_file
from structure_data import arrays_file

from matscout.data.files import write_text_whole
from matscout.evaluation.code import code_digest

ALONE = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
SIDE = Path(__file__).with_name("polysrl_authors_side.py")


@dataclass(frozen=True)
class Turn:
    """What is measured: in words, as ``pretrain.py`` calls it, as their side does, and on how many crystals there."""

    words: str
    ours: str
    theirs: str
    crystals: int


TURNS = (
    Turn("graphs, 12 neighbours", "PolySRL: prepare, 12 nearest", "graphs", 1000),
    Turn("training, batches of 256, width 200", "PolySRL: train, batches of 256, width 200", "train", 256 * 5),
    Turn("vectors of compositions, from formulas", "PolySRL: embed compositions, from formulas", "formulas", CRYSTALS),
)


def told(command: Sequence[str]) -> Figure:
    """What a measurement in another process wrote last."""
    said = subprocess.run(command, env={**os.environ, **ALONE}, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Figure(**json.loads(said.splitlines()[-1]))


def measure(turn: Turn, options: argparse.Namespace) -> tuple[list[Figure], list[Figure]]:
    """Ours and theirs, as often as asked."""
    mine = [sys.executable, str(SIDE.with_name("pretrain.py")), "--only", turn.ours]
    yours = [options.python, str(SIDE), str(options.authors), str(crystals_file(ANY_SIZE)), turn.theirs]
    pairs = [(told(mine), told([*yours, str(turn.crystals)])) for _ in range(options.rounds)]
    return [ours for ours, _ in pairs], [theirs for _, theirs in pairs]


def line(turn: Turn, ours: Sequence[Figure], theirs: Sequence[Figure]) -> str:
    """A row of the table: medians of the rates, of their ratio in a turn, and of the memory."""
    rates = [median(one.rate for one in side) for side in (ours, theirs)]
    ratio = median(mine.rate / yours.rate for mine, yours in zip(ours, theirs, strict=True))
    peaks = [median(one.peak_gib for one in side) for side in (ours, theirs)]
    return f"| {turn.words} | {rates[0]:,.0f} | {rates[1]:,.0f} | {ratio:.1f} | {peaks[0]:.2f} | {peaks[1]:.2f} |"


def page(lines: Sequence[str], options: argparse.Namespace) -> str:
    """The result as Markdown."""
    digest = hashlib.sha256(arrays_file(data_folder()).read_bytes()).hexdigest()
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "torch", "numpy", "numba"))
    commit = subprocess.run(
        ["git", "-C", str(options.authors), "rev-parse", "HEAD"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    return "\n".join(
        [
            "# PolySRL beside its authors' code",
            "",
            f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python "
            f"{platform.python_version()}; {packages}; code sha256 {code_digest()[:16]}…; theirs: "
            f"Namkyeong/PolySRL_AI4Science, commit {commit[:10]}.",
            f"Crystals of `{arrays_file(data_folder()).name}` (SHA-256 {digest[:16]}…) of any size up to {ANY_SIZE} "
            f"sites, the first of the same {CRYSTALS:,} on both sides. Crystals or compositions per CPU second of one "
            f"thread, medians of {options.rounds} rounds in turns; memory is the largest of the process, in GiB. Ours "
            "is an epoch of `matscout pretrain` with its validation; theirs the steps of their trainer (their own loop "
            "needs a GPU), both at the paper's size.",
            "Command: `python benchmarks/polysrl_authors.py --authors CHECKOUT --python PYTHON`.",
            "",
            "| | matscout | authors | ratio | matscout (GiB) | authors (GiB) |",
            "|---|--:|--:|--:|--:|--:|",
            *lines,
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--authors", metavar="CHECKOUT", type=Path, required=True, help="their repository")
    parser.add_argument("--python", metavar="PYTHON", required=True, help="an interpreter with what it needs")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    lines = []
    for turn in TURNS:
        lines.append(line(turn, *measure(turn, options)))
        print(lines[-1], flush=True)
    print(f"wrote {write_text_whole(RESULTS / 'polysrl_authors.md', page(lines, options))}")


if __name__ == "__main__":
    main()
