"""Diffusion of walkers with a known coefficient, and runs that do not resolve one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.constants import e, k
from tests.simulate.free_particles import Free, gas, walkers

import matscout
from matscout.data.elements import atomic_mass
from matscout.errors import UsageError
from matscout.simulate.arrhenius import arrhenius_fit
from matscout.simulate.diffusion import Ion, diffusion
from matscout.simulate.thermostats import ACCELERATION, BOLTZMANN

SODIUM = Ion("Na", 1)
SALT = [11, 17] * 8


def steps(seed: int, size: float = 0.6, host: float = 0.0, frames: int = 1000) -> np.ndarray:
    """Random steps of sodium, and of chlorine."""
    drawn = np.random.default_rng(seed).normal(size=(frames, len(SALT), 3))
    return drawn * np.array([size, host] * 8)[:, None]


def test_langevin_particles_have_their_coefficient():
    """D = kT / (m gamma); the relative motion of 200 particles is slower by a 200th."""
    found = matscout.dynamics(
        gas(200), Free(), temperature=300, ps=200, equilibration=1, timestep=20, interval=200, ion="Ar",
        thermostat="langevin", damping=100, supercell="1,1,1", seed=1,
    )  # fmt: skip
    exact = BOLTZMANN * 300.0 * ACCELERATION / atomic_mass("Ar") * 100.0 * 0.1
    assert abs(found.coefficients[0] / exact - 1.0) < 0.05
    assert found.errors[0] < 0.05 * exact


def test_errors_are_those_of_repeated_walks():
    exact = 0.6**2 / 2.0 / 0.1 * 1e-4
    found = [diffusion(walkers(steps(seed), SALT), SODIUM) for seed in range(40)]
    values, errors = (np.array([getattr(one, name) for one in found]) for name in ("coefficient", "error"))
    assert abs(values.mean() / exact - 1.0) < 0.03
    assert 0.7 < errors.mean() / values.std() < 1.5
    assert 0.5 < (np.abs(values - exact) < errors).mean() < 0.85


def test_what_rests_is_not_resolved():
    rng = np.random.default_rng(0)
    places = rng.normal(0.0, 0.2, (1000, len(SALT), 3))
    resting = walkers(np.diff(places, axis=0, prepend=0.0), SALT)
    found = diffusion(resting, SODIUM)
    assert not found.resolved
    assert np.isnan([found.coefficient, found.error, found.conductivity]).all()
    assert found.unresolved.startswith("0 hops in all, and 5 are needed")
    assert "not resolved" in repr(found)


def test_an_ion_that_hops_there_and_back_is_not_enough():
    walk = steps(0, size=0.0)
    walk[100::180, 0, 0] = 4.0
    walk[190::180, 0, 0] = -4.0
    found = diffusion(walkers(walk, SALT), SODIUM)
    assert found.hops == 10
    assert found.unresolved.startswith("the ions have gone 1.0 Å² (mean square), and 9.0 Å² are needed")


def test_one_hop_is_not_enough():
    walk = steps(0, size=0.0)
    walk[100, 0, 0] = 40.0
    assert diffusion(walkers(walk, SALT), SODIUM).unresolved.startswith("1 hop in all, and 5 are needed")


def test_a_host_that_melts_is_named():
    found = diffusion(walkers(steps(0, host=0.3), SALT), SODIUM)
    assert found.unresolved.startswith("the host moves too (mean squared displacement grows by")


def test_a_host_whose_groups_turn_is_a_solid():
    """Sodium walks, a light element of the host too, and a heavy one stays."""
    numbers = np.array([11, 17] * 8)
    run = walkers(steps(0, host=0.0), SALT)
    numbers[3::4] = 82
    crystal = replace(run.start.crystal, atomic_numbers=numbers)
    walk = run.frames.positions.copy()
    walk[:, 1::4] += steps(1, size=0.0, host=0.3)[:, 1::4].cumsum(axis=0)
    turning = replace(run, start=replace(run.start, crystal=crystal), frames=replace(run.frames, positions=walk))
    assert diffusion(turning, SODIUM).resolved
    walk[:, 3::4] += steps(2, size=0.0, host=0.3)[:, 3::4].cumsum(axis=0)
    melting = replace(turning, frames=replace(run.frames, positions=walk))
    assert diffusion(melting, SODIUM).unresolved.startswith("the host moves too, even its ")


def test_conductivity_is_that_of_nernst_and_einstein():
    run = walkers(steps(3), SALT)
    found = diffusion(run, Ion("Na", 2))
    density = 8 / (float(run.start.crystal.volumes[0]) * 1e-30)
    exact = density * (2 * e) ** 2 * found.coefficient * 1e-4 / (k * 600.0) / 100.0
    assert abs(found.conductivity / exact - 1.0) < 1e-9
    assert abs(found.conductivity_error / found.conductivity - found.error / found.coefficient) < 1e-9


def test_neutral_atoms_conduct_nothing():
    found = diffusion(walkers(steps(0), SALT), Ion("Na", 0))
    assert found.resolved
    assert np.isnan([found.conductivity, found.conductivity_error]).all()


def test_bonds_are_those_to_other_elements():
    assert abs(diffusion(walkers(steps(0), SALT), SODIUM).bond_length - 2.0 * np.sqrt(3.0)) < 1e-9


@pytest.mark.parametrize(
    ("text", "symbol", "charge"),
    [("Na", "Na", 1), ("Mg2+", "Mg", 2), ("O2-", "O", -2), ("F", "F", -1), ("Cu+", "Cu", 1)],
)
def test_ions_are_read(text, symbol, charge):
    assert Ion.of(text) == Ion(symbol, charge)


@given(st.text(max_size=6))
def test_other_texts_are_refused_or_ions(text):
    try:
        assert Ion.of(text).symbol in text
    except UsageError as error:
        assert "is no ion" in str(error)


def test_arrhenius_gives_back_what_made_the_points():
    hot = [600.0, 800.0, 1000.0, 1200.0]
    values = [1e-3 * np.exp(-0.3 / (BOLTZMANN * one)) for one in hot]
    fit = arrhenius_fit(hot, values, [0.05 * one for one in values])
    assert fit is not None
    assert abs(fit.energy - 0.3) < 1e-9
    assert abs(np.exp(fit.log_prefactor) / 1e-3 - 1.0) < 1e-9
    assert abs(fit.at(700.0)[0] / (1e-3 * np.exp(-0.3 / (BOLTZMANN * 700.0))) - 1.0) < 1e-9
    assert repr(fit) == "ArrheniusFit: 0.3000 ± 0.0069 eV from 4 temperatures"


def test_its_error_is_that_of_scipy_and_of_repeated_fits():
    from scipy.optimize import curve_fit

    hot, rng = np.array([600.0, 800.0, 1000.0, 1200.0]), np.random.default_rng(0)
    exact = 1e-3 * np.exp(-0.3 / (BOLTZMANN * hot))
    found = []
    for _ in range(200):
        values = exact * np.exp(rng.normal(0.0, 0.1, 4))
        fit = arrhenius_fit(hot, values, 0.1 * values)
        _, covariance = curve_fit(
            lambda t, energy, log: log - energy / (BOLTZMANN * t), hot, np.log(values), sigma=np.full(4, 0.1),
            absolute_sigma=True,
        )  # fmt: skip
        assert fit.error >= np.sqrt(covariance[0, 0]) * (1.0 - 1e-6)
        found.append((fit.energy, fit.error))
    energies, errors = np.array(found).T
    assert abs(energies.mean() - 0.3) < 0.01
    assert 0.8 < errors.mean() / energies.std() < 1.6


def test_two_temperatures_are_too_few():
    assert arrhenius_fit([600.0, 800.0, 1000.0], [1e-5, 2e-5, np.nan], [1e-6, 1e-6, np.nan]) is None
