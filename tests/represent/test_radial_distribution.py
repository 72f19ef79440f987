"""g(r) against matminer's histogram, and against sums of Gaussians written out by hand."""

import math

import numpy as np
import pytest
from matminer.featurizers.structure.rdf import RadialDistributionFunction
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.data.structures import Structures
from matscout.represent.descriptors.radial_distribution import RadialDistribution

ROCK_SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(3, 7, 3), *rng.uniform(70, 110, 3))
    symbols = rng.choice(["Li", "O", "Si", "Fe", "Bi"], seed + 1)
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


def vectors(maker: RadialDistribution, *structures: Structure) -> np.ndarray:
    return maker.vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("cutoff", "step"), [(10.0, 0.1), (7.0, 0.25)])
def test_without_broadening_it_is_that_of_matminer_per_site(seed, cutoff, step):
    structure = random_structure(seed)
    maker = RadialDistribution(cutoff=cutoff, step=step, broadening=0.0)
    found = vectors(maker, structure)[0, : len(maker.edges) - 1]
    expected = RadialDistributionFunction(cutoff, step).featurize(structure)[: len(found)]
    np.testing.assert_allclose(found, expected / len(structure), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("weight", ["electronegativity", "mass", "valence electrons"])
def test_weighted_functions_are_sums_over_pairs(weight):
    structure, maker = random_structure(3), RadialDistribution(cutoff=4.0, step=0.5, broadening=0.2)
    name = {"electronegativity": "Electronegativity", "mass": "AtomicWeight", "valence electrons": "NValence"}[weight]
    values = [own_table("magpie").column(name)[site.specie.Z - 1] for site in structure]
    mean = sum(values) / len(values)
    found = dict(zip(maker.columns, vectors(maker, structure)[0], strict=True))
    for low, high in ((1.0, 1.5), (3.0, 3.5), (3.5, 4.0)):
        total = 0.0
        for value, neighbours in zip(values, structure.get_all_neighbors(6.0), strict=True):
            for neighbour in neighbours:
                below, above = (math.erf((edge - neighbour.nn_distance) / 0.2 / math.sqrt(2)) for edge in (low, high))
                total += value * values[neighbour.index] / mean**2 * (above - below) / 2
        shell = 4 / 3 * math.pi * (high**3 - low**3)
        expected = total / shell / len(structure) ** 2 * structure.volume
        assert found[f"g({(low + high) / 2:.4g} Å) of {weight}"] == pytest.approx(expected, rel=1e-6)


def test_far_away_there_is_no_order():
    found = vectors(RadialDistribution(cutoff=25.0, step=1.0, broadening=1.0), ROCK_SALT)[0].reshape(4, 25)
    np.testing.assert_allclose(found[0, 15:], 1.0, atol=0.02)
    np.testing.assert_allclose(found[1:, 15:], 1.0, atol=0.1)


def test_shared_sites_count_as_much_as_they_are_occupied():
    half = Structure(ROCK_SALT.lattice, [{"Na": 0.5}, {"Cl": 0.5}], ROCK_SALT.frac_coords)
    maker = RadialDistribution()
    np.testing.assert_allclose(vectors(maker, half), vectors(maker, ROCK_SALT), rtol=1e-9)


def test_an_unknown_electronegativity_leaves_its_columns_blank():
    neon = Structure(ROCK_SALT.lattice, ["Ne", "Cl"], ROCK_SALT.frac_coords)
    found = vectors(RadialDistribution(), neon)[0].reshape(4, -1)
    assert np.isnan(found[1]).all()
    assert np.isfinite(found[[0, 2, 3]]).all()
