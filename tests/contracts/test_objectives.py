"""What every objective must do, whoever wrote it; those that need more than one view of compositions say so."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from matscout import registry
from matscout.errors import UsageError
from matscout.represent.corpora.labelled_formulas import LabelledFormulas
from matscout.represent.trainable import EncoderOutput

NAMES = [
    plug_in.name
    for plug_in in registry.plug_ins("objectives")
    if registry.load_class("objectives", plug_in.name).needs in {None, "composition"}
]
WIDTH = 8


@pytest.fixture(params=NAMES)
def prepared(request, labelled):
    """An objective, and what an encoder might have made of two views of 40 materials."""
    corpus = LabelledFormulas(str(labelled))
    torch.manual_seed(0)
    try:
        made = registry.load_class("objectives", request.param).for_corpus(
            corpus, np.arange(len(corpus)), {"composition": WIDTH}
        )
    except UsageError as error:
        pytest.skip(str(error))
    batch = corpus[np.arange(40)]
    outputs = {view: EncoderOutput(torch.randn(40, WIDTH, requires_grad=True)) for view in ("one", "two")}
    return made, outputs, dict.fromkeys(outputs, batch)


def test_loss_and_parts_are_finite_scalars(prepared):
    objective, outputs, batches = prepared
    parts = objective(outputs, batches)
    assert "loss" in parts
    assert all(value.ndim == 0 and value.isfinite() for value in parts.values())


def test_encoder_and_heads_learn(prepared):
    objective, outputs, batches = prepared
    objective(outputs, batches)["loss"].backward()
    assert all(output.crystal.grad.any() for output in outputs.values())
    assert all(weight.grad is not None and weight.grad.any() for weight in objective.parameters())


def test_settings_and_weights_make_the_same_objective_again(prepared):
    objective, outputs, batches = prepared
    again = type(objective)(**objective.settings)
    again.load_state_dict(objective.state_dict())
    assert again(outputs, batches)["loss"].equal(objective(outputs, batches)["loss"])


def test_measures_are_finite_values_of_materials(prepared):
    objective, outputs, batches = prepared
    for values in objective.measures(outputs, batches).values():
        assert values.ndim == 1
        assert values.isfinite().all()
