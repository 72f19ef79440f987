"""What suites of that which is trained share: nothing is tested without PyTorch, and networks must be able to learn."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from matscout import registry
from matscout.testing.contract import Contract

if TYPE_CHECKING:
    from torch import Tensor, nn

    from matscout.represent.trainable import Encoder

WIDTH = 16
"""Of the encoders that are tested."""
LEARNT = 0.05
"""Mean squared error at which labels of unit variance count as learnt by heart."""


class TrainableContract(Contract):
    """Finds nothing where PyTorch is not installed, and says so."""

    @classmethod
    def classes(cls) -> dict[str, type[Any]]:
        """As of every suite; their files import PyTorch."""
        return super().classes() if find_spec("torch") else {}

    def test_everything_that_plug_ins_need_is_installed(self) -> None:
        """Else it is told what is not tested."""
        import pytest

        if not find_spec("torch"):
            pytest.skip("torch is not installed: pip install 'matscout[torch]'")
        super().test_everything_that_plug_ins_need_is_installed()


def encoder_called(name: str) -> Encoder:
    """The encoder of a name with weights that are the same each time, ready to encode."""
    import torch

    torch.manual_seed(3)
    made: Encoder = registry.load_class("encoders", name)(width=WIDTH)
    return made.eval()


def again(encoder: Encoder) -> Encoder:
    """The same encoder, built from its settings and weights."""
    made = type(encoder)(**encoder.settings)
    made.load_state_dict(encoder.state_dict())
    return made.eval()


def lowest_loss(encoder: Encoder, head: nn.Module, batch: Any, labels: Tensor, *, rate: float, steps: int) -> float:
    """Mean squared error on labels [n, 1] that encoder and head reach together, at the rate of learning ``rate``."""
    import torch

    optimiser = torch.optim.Adam([*encoder.train().parameters(), *head.parameters()], lr=rate)
    lowest = float("inf")
    for _ in range(steps):
        optimiser.zero_grad()
        loss = (head(encoder(batch).crystal) - labels).square().mean()
        lowest = min(lowest, loss.item())
        if lowest < LEARNT:
            break
        loss.backward()
        optimiser.step()
    return lowest
