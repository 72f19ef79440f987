"""Molecular dynamics: energy, temperature, equal seeds, runs that go on, and those that fail."""

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase import build as ase_build
from tests.simulate.free_particles import Free, gas
from tests.simulate.test_conservation import Whirling
from tests.simulate.test_force_field import rare_gas

import matscout
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.simulate.choice import make_force_field
from matscout.simulate.dynamics_plan import auto_repeats, dynamics_plan, repeated
from matscout.simulate.dynamics_settings import DynamicsSettings
from matscout.simulate.run_keeping import FolderKeeper
from matscout.simulate.simulated_runs import SimulatedRun, simulated

FIELD = make_force_field("lennard-jones")
SHORT = {"ps": 0.5, "interval": 5.0, "timestep": 5.0, "equilibration": 0.1, "supercell": "1,1,1"}
HOW = DynamicsSettings(temperature=(40.0, 60.0), **SHORT)


def moved(atoms: list[Atoms], **settings):
    return matscout.dynamics(atoms, "lennard-jones", **{**SHORT, "temperature": 40.0, **settings})


def same(one: SimulatedRun, other: SimulatedRun) -> bool:
    return np.array_equal(one.frames.positions, other.frames.positions) and np.array_equal(
        one.frames.energies, other.frames.energies
    )


@pytest.fixture(scope="module")
def long_run():
    """Four runs of 12 atoms in all."""
    return moved([rare_gas("Ar"), rare_gas("Kr")], ps=10.0, interval=20.0, damping=50.0, equilibration=1.0,
                 temperature=(30.0, 40.0))  # fmt: skip


def test_constant_energy_is_kept():
    found = moved([rare_gas("Ar", 2)], ps=5.0, ensemble="nve", interval=10.0)
    (result,) = found.results
    assert abs(result.energy_drift) < 1e-5
    assert result.heat_removed == 0.0
    kinetic = result.run.frames.energies[:, 1] / result.run.sites
    assert result.run.conserved.std() < 0.02 * kinetic.std()


def test_errors_of_the_energy_go_with_the_square_of_the_step():
    scatters = []
    for step in (10.0, 5.0):
        (result,) = moved(
            [rare_gas("Ar", 2)], ps=2.0, ensemble="nve", interval=10.0, timestep=step, equilibration=0.0
        ).results
        scatters.append(float(result.run.conserved.std()))
    assert 3.0 < scatters[0] / scatters[1] < 5.0


def test_the_temperature_and_its_fluctuation_are_canonical(long_run):
    """The standard deviation of the temperature is T sqrt(2 / (3 s - 3))."""
    ratios = [result.run.temperatures / result.run.start.temperature for result in long_run.results]
    assert abs(np.mean(ratios) - 1.0) < 0.06
    assert abs(np.std(ratios) / np.sqrt(2.0 / 9.0) - 1.0) < 0.12


def test_energy_and_heat_together_are_kept(long_run):
    for result in long_run.results:
        assert abs(result.energy_drift) < 1e-5
        assert np.ptp(result.run.frames.energies[:, 2]) > 100.0 * result.run.conserved.std()


def test_equal_seeds_give_equal_runs_in_any_company():
    one, other = (moved([rare_gas("Ar"), rare_gas("Kr")], temperature=(40.0, 60.0)) for _ in range(2))
    assert all(same(a.run, b.run) for a, b in zip(one.results, other.results, strict=True))
    plan = dynamics_plan(one.materials, FIELD, HOW)
    assert len(plan.groups) == 1
    for start, result in zip(plan.starts, one.results, strict=True):
        (alone,) = simulated([start], FIELD, HOW)
        np.testing.assert_allclose(alone.frames.positions, result.run.frames.positions, atol=1e-8)


def test_other_seeds_give_other_runs():
    one, other = (moved([rare_gas("Ar")], seed=seed).results[0].run for seed in (0, 1))
    assert not same(one, other)


class StoppedError(Exception):
    pass


def stopping_at(last: int):
    def beat(step: int) -> None:
        if step == last:
            raise StoppedError

    return beat


@pytest.mark.parametrize("last", [3, 20, 21, 77])
def test_a_run_that_goes_on_equals_one_that_was_not_stopped(tmp_path, last):
    structures = Structures.from_ase([rare_gas("Ar"), rare_gas("Kr")])
    plan = dynamics_plan(matscout.read_materials([rare_gas("Ar"), rare_gas("Kr")]).materials, FIELD, HOW)
    assert len(structures) * 2 == len(plan.starts)
    whole = simulated(plan.starts, FIELD, HOW)
    with pytest.raises(StoppedError):
        simulated(plan.starts, FIELD, HOW, FolderKeeper(tmp_path, 0.0), stopping_at(last))
    steps = []
    again = simulated(plan.starts, FIELD, HOW, FolderKeeper(tmp_path, 0.0), steps.append)
    assert all(same(one, other) for one, other in zip(whole, again, strict=True))
    assert (steps[0] > 1) == (last >= 20)
    done = simulated(plan.starts, FIELD, HOW, FolderKeeper(tmp_path, 0.0), stopping_at(1))
    assert all(same(one, other) for one, other in zip(whole, done, strict=True))


def test_a_damaged_state_begins_anew(tmp_path):
    plan = dynamics_plan(matscout.read_materials([rare_gas("Ar")]).materials, FIELD, HOW)
    whole = simulated(plan.starts, FIELD, HOW, FolderKeeper(tmp_path, 0.0))
    (tmp_path / "state.npz").write_bytes((tmp_path / "state.npz").read_bytes()[:200])
    again = simulated(plan.starts, FIELD, HOW, FolderKeeper(tmp_path, 0.0))
    assert all(same(one, other) for one, other in zip(whole, again, strict=True))


def test_a_supercell_moves_as_the_repeated_structure_does():
    atoms = rare_gas("Ar")
    one = moved([atoms], supercell="1,2,1").results[0].run
    other = moved([atoms.repeat((1, 2, 1))]).results[0].run
    np.testing.assert_allclose(one.frames.energies, other.frames.energies, atol=1e-8)
    np.testing.assert_allclose(one.frames.positions, other.frames.positions, atol=1e-6)


def test_supercells_are_wide_enough():
    crystal = (
        dynamics_plan(
            matscout.read_materials([ase_build.bulk("Ar", "fcc", a=5.3)]).materials,
            FIELD,
            replace(HOW, supercell="auto"),
        )
        .starts[0]
        .crystal
    )
    assert len(crystal.fractional) == 27
    assert repeated(crystal, (1, 1, 1)).fractional.tolist() == crystal.fractional.tolist()
    assert auto_repeats(crystal) == (1, 1, 1)


def exploding() -> Atoms:
    atoms = rare_gas("Ar")
    atoms.positions[1] = atoms.positions[0] + [1.6, 0.0, 0.0]
    return atoms


def test_what_fails_fails_alone():
    strange, slab = rare_gas("Ar"), rare_gas("Ar")
    strange.numbers[0] = 26
    slab.pbc = [True, True, False]
    krypton = rare_gas("Kr")
    alone = ase_build.bulk("Ar", "fcc", a=5.3)
    found = moved([strange, exploding(), slab, krypton, alone, rare_gas("Ar")], ion="Ar", temperature=(30.0, 40.0))
    reasons = [(problem.row, problem.reason) for problem in found.problems]
    assert [row for row, _ in reasons] == [1, 2, 2, 3, 4, 5]
    for (_, reason), words in zip(
        reasons,
        ["does not know Fe", "at 30 K it explodes", "at 40 K it explodes", "periodic along 2 of 3 axes",
         "it contains no Ar, whose diffusion is asked for, but Kr", "a single atom"], strict=True,
    ):  # fmt: skip
        assert words in reason
    assert [result.run.dropped for result in found.results] == [True, True, False, False]
    assert found.to_frame()["reason"].to_list()[2:] == ["", ""]


def test_formulas_are_refused():
    with pytest.raises(UsageError, match="dynamics needs structures"):
        matscout.dynamics(["NaCl"], "lennard-jones")


def test_a_time_limit_ends_a_run_early():
    found = moved([rare_gas("Ar")], ps=500.0, time_limit=1.0)
    (result,) = found.results
    assert 0.5 < result.run.length < 500.0
    assert not result.run.dropped
    (problem,) = found.problems
    assert "the time limit of 1 s is over after" in problem.reason
    assert not problem.dropped
    assert "ended-early" in [remark.code for remark in result.warnings]


def test_one_that_has_hardly_begun_has_no_numbers():
    found = moved([rare_gas("Ar")], time_limit=1e-6, ion="Ar")
    assert found.problems[0].dropped
    assert np.isnan(found.coefficients).all()
    assert found.results[0].diffusion is None


def test_a_whirl_is_refused_at_constant_energy_and_remarked_on_else():
    atoms = [rare_gas("Ar")]
    settings = {**SHORT, "ps": 0.5, "temperature": 40.0, "timestep": 5.0}
    with pytest.raises(UsageError, match=r"is not conservative.*would heat or cool without a cause"):
        matscout.dynamics(atoms, Whirling(), **settings, ensemble="nve")
    (result,) = matscout.dynamics(atoms, Whirling(), **settings).results
    assert "not-conservative" in [remark.code for remark in result.warnings]
    assert abs(result.heat_removed) > 1e-3


def test_narrow_and_pressed_cells_are_remarked_on():
    atoms = rare_gas("Ar")
    atoms.set_cell(atoms.cell.array * 0.85, scale_atoms=True)
    (result,) = moved([atoms], timestep=1.0, ps=0.2, interval=2.0).results
    assert {"narrow-cell", "under-pressure"} <= {remark.code for remark in result.warnings}


def test_charges_are_remarked_on():
    structures = replace(Structures.from_ase([rare_gas("Ar")]), charge=np.array([2.0]))
    (result,) = matscout.dynamics(structures, "lennard-jones", temperature=40, **SHORT).results
    (remark,) = [one for one in result.warnings if one.code == "charge-ignored"]
    assert "its charge of +2 is ignored" in remark


def test_the_tables_hold_what_the_runs_show():
    found = moved([rare_gas("Ar")], ion="Ar", temperature=(40.0, 60.0))
    table = found.to_frame()
    assert table["temperature (K)"].to_list() == [40.0, 60.0]
    assert table["D (cm²/s)"].null_count() == 2
    assert table["not resolved because"].str.contains("hop").all()
    assert table["host MSD (Å²)"].null_count() == 2
    lags = found.msd_frame()
    assert lags.height == 2 * 51
    assert lags["lag (ps)"].max() == 0.25
    assert len(found) == 2
    assert "diffusion of Ar resolved in 0" in repr(found)
    assert found.of(0) == found.results


def test_free_particles_have_three_temperatures_and_an_activation_energy_of_kt():
    """D = kT / (m gamma) is no law of Arrhenius; the slope of ln D by -1 / kT at T is kT."""
    found = matscout.dynamics(
        gas(100), Free(), temperature=(200.0, 250.0, 300.0), ps=40, equilibration=1, timestep=20, interval=100,
        ion="Ar", thermostat="langevin", supercell="1,1,1",
    )  # fmt: skip
    fit = found.arrhenius[0]
    assert abs(fit.energy - 8.617e-5 * 245.0) < 3.0 * fit.error
    assert found.to_frame()["activation energy (eV)"].null_count() == 0
    assert (np.diff(found.coefficients) > 0.0).all()
