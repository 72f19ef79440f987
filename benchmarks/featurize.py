"""Structures per second: matscout's descriptors beside the public ones, in one process and one thread.

Run: ``.venv/bin/python benchmarks/featurize.py``. It prints a table and writes it to
``benchmarks/results/featurize.md``. Crystals are drawn from ``mp_structures`` in ``MATSCOUT_DATA`` (at most 50 sites,
parsing excluded). Speeds are structures per CPU second, ours the median of three rounds; the public ones see the first
100 crystals, once. Agreement is over these. ``featurize.py NAME ...`` measures some of them anew.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import platform
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import featurize_rivals as rivals
import numpy as np
from composition_speed import measure
from data_folder import data_folder
from featurize_rivals import Rival
from structure_data import arrays_file, mp_structures, small_ones
from threadpoolctl import threadpool_limits

from matscout import registry
from matscout.crystal.crystals import Crystals
from matscout.crystal.graphs import nearest_pairs
from matscout.data.files import write_text_whole
from matscout.data.materials import Materials
from matscout.represent.structure_representation import StructureRepresentation

RESULT = Path(__file__).parent / "results" / "featurize.md"
FIGURES = RESULT.with_suffix(".json")
GRAPHS = "12-neighbour graph"
MOST_SITES, N_OURS, N_PEER = 50, 500, 100
CLOSE = 1e-6
PACKAGES = ("matscout", "matminer", "dscribe", "gudhi", "numpy", "pymatgen", "spglib", "vesin")


@dataclass(frozen=True)
class Entry:
    """What was found out about one representation; of the rival None if there is none."""

    name: str
    dim: int
    per_second: float
    goal: float | None
    rival: str | None = None
    rival_per_second: float | None = None
    equal: float | None = None
    difference: float | None = None


RIVALS = {
    "xrd-pattern": (1000.0, Rival("matminer XRDPowderPattern", rivals.xrd)),
    "voronoi-fingerprint": (150.0, Rival("matminer VoronoiFingerprint", rivals.voronoi)),
    "orbital-field-matrix": (150.0, Rival("matminer OrbitalFieldMatrix", rivals.orbital_field_matrix)),
    "crystal-nn-fingerprint": (150.0, Rival("matminer CrystalNNFingerprint", rivals.crystal_nn)),
    "order-parameters": (None, Rival("matminer OPSiteFingerprint", rivals.order_parameters)),
    "bond-orientational": (None, Rival("matminer BondOrientationalParameter", rivals.bond_orientational)),
    "site-statistics": (None, Rival("matminer LocalPropertyDifference, SiteElementalProperty", rivals.site_statistics)),
    "structural-heterogeneity": (None, Rival("matminer StructuralHeterogeneity", rivals.heterogeneity)),
    "maximum-packing-efficiency": (None, Rival("matminer MaximumPackingEfficiency", rivals.packing)),
    "chemical-ordering": (None, Rival("matminer ChemicalOrdering", rivals.ordering)),
    "density": (None, Rival("matminer DensityFeatures", rivals.density)),
    "coulomb-matrix": (None, Rival("matminer CoulombMatrix", rivals.coulomb_matrix)),
    "sine-matrix": (None, Rival("DScribe SineMatrix", rivals.sine_matrix)),
    "ewald-matrix": (None, Rival("DScribe EwaldSumMatrix", rivals.ewald_matrix)),
    "soap": (None, Rival("DScribe SOAP", rivals.soap)),
    "mbtr": (None, Rival("DScribe MBTR", rivals.many_body_tensor)),
    "radial-distribution": (
        None,
        Rival("matminer RadialDistributionFunction", rivals.radial_distribution, slice(100), {"broadening": 0.0}),
    ),
}
"""Representation -> structures per second that it should reach, if that was set, and its rival."""

ALONE = {"structure-basic": 500.0}
"""Representations without a rival for which a speed was set."""


def subjects() -> list[str]:
    """All representations of structures that can be used here."""
    found = {
        plug_in.name: registry.load_class("representations", plug_in.name)
        for plug_in in registry.plug_ins("representations")
    }
    return [name for name, made in found.items() if issubclass(made, StructureRepresentation) and made.at_hand()]


def examine(name: str, materials: Materials) -> Entry:
    """Speed of ours, and of a rival with how well the two agree."""
    maker_class = registry.load_class("representations", name)
    maker = maker_class()
    maker.represent(materials[:5])
    speed = measure(name, len(materials), lambda: maker.represent(materials))
    goal, rival = RIVALS.get(name, (ALONE.get(name), None))
    if rival is None:
        return Entry(name, maker.dim, speed.per_second, goal)
    few = materials[:N_PEER]
    structures = [material.structure for material in few]
    featurize = rival.make()
    featurize(structures[0])
    start = time.process_time()
    truth = np.array([featurize(structure) for structure in structures], dtype=np.float64)
    seconds = time.process_time() - start
    ours = maker_class(**rival.settings).represent(few)
    if len(ours.rows) != len(few):
        raise SystemExit(f"{name} has no vector for {len(few) - len(ours.rows)} of the crystals")
    apart = np.abs(ours.vectors[:, rival.columns] - truth) / np.maximum(1.0, np.abs(truth))
    apart = np.where(np.isnan(truth) & np.isnan(ours.vectors[:, rival.columns]), 0.0, apart)
    return Entry(
        name, maker.dim, speed.per_second, goal, rival.name, len(structures) / seconds,
        float((apart.max(axis=1) < CLOSE).mean()), float(apart.max()),
    )  # fmt: skip


def examine_graphs(materials: Materials) -> Entry:
    """Graphs of the nearest neighbours, which are no vectors: beside pymatgen's search in 8 Å, of which 12 are kept."""
    assert materials.structures is not None
    crystals = Crystals.from_structures(materials.structures)
    nearest_pairs(crystals)
    speed = measure(GRAPHS, len(materials), lambda: nearest_pairs(crystals))
    structures = [material.structure for material in materials[:N_PEER]]
    start = time.process_time()
    truth = [rivals.nearest_distances(structure) for structure in structures]
    seconds = time.process_time() - start
    ours = nearest_pairs(crystals[np.arange(len(structures))]).distances
    stops = np.cumsum([12 * len(structure) for structure in structures])[:-1]
    apart = [np.abs(one - other).max() for one, other in zip(np.split(ours, stops), truth, strict=True)]
    return Entry(
        GRAPHS, 12, speed.per_second, 2000.0, "pymatgen get_all_neighbors", len(structures) / seconds,
        float((np.array(apart) < CLOSE).mean()), float(max(apart)),
    )  # fmt: skip


def page(entries: Sequence[Entry], path: Path) -> str:
    """The result as Markdown."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [
        "# Structures per second",
        "",
        f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, "
        f"one thread, CPU seconds (ours: the median of three rounds). {packages}.",
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
    goal = "" if entry.goal is None else f"{entry.goal:,.0f}"
    met = "" if entry.goal is None else "yes" if entry.per_second >= entry.goal else "**no**"
    ours = f"| `{entry.name}` | {entry.dim} | {entry.per_second:,.0f} | {goal} | {met} |"
    if entry.rival is None or entry.rival_per_second is None:
        return f"{ours} | | | | |"
    ratio = entry.per_second / entry.rival_per_second
    return (
        f"{ours} {entry.rival} | {entry.rival_per_second:,.1f} | {ratio:,.0f} | {entry.equal:.0%} | "
        f"{entry.difference:.1e} |"
    )


def earlier() -> dict[str, Entry]:
    """What was measured before."""
    if not FIGURES.is_file():
        return {}
    return {entry["name"]: Entry(**entry) for entry in json.loads(FIGURES.read_text(encoding="utf-8"))["entries"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="measure only these anew; keep the figures of others")
    names = parser.parse_args().names
    warnings.simplefilter("ignore")
    folder = data_folder()
    materials = small_ones(mp_structures(folder), MOST_SITES, N_OURS)
    entries = earlier() if names else {}
    with threadpool_limits(1):
        for name in names or [*subjects(), GRAPHS]:
            entries[name] = examine_graphs(materials) if name == GRAPHS else examine(name, materials)
            print(_row(entries[name]), flush=True)
    in_order = [entries[name] for name in sorted(entries)]
    told = {"entries": [asdict(entry) for entry in in_order]}
    print(f"wrote {write_text_whole(FIGURES, json.dumps(told, indent=1) + chr(10))}")
    print(f"wrote {write_text_whole(RESULT, page(in_order, arrays_file(folder)))}")


if __name__ == "__main__":
    main()
