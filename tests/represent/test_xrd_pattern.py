"""Peaks against pymatgen, patterns against scipy's density estimate of them and against matminer."""

import numpy as np
import pytest
from matminer.featurizers.structure.misc import XRDPowderPattern
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Lattice, Structure
from scipy.stats import gaussian_kde

from matscout.crystal.crystals import Crystals
from matscout.crystal.diffraction import COPPER_K_ALPHA, powder_peaks
from matscout.data.structures import Structures
from matscout.represent.descriptors.xrd_pattern import XrdPattern


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 8, 3), *rng.uniform(65, 115, 3))
    symbols = rng.choice(["Li", "O", "Si", "Fe", "Sr", "Bi", "Cl"], rng.integers(1, 7))
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


STRUCTURES = [
    Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    Structure(
        Lattice.hexagonal(2.46, 6.71), ["C"] * 4,
        [[0, 0, 0.25], [0, 0, 0.75], [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]],
    ),
    Structure(Lattice.cubic(4.0), [{"Na": 0.5, "K": 0.4}, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
    *(random_structure(seed) for seed in range(12)),
]  # fmt: skip


@pytest.fixture(scope="module")
def crystals() -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(STRUCTURES))


def test_peaks_are_those_of_pymatgen(crystals):
    for row, structure in enumerate(STRUCTURES):
        expected = XRDCalculator().get_pattern(structure, two_theta_range=(0, 127))
        found = powder_peaks(crystals, row, COPPER_K_ALPHA, 127)
        scaled = 100 * found.intensities / found.intensities.max()
        told = scaled > 1e-3
        np.testing.assert_allclose(found.angles[told], expected.x, atol=2e-5)
        np.testing.assert_allclose(scaled[told], expected.y, rtol=1e-6, atol=1e-6)


def test_the_pattern_is_the_density_of_the_peaks(crystals):
    patterns = XrdPattern().vectors(crystals)
    for pattern, structure in zip(patterns, STRUCTURES, strict=True):
        peaks = XRDCalculator().get_pattern(structure, two_theta_range=(0, 127))
        repeated = np.repeat(peaks.x, np.floor(peaks.y + 1e-9).astype(int))
        np.testing.assert_allclose(pattern, gaussian_kde(repeated, 0.05)(np.arange(128)), rtol=1e-5, atol=1e-9)


def test_most_patterns_are_those_of_matminer_to_the_last_digit(crystals):
    """All but those in which rounding takes matminer's highest peak from 100 to 99."""
    patterns, featurizer = XrdPattern().vectors(crystals), XRDPowderPattern()
    expected = np.array([featurizer.featurize(structure) for structure in STRUCTURES])
    equal = np.abs(patterns - expected).max(axis=1) < 1e-6
    assert equal.mean() > 0.6
    np.testing.assert_allclose(patterns, expected, atol=2e-3)


def test_an_element_without_scattering_factor_has_no_pattern():
    heavy = Structure(Lattice.cubic(4.0), ["Og"], [[0, 0, 0]])
    vectors = XrdPattern().vectors(Crystals.from_structures(Structures.from_pymatgen([heavy, STRUCTURES[0]])))
    assert np.isnan(vectors[0]).all()
    assert np.isfinite(vectors[1]).all()
