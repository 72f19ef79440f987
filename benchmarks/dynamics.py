"""Molecular dynamics with force fields: conservation, known diffusion, and two fast ion conductors.

``OMP_NUM_THREADS=1 python benchmarks/dynamics.py`` (a quarter of an hour of one core; needs chgnet and sevenn). Each
cell is stored in ``benchmarks/cells/dynamics`` as soon as it is made, and the runs of conductors go on where they
were; ``--ps 8 4`` takes shorter ones. Writes ``benchmarks/results/dynamics.md`` and its pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from data_folder import data_folder
from jobs import CELLS, RESULTS
from structure_data import mp_structures

import matscout
from matscout import __version__
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs
from matscout.data.elements import atomic_mass
from matscout.data.files import write_text_whole
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.evaluation.dynamics_plot import write_dynamics_plot
from matscout.progress import silent
from matscout.simulate.choice import make_force_field
from matscout.simulate.conservation import conservation
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.simulate.energies import Energies
from matscout.simulate.force_field import ForceField
from matscout.simulate.force_fields.lennard_jones import LennardJones
from matscout.simulate.rock_salt import rock_salt
from matscout.simulate.run_keeping import FolderKeeper
from matscout.simulate.simulated_runs import simulated
from matscout.simulate.simulating import GroupRunner, trajectory_of
from matscout.simulate.thermostats import ACCELERATION, BOLTZMANN
from matscout.simulate.trajectory import DynamicsResult, Trajectory

STORE = CELLS / "dynamics"
PAGE = RESULTS / "dynamics.md"


@dataclass(frozen=True)
class Conductor:
    """A conductor of ``mp_structures``, its conventional cell repeated along the first axis, and how it is moved."""

    identifier: str
    name: str
    formula: str
    transformation: tuple[tuple[int, int, int], ...]
    vacancy: bool
    settings: DynamicsSettings


COMMON = {"equilibration": 0.5, "supercell": "1,1,1", "ps": 20.0}
CONDUCTORS = (
    Conductor(
        "mp-315", "lead fluoride", "Pb8F16", ((-1, 1, 1), (1, -1, 1), (1, 1, -1)), False,
        DynamicsSettings(temperature=(800.0, 950.0, 1100.0), ion="F", timestep=4.0, interval=20.0, **COMMON),
    ),
    Conductor(
        "mp-10167", "Na3SbS4 with a vacancy", "Na11(SbS4)4", ((0, 1, 1), (1, 0, 1), (1, 1, 0)), True,
        DynamicsSettings(temperature=(800.0, 1000.0, 1200.0), ion="Na", timestep=3.0, interval=21.0, **COMMON),
    ),
)  # fmt: skip
CHECKED = ("lennard-jones", "chgnet", "7net-0", "7net-l3i5", "with a curl")


class Whirling(LennardJones):
    """Lennard-Jones, and forces that turn around an axis: they are the slopes of no energy."""

    title = "Lennard-Jones with a curl"

    def slopes(self, crystals: Crystals, pairs: Pairs) -> tuple[Any, Any]:
        energy, slopes = super().slopes(crystals, pairs)
        near = pairs.distances < 6.0
        return energy, slopes + 0.01 * near[:, None] * np.cross([0.0, 0.0, 1.0], pairs.vectors)


class Free(ForceField):
    """No forces: particles that only a thermostat moves."""

    title = "none"

    def batch(self, crystals: Crystals) -> Energies:
        n = len(crystals)
        return Energies(np.zeros(n), np.zeros((len(crystals.fractional), 3)), np.zeros((n, 3, 3)))


def field_of(name: str) -> ForceField:
    return Whirling() if name == "with a curl" else make_force_field(name)


def kept(name: str, make: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """A cell, made at most once."""
    path = STORE / f"{name}.json"
    if not path.exists():
        began = time.process_time()
        cell = {**make(), "cpu seconds": time.process_time() - began}
        print(name, cell, flush=True)
        write_text_whole(path, json.dumps(cell, indent=1) + "\n")
    return json.loads(path.read_text(encoding="utf-8"))


def checked(name: str) -> Mapping[str, Any]:
    field = field_of(name)
    report = conservation(field, rock_salt(field))
    return {**asdict(report), "title": field.title, "conservative": report.conservative}


def long_drift(name: str) -> Mapping[str, Any]:
    """Constant energy for some picoseconds, in the crystal of the checks."""
    field = field_of(name)
    given = rock_salt(field)
    structures = Structures(given.lattices, given.offsets, given.atomic_numbers, given.fractional, np.ones(8))
    temperature = 40.0 if name == "lennard-jones" else 600.0
    (result,) = matscout.dynamics(
        structures, field, temperature=temperature, ps=2, equilibration=0.5, ensemble="nve", supercell="1,1,1"
    ).results
    times, energies = result.run.times, result.run.conserved
    scatter = float((energies - np.polyval(np.polyfit(times, energies, 1), times)).std())
    return {"temperature": temperature, "drift": result.energy_drift, "scatter": scatter}


def langevin() -> Mapping[str, Any]:
    """Argon atoms without forces, D = kT / (m gamma)."""
    rng = np.random.default_rng(0)
    n, temperature, damping = 300, 300.0, 100.0
    gas = Structures(np.eye(3)[None] * 60.0, np.array([0, n]), np.full(n, 18, np.uint8), rng.random((n, 3)), np.ones(n))
    found = matscout.dynamics(
        gas, Free(), temperature=temperature, ps=800, equilibration=1, timestep=20, interval=400, ion="Ar",
        thermostat="langevin", damping=damping, supercell="1,1,1",
    )  # fmt: skip
    exact = BOLTZMANN * temperature * ACCELERATION / atomic_mass("Ar") * damping * 1e-1
    return {"D": float(found.coefficients[0]), "error": float(found.errors[0]), "exact": exact}


def conductor(one: Conductor) -> Materials:
    """Two conventional cells, relaxed with CHGNet, perhaps without an ion; kept, so that runs begin equal."""
    path = STORE / f"{one.identifier}.npz"
    if not path.exists():
        materials = mp_structures(data_folder())
        structures = materials[np.flatnonzero(materials.ids == one.identifier)].structures
        assert structures is not None
        cell = structures.to_pymatgen(0).make_supercell(one.transformation)
        relaxed = matscout.relax([cell], "chgnet", fmax=0.05).materials.structures
        assert relaxed is not None
        cells = relaxed.to_pymatgen(0).make_supercell([2, 1, 1])
        if one.vacancy:
            cells.remove_sites([next(k for k, site in enumerate(cells) if site.specie.symbol == one.settings.ion)])
        final = Structures.from_pymatgen([cells])
        np.savez(path, lattice=final.lattices, places=final.fractional_coordinates, numbers=final.atomic_numbers)
    with np.load(path) as arrays:
        numbers = arrays["numbers"]
        structures = Structures(
            arrays["lattice"], np.array([0, len(numbers)]), numbers, arrays["places"], np.ones(len(numbers))
        )
    return Materials(np.array([one.identifier]), np.array([one.formula]), compositions_of(structures), structures)


def together(field: ForceField, name: str, settings: DynamicsSettings) -> GroupRunner:
    """All runs in one graph, going on where they were; CPU seconds are added up."""

    def runner(groups: Any, progress: Any) -> Any:
        starts = [start for group in groups for start in group]
        began, clock = time.process_time(), STORE / name / "seconds.txt"
        clock.parent.mkdir(parents=True, exist_ok=True)
        before = float(clock.read_text()) if clock.exists() else 0.0

        def beat(step: int) -> None:
            if step % 50 == 0:
                clock.write_text(str(before + time.process_time() - began))
                print(f"{name}: step {step} of {settings.steps}", flush=True)

        runs = simulated(starts, field, settings, FolderKeeper(STORE / name), beat)
        yield from ((run,) for run in runs)

    return runner


def diffusion(one: Conductor, ps: float) -> Trajectory:
    field, settings = make_force_field("chgnet"), replace(one.settings, ps=ps)
    return trajectory_of(conductor(one), field, settings, together(field, one.formula, settings), silent)


def minutes(one: Conductor) -> float:
    return float((STORE / one.formula / "seconds.txt").read_text()) / 60.0


def page(
    checks: Mapping[str, Any], drifts: Mapping[str, Any], free: Mapping[str, Any], moved: Sequence[Trajectory]
) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("chgnet", "sevenn", "torch", "numpy"))
    return "\n".join(
        [
            "# Molecular dynamics",
            "",
            f"`python benchmarks/dynamics.py`, {datetime.now(tz=UTC):%Y-%m-%d}, matscout {__version__}, {packages}, "
            f"Python {platform.python_version()}; one thread of a machine with other work.",
            "",
            "## Are forces the slopes of the energy?",
            "",
            "`matscout check-force-field` on rock salt of 8 atoms; *curl* is Lennard-Jones with forces that turn "
            "around an axis. Not conservative: the asymmetry is above 3 times that of rounding, and the drift above "
            "1 meV/atom/ps.",
            "",
            "| force field | largest error of a force (eV/Å) | asymmetry | rounding | drift (meV/atom/ps) | scatter "
            "(meV/atom) | conservative | CPU s |",
            f"|---|{'--:|' * 7}",
            *(_check_line(checks[name]) for name in CHECKED),
            "",
            "Constant energy for 2 ps after 0.5 ps with the thermostat of Bussi, 2 fs a step, the same crystals:",
            "",
            "| force field | T (K) | drift (meV/atom/ps) | scatter (meV/atom) | CPU s |",
            "|---|--:|--:|--:|--:|",
            *(_drift_line(name, one) for name, one in drifts.items()),
            "",
            "## Diffusion with a known answer",
            "",
            "300 argon atoms without forces under the thermostat of Langevin (300 K, 100 fs, 800 ps), "
            f"D = kT / (m γ) = {free['exact']:.3e} cm²/s: measured ({free['D']:.3e} ± {free['error']:.1e}) cm²/s, "
            f"{100 * (free['D'] / free['exact'] - 1):+.1f} %, {free['cpu seconds']:.0f} CPU s.",
            "",
            "## Fast ion conductors",
            "",
            "Two conventional cells of a structure of `mp_structures`, relaxed with CHGNet, then three temperatures in "
            "one graph with the thermostat of Bussi, after 0.5 ps of equilibration. D is the mean of five blocks and "
            "its standard error, conductivities are those of Nernst and Einstein with a Haven ratio of 1, "
            "displacements those at half of the run.",
            "",
            *(line for one, found in zip(CONDUCTORS, moved, strict=True) for line in _section(one, found)),
        ]
    )


def _section(one: Conductor, moved: Trajectory) -> list[str]:
    fit, sites = moved.arrhenius.get(0), moved.results[0].run.sites
    energy = "none, since D is not resolved at three temperatures" if fit is None else fit.words
    return [
        f"### {one.name}",
        "",
        f"{one.identifier}, {one.formula}, {sites} atoms, {one.settings.timestep:g} fs a step: {minutes(one):.1f} CPU "
        "minutes for the three runs.",
        "",
        "| T (K) | length (ps) | D (cm²/s) | σ (S/cm) | hops | MSD (Å²) | of other atoms | pressure (GPa) | "
        "drift of energy and heat (meV/atom/ps) |",
        f"|--:|{'--:|' * 8}",
        *map(_run_line, moved.results),
        "",
        f"Activation energy: {energy}.",
        "",
        *(
            f"- {run.run.start.temperature:g} K, not resolved: {run.diffusion.unresolved}"
            for run in moved.results
            if run.diffusion is not None and not run.diffusion.resolved
        ),
        *(f"- {run.run.start.temperature:g} K: {words}" for run in moved.results for words in run.warnings),
        "",
        f"![Displacements and Arrhenius law]({_picture(one).name})",
        "",
    ]


def _picture(one: Conductor) -> Path:
    return RESULTS / f"dynamics-{one.identifier}.png"


def _check_line(one: Mapping[str, Any]) -> str:
    return (
        f"| {one['title']} | {one['force_error']:.1e} | {one['asymmetry']:.1e} | {one['floor']:.0e} | "
        f"{1e3 * one['drift']:+.3f} | {1e3 * one['scatter']:.3f} | {'yes' if one['conservative'] else '**no**'} | "
        f"{one['cpu seconds']:.0f} |"
    )


def _drift_line(name: str, one: Mapping[str, Any]) -> str:
    return (
        f"| {field_of(name).title} | {one['temperature']:g} | {1e3 * one['drift']:+.3f} | {1e3 * one['scatter']:.3f} | "
        f"{one['cpu seconds']:.0f} |"
    )


def _run_line(one: DynamicsResult) -> str:
    known, hot = one.diffusion, one.run.start.temperature
    assert known is not None
    sigma = f"{known.conductivity:.2f} ± {known.conductivity_error:.2f}" if known.resolved else ""
    return (
        f"| {hot:g} | {one.run.length:.1f} | {known.words.removesuffix(' cm²/s')} | {sigma} | {known.hops} | "
        f"{known.msd[-1]:.1f} | {known.host_msd[-1]:.2f} | {one.pressure:+.1f} | {1e3 * one.energy_drift:+.3f} |"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    lengths = parser.add_argument(
        "--ps", type=float, nargs=len(CONDUCTORS), help="length of the runs of each conductor"
    )
    lengths.default = [one.settings.ps for one in CONDUCTORS]
    options = parser.parse_args(arguments)
    os.environ["MATSCOUT_DATA"] = str(data_folder())
    free = kept("langevin", langevin)
    checks = {name: kept(f"check {name}", lambda name=name: checked(name)) for name in CHECKED}
    drifts = {name: kept(f"drift {name}", lambda name=name: long_drift(name)) for name in ("lennard-jones", "chgnet")}
    moved = [diffusion(one, ps) for one, ps in zip(CONDUCTORS, options.ps, strict=True)]
    for one, found in zip(CONDUCTORS, moved, strict=True):
        write_dynamics_plot(found, _picture(one))
    print(f"wrote {write_text_whole(PAGE, page(checks, drifts, free, moved))}")


if __name__ == "__main__":
    main()
