"""An exponential moving average of weights, which validates and is kept in place of the last weights."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class WeightAverage:
    """Follows the parameters of a module and changes places with them.

    In step s the average moves by the share 1 - min(decay, (1 + s) / (10 + s)) towards the parameters, so that the
    first ones, which are random, are soon forgotten (B. T. Polyak, A. B. Juditsky, doi:10.1137/0330046).

    Parameters
    ----------
    module
        Whose parameters to follow.
    decay
        0 for the parameters themselves; 0.999 averages over about the last thousand steps.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self._decay = decay
        self._module = [module]  # in a list, so that the module does not become its own part
        self._kept = {name: value.detach().clone() for name, value in module.named_parameters()}

    def follow(self, step: int) -> None:
        """Move the average towards the parameters after optimiser step ``step``."""
        parameters = list(self._parameters().values())
        share = 1.0 - min(self._decay, (1.0 + step) / (10.0 + step))
        kept = [value.to(parameters[0].device) for value in self._kept.values()]
        torch._foreach_lerp_(kept, parameters, share)
        self._kept = dict(zip(self._kept, kept, strict=True))

    def swap(self) -> None:
        """Exchange the average and the parameters."""
        for name, parameter in self._parameters().items():
            now = parameter.clone()
            parameter.copy_(self._kept[name])
            self._kept[name] = now

    def state(self) -> dict[str, Tensor]:
        """The average, by parameter name."""
        return dict(self._kept)

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take over what :meth:`state` gave."""
        self._kept = {name: state[name].clone() for name in self._kept}

    def _parameters(self) -> dict[str, Tensor]:
        return {name: value.detach() for name, value in self._module[0].named_parameters()}
