"""Molecular dynamics with force fields: conservation, and the diffusion of lithium in Li10GeP2S12.

``OMP_NUM_THREADS=1 python benchmarks/dynamics.py`` (half an hour of one core; needs chgnet and sevenn). Each cell is
stored in ``benchmarks/cells/dynamics`` as soon as it is made, and the runs go on where they were. Writes
``benchmarks/results/dynamics.md`` and ``dynamics.png``.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
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
from matscout.simulate.trajectory import Trajectory

STORE = CELLS / "dynamics"
PAGE, PICTURE = RESULTS / "dynamics.md", RESULTS / "dynamics.png"

CONDUCTOR, FORMULA = "mp-10167", "Na11(SbS4)4"
SETTINGS = DynamicsSettings(
    temperature=(800.0, 1000.0, 1200.0), ps=20.0, equilibration=0.5, ion="Na", supercell="1,1,1", timestep=3.0,
    interval=21.0,
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
    """Constant energy for some picoseconds, from rock salt that is at rest."""
    field = field_of(name)
    still = rock_salt(field)
    structures = Structures(
        still.lattices, still.offsets, still.atomic_numbers, still.fractional, np.ones(len(still.fractional))
    )
    temperature = 40.0 if field.computes == tuple(LennardJones.computes or ()) else 600.0
    run = matscout.dynamics(
        structures, field, temperature=temperature, ps=5, equilibration=1, ensemble="nve", supercell="1,1,1"
    ).results[0]
    scatter = float(
        (run.run.conserved - np.polyval(np.polyfit(run.run.times, run.run.conserved, 1), run.run.times)).std()
    )
    return {"temperature": temperature, "drift": run.energy_drift, "scatter": scatter, "sites": run.run.sites}


def langevin() -> Mapping[str, Any]:
    """Argon atoms without forces, D = kT / (m gamma)."""
    rng = np.random.default_rng(0)
    n, temperature, damping = 300, 300.0, 100.0
    gas = Structures(np.eye(3)[None] * 60.0, np.array([0, n]), np.full(n, 18, np.uint8), rng.random((n, 3)), np.ones(n))
    found = matscout.dynamics(
        gas, Free(), temperature=temperature, ps=200, equilibration=1, timestep=10, interval=200, ion="Ar",
        thermostat="langevin", damping=damping, supercell="1,1,1",
    )  # fmt: skip
    exact = BOLTZMANN * temperature * ACCELERATION / atomic_mass("Ar") * damping * 1e-1
    return {"D": float(found.coefficients[0]), "error": float(found.errors[0]), "exact": exact}


def conductor() -> Materials:
    """Two cubic cells, relaxed with CHGNet, without one of their 12 sodium atoms; kept, so that runs begin equal."""
    path = STORE / "vacancy.npz"
    if not path.exists():
        materials = mp_structures(data_folder())
        structures = materials[np.flatnonzero(materials.ids == CONDUCTOR)].structures
        assert structures is not None
        cubic = structures.to_pymatgen(0).make_supercell([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
        relaxed = matscout.relax([cubic], "chgnet", fmax=0.05).materials.structures
        assert relaxed is not None
        cells = relaxed.to_pymatgen(0).make_supercell([2, 1, 1])
        cells.remove_sites([next(row for row, site in enumerate(cells) if site.specie.symbol == "Na")])
        final = Structures.from_pymatgen([cells])
        np.savez(path, lattice=final.lattices, places=final.fractional_coordinates, numbers=final.atomic_numbers)
    with np.load(path) as arrays:
        numbers = arrays["numbers"]
        structures = Structures(
            arrays["lattice"], np.array([0, len(numbers)]), numbers, arrays["places"], np.ones(len(numbers))
        )
    return Materials(np.array([CONDUCTOR]), np.array([FORMULA]), compositions_of(structures), structures)


def together(field: ForceField) -> GroupRunner:
    """All runs in one graph, going on where they were; CPU seconds are added up."""

    def runner(groups: Any, progress: Any) -> Any:
        starts = [start for group in groups for start in group]
        began, clock = time.process_time(), STORE / FORMULA / "seconds.txt"
        clock.parent.mkdir(parents=True, exist_ok=True)
        before = float(clock.read_text()) if clock.exists() else 0.0

        def beat(step: int) -> None:
            if step % 50 == 0:
                clock.write_text(str(before + time.process_time() - began))
                print(f"step {step} of {SETTINGS.steps}", flush=True)

        runs = simulated(starts, field, SETTINGS, FolderKeeper(STORE / FORMULA), beat)
        yield from ((run,) for run in runs)

    return runner


def diffusion() -> Trajectory:
    field = make_force_field("chgnet")
    return trajectory_of(conductor(), field, SETTINGS, together(field), silent)


def minutes() -> float:
    return float((STORE / FORMULA / "seconds.txt").read_text()) / 60.0


def page(checks: Mapping[str, Any], drifts: Mapping[str, Any], free: Mapping[str, Any], moved: Trajectory) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("chgnet", "sevenn", "torch", "numpy"))
    fit = moved.arrhenius.get(0)
    energy = "not resolved at three temperatures" if fit is None else f"{fit.energy:.2f} ± {fit.error:.2f} eV"
    room = "" if fit is None else _at_room_temperature(moved)
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
            "Constant energy for 5 ps after 1 ps with the thermostat of Bussi, 2 fs a step, the same crystals:",
            "",
            "| force field | T (K) | drift (meV/atom/ps) | scatter (meV/atom) | CPU s |",
            "|---|--:|--:|--:|--:|",
            *(_drift_line(name, one) for name, one in drifts.items()),
            "",
            "## Diffusion with a known answer",
            "",
            "300 argon atoms without forces under the thermostat of Langevin (300 K, 100 fs, 200 ps), "
            f"D = kT / (m γ) = {free['exact']:.3e} cm²/s: measured ({free['D']:.3e} ± {free['error']:.1e}) cm²/s, "
            f"{100 * (free['D'] / free['exact'] - 1):+.1f} %, {free['cpu seconds']:.0f} CPU s.",
            "",
            f"## Lithium in {FORMULA}",
            "",
            f"{CONDUCTOR} of `mp_structures` (50 sites), relaxed with CHGNet, then at constant temperature (Bussi) for "
            f"{SETTINGS.ps:g} ps after {SETTINGS.equilibration:g} ps, 2 fs a step. D is the mean of five blocks and "
            "its standard error; conductivities by Nernst and Einstein, Haven ratio 1.",
            "",
            "| T (K) | D (cm²/s) | σ (S/cm) | hops | MSD at half of the run (Å²) | of other atoms | pressure (GPa) | "
            "drift of energy and heat (meV/atom/ps) | CPU min |",
            f"|--:|{'--:|' * 8}",
            *map(_run_line, moved.results),
            "",
            f"Activation energy: {energy}.{room}",
            "",
            *(f"- {one.run.start.temperature:g} K: {words}" for one in moved.results for words in one.warnings),
            *(
                f"- {one.run.start.temperature:g} K, not resolved: {one.diffusion.unresolved}"
                for one in moved.results
                if one.diffusion is not None and not one.diffusion.resolved
            ),
            "",
            "![Displacements and Arrhenius law](dynamics.png)",
            "",
        ]
    )


def _at_room_temperature(moved: Trajectory) -> str:
    value, factor = moved.arrhenius[0].at(300.0)
    return f" Extrapolated to 300 K: D = {value:.1e} cm²/s within a factor of {factor:.1f}."


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


def _run_line(one: Any) -> str:
    known, hot = one.diffusion, one.run.start.temperature
    sigma = f"{known.conductivity:.2f} ± {known.conductivity_error:.2f}" if known.resolved else ""
    return (
        f"| {hot:g} | {known.words.removesuffix(' cm²/s')} | {sigma} | {known.hops} | {known.msd[-1]:.1f} | "
        f"{known.host_msd[-1]:.2f} | {one.pressure:+.1f} | {1e3 * one.energy_drift:+.3f} | {minutes(hot):.1f} |"
    )


def main() -> None:
    os.environ["MATSCOUT_DATA"] = str(data_folder())
    free = kept("langevin", langevin)
    checks = {name: kept(f"check {name}", lambda name=name: checked(name)) for name in CHECKED}
    drifts = {name: kept(f"drift {name}", lambda name=name: long_drift(name)) for name in ("lennard-jones", "chgnet")}
    moved = diffusion()
    write_dynamics_plot(moved, PICTURE)
    print(f"wrote {write_text_whole(PAGE, page(checks, drifts, free, moved))}")


if __name__ == "__main__":
    main()
