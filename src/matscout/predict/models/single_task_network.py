"""Networks that learn one property, as mixture-of-experts does beside others: single-task-network=REPRESENTATION."""

from __future__ import annotations

from typing import ClassVar

from matscout.data.dataset import Dataset
from matscout.predict.models.mixture_of_experts import MixtureOfExperts


class SingleTaskNetwork(MixtureOfExperts):
    """As :class:`~matscout.predict.models.mixture_of_experts.MixtureOfExperts`, of the target alone with one expert.

    Parameters
    ----------
    metric, fast, seed, weights, part
        See there.
    """

    experts: ClassVar[int] = 1

    def _companions(self, dataset: Dataset, target: str) -> tuple[str, ...]:
        return ()
