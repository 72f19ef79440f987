"""What every encoder of compositions must do, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.testing.trainable import LEARNT, WIDTH, TrainableContract, again, encoder_called, lowest_loss

if TYPE_CHECKING:
    from matscout.represent.composition_batches import CompositionBatch
    from matscout.represent.trainable import Encoder


def make_compositions(n: int = 60, seed: int = 0) -> Compositions:
    """Pure elements to twelve-element alloys, dopants of 1e-4 among them, sorted by number of elements."""
    from matscout.represent.composition_arrays import by_length

    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        symbols = rng.choice(SYMBOLS[:94], rng.integers(1, 13), replace=False).tolist()
        amounts = rng.choice([1e-4, 0.3, 1.0, 2.0, 7.0], len(symbols)).tolist()
        rows.append(dict(zip(symbols, amounts, strict=True)))
    compositions = Compositions.from_dicts(rows)
    return compositions[by_length(compositions)]


def batch_of(compositions: Compositions) -> CompositionBatch:
    """One batch of all."""
    from matscout.represent.composition_batches import CompositionBatch

    return CompositionBatch.from_compositions(compositions)


def encode(encoder: Encoder, compositions: Compositions) -> NDArray[np.float32]:
    """Their vectors."""
    import torch

    with torch.inference_mode():
        return np.asarray(encoder(batch_of(compositions)).crystal.numpy(), dtype=np.float32)


class CompositionEncoderContract(TrainableContract):
    """Order of the elements, batch and number of formula units do not matter; it learns."""

    family = "encoders"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """Encoders of compositions only."""
        return bool(plug_in.needs == "composition")

    def test_one_vector_for_each_material(self, name: str) -> None:
        import torch

        encoder, compositions = encoder_called(name), make_compositions()
        output = encoder(batch_of(compositions))
        assert output.crystal.shape == (60, WIDTH)
        assert output.crystal.dtype == torch.float32
        assert output.crystal.isfinite().all()
        assert encoder.width == WIDTH
        if output.sites is not None:
            assert len(output.sites) == len(compositions.elements)

    def test_different_materials_have_different_vectors(self, name: str) -> None:
        compositions = Compositions.from_dicts([{"Fe": 2, "O": 3}, {"Fe": 3, "O": 4}, {"Fe": 2, "S": 3}])
        vectors = encode(encoder_called(name), compositions)
        assert min(np.abs(vectors[a] - vectors[b]).max() for a, b in [(0, 1), (0, 2), (1, 2)]) > 1e-3

    def test_order_of_the_elements_does_not_matter(self, name: str) -> None:
        encoder, compositions = encoder_called(name), make_compositions()
        rng = np.random.default_rng(1)
        starts = zip(compositions.offsets[:-1], compositions.lengths, strict=True)
        order = np.concatenate([start + rng.permutation(length) for start, length in starts])
        shuffled = Compositions(compositions.offsets, compositions.elements[order], compositions.amounts[order])
        np.testing.assert_allclose(encode(encoder, shuffled), encode(encoder, compositions), rtol=1e-5, atol=1e-5)

    def test_the_rest_of_the_batch_does_not_matter(self, name: str) -> None:
        encoder, compositions = encoder_called(name), make_compositions()
        whole = encode(encoder, compositions)
        for row in range(0, 60, 7):
            np.testing.assert_allclose(encode(encoder, compositions[[row]])[0], whole[row], rtol=1e-5, atol=1e-5)

    def test_the_number_of_formula_units_does_not_matter(self, name: str) -> None:
        encoder, compositions = encoder_called(name), make_compositions()
        threefold = Compositions(compositions.offsets, compositions.elements, 3 * compositions.amounts)
        np.testing.assert_allclose(encode(encoder, threefold), encode(encoder, compositions), rtol=1e-5, atol=1e-5)

    def test_a_small_dopant_makes_a_small_difference_but_makes_one(self, name: str) -> None:
        doped = Compositions.from_dicts([{"Zn": 1, "O": 1 - x, "Al": x} for x in (0.01, 0.0101, 0.3)])
        vectors = encode(encoder_called(name), doped)
        near, far = np.abs(vectors[1] - vectors[0]).max(), np.abs(vectors[2] - vectors[0]).max()
        assert 0 < near < far

    def test_settings_and_weights_make_the_same_encoder_again(self, name: str) -> None:
        encoder, compositions = encoder_called(name), make_compositions()
        other = again(encoder)
        np.testing.assert_array_equal(encode(other, compositions), encode(encoder, compositions))
        assert other.listed.tolist() == encoder.listed.tolist()

    def test_its_form_on_arrays_gives_the_same(self, name: str) -> None:
        """Where there is none, it encodes by torch; so it may be left out."""
        import torch

        from matscout.represent.array_encoder import CompositionArrayEncoder
        from matscout.represent.artefact import array_form

        encoder, compositions = encoder_called(name), make_compositions()
        with torch.inference_mode():
            expected = encoder(batch_of(compositions))
        on_arrays = array_form(encoder)
        assert isinstance(on_arrays, CompositionArrayEncoder)
        given, spread = on_arrays.encode(compositions)
        np.testing.assert_allclose(given, expected.crystal.numpy(), rtol=0, atol=1e-5 * np.abs(given).max())
        if expected.log_variance is not None:
            assert spread is not None
            np.testing.assert_allclose(spread, expected.log_variance.mean(dim=1).numpy(), rtol=1e-5, atol=1e-5)
        assert on_arrays.listed.tolist() == encoder.listed.tolist()

    def test_every_weight_learns(self, name: str) -> None:
        import torch

        encoder = encoder_called(name).train()
        output = encoder(batch_of(make_compositions()))
        given = [output.crystal] if output.log_variance is None else [output.crystal, output.log_variance]
        torch.autograd.backward([(vectors * torch.randn_like(vectors)).sum() for vectors in given])
        still = [name for name, weight in encoder.named_parameters() if weight.grad is None or not weight.grad.any()]
        assert not still

    def test_100_random_labels_are_learnt_by_heart(self, name: str) -> None:
        import torch

        encoder = encoder_called(name)
        torch.manual_seed(0)
        batch = batch_of(make_compositions(100, seed=5))
        labels, head = torch.randn(100, 1), torch.nn.Linear(WIDTH, 1)
        assert lowest_loss(encoder, head, batch, labels, rate=1e-2, steps=200) < LEARNT
