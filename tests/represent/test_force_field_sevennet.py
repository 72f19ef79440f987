"""Vectors against the package's own calculator, one structure at a time."""

import warnings

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

pytest.importorskip("sevenn", reason="pip install 'matscout[sevennet]'")

from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.base import Embedding
from matscout.represent.descriptors.force_field_sevennet import ForceFieldSevennet
from matscout.simulate.mptrj import ELEMENTS
from matscout.simulate.sevennet_network import READOUT

# `make slow` installs what they need.
pytestmark = pytest.mark.slow

PEROVSKITE = Structure(
    Lattice.cubic(3.9), ["Sr", "Ti", "O", "O", "O"],
    [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]],
)  # fmt: skip
ALONE = Structure(Lattice.cubic(15.0), ["Ar"], [[0.5, 0.5, 0.5]])

pytestmark = pytest.mark.slow


def random_structure(seed: int) -> Structure:
    """Five atoms near the points of a grid: no two are so close that features become thousands."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4.5, 5.5, 3), *rng.uniform(80, 100, 3))
    places = np.argwhere(np.ones((2, 2, 2)))[rng.permutation(8)[:5]] / 2 + rng.uniform(-0.05, 0.05, (5, 3))
    return Structure(lattice, rng.choice(["Li", "Fe", "O", "S", "La"], 5), places)


def represented(*structures: Structure) -> Embedding:
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return ForceFieldSevennet().represent(Materials(names, names, compositions_of(ragged), ragged))


@pytest.fixture(scope="module")
def calculator():
    """The package's calculator; warnings are about TorchScript and about accelerators for tensor products."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sevenn.calculator import SevenNetCalculator

        return SevenNetCalculator("7net-0", device="cpu")


@pytest.fixture
def package(calculator):
    """The vector of one structure from the calculator's energy and the input of the readout layer."""
    kept = []
    layer = dict(calculator.model.named_children())[READOUT]
    hook = layer.register_forward_pre_hook(lambda _, arguments: kept.append(arguments[0]["x"].detach().numpy().copy()))

    def predict(structure: Structure) -> np.ndarray:
        calculator.reset()
        energy = calculator.get_potential_energy(structure.to_ase_atoms()) / len(structure)
        features = kept.pop().astype(np.float64)
        return np.concatenate([features.mean(axis=0), features.std(axis=0), [energy]])

    yield predict
    hook.remove()


def test_it_is_what_the_package_says(package):
    structures = [PEROVSKITE, *(random_structure(seed) for seed in range(5))]
    expected = np.array([package(structure) for structure in structures])
    np.testing.assert_allclose(represented(*structures).vectors, expected, rtol=1e-5, atol=1e-5)


def test_an_atom_without_neighbours_stalls_nothing():
    alone = represented(ALONE).vectors
    assert np.isfinite(alone).all()
    np.testing.assert_allclose(represented(ALONE, PEROVSKITE).vectors[0], alone[0], rtol=1e-5, atol=1e-5)


def test_the_elements_are_those_of_the_training_set(calculator):
    assert tuple(sorted(calculator.type_map)) == ELEMENTS
    found = represented(Structure(Lattice.cubic(3.3), ["Po"], [[0, 0, 0]]), PEROVSKITE)
    assert found.rows.tolist() == [1]
    assert found.problems[0].reason == "SevenNet-0 was not trained on Po"
