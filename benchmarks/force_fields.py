"""Relaxation with force fields, paired with ASE: ``python benchmarks/force_fields.py`` (50 structures: 4 CPU minutes).

Crystals of ``mp_structures`` in ``MATSCOUT_DATA`` with few sites, strained by up to 3 % and their atoms moved by .08 Å,
are relaxed by ``matscout.relax``, then one by one by ASE (FIRE and FrechetCellFilter on the calculator of the force
field's own package), then by ``matscout.relax`` again, in one process on one thread. Writes
``benchmarks/results/force_fields.md`` and ``.json``; a run with another force field or number of crystals adds to them.
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
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE
from data_folder import data_folder
from jobs import RESULTS
from numpy.typing import NDArray
from structure_data import arrays_file, mp_structures

import matscout
from matscout.data.files import write_text_whole
from matscout.data.structures import Structures
from matscout.evaluation.code import code_digest
from matscout.simulate.choice import make_force_field
from matscout.simulate.relaxed import Relaxed

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STRAIN, RATTLE, FMAX, STEPS = 0.03, 0.08, 0.05, 500
CLOSE, BACK = 0.001, 0.010
"""eV/atom: the same end point, and back at the crystal that was disturbed."""
PAGE = RESULTS / "force_fields.md"


def crystals(n: int, most_sites: int, seed: int) -> Structures:
    """Some of mp_structures with 2 to so many sites."""
    structures = mp_structures(data_folder()).structures
    assert structures is not None
    sites = np.diff(structures.offsets)
    usable = np.flatnonzero((sites >= 2) & (sites <= most_sites))
    return structures[np.sort(np.random.default_rng(seed).choice(usable, n, replace=False))]


def disturbed(given: Structures, seed: int) -> Structures:
    """Strained and rattled."""
    rng = np.random.default_rng(seed)
    strains = rng.uniform(-STRAIN, STRAIN, (len(given), 3, 3))
    lattices = given.lattices @ (np.eye(3) + (strains + strains.transpose(0, 2, 1)) / 2.0)
    owners = np.repeat(np.arange(len(given)), np.diff(given.offsets))
    moves = rng.normal(0.0, RATTLE, given.fractional_coordinates.shape)
    there = np.einsum("si,sij->sj", moves, np.linalg.inv(lattices)[owners])
    return replace(given, lattices=lattices, fractional_coordinates=given.fractional_coordinates + there)


def calculator(name: str) -> Any:
    """The calculator of the package."""
    if name == "chgnet":
        return import_module("chgnet.model.dynamics").CHGNetCalculator(use_device="cpu")
    return import_module("sevenn.calculator").SevenNetCalculator(name, device="cpu")


def one_by_one(given: Structures, name: str, fmax: float = FMAX) -> tuple[Structures, Floats, Integers, float]:
    """Ends, their energies (eV/atom), steps and CPU seconds of ASE."""
    made, ends, energies, steps = calculator(name), [], [], []
    began = time.process_time()
    for row in range(len(given)):
        atoms = given.to_ase(row)
        atoms.calc = made
        run = FIRE(FrechetCellFilter(atoms), logfile=None)
        run.run(fmax=fmax, steps=STEPS)
        energies.append(atoms.get_potential_energy() / len(atoms))
        steps.append(run.nsteps)
        atoms.calc = None
        ends.append(atoms)
    return Structures.from_ase(ends), np.array(energies), np.array(steps), time.process_time() - began


def batched(given: Structures, name: str, method: str) -> tuple[Relaxed, float]:
    """The same by matscout, and CPU seconds."""
    began = time.process_time()
    result = matscout.relax(given, name, fmax=FMAX, steps=STEPS, method=method)
    return result, time.process_time() - began


def measured(name: str, method: str, n: int, most_sites: int, seed: int) -> dict[str, Any]:
    """All numbers of a paired run."""
    given = crystals(n, most_sites, seed)
    moved = disturbed(given, seed)
    matscout.relax(given[:2], name, steps=1)
    calm, _ = batched(given, name, method)
    first, seconds = batched(moved, name, method)
    ends, energies, steps, seconds_ase = one_by_one(moved, name)
    _, again = batched(moved, name, method)
    apart = np.abs(first.energies - energies)
    differ = np.flatnonzero(apart >= CLOSE)
    home = np.abs(first.energies - calm.energies) < BACK
    same = np.array(
        [one == other for one, other in zip(first.space_groups_after, calm.space_groups_after, strict=True)]
    )
    return {
        "force field": make_force_field(name).title, "method": method, "n": n, "most sites": most_sites, "seed": seed,
        "mean sites": float(np.diff(given.offsets).mean()),
        "CPU s": [seconds, again], "CPU s ASE": seconds_ase,
        "steps": int(first.steps.sum()), "steps ASE": int(steps.sum()),
        "median steps": [float(np.median(first.steps)), float(np.median(steps))],
        "converged": [int(first.converged.sum()), int((steps < STEPS).sum())],
        "lost": int(np.isnan(first.energies).sum()),
        "within 1 meV": float((apart < CLOSE).mean()), "lower by more": int((first.energies < energies - CLOSE).sum()),
        "higher by more": int((first.energies > energies + CLOSE).sum()),
        "within, exactly": same_minimum(first, ends, differ, name),
        "median apart": float(np.nanmedian(apart)), "largest apart": float(np.nanmax(apart)),
        "home": float(home.mean()), "home with symmetry": float((home & same).mean()),
        "reasons": sorted({reason for reason in first.reasons if reason}),
    }  # fmt: skip


def same_minimum(result: Relaxed, ends: Structures, differ: Integers, name: str) -> float:
    """The share within 1 meV/atom when pairs that differ go on until forces are a tenth."""
    assert result.materials.structures is not None
    if not len(differ):
        return 1.0
    ours = matscout.relax(result.materials.structures[differ], name, fmax=FMAX / 10.0, steps=STEPS).energies
    _, theirs, _, _ = one_by_one(ends[differ], name, FMAX / 10.0)
    return 1.0 - float((np.abs(ours - theirs) >= CLOSE).sum()) / len(result)


def page(facts: dict[str, Any]) -> str:
    """The numbers as a page."""
    head = (
        "| force field | method | n | sites | CPU s, batched | CPU s, ASE | ratio | steps | steps, ASE "
        "| converged | ASE | lost | within 1 meV/atom | higher | lower | within, exactly | largest difference | back "
        "| with space group |"
    )
    lines = [_line(one) for one in facts["runs"]]
    return "\n".join(
        [
            "# Force fields",
            "",
            "Made by `python benchmarks/force_fields.py`, last on "
            f"{facts['date']} ({facts['machine']}; {facts['versions']}; code sha256 {facts['code'][:16]}…; "
            f"`mp_structures` arrays sha256 {facts['data'][:16]}…). One thread, on a machine with other work.",
            "",
            "## Batched relaxation beside ASE one by one",
            "",
            f"Crystals strained by up to {STRAIN:.0%} and rattled by {RATTLE} Å, relaxed to {FMAX} eV/Å within {STEPS} "
            "steps, atoms and cell. ASE: FIRE with FrechetCellFilter on the calculator of the package. *Batched* is "
            "the mean of two runs, one before and one after ASE; *method* is its way downhill, ASE's is FIRE. "
            "*Higher* and *lower*: ends that differ by more than 1 meV/atom; *within, exactly*: the share within it if "
            "these go on until no force is larger than a tenth (each by its own method). *Back*: "
            "within 10 meV/atom of the crystal that was "
            "disturbed, relaxed as it was; *with space group*: and in its space group (0.05 Å).",
            "",
            head,
            f"|---|{'--:|' * 18}",
            *lines,
            "",
        ]
    )


def _line(one: dict[str, Any]) -> str:
    seconds = float(np.mean(one["CPU s"]))
    cells = [
        one["force field"], one["method"], one["n"], f"{one['mean sites']:.1f}",
        f"{seconds:.1f}", f"{one['CPU s ASE']:.1f}",
        f"**{one['CPU s ASE'] / seconds:.1f}**", one["steps"], one["steps ASE"], *one["converged"], one["lost"],
        f"{one['within 1 meV']:.2f}", one["higher by more"], one["lower by more"], f"{one['within, exactly']:.2f}",
        f"{1e3 * one['largest apart']:.1f} meV", f"{one['home']:.2f}",
        f"{one['home with symmetry']:.2f}",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def with_earlier(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs of the page, and this one in the place of its like."""
    path = PAGE.with_suffix(".json")
    earlier = json.loads(path.read_text(encoding="utf-8"))["runs"] if path.exists() else []
    names = ("force field", "method", "n", "most sites", "seed")
    return [*(one for one in earlier if any(one[name] != run[name] for name in names)), run]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--with", dest="name", default="chgnet", choices=("chgnet", "7net-0", "7net-l3i5"))
    parser.add_argument("--method", default="bfgs", choices=("bfgs", "fire"))
    parser.add_argument("-n", type=int, default=50, help="crystals")
    parser.add_argument("--sites", type=int, default=20, help="sites of a crystal at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    run = measured(options.name, options.method, options.n, options.sites, options.seed)
    facts = {
        "date": f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{package} {version(package)}" for package in ("chgnet", "sevenn", "torch", "ase")),
        "code": code_digest(),
        "data": hashlib.sha256(arrays_file(data_folder()).read_bytes()).hexdigest(),
        "runs": with_earlier(run),
    }
    write_text_whole(PAGE.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")
    print(f"wrote {write_text_whole(PAGE, page(facts))}\n{_line(run)}\n{run['reasons']}")


if __name__ == "__main__":
    main()
