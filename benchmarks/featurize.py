"""Structures per second: matscout's descriptors beside the public ones, in one process and one thread.

Run: ``.venv/bin/python benchmarks/featurize.py``. It prints a table and writes it to
``benchmarks/results/featurize.md``. Crystals are drawn from ``mp_structures`` in ``MATSCOUT_DATA`` (at most 50 sites,
parsing excluded). Speeds are structures per CPU second, the median of three rounds; the public ones see the first 100
crystals only. Agreement is over these.
"""

from __future__ import annotations

import datetime
import hashlib
import platform
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from composition_speed import measure
from data_folder import data_folder
from structure_data import arrays_file, mp_structures, small_ones
from threadpoolctl import threadpool_limits

from matscout import registry
from matscout.data.files import write_text_whole
from matscout.data.materials import Materials

RESULT = Path(__file__).parent / "results" / "featurize.md"
MOST_SITES, N_OURS, N_PEER = 50, 1000, 100
CLOSE = 1e-6
PACKAGES = ("matscout", "matminer", "numpy", "pymatgen", "vesin")


@dataclass(frozen=True)
class Rival:
    """A public implementation of one of our representations."""

    name: str
    make: Callable[[], Callable[[Any], Sequence[float]]]
    """Gives what turns a pymatgen structure into a vector."""


@dataclass(frozen=True)
class Entry:
    """What was found out about one representation; of the rival None if there is none."""

    name: str
    dim: int
    per_second: float
    goal: float
    rival: str | None = None
    rival_per_second: float | None = None
    equal: float | None = None
    difference: float | None = None


def matminer_xrd() -> Callable[[Any], Sequence[float]]:
    """matminer's powder pattern."""
    from matminer.featurizers.structure.misc import XRDPowderPattern  # noqa: PLC0415

    return XRDPowderPattern().featurize  # type: ignore[no-any-return]


def matminer_ofm() -> Callable[[Any], Sequence[float]]:
    """matminer's orbital field matrix."""
    from matminer.featurizers.structure.matrix import OrbitalFieldMatrix  # noqa: PLC0415

    featurizer = OrbitalFieldMatrix()
    return lambda structure: featurizer.featurize(structure.copy())  # type: ignore[no-any-return]


def matminer_voronoi() -> Callable[[Any], Sequence[float]]:
    """matminer's Voronoi fingerprint with the same statistics."""
    from matminer.featurizers.site.fingerprint import VoronoiFingerprint  # noqa: PLC0415
    from matminer.featurizers.structure.sites import SiteStatsFingerprint  # noqa: PLC0415

    return SiteStatsFingerprint(  # type: ignore[no-any-return]
        VoronoiFingerprint(), stats=("mean", "std_dev", "minimum", "maximum")
    ).featurize


SUBJECTS: dict[str, tuple[float, Rival | None]] = {
    "structure-basic": (500.0, None),
    "xrd-pattern": (1000.0, Rival("matminer XRDPowderPattern", matminer_xrd)),
    "voronoi-fingerprint": (150.0, Rival("matminer VoronoiFingerprint", matminer_voronoi)),
    "orbital-field-matrix": (150.0, Rival("matminer OrbitalFieldMatrix", matminer_ofm)),
}
"""Representation -> structures per second that it should reach, and its rival."""


def examine(name: str, materials: Materials) -> Entry:
    """Speeds of both sides and how well they agree."""
    maker = registry.load_class("representations", name)()
    maker.represent(materials[:5])
    vectors = maker.represent(materials).vectors
    speed = measure(name, len(materials), lambda: maker.represent(materials))
    goal, rival = SUBJECTS[name]
    if rival is None:
        return Entry(name, maker.dim, speed.per_second, goal)
    few = materials[:N_PEER]
    structures = [material.structure for material in few]
    featurize = rival.make()
    truth = np.array([featurize(structure) for structure in structures])
    theirs = measure(rival.name, len(structures), lambda: [featurize(structure) for structure in structures])
    apart = np.abs(vectors[: len(truth)] - truth) / np.maximum(1.0, np.abs(truth))
    return Entry(
        name, maker.dim, speed.per_second, goal, rival.name, theirs.per_second,
        float((apart.max(axis=1) < CLOSE).mean()), float(apart.max()),
    )  # fmt: skip


def page(entries: Sequence[Entry], path: Path) -> str:
    """The result as Markdown."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Structures per second",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, "
        f"one thread, CPU seconds, median of three rounds. {packages}.",
        f"{N_OURS:,} crystals of at most {MOST_SITES} sites drawn from `{path.name}`, SHA-256 "
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}; the public implementations see the first {N_PEER}. Equal: "
        f"share of these crystals whose vectors agree within {CLOSE:g} x max(1, |x|) in every component; difference: "
        "the largest.",
        "Command: `.venv/bin/python benchmarks/featurize.py`.",
        "",
        "| representation | dimension | per second | goal | met | beside | per second | ratio | equal | difference |",
        "|---|--:|--:|--:|---|---|--:|--:|--:|--:|",
    ]
    return "\n".join([*lines, *(_row(entry) for entry in entries)]) + "\n"


def _row(entry: Entry) -> str:
    met = "yes" if entry.per_second >= entry.goal else "**no**"
    ours = f"| `{entry.name}` | {entry.dim} | {entry.per_second:,.0f} | {entry.goal:,.0f} | {met} |"
    if entry.rival is None or entry.rival_per_second is None:
        return f"{ours} | | | | |"
    ratio = entry.per_second / entry.rival_per_second
    return (
        f"{ours} {entry.rival} | {entry.rival_per_second:,.1f} | {ratio:,.0f} | {entry.equal:.0%} | "
        f"{entry.difference:.1e} |"
    )


def main() -> None:
    warnings.simplefilter("ignore")
    folder = data_folder()
    materials = small_ones(mp_structures(folder), MOST_SITES, N_OURS)
    with threadpool_limits(1):
        entries = [examine(name, materials) for name in SUBJECTS]
    text = page(entries, arrays_file(folder))
    print(text)
    print(f"wrote {write_text_whole(RESULT, text)}")


if __name__ == "__main__":
    main()
