"""What every encoder of compositions must do, whoever wrote it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from matscout import registry
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.represent.composition_batches import CompositionBatch, by_length
from matscout.represent.trainable import Encoder

NAMES = [
    plug_in.name
    for plug_in in registry.plug_ins("encoders")
    if registry.load_class("encoders", plug_in.name).needs == "composition"
]
WIDTH = 16


def make_compositions(n: int = 60, seed: int = 0) -> Compositions:
    """Pure elements to twelve-element alloys, dopants of 1e-4 among them, sorted by number of elements."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        symbols = rng.choice(SYMBOLS[:94], rng.integers(1, 13), replace=False).tolist()
        amounts = rng.choice([1e-4, 0.3, 1.0, 2.0, 7.0], len(symbols)).tolist()
        rows.append(dict(zip(symbols, amounts, strict=True)))
    compositions = Compositions.from_dicts(rows)
    return compositions[by_length(compositions)]


@pytest.fixture(params=NAMES)
def encoder(request) -> Encoder:
    torch.manual_seed(3)
    return registry.load_class("encoders", request.param)(width=WIDTH).eval()


def encode(encoder: Encoder, compositions: Compositions) -> np.ndarray:
    with torch.inference_mode():
        return encoder(CompositionBatch.from_compositions(compositions)).crystal.numpy()


def test_one_vector_for_each_material(encoder):
    compositions = make_compositions()
    output = encoder(CompositionBatch.from_compositions(compositions))
    assert output.crystal.shape == (60, WIDTH)
    assert output.crystal.dtype == torch.float32
    assert output.crystal.isfinite().all()
    assert encoder.width == WIDTH
    if output.sites is not None:
        assert len(output.sites) == len(compositions.elements)


def test_different_materials_have_different_vectors(encoder):
    compositions = Compositions.from_dicts([{"Fe": 2, "O": 3}, {"Fe": 3, "O": 4}, {"Fe": 2, "S": 3}])
    vectors = encode(encoder, compositions)
    assert min(np.abs(vectors[a] - vectors[b]).max() for a, b in [(0, 1), (0, 2), (1, 2)]) > 1e-3


def test_order_of_the_elements_does_not_matter(encoder):
    compositions = make_compositions()
    rng = np.random.default_rng(1)
    starts = zip(compositions.offsets[:-1], compositions.lengths, strict=True)
    order = np.concatenate([start + rng.permutation(length) for start, length in starts])
    shuffled = Compositions(compositions.offsets, compositions.elements[order], compositions.amounts[order])
    np.testing.assert_allclose(encode(encoder, shuffled), encode(encoder, compositions), rtol=1e-5, atol=1e-5)


def test_the_rest_of_the_batch_does_not_matter(encoder):
    compositions = make_compositions()
    whole = encode(encoder, compositions)
    for row in range(0, 60, 7):
        np.testing.assert_allclose(encode(encoder, compositions[[row]])[0], whole[row], rtol=1e-5, atol=1e-5)


def test_the_number_of_formula_units_does_not_matter(encoder):
    compositions = make_compositions()
    doubled = Compositions(compositions.offsets, compositions.elements, 3 * compositions.amounts)
    np.testing.assert_allclose(encode(encoder, doubled), encode(encoder, compositions), rtol=1e-5, atol=1e-5)


def test_a_small_dopant_makes_a_small_difference_but_makes_one(encoder):
    vectors = encode(encoder, Compositions.from_dicts([{"Zn": 1, "O": 1 - x, "Al": x} for x in (0.01, 0.0101, 0.3)]))
    near, far = np.abs(vectors[1] - vectors[0]).max(), np.abs(vectors[2] - vectors[0]).max()
    assert 0 < near < far


def test_settings_and_weights_make_the_same_encoder_again(encoder):
    again = type(encoder)(**encoder.settings)
    again.load_state_dict(encoder.state_dict())
    np.testing.assert_array_equal(encode(again.eval(), make_compositions()), encode(encoder, make_compositions()))
    assert again.listed.tolist() == encoder.listed.tolist()


def test_every_weight_learns(encoder):
    output = encoder.train()(CompositionBatch.from_compositions(make_compositions()))
    told = [output.crystal] if output.log_variance is None else [output.crystal, output.log_variance]
    sum((vectors * torch.randn_like(vectors)).sum() for vectors in told).backward()
    still = [name for name, weight in encoder.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert not still


def test_100_random_labels_are_learnt_by_heart(encoder):
    torch.manual_seed(0)
    batch = CompositionBatch.from_compositions(make_compositions(100, seed=5))
    labels, head = torch.randn(100, 1), torch.nn.Linear(WIDTH, 1)
    optimiser = torch.optim.Adam([*encoder.train().parameters(), *head.parameters()], lr=1e-2)
    for _ in range(200):
        optimiser.zero_grad()
        loss = (head(encoder(batch).crystal) - labels).square().mean()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.05
