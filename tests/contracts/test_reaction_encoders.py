"""What every encoder of reactions must do, whoever wrote it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from matscout import registry
from matscout.data.reactions.texts import parse_reactions
from matscout.represent.reaction_batches import ReactionBatch, ReactionStore
from matscout.represent.trainable import Encoder

NAMES = [
    plug_in.name
    for plug_in in registry.plug_ins("encoders")
    if registry.load_class("encoders", plug_in.name).needs == "reaction"
]
WIDTH = 16
ACIDS = ("CC(=O)O", "OC(=O)c1ccccc1", "CC(C)(C)C(=O)O", "O=C(O)C1CC1", "OC(=O)Cc1ccccc1")
AMINES = ("NCc1ccccc1", "C1CCNCC1", "Nc1ccccc1", "CCN", "C[C@H](N)CC", "[NH4+]")
TEXTS = [f"{acid}.{amine}>{agent}>O" for acid in ACIDS for amine in AMINES for agent in ("", "CCN=C=NCC", "[Cl-]")]


def batch_of(texts: list[str], labels: np.ndarray | None = None) -> ReactionBatch:
    parsed = parse_reactions(texts)
    assert len(parsed.rows) == len(texts)
    return ReactionStore(parsed.reactions, labels).batch(np.arange(len(texts)))


@pytest.fixture(params=NAMES)
def encoder(request) -> Encoder:
    torch.manual_seed(3)
    return registry.load_class("encoders", request.param)(width=WIDTH).eval()


def encode(encoder: Encoder, texts: list[str]) -> np.ndarray:
    with torch.inference_mode():
        return encoder(batch_of(texts)).crystal.numpy()


def test_there_are_both_of_the_paper() -> None:
    assert {"reaction-graph", "reaction-smiles"} <= set(NAMES)


def test_one_vector_for_each_reaction(encoder):
    vectors = encode(encoder, TEXTS)
    assert vectors.shape == (len(TEXTS), WIDTH)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()


def test_different_reactions_have_different_vectors(encoder):
    texts = ["CCO>>CC=O", "CCN>>CC=O", "CCO>>CCN", "CCO.C>>CC=O", "CCO>>CC=O.C", "C[C@H](N)O>>C", "C[C@@H](N)O>>C"]
    vectors = encode(encoder, texts)
    distance = np.abs(vectors[:, None] - vectors).max(axis=2)
    assert distance[~np.eye(len(texts), dtype=bool)].min() > 1e-4


def test_order_and_spelling_of_molecules_do_not_matter(encoder):
    plain = encode(encoder, ["CC(=O)O.NCc1ccccc1>>CC(=O)NCc1ccccc1"])
    spelled = encode(encoder, ["c1ccc(cc1)CN.OC(C)=O>>O=C(C)NCc1ccccc1"])
    np.testing.assert_allclose(spelled, plain, rtol=1e-5, atol=1e-6)


def test_the_rest_of_the_batch_does_not_matter(encoder):
    whole = encode(encoder, TEXTS)
    for row in range(0, len(TEXTS), 13):
        np.testing.assert_allclose(encode(encoder, [TEXTS[row]])[0], whole[row], rtol=1e-4, atol=1e-5)


def test_settings_and_weights_make_the_same_encoder_again(encoder):
    again = type(encoder)(**encoder.settings)
    again.load_state_dict(encoder.state_dict())
    np.testing.assert_array_equal(encode(again.eval(), TEXTS), encode(encoder, TEXTS))


def test_what_stands_on_the_other_side_counts_apart(encoder):
    half = WIDTH // 2
    vectors = encode(encoder, ["CCO>>", "CCO>>CC=O", ">>CC=O"])
    np.testing.assert_allclose(vectors[0, :half], vectors[1, :half], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(vectors[2, half:], vectors[1, half:], rtol=1e-5, atol=1e-6)
    assert not vectors[0, half:].any()


def test_random_labels_are_learnt_by_heart(encoder):
    torch.manual_seed(0)
    rows = TEXTS[:50]
    batch, labels, head = (
        batch_of(rows),
        torch.randn(50, 1),
        torch.nn.Sequential(torch.nn.Linear(WIDTH, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1)),
    )
    optimiser = torch.optim.Adam([*encoder.train().parameters(), *head.parameters()], lr=5e-3)
    for _ in range(450):
        optimiser.zero_grad()
        loss = (head(encoder(batch).crystal) - labels).square().mean()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.05


def test_a_batch_knows_its_labels_and_each_molecule_once():
    labels = np.arange(6, dtype=np.float32)[:, None]
    parsed = parse_reactions(["CCO.CCO>>CC=O", "CCO>>CC", "C>>CC", "CN>>C", "CN>>CC=O", "O>>O"])
    batch = ReactionStore(parsed.reactions, labels).batch(np.array([4, 0]))
    assert batch.labels.tolist() == [[4.0], [0.0]]
    assert len(batch) == 2
    assert len(batch.letters) == 3
    ones = torch.ones(3, 1, dtype=torch.float64)
    assert batch.sums(ones).tolist() == [[1.0, 1.0], [2.0, 1.0]]
    assert batch.to(torch.device("cpu")).owners.tolist() == batch.owners.tolist()
