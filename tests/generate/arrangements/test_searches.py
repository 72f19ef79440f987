"""Searches find what enumeration finds, and samples follow Boltzmann's law."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare
from tests.generate.arrangements.made_energies import random_energy, triangular_lattice

from matscout.errors import InputError
from matscout.generate.arrangements.arrangement_energy import ArrangementEnergy, SiteProblem, exchange, walk_from
from matscout.generate.arrangements.exhaustive import best_of_all, number_of_arrangements
from matscout.generate.arrangements.swapping import LOWEST, anneal, change, sweep, tabu


def problem_of(
    energy: ArrangementEnergy, start: np.ndarray, sublattices: np.ndarray | None = None, target: float = LOWEST
) -> SiteProblem:
    """All sites on one sublattice unless they are named."""
    lattices = np.zeros(len(start), dtype=np.int64) if sublattices is None else sublattices
    return SiteProblem(energy.fields, energy.couplings, start, lattices, target)


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
    walk = walk_from(energy.fields, energy.couplings, rng.integers(0, 3, 12))
    changes = walk.energy[0]
    for _ in range(10_000):
        i, j = rng.choice(12, 2, replace=False)
        if walk.states[i] != walk.states[j]:
            changes += change(energy.couplings, walk, i, j)
            exchange(energy.couplings, walk, i, j)
    again = walk_from(energy.fields, energy.couplings, walk.states)
    assert walk.energy[0] + energy.constant == pytest.approx(energy.of(walk.states[None])[0], abs=1e-9)
    assert changes == pytest.approx(walk.energy[0], abs=1e-9)
    assert walk.local == pytest.approx(again.local, abs=1e-9)


@pytest.mark.parametrize("target", [LOWEST, 0.7])
def test_the_best_of_all_are_those_of_brute_force(target: float) -> None:
    energy = random_energy(3, 7, seed=6)
    start, sublattices = np.array([0, 0, 1, 2, 0, 1, 1]), np.array([0, 0, 0, 0, 1, 1, 1])
    every = all_arrangements(start, sublattices)
    assert number_of_arrangements(start, sublattices) == len(every) == 36
    values = energy.of(every) - energy.constant
    merits = np.sort(values if np.isnan(target) else np.abs(values - target))
    states, energies = best_of_all(problem_of(energy, start, sublattices, target), 10)
    assert energies + energy.constant == pytest.approx(energy.of(states))
    best = energies if np.isnan(target) else np.abs(energies - target)
    assert best == pytest.approx(merits[:10])
    assert len({tuple(row) for row in states.tolist()}) == 10


def test_fewer_are_kept_where_there_are_fewer() -> None:
    energy = random_energy(2, 4, seed=7)
    states, energies = best_of_all(problem_of(energy, np.array([0, 0, 0, 1])), 100)
    assert len(states) == len(energies) == 4
    assert (np.diff(energies) >= 0).all()


def test_searches_find_the_ground_state_of_random_models() -> None:
    start = np.repeat([0, 1], [14, 6])
    for seed in range(20):
        energy, rng = random_energy(2, 20, seed), np.random.default_rng(seed)
        problem = problem_of(energy, start)
        lowest = best_of_all(problem, 1)[1][0] + energy.constant
        assert energy.of(tabu(problem, 300, 20, rng)).min() == pytest.approx(lowest, abs=1e-9)
        annealed = anneal(problem, np.geomspace(0.5, 50, 200), 50, rng)
        assert energy.of(annealed).min() == pytest.approx(lowest, abs=1e-9)


def test_searches_of_several_sublattices_keep_the_composition_of_each() -> None:
    energy = random_energy(3, 12, seed=8)
    start = np.array([0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 1, 1])
    sublattices = np.repeat([0, 1], [5, 7])
    problem = problem_of(energy, start, sublattices)
    best = tabu(problem, 200, 20, np.random.default_rng(0))
    assert energy.of(best).min() - energy.constant == pytest.approx(best_of_all(problem, 1)[1][0])
    for one in (0, 1):
        expected = sorted(start[sublattices == one])
        assert all(sorted(states[sublattices == one]) == expected for states in best)


def test_a_target_energy_is_met_as_closely_as_by_enumeration() -> None:
    energy = triangular_lattice(4)
    problem = problem_of(energy, np.repeat([0, 1], [12, 4]), target=-0.3)
    closest = abs(best_of_all(problem, 1)[1][0] + 0.3)
    best = tabu(problem, 500, 20, np.random.default_rng(0))
    assert np.abs(energy.of(best) + 0.3).min() == pytest.approx(closest, abs=1e-9)


def test_the_same_seed_gives_the_same_result() -> None:
    problem = problem_of(triangular_lattice(5), np.repeat([0, 1], [19, 6]))
    one, same, other = (anneal(problem, np.geomspace(1, 50, 5), 5, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert (one == same).all()
    assert (one != other).any()


def test_sweeps_follow_the_law_of_boltzmann() -> None:
    energy, beta = random_energy(2, 6, seed=9), 1.0
    start = np.array([0, 0, 0, 1, 1, 1])
    every = all_arrangements(start, np.zeros(6, dtype=np.int64))
    weights = np.exp(-beta * energy.of(every))
    problem, rng = problem_of(energy, start), np.random.default_rng(0)
    walk = walk_from(energy.fields, energy.couplings, start)
    powers, counts = 2 ** np.arange(6), np.zeros(64)
    for _ in range(20_000):
        sweep(problem, walk, beta, rng)
        counts[walk.states @ powers] += 1
    seen = counts[every @ powers]
    # Sweeps that follow one another are not independent: every fifth is.
    assert chisquare(seen / 5, weights / weights.sum() * seen.sum() / 5).pvalue > 0.001


@pytest.mark.parametrize(
    ("couplings", "words"),
    [
        (np.array([[0.0, 1.0], [2.0, 0.0]]), "not symmetric"),
        (np.array([[0.0, np.nan], [np.nan, 0.0]]), "not a finite number"),
        (np.eye(2), "coupling with itself"),
    ],
)
def test_wrong_couplings_are_refused(couplings: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        ArrangementEnergy.of_ising(np.zeros(2), couplings)


def test_couplings_of_another_number_of_sites_are_refused() -> None:
    with pytest.raises(InputError, match=r"of 3 sites in 2 states have the shape \(2, 2, 3, 3\); got \(2, 2, 2, 2\)"):
        ArrangementEnergy(np.zeros((2, 3)), np.zeros((2, 2, 2, 2)))
