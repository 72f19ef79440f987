"""The training step knows views and encoders by name only; the learning rate rises and falls."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from matscout.errors import UsageError
from matscout.represent.pretraining.configuration import OptimiserSettings
from matscout.represent.pretraining.module import PretrainingModule, rise_and_fall
from matscout.represent.trainable import Encoder, EncoderOutput, Objective, View

OPTIMISER = OptimiserSettings(
    learning_rate=1e-3,
    weight_decay=0.01,
    epsilon=1e-8,
    amsgrad=False,
    warmup_share=0.1,
    final_share=0.0,
    gradient_clip=1.0,
    average_decay=0.9,
)


class Scale(Encoder):
    """Multiplies by its width, so that one sees which encoder was used."""

    def forward(self, batch):
        return EncoderOutput(batch.values * self.width)


class TwoViews(View):
    def __call__(self, batch, generator):
        return {"structure": batch, "composition": batch}


class Sum(Objective):
    def forward(self, outputs, batches):
        return {"loss": sum(output.crystal.sum() for output in outputs.values())}


def encode(**encoders: Encoder) -> dict[str, float]:
    module = PretrainingModule(encoders=encoders, view=TwoViews(), objective=Sum(), optimiser=OPTIMISER, seed=0)
    outputs, _ = module.encode(SimpleNamespace(values=torch.ones(2, 3)))
    return {name: output.crystal.max().item() for name, output in outputs.items()}


def test_a_single_encoder_encodes_every_view():
    assert encode(any=Scale(width=3)) == {"structure": 3.0, "composition": 3.0}


def test_a_view_called_like_an_encoder_is_encoded_by_it():
    assert encode(composition=Scale(width=5), structure=Scale(width=7)) == {"structure": 7.0, "composition": 5.0}


def test_a_view_without_an_encoder_is_refused():
    with pytest.raises(
        UsageError, match="no encoder has the name of the view, 'structure'; the encoders are composition, text"
    ):
        encode(composition=Scale(width=5), text=Scale(width=7))


def test_the_learning_rate_rises_straight_and_falls_as_a_cosine():
    factors = [rise_and_fall(step, 100, 0.1, 0.0) for step in range(101)]
    assert factors[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert factors[10] == 1.0
    assert factors[55] == pytest.approx(0.5)
    assert factors[100] == pytest.approx(0.0)
    assert rise_and_fall(0, 1, 0.0, 0.0) == 1.0
    assert rise_and_fall(100, 100, 0.1, 0.25) == pytest.approx(0.25)
    assert {rise_and_fall(step, 50, 0.0, 1.0) for step in range(51)} == {1.0}  # constant, as in papers
