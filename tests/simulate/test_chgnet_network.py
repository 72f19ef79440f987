"""Energies and forces against the package's own."""

import warnings

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

pytest.importorskip("chgnet", reason="pip install 'matscout[chgnet]'")

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.simulate.chgnet_network import chgnet

# `make slow` installs what they need.
pytestmark = pytest.mark.slow


def random_structure(seed: int) -> Structure:
    """Up to nine atoms near the points of a grid, without any symmetry."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(5.5, 6.5, 3), *rng.uniform(75, 105, 3))
    places = np.argwhere(np.ones((2, 2, 2)))[rng.permutation(8)[: rng.integers(1, 9)]] / 2
    return Structure(
        lattice, rng.choice(["Li", "Fe", "O", "S", "La"], len(places)), places + rng.uniform(-0.05, 0.05, places.shape)
    )


@pytest.fixture(scope="module")
def structures() -> list[Structure]:
    """So many that they go through the network in several batches."""
    return [random_structure(seed) for seed in range(40)]


@pytest.fixture(scope="module")
def answers(structures) -> list[dict]:
    from chgnet.model.model import CHGNet

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Converting a tensor with requires_grad", UserWarning)
        return CHGNet.load(use_device="cpu", verbose=False).predict_structure(structures, task="ef")


def test_energies_of_cells(structures, answers):
    crystals = Crystals.from_structures(Structures.from_pymatgen(structures))
    expected = [answer["e"] * len(structure) for answer, structure in zip(answers, structures, strict=True)]
    np.testing.assert_allclose(chgnet().energies(crystals), expected, rtol=1e-5, atol=1e-5)
