"""Many structures end to end: time and memory of ``matscout embed`` at 1,000, 10,000 and 100,000 structures.

Run: ``.venv/bin/python benchmarks/embed_scale.py``. The crystals of ``mp_structures`` in ``MATSCOUT_DATA``, repeated
with small strains until there are enough, are written to an array file; a process of its own represents them, without
a cache, and is watched. Memory is what all its processes hold together (proportional set size, so that shared pages
count once), looked at twice a second. Writes ``benchmarks/results/embed_scale.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from data_folder import data_folder
from structure_data import arrays_file

from matscout.data.files import write_text_whole
from matscout.workers import processors

RESULT = Path(__file__).parent / "results" / "embed_scale.md"
SIZES = (1_000, 10_000, 100_000)
STRAIN = 0.01
LIMIT_GIB = 4.0


@dataclass(frozen=True)
class Run:
    """What one size took."""

    structures: int
    seconds: float
    peak_gib: float
    written: int


def strained_copies(source: Path, n: int, out: Path) -> None:
    """The first n of the crystals, over and over with new strains of at most 1 %."""
    rng = np.random.default_rng(0)
    with np.load(source) as stored:
        arrays = {name: stored[name] for name in stored.files}
    starts = np.concatenate([[0], np.cumsum(arrays["n_sites"])])
    chosen = np.arange(n) % len(arrays["n_sites"])
    sites = np.concatenate([np.arange(starts[row], starts[row + 1]) for row in chosen])
    strains = np.eye(3) + rng.uniform(-STRAIN, STRAIN, (n, 3, 3))
    np.savez(
        out,
        material_id=np.array([f"{arrays['material_id'][row]}-{place}" for place, row in enumerate(chosen)]),
        lattice=arrays["lattice"][chosen].astype(np.float64) @ strains,
        n_sites=arrays["n_sites"][chosen],
        atomic_number=arrays["atomic_number"][sites],
        frac_coords=arrays["frac_coords"][sites],
    )


def family(process: int) -> list[int]:
    """A process and all its descendants."""
    found, fresh = [process], [process]
    while fresh:
        children: list[int] = []
        for parent in fresh:
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                try:
                    children += [int(child) for child in task.read_text().split()]
                except OSError:
                    continue
        found += children
        fresh = children
    return found


def held_bytes(process: int) -> int:
    """Proportional set size of a process and its descendants."""
    total = 0
    for member in family(process):
        try:
            told = Path(f"/proc/{member}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("Pss:"))
    return total


def measure(n: int, name: str, folder: Path) -> Run:
    """Represent n structures in a process of its own."""
    source, out = folder / f"{n}.npz", folder / f"{n}.parquet"
    strained_copies(arrays_file(data_folder()), n, source)
    command = [sys.executable, "-m", "matscout", "embed", source, "--with", name, "-o", out, "--no-cache"]
    start, peak = time.monotonic(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        while run.poll() is None:
            peak = max(peak, held_bytes(run.pid))
            time.sleep(0.5)
        said = run.stdout.read() if run.stdout else ""
    seconds = time.monotonic() - start
    if run.returncode:
        raise SystemExit(f"matscout embed ended with {run.returncode}: {said}")
    return Run(n, seconds, peak / 2**30, int(said.split()[0]))


def page(runs: Sequence[Run], name: str) -> str:
    """The result as Markdown."""
    source = arrays_file(data_folder())
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "numpy", "polars", "vesin"))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    most = max(run.peak_gib for run in runs)
    lines = [
        f"# Many structures: `matscout embed --with {name}`",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, {processors()} cores, Python "
        f"{platform.python_version()}; {packages}.",
        f"Crystals of `{source.name}` (SHA-256 {digest}), repeated with strains of at most "
        f"{STRAIN:.0%}; no cache; wall time from the start of the command to its end, memory of all its processes.",
        "Command: `.venv/bin/python benchmarks/embed_scale.py`.",
        "",
        "| structures | seconds | per second | peak memory (GiB) | vectors |",
        "|--:|--:|--:|--:|--:|",
        *(
            f"| {run.structures:,} | {run.seconds:.0f} | {run.structures / run.seconds:,.0f} | {run.peak_gib:.2f} "
            f"| {run.written:,} |"
            for run in runs
        ),
        "",
        f"Goal: 100,000 structures in less than {LIMIT_GIB:g} GiB: {'met' if most < LIMIT_GIB else '**missed**'} "
        f"({most:.2f} GiB).",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--with", dest="name", default="structure-basic", metavar="NAME", help="representation")
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES), metavar="N", help="structures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [measure(n, options.name, Path(folder)) for n in options.sizes]
    text = page(runs, options.name)
    print(text)
    print(f"wrote {write_text_whole(RESULT, text)}")


if __name__ == "__main__":
    main()
