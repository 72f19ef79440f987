"""Every network that comes with matscout gives on arrays what torch gives, to 1e-5 of the size of its vectors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pymatgen.core import Lattice, Structure
from tests.represent.corpora.test_crystal_structures import materials
from tests.represent.crystals_at_hand import random_structures

from matscout.app.demo import example_labels
from matscout.crystal.crystals import Crystals
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.reading import read
from matscout.represent.artefact import load_pretrained
from matscout.represent.composition_batches import CompositionStore
from matscout.represent.donor_representation import DonorRepresentation
from matscout.represent.embedding import make_representation
from matscout.represent.pretrained.crystal_network import CrystalNetwork
from matscout.represent.trained_composition_network import TrainedCompositionNetwork

COMPOSITIONS = ("composition-donor", "composition-donor-strict", "polysrl", "polysrl-strict")
CRYSTALS = ("crystal-properties", "crystal-denoising", "deep-infomax")
AGREEMENT = 1e-5


def near(given: np.ndarray, expected: np.ndarray) -> bool:
    """Whether no number differs by more than that share of the largest of its column."""
    return bool((np.abs(given - expected) <= AGREEMENT * np.abs(expected).max(axis=0)).all())


def elements_one_by_one() -> Materials:
    return Materials.from_formulas(SYMBOLS)


def measured() -> Materials:
    return read(example_labels(), target="band gap").materials


def crowded() -> Materials:
    """Up to 60 elements, traces among them, and more of them than one batch takes."""
    rng, rows = np.random.default_rng(7), []
    for _ in range(3000):
        symbols = rng.choice(SYMBOLS[:94], min(60, 1 + int(rng.exponential(5))), replace=False).tolist()
        rows.append(dict(zip(symbols, (10.0 ** rng.uniform(-6, 1, len(symbols))).tolist(), strict=True)))
    compositions = Compositions.from_dicts(rows)
    names = np.array([str(row) for row in range(len(rows))])
    return Materials(names, names, compositions)


@pytest.mark.parametrize("make", [elements_one_by_one, measured, crowded])
@pytest.mark.parametrize("name", COMPOSITIONS)
def test_compositions(name: str, make) -> None:
    network, given = make_representation(name), make()
    assert isinstance(network, TrainedCompositionNetwork)
    embedding, pretrained = network.represent(given), load_pretrained(network.folder)
    (encoder,) = (one for one in pretrained.encoders.values() if one.needs == "composition")
    store = CompositionStore(given.compositions[embedding.rows])
    order = np.argsort(store.lengths, kind="stable")
    with torch.inference_mode():
        output = encoder(store.batch(order))
        expected = output.crystal.numpy()
        if isinstance(network, DonorRepresentation):
            expected = np.hstack([expected, pretrained.objective.predict(output.crystal).numpy()])
    assert len(order) > 50
    assert near(embedding.vectors[order], expected)
    if output.log_variance is not None:
        _, spread = network.array_encoder.encode(given.compositions[embedding.rows[order]])
        assert near(spread, output.log_variance.mean(dim=1).numpy())


def known_crystals() -> list[Structure]:
    """Rock salt, perovskite, spinel, quartz and metals, with few and with many sites."""
    cubic = [
        ("Fm-3m", 5.64, ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]),
        ("Pm-3m", 3.905, ["Sr", "Ti", "O"], [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0]]),
        ("Fd-3m", 8.08, ["Mg", "Al", "O"], [[0.125, 0.125, 0.125], [0.5, 0.5, 0.5], [0.2624, 0.2624, 0.2624]]),
        ("Fm-3m", 3.61, ["Cu"], [[0, 0, 0]]),
        ("Im-3m", 2.87, ["Fe"], [[0, 0, 0]]),
    ]
    made = [Structure.from_spacegroup(group, Lattice.cubic(a), *rest) for group, a, *rest in cubic]
    quartz = Structure.from_spacegroup(
        "P3_221", Lattice.hexagonal(4.91, 5.40), ["Si", "O"], [[0.4697, 0, 0], [0.4135, 0.2669, 0.1191]]
    )
    return [*(one.get_primitive_structure() for one in made), quartz, made[1] * (2, 2, 1)]


def disordered() -> Structure:
    return Structure(Lattice.cubic(3.9), [{"Fe": 0.5, "Co": 0.5}, "Al"], [[0, 0, 0], [0.5, 0.5, 0.5]])


@pytest.mark.parametrize("name", CRYSTALS)
def test_crystals(name: str) -> None:
    network = make_representation(name)
    assert isinstance(network, CrystalNetwork)
    assert near_torch(network, [*known_crystals(), *random_structures(150, seed=5)])
    embedding = network.represent(materials([disordered(), *known_crystals()[:1]]))
    assert embedding.rows.tolist() == [1]
    assert "partly occupied or shared" in embedding.problems[0].reason


def test_the_network_of_places_that_polysrl_was_trained_beside() -> None:
    network = CrystalNetwork(str(make_representation("polysrl").folder))
    assert near_torch(network, [*known_crystals(), *random_structures(150, seed=6)])


def near_torch(network: CrystalNetwork, structures: list[Structure]) -> bool:
    given = materials(structures)
    embedding = network.represent(given)
    assert embedding.rows.tolist() == list(range(len(structures)))
    assert given.structures is not None
    store = network.store(Crystals.from_structures(given.structures))
    with torch.inference_mode():
        expected = network.encoder(store.batch(np.arange(len(store)))).crystal.numpy()
    return near(embedding.vectors, expected)
