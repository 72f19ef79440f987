"""Random energies of arrangements for the tests."""

import numpy as np

from matscout.generate.arrangements.arrangement_energy import ArrangementEnergy


def random_energy(n_states: int, n_sites: int, seed: int) -> ArrangementEnergy:
    """Fields and couplings from a normal distribution, eV."""
    rng = np.random.default_rng(seed)
    couplings = rng.normal(size=(n_states, n_states, n_sites, n_sites))
    couplings = (couplings + couplings.transpose(1, 0, 3, 2)) / 2
    couplings[:, :, np.arange(n_sites), np.arange(n_sites)] = 0
    return ArrangementEnergy(rng.normal(size=(n_states, n_sites)), couplings, constant=0.5)


def triangular_lattice(length: int, seed: int = 0) -> ArrangementEnergy:
    """J = 0.6 exp(-d / 4) cos(2 pi d / 5) on a periodic triangular lattice, h from N(0, 0.05), eV."""
    places = np.array([(i, j) for i in range(length) for j in range(length)])
    images = length * np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    steps = (places[:, None] - places)[:, :, None] + images
    lengths = np.linalg.norm(steps @ np.array([[1, 0], [0.5, np.sqrt(0.75)]]), axis=-1).min(axis=2)
    couplings = 0.6 * np.exp(-lengths / 4) * np.cos(2 * np.pi * lengths / 5)
    np.fill_diagonal(couplings, 0)
    return ArrangementEnergy.of_ising(np.random.default_rng(seed).normal(0, 0.05, length**2), couplings)
