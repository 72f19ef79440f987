"""Searches find what enumeration finds, and samples follow Boltzmann's law."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from matscout.generate.arrangements.arrangement_energy import ArrangementEnergy, exchange, site_energies
from matscout.generate.arrangements.exhaustive import best_of_all, number_of_arrangements
from matscout.generate.arrangements.flipping import flip, flip_samples
from matscout.generate.arrangements.swapping import LOWEST, anneal, change, tabu, temper
from tests.generate.arrangements.made_energies import random_energy, triangular_lattice


def one_lattice(n_sites: int) -> np.ndarray:
    return np.zeros(n_sites, dtype=np.int64)


def all_arrangements(start: np.ndarray, sublattices: np.ndarray) -> np.ndarray:
    """Every distinct arrangement, by brute force."""
    rows = {
        states
        for states in permutations(start.tolist())
        if all(
            sorted(np.array(states)[sublattices == one]) == sorted(start[sublattices == one])
            for one in np.unique(sublattices)
        )
    }
    return np.array(sorted(rows))


def by_definition(energy: ArrangementEnergy, states: np.ndarray) -> float:
    """The sum as the docstring of the class writes it."""
    total = energy.constant
    for i, a in enumerate(states):
        total += energy.fields[a, i]
        total += sum(energy.couplings[a, states[j], i, j] for j in range(i + 1, len(states)))
    return float(total)


def test_energies_are_the_sum_of_fields_and_pairs() -> None:
    energy = random_energy(3, 6, seed=1)
    states = np.random.default_rng(2).integers(0, 3, (20, 6))
    assert energy.of(states) == pytest.approx([by_definition(energy, row) for row in states])


def test_an_ising_model_is_a_special_case() -> None:
    rng = np.random.default_rng(3)
    fields, couplings = rng.normal(size=5), rng.normal(size=(5, 5))
    couplings = np.triu(couplings, 1) + np.triu(couplings, 1).T
    spins = rng.integers(0, 2, (9, 5))
    expected = [2.0 + fields @ s + s @ np.triu(couplings, 1) @ s for s in spins]
    assert ArrangementEnergy.of_ising(fields, couplings, 2.0).of(spins) == pytest.approx(expected)


def test_site_energies_stay_right_over_ten_thousand_exchanges() -> None:
    energy = random_energy(3, 12, seed=4)
    rng = np.random.default_rng(5)
    states = rng.integers(0, 3, 12)
    local = site_energies(energy.fields, energy.couplings, states)
    total = energy.of(states[None])[0]
    for _ in range(10_000):
        i, j = rng.choice(12, 2, replace=False)
        if states[i] != states[j]:
            total += change(local, energy.couplings, states, i, j)
            exchange(local, energy.couplings, states, i, j)
    assert total == pytest.approx(energy.of(states[None])[0], abs=1e-9)
    assert local == pytest.approx(site_energies(energy.fields, energy.couplings, states), abs=1e-9)


@pytest.mark.parametrize("target", [LOWEST, 0.7])
def test_the_best_of_all_are_those_of_brute_force(target: float) -> None:
    energy = random_energy(3, 7, seed=6)
    start, sublattices = np.array([0, 0, 1, 2, 0, 1, 1]), np.array([0, 0, 0, 0, 1, 1, 1])
    every = all_arrangements(start, sublattices)
    assert number_of_arrangements(start, sublattices) == len(every) == 36
    values = energy.of(every) - energy.constant
    merits = np.sort(values if np.isnan(target) else np.abs(values - target))
    states, energies = best_of_all(energy.fields, energy.couplings, start, sublattices, target, 10)
    assert energies + energy.constant == pytest.approx(energy.of(states))
    best = energies if np.isnan(target) else np.abs(energies - target)
    assert best == pytest.approx(merits[:10])


def test_fewer_are_kept_where_there_are_fewer() -> None:
    energy = random_energy(2, 4, seed=7)
    states, energies = best_of_all(
        energy.fields, energy.couplings, np.array([0, 0, 0, 1]), one_lattice(4), LOWEST, 100
    )
    assert len(states) == len(energies) == 4
    assert (np.diff(energies) >= 0).all()


@pytest.mark.parametrize("seed", range(20))
def test_tabu_finds_the_ground_state(seed: int) -> None:
    energy = random_energy(2, 20, seed)
    start = np.repeat([0, 1], [14, 6])
    sublattices = one_lattice(20)
    lowest = best_of_all(energy.fields, energy.couplings, start, sublattices, LOWEST, 1)[1][0]
    found = tabu(energy.fields, energy.couplings, start, sublattices, LOWEST, 300, 20, seed)
    assert energy.of(found).min() - energy.constant == pytest.approx(lowest, abs=1e-9)
    annealed = anneal(
        energy.fields, energy.couplings, start, sublattices, LOWEST, np.geomspace(0.5, 50, 200), 50, seed
    )
    assert energy.of(annealed).min() - energy.constant == pytest.approx(lowest, abs=1e-9)


def test_searches_of_several_sublattices_keep_the_composition_of_each() -> None:
    energy = random_energy(3, 12, seed=8)
    start = np.array([0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 1, 1])
    sublattices = np.repeat([0, 1], [5, 7])
    lowest = best_of_all(energy.fields, energy.couplings, start, sublattices, LOWEST, 1)[1][0]
    found = tabu(energy.fields, energy.couplings, start, sublattices, LOWEST, 200, 20, 0)
    assert energy.of(found).min() - energy.constant == pytest.approx(lowest)
    for one in (0, 1):
        expected = sorted(start[sublattices == one])
        assert all(sorted(states[sublattices == one]) == expected for states in found)


def test_a_target_energy_is_met_as_closely_as_by_enumeration() -> None:
    energy = triangular_lattice(4)
    start, sublattices = np.repeat([0, 1], [12, 4]), one_lattice(16)
    best = best_of_all(energy.fields, energy.couplings, start, sublattices, -0.3, 1)[1][0]
    found = tabu(energy.fields, energy.couplings, start, sublattices, -0.3, 500, 20, 0)
    assert np.abs(energy.of(found) + 0.3).min() == pytest.approx(abs(best + 0.3), abs=1e-9)


def test_the_same_seed_gives_the_same_result() -> None:
    energy = triangular_lattice(5)
    start, sublattices = np.repeat([0, 1], [19, 6]), one_lattice(25)
    one, same, other = (
        anneal(energy.fields, energy.couplings, start, sublattices, LOWEST, np.geomspace(1, 50, 5), 5, seed)
        for seed in (3, 3, 4)
    )
    assert (one == same).all()
    assert (one != other).any()


@pytest.mark.parametrize("beta", [0.3, 1.0, 3.0])
def test_samples_of_tempering_follow_the_law_of_boltzmann(beta: float) -> None:
    energy = random_energy(2, 6, seed=9)
    start, sublattices = np.array([0, 0, 0, 1, 1, 1]), one_lattice(6)
    every = all_arrangements(start, sublattices)
    weights = np.exp(-beta * energy.of(every))
    states, energies = temper(
        energy.fields, energy.couplings, start, sublattices, np.array([0.1, beta]), 100_000, 4, 0
    )
    assert energies[1] + energy.constant == pytest.approx(energy.of(states[1]), abs=1e-6)
    powers = 2 ** np.arange(6)
    names = (every @ powers).tolist()
    counts = np.bincount(states[1] @ powers, minlength=64)[names]
    # Samples that follow one another are not independent: every twentieth is.
    assert chisquare(counts / 20, weights / weights.sum() * counts.sum() / 20).pvalue > 0.001


@pytest.mark.parametrize("n_states", [2, 3])
def test_flips_follow_the_law_of_boltzmann(n_states: int) -> None:
    energy = random_energy(n_states, 4, seed=10)
    every = np.indices((n_states,) * 4).reshape(4, -1).T
    weights = np.exp(-0.8 * energy.of(every))
    states = flip_samples(energy.fields, energy.couplings, 0.8, 100_000, 1, 0)
    powers = n_states ** np.arange(4)
    counts = np.bincount(states @ powers, minlength=n_states**4)[every @ powers]
    assert chisquare(counts / 10, weights / weights.sum() * counts.sum() / 10).pvalue > 0.001


def test_flips_find_the_ground_state_of_free_numbers() -> None:
    energy = random_energy(2, 12, seed=11)
    every = np.indices((2,) * 12).reshape(12, -1).T
    found = flip(energy.fields, energy.couplings, np.geomspace(0.5, 50, 100), 20, 0)
    assert energy.of(found).min() == pytest.approx(energy.of(every).min())
