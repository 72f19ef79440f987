"""The statistics against matminer's, and on a crystal whose neighbours everybody knows."""

import numpy as np
import pytest
from matminer.featurizers.site.chemical import LocalPropertyDifference, SiteElementalProperty
from matminer.featurizers.structure.sites import SiteStatsFingerprint
from matminer.featurizers.utils.stats import PropertyStats
from matminer.utils.data import MagpieData
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.data.structures import Structures
from matscout.represent.descriptors.site_statistics import SiteStatistics

STATISTICS = ("minimum", "maximum", "range", "mean", "avg_dev")
PROPERTIES = own_table("magpie").properties
ROCK_SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 7, 3), *rng.uniform(70, 110, 3))
    symbols = rng.choice(["Li", "O", "Si", "Fe", "Sr", "Bi", "Cl"], rng.integers(2, 7))
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


def vectors(*structures: Structure) -> np.ndarray:
    return SiteStatistics().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


def columns_of(structure: Structure) -> dict[str, float]:
    return dict(zip(SiteStatistics().columns, vectors(structure)[0], strict=True))


def of_sites(structure: Structure) -> np.ndarray:
    """matminer's differences, properties, and signed differences added to the properties, [66, sites]."""
    data = MagpieData(impute_nan=False)
    makers = [
        LocalPropertyDifference(data, properties=PROPERTIES),
        SiteElementalProperty(data, properties=PROPERTIES),
        LocalPropertyDifference(data, properties=PROPERTIES, signed=True),
    ]
    difference, own, signed = (SiteStatsFingerprint(maker, stats=None).featurize(structure) for maker in makers)
    return np.vstack([difference, own, np.add(own, signed)])


@pytest.mark.parametrize("seed", range(4))
def test_it_is_that_of_matminer(seed):
    structure = random_structure(seed)
    expected = [PropertyStats.calc_stat(values, name) for values in of_sites(structure) for name in STATISTICS]
    np.testing.assert_allclose(vectors(structure)[0], expected, rtol=1e-6, atol=1e-6)


def test_the_differences_are_the_preset_of_matminer():
    expected = SiteStatsFingerprint.from_preset("LocalPropertyDifference_ward-prb-2017").featurize(ROCK_SALT)
    np.testing.assert_allclose(vectors(ROCK_SALT)[0, :110], expected, rtol=1e-6, atol=1e-6)


def test_in_rock_salt_each_sees_the_other_only():
    found = columns_of(ROCK_SALT)
    assert found["least difference to neighbours' Number"] == pytest.approx(6)
    assert found["range of difference to neighbours' Number"] == pytest.approx(0, abs=1e-9)
    assert found["mean absolute deviation of Number"] == pytest.approx(3)
    assert found["least neighbours' Number"] == pytest.approx(11)
    assert found["largest neighbours' Number"] == pytest.approx(17)


def test_a_shared_site_has_the_mean_of_its_species():
    shared = Structure(ROCK_SALT.lattice, [{"Na": 0.5, "K": 0.5}, "Cl"], ROCK_SALT.frac_coords)
    found = columns_of(shared)
    assert found["mean difference to neighbours' Number"] == pytest.approx(17 - 15)
    assert found["least neighbours' Number"] == pytest.approx(15)


def test_what_the_table_leaves_blank_is_blank():
    found = columns_of(Structure(ROCK_SALT.lattice, ["Ne", "Cl"], ROCK_SALT.frac_coords))
    assert {name.rsplit(" ", 1)[1] for name, value in found.items() if np.isnan(value)} == {"Electronegativity"}


def test_an_atom_without_neighbours_has_no_vector():
    found = vectors(Structure(Lattice.cubic(60.0), ["H"], [[0, 0, 0]]), ROCK_SALT)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
