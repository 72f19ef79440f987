"""Vectors against the package's own answer about one structure at a time."""

import warnings
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

pytest.importorskip("chgnet", reason="pip install 'matscout[chgnet]'")

from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.base import Embedding
from matscout.represent.descriptors.force_field_chgnet import ForceFieldChgnet

# `make slow` installs what they need.
pytestmark = pytest.mark.slow

PEROVSKITE = Structure(
    Lattice.cubic(3.9), ["Sr", "Ti", "O", "O", "O"],
    [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]],
)  # fmt: skip
CRYSTALS = {
    "perovskite": PEROVSKITE,
    "no angles": Structure(Lattice.cubic(4.5), ["K"], [[0, 0, 0]]),
    "pairs exactly as long as the cutoff": Structure(Lattice.cubic(3.0), ["Fe"], [[0.1, 0.7, 0.3]]),
}


def random_structure(seed: int) -> Structure:
    """Five atoms near the points of a grid: no two are so close that features become thousands."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4.5, 5.5, 3), *rng.uniform(80, 100, 3))
    places = np.argwhere(np.ones((2, 2, 2)))[rng.permutation(8)[:5]] / 2 + rng.uniform(-0.05, 0.05, (5, 3))
    return Structure(lattice, rng.choice(["Li", "Fe", "O", "S", "La"], 5), places)


def represented(*structures: Structure) -> Embedding:
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return ForceFieldChgnet().represent(Materials(names, names, compositions_of(ragged), ragged))


@pytest.fixture(scope="module")
def package():
    """Mean features and energy per atom of one structure, by public calls; the features before the readout, kept."""
    from chgnet.model.model import CHGNet

    kept = []
    with redirect_stdout(StringIO()):
        network = CHGNet.load(use_device="cpu", verbose=False)
    network.mlp.register_forward_pre_hook(lambda layer, arguments: kept.append(arguments[0].detach().numpy()))

    def predict(structure: Structure) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Converting a tensor with requires_grad", UserWarning)
            found = network.predict_structure(structure, task="e", return_crystal_feas=True)
        mean = found["crystal_fea"] / len(structure)
        return np.concatenate([mean, kept.pop().std(axis=0, dtype=np.float64), [found["e"]]])

    return predict


@pytest.mark.parametrize("structure", CRYSTALS.values(), ids=CRYSTALS)
def test_it_is_what_the_package_says(structure, package):
    """These have bonds in a line, whose angles the package knows to 4e-5 only."""
    tolerance = ForceFieldChgnet.tolerance
    np.testing.assert_allclose(represented(structure).vectors[0], package(structure), rtol=tolerance, atol=tolerance)


def test_a_batch_is_what_the_package_says_of_each(package):
    structures = [random_structure(seed) for seed in range(6)]
    expected = np.array([package(structure) for structure in structures])
    np.testing.assert_allclose(represented(*structures).vectors, expected, rtol=1e-5, atol=1e-5)


def test_an_atom_without_neighbours_is_refused_as_by_the_package(package):
    alone = Structure(Lattice.cubic(15.0), ["Na", "Cl", "Ar"], [[0, 0, 0], [0.15, 0, 0], [0.5, 0.5, 0.5]])
    with pytest.raises(ValueError, match="isolated atom"):
        package(alone)
    assert represented(alone, PEROVSKITE).rows.tolist() == [1]


def test_elements_outside_the_training_set_are_refused():
    found = represented(Structure(Lattice.cubic(3.3), ["Po"], [[0, 0, 0]]), PEROVSKITE)
    assert found.rows.tolist() == [1]
    assert found.problems[0].reason == "CHGNet was not trained on Po"


def test_reading_the_weights_prints_nothing(capsys):
    represented(PEROVSKITE)
    assert capsys.readouterr().out == ""
