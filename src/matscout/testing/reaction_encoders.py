"""What every encoder of reactions must do, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.reactions.texts import parse_reactions
from matscout.testing.trainable import LEARNT, WIDTH, TrainableContract, again, encoder_called, lowest_loss

if TYPE_CHECKING:
    from matscout.represent.reaction_batches import ReactionBatch
    from matscout.represent.trainable import Encoder

ACIDS = ("CC(=O)O", "OC(=O)c1ccccc1", "CC(C)(C)C(=O)O", "O=C(O)C1CC1", "OC(=O)Cc1ccccc1")
AMINES = ("NCc1ccccc1", "C1CCNCC1", "Nc1ccccc1", "CCN", "C[C@H](N)CC", "[NH4+]")
TEXTS = [f"{acid}.{amine}>{agent}>O" for acid in ACIDS for amine in AMINES for agent in ("", "CCN=C=NCC", "[Cl-]")]


def batch_of(texts: list[str], labels: NDArray[np.float32] | None = None) -> ReactionBatch:
    """Reaction SMILES as one batch."""
    from matscout.represent.reaction_batches import ReactionStore

    parsed = parse_reactions(texts)
    assert len(parsed.rows) == len(texts)
    return ReactionStore(parsed.reactions, labels).batch(np.arange(len(texts)))


def encode(encoder: Encoder, texts: list[str]) -> NDArray[np.float32]:
    """The vectors of reaction SMILES."""
    import torch

    with torch.inference_mode():
        vectors: NDArray[np.float32] = encoder(batch_of(texts)).crystal.numpy()
    return vectors


class ReactionEncoderContract(TrainableContract):
    """Order and spelling of molecules do not matter, sides count apart; it learns."""

    family = "encoders"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """Encoders of reactions only."""
        return bool(plug_in.needs == "reaction")

    def test_one_vector_for_each_reaction(self, name: str) -> None:
        vectors = encode(encoder_called(name), TEXTS)
        assert vectors.shape == (len(TEXTS), WIDTH)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()

    def test_different_reactions_have_different_vectors(self, name: str) -> None:
        simple = ["CCO>>CC=O", "CCN>>CC=O", "CCO>>CCN", "CCO.C>>CC=O", "CCO>>CC=O.C"]
        texts = [*simple, "C[C@H](N)O>>C", "C[C@@H](N)O>>C"]
        vectors = encode(encoder_called(name), texts)
        distance = np.abs(vectors[:, None] - vectors).max(axis=2)
        assert distance[~np.eye(len(texts), dtype=bool)].min() > 1e-4

    def test_order_and_spelling_of_molecules_do_not_matter(self, name: str) -> None:
        encoder = encoder_called(name)
        plain = encode(encoder, ["CC(=O)O.NCc1ccccc1>>CC(=O)NCc1ccccc1"])
        spelled = encode(encoder, ["c1ccc(cc1)CN.OC(C)=O>>O=C(C)NCc1ccccc1"])
        np.testing.assert_allclose(spelled, plain, rtol=1e-5, atol=1e-6)

    def test_the_rest_of_the_batch_does_not_matter(self, name: str) -> None:
        encoder = encoder_called(name)
        whole = encode(encoder, TEXTS)
        for row in range(0, len(TEXTS), 13):
            np.testing.assert_allclose(encode(encoder, [TEXTS[row]])[0], whole[row], rtol=1e-4, atol=1e-5)

    def test_settings_and_weights_make_the_same_encoder_again(self, name: str) -> None:
        encoder = encoder_called(name)
        np.testing.assert_array_equal(encode(again(encoder), TEXTS), encode(encoder, TEXTS))

    def test_what_stands_on_the_other_side_counts_apart(self, name: str) -> None:
        half = WIDTH // 2
        vectors = encode(encoder_called(name), ["CCO>>", "CCO>>CC=O", ">>CC=O"])
        np.testing.assert_allclose(vectors[0, :half], vectors[1, :half], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(vectors[2, half:], vectors[1, half:], rtol=1e-5, atol=1e-6)
        assert not vectors[0, half:].any()

    def test_50_random_labels_are_learnt_by_heart(self, name: str) -> None:
        import torch

        encoder = encoder_called(name)
        torch.manual_seed(0)
        batch, labels = batch_of(TEXTS[:50]), torch.randn(50, 1)
        head = torch.nn.Sequential(torch.nn.Linear(WIDTH, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))
        assert lowest_loss(encoder, head, batch, labels, rate=5e-3, steps=450) < LEARNT
