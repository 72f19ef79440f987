"""Thermostats sample the canonical distribution of the kinetic energy, and keep account of the heat."""

import numpy as np
import pytest
from scipy.stats import gamma, kstest
from tests.simulate.free_particles import Free, gas

from matscout.crystal.crystals import Crystals
from matscout.simulate.moving_batch import MovingBatch
from matscout.simulate.thermostats import (
    BOLTZMANN,
    at_rest,
    drawn_velocities,
    kinetic_energy,
    make_thermostat,
    temperature_of,
)

MASSES = np.array([10.0, 20.0, 40.0, 80.0])[:, None]


@pytest.mark.parametrize("name", ["bussi", "langevin"])
def test_kinetic_energies_are_canonical(name):
    """Of s atoms whose whole rests: gamma distributed with (3 s - 3) / 2 and kT."""
    thermostat, rng = make_thermostat(name, 100.0), np.random.default_rng(0)
    velocity, energies = drawn_velocities(MASSES, 20.0, rng), []
    for step in range(20_000):
        velocity = thermostat.turned(velocity, MASSES, 300.0, 50.0, rng)
        if step > 100 and step % 10 == 0:
            energies.append(kinetic_energy(velocity, MASSES))
    assert kstest(energies, gamma(4.5, scale=BOLTZMANN * 300.0).cdf).pvalue > 0.01
    assert abs(np.mean(energies) / (4.5 * BOLTZMANN * 300.0) - 1.0) < 0.03
    assert abs(np.var(energies) / (4.5 * (BOLTZMANN * 300.0) ** 2) - 1.0) < 0.1
    np.testing.assert_allclose((MASSES * velocity).sum(axis=0), 0.0, atol=1e-9)


def test_langevin_gives_each_atom_its_share():
    thermostat, rng = make_thermostat("langevin", 100.0), np.random.default_rng(1)
    velocity, squares = drawn_velocities(MASSES, 300.0, rng), []
    for _ in range(10_000):
        velocity = thermostat.turned(velocity, MASSES, 300.0, 100.0, rng)
        squares.append(MASSES * velocity**2)
    shares = np.mean(squares, axis=(0, 2))
    # The mass of an atom that moves relative to the whole is its mass without its share of the whole.
    expected = 1.0 - MASSES.ravel() / MASSES.sum()
    np.testing.assert_allclose(shares / shares.sum(), expected / expected.sum(), rtol=0.04)


def test_a_rescaling_turns_no_velocity():
    rng = np.random.default_rng(2)
    velocity = drawn_velocities(MASSES, 300.0, rng)
    turned = make_thermostat("bussi", 50.0).turned(velocity, MASSES, 300.0, 10.0, rng)
    assert np.ptp(turned / velocity) < 1e-12


def test_temperatures_are_those_of_their_kinetic_energy():
    rng = np.random.default_rng(3)
    masses = np.full((2000, 1), 39.95)
    velocity = at_rest(drawn_velocities(masses, 250.0, rng), masses)
    assert abs(temperature_of(np.array([kinetic_energy(velocity, masses)]), 2000)[0] / 250.0 - 1.0) < 0.03


def test_the_heat_is_what_the_kinetic_energy_of_free_particles_has_lost():
    field = Free()
    batch = MovingBatch.at_start(np.array([0]), Crystals.from_structures(gas(8)), np.array([300.0]), field, 0)
    moved = batch
    for _ in range(20):
        moved = moved.stepped(field, 5.0, make_thermostat("bussi", 20.0), 0)
    assert abs(moved.heat[0]) > 1e-4
    assert abs(batch.kinetic[0] - moved.kinetic[0] - moved.heat[0]) < 1e-12


def test_the_pressure_of_free_particles_is_that_of_an_ideal_gas():
    crystal = Crystals.from_structures(gas(1000))
    batch = MovingBatch.at_start(np.array([0]), crystal, np.array([300.0]), Free(), 0)
    pascal = 1000 * 1.380649e-23 * 300.0 / (float(crystal.volumes[0]) * 1e-30)
    assert abs(batch.pressure[0] * 1e9 / pascal - 1.0) < 0.03
