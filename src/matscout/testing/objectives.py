"""What every objective must do, whoever wrote it; those that need more than one view of compositions say so."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import polars

from matscout import registry
from matscout.errors import UsageError
from matscout.testing.trainable import TrainableContract

if TYPE_CHECKING:
    from torch import Tensor

    from matscout.represent.corpora.labelled_formulas import LabelledFormulas
    from matscout.represent.trainable import EncoderOutput, Objective

N, WIDTH = 40, 8
"""Materials of a batch, and how wide their vectors are."""
Made = tuple["Objective", dict[str, "EncoderOutput"], dict[str, Any]]


def write_labels(path: Path) -> Path:
    """A table of 200 made-up compounds of a cation and an anion; properties follow the anion's share, with gaps."""
    rng = np.random.default_rng(0)
    cations, anions = rng.choice(["Li", "Mg", "Al", "Fe", "Cu", "La"], 200), rng.choice(["O", "S", "F", "Te"], 200)
    amounts = rng.integers(1, 9, (200, 2))
    share = amounts[:, 1] / amounts.sum(axis=1)
    columns = {
        "formula": [f"{a}{x}{b}{y}" for a, b, (x, y) in zip(cations, anions, amounts, strict=True)],
        "PBE band gap (eV)": np.where(rng.random(200) < 0.3, np.nan, 4 * share),
        "bulk modulus (GPa)": np.where(rng.random(200) < 0.5, np.nan, np.exp(6 * share)),
        "metal": np.where(rng.random(200) < 0.2, np.nan, share < 0.5),
    }
    polars.DataFrame(columns, nan_to_null=True).write_parquet(path)
    return path


@cache
def corpus() -> LabelledFormulas:
    """These compounds."""
    from matscout.represent.corpora.labelled_formulas import LabelledFormulas

    with TemporaryDirectory() as folder:
        return LabelledFormulas(str(write_labels(Path(folder) / "labels.parquet")))


def prepared(name: str) -> Made:
    """An objective, and what an encoder might have made of two views of 40 materials."""
    import pytest
    import torch

    from matscout.represent.trainable import EncoderOutput

    torch.manual_seed(0)
    plug_in: type[Objective] = registry.load_class("objectives", name)
    try:
        made = plug_in.for_corpus(corpus(), np.arange(len(corpus())), {"composition": WIDTH})
    except UsageError as error:
        pytest.skip(str(error))
    outputs = {view: EncoderOutput(torch.randn(N, WIDTH, requires_grad=True)) for view in ("one", "two")}
    return made, outputs, dict.fromkeys(outputs, corpus()[np.arange(N)])


def loss_of(made: Made) -> Tensor:
    """What is minimised."""
    objective, outputs, batches = made
    loss: Tensor = objective(outputs, batches)["loss"]
    return loss


class ObjectiveContract(TrainableContract):
    """Losses are scalars from which encoders and heads learn."""

    family = "objectives"

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """Objectives of compositions, and those of whatever has labels."""
        return plug_in.needs in {None, "composition"}

    def test_loss_and_parts_are_finite_scalars(self, name: str) -> None:
        objective, outputs, batches = prepared(name)
        parts = objective(outputs, batches)
        assert "loss" in parts
        assert all(value.ndim == 0 and value.isfinite() for value in parts.values())

    def test_encoder_and_heads_learn(self, name: str) -> None:
        import torch

        objective, outputs, batches = prepared(name)
        torch.autograd.backward(loss_of((objective, outputs, batches)))
        gradients = [output.crystal.grad for output in outputs.values()]
        gradients += [weight.grad for weight in objective.parameters()]
        assert all(gradient is not None and gradient.any() for gradient in gradients)

    def test_settings_and_weights_make_the_same_objective_again(self, name: str) -> None:
        objective, outputs, batches = prepared(name)
        again = type(objective)(**objective.settings)
        again.load_state_dict(objective.state_dict())
        assert loss_of((again, outputs, batches)).equal(loss_of((objective, outputs, batches)))

    def test_measures_are_finite_values_of_materials(self, name: str) -> None:
        objective, outputs, batches = prepared(name)
        for values in objective.measures(outputs, batches).values():
            assert values.ndim == 1
            assert values.isfinite().all()
