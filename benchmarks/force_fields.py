"""Force fields: ``python benchmarks/force_fields.py relaxation|belief|stability``; together they make one page.

``belief`` (two CPU minutes) and ``stability -n 100`` (20 CPU minutes) are described in ``force_field_belief.py`` and
``force_field_stability.py``. ``relaxation`` (50 structures: 4 CPU minutes) is paired with ASE.

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
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS, FIRE
from data_folder import data_folder
from force_field_belief import belief
from force_field_crystals import crystals, disturbed
from force_field_page import FMAX, STEPS, page
from force_field_stability import stability
from jobs import RESULTS
from numpy.typing import NDArray
from structure_data import arrays_file

import matscout
from matscout.data.files import write_text_whole
from matscout.data.structures import Structures
from matscout.evaluation.code import code_digest
from matscout.simulate.choice import make_force_field
from matscout.simulate.relaxed import Relaxed

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CLOSE, BACK = 0.001, 0.010
"""eV/atom: the same end point, and back at the crystal that was disturbed."""
PAGE = RESULTS / "force_fields.md"


def calculator(name: str) -> Any:
    """The calculator of the package."""
    if name == "chgnet":
        return import_module("chgnet.model.dynamics").CHGNetCalculator(use_device="cpu")
    return import_module("sevenn.calculator").SevenNetCalculator(name, device="cpu")


def one_by_one(
    given: Structures, name: str, ase: str, fmax: float = FMAX
) -> tuple[Structures, Floats, Integers, float]:
    """Ends, their energies (eV/atom), steps and CPU seconds of ASE."""
    made, ends, energies, steps = calculator(name), [], [], []
    began = time.process_time()
    for row in range(len(given)):
        atoms = given.to_ase(row)
        atoms.calc = made
        run = {"fire": FIRE, "bfgs": BFGS}[ase](FrechetCellFilter(atoms), logfile=None)
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


def measured(name: str, methods: tuple[str, str], n: int, most_sites: int, seed: int) -> dict[str, Any]:
    """All numbers of a paired run; ``methods`` are those of the batch and of ASE."""
    method, ase = methods
    given = crystals(n, most_sites, seed)
    moved = disturbed(given, seed)
    matscout.relax(given[:2], name, steps=1)
    calm, _ = batched(given, name, method)
    first, seconds = batched(moved, name, method)
    ends, energies, steps, seconds_ase = one_by_one(moved, name, ase)
    _, again = batched(moved, name, method)
    apart = np.abs(first.energies - energies)
    differ = np.flatnonzero(apart >= CLOSE)
    home = np.abs(first.energies - calm.energies) < BACK
    same = np.array(
        [one == other for one, other in zip(first.space_groups_after, calm.space_groups_after, strict=True)]
    )
    return {
        "force field": make_force_field(name).title, "method": method, "method ASE": ase,
        "n": n, "most sites": most_sites, "seed": seed,
        "mean sites": float(np.diff(given.offsets).mean()),
        "CPU s": [seconds, again], "CPU s ASE": seconds_ase,
        "steps": int(first.steps.sum()), "steps ASE": int(steps.sum()),
        "median steps": [float(np.median(first.steps)), float(np.median(steps))],
        "converged": [int(first.converged.sum()), int((steps < STEPS).sum())],
        "lost": int(np.isnan(first.energies).sum()),
        "within 1 meV": float((apart < CLOSE).mean()), "lower by more": int((first.energies < energies - CLOSE).sum()),
        "higher by more": int((first.energies > energies + CLOSE).sum()),
        "within, exactly": same_minimum(first, ends, differ, name, ase),
        "median apart": float(np.nanmedian(apart)), "largest apart": float(np.nanmax(apart)),
        "home": float(home.mean()), "home with symmetry": float((home & same).mean()),
        "reasons": sorted({reason for reason in first.reasons if reason}),
    }  # fmt: skip


def same_minimum(result: Relaxed, ends: Structures, differ: Integers, name: str, ase: str) -> float:
    """The share within 1 meV/atom when pairs that differ go on until forces are a tenth."""
    assert result.materials.structures is not None
    if not len(differ):
        return 1.0
    ours = matscout.relax(result.materials.structures[differ], name, fmax=FMAX / 10.0, steps=STEPS).energies
    _, theirs, _, _ = one_by_one(ends[differ], name, ase, FMAX / 10.0)
    return 1.0 - float((np.abs(ours - theirs) >= CLOSE).sum()) / len(result)


def with_earlier(earlier: Sequence[dict[str, Any]], run: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs of the page, and this one in the place of its like."""
    names = ("force field", "method", "method ASE", "n", "most sites", "seed")
    return [*(one for one in earlier if any(one[name] != run[name] for name in names)), run]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("relaxation", "belief", "stability"))
    parser.add_argument("--with", dest="name", default="chgnet", choices=("chgnet", "7net-0", "7net-l3i5"))
    parser.add_argument("--method", default="bfgs", choices=("bfgs", "fire"))
    parser.add_argument("--ase", default="fire", choices=("bfgs", "fire"), help="method of ASE")
    parser.add_argument("-n", type=int, default=50, help="crystals")
    parser.add_argument("--sites", type=int, default=20, help="sites of a crystal at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    path = PAGE.with_suffix(".json")
    if options.part == "relaxation":
        made: Any = measured(options.name, (options.method, options.ase), options.n, options.sites, options.seed)
    else:
        made = belief() if options.part == "belief" else stability(options.n)
    # Another part may have been written in the meantime.
    facts = json.loads(path.read_text(encoding="utf-8"))
    runs = with_earlier(facts["runs"], made) if options.part == "relaxation" else facts["runs"]
    facts |= {options.part: made} if options.part != "relaxation" else {"runs": runs}
    facts |= {
        "date": f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{package} {version(package)}" for package in ("chgnet", "sevenn", "torch", "ase")),
        "code": code_digest(),
        "data": hashlib.sha256(arrays_file(data_folder()).read_bytes()).hexdigest(),
    }
    write_text_whole(path, json.dumps(facts, indent=1) + "\n")
    print(f"wrote {write_text_whole(PAGE, page(facts))}")


if __name__ == "__main__":
    main()
