"""A composition as a normal distribution, by two attention poolings over the element vectors of any encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.errors import UsageError
from matscout.registry import load_class
from matscout.represent.base import Needs
from matscout.represent.composition_batches import CompositionBatch, joined
from matscout.represent.inference.set2set import STEPS
from matscout.represent.initial_weights import glorot
from matscout.represent.trainable import Encoder, EncoderOutput


class Set2set(Encoder):
    r"""Mean :math:`\mu = W_\mu set2set_\mu(X) + z` and logarithm of the variance :math:`W_\sigma set2set_\sigma(X) +
    z`, with z the vector of the composition and X the vectors of its elements, times their fractions.

    O. Vinyals, S. Bengio and M. Kudlur (doi:10.48550/arXiv.1511.06391); for compositions N. Lee et al.
    (doi:10.48550/arXiv.2312.13289, eq. 11 and 12). The mean is divided by its norm, as in their code, which begins with
    variances near 1 in each direction, beside which the mean is lost; here they begin near e^-6.

    Parameters
    ----------
    width
        Length of all vectors.
    of
        Name of the encoder whose vectors of elements are pooled.
    settings
        Of that encoder.
    normalised
        Whether the mean has norm 1.
    initial_log_variance
        Added to the logarithm of the variances, and learned; None for vectors without variances.
    """

    needs: ClassVar[Needs] = "composition"

    def __init__(
        self,
        width: int = 200,
        of: str = "stoichiometry-gcn",
        settings: Mapping[str, Any] | None = None,
        *,
        normalised: bool = True,
        initial_log_variance: float | None = -6.0,
    ) -> None:
        maker = load_class("encoders", of)
        if maker.needs != "composition":
            raise UsageError(f"set2set needs an encoder of compositions; {of} is one of a {maker.needs}")
        try:
            encoder: Encoder = maker(width=width, **(settings or {}))
        except TypeError as error:
            raise UsageError(f"{of}, below set2set, does not take the settings {settings}: {error}") from error
        inner = {name: value for name, value in encoder.settings.items() if name != "width"}
        super().__init__(width, of=of, settings=inner, normalised=normalised, initial_log_variance=initial_log_variance)
        self.encoder, self.normalised = encoder, normalised
        self.mean = _Pooling(width)
        self.log_variance = None if initial_log_variance is None else _Pooling(width)
        glorot(self)
        if self.log_variance is not None:
            nn.init.constant_(self.log_variance.join.bias, float(initial_log_variance or 0.0))

    @property
    def listed(self) -> Tensor:
        """What the encoder within knows."""
        return self.encoder.listed

    def forward(self, batch: Any) -> EncoderOutput:
        """Encode the n compositions of a :class:`~matscout.represent.composition_batches.CompositionBatch`."""
        encoded: EncoderOutput = self.encoder(batch)
        if encoded.sites is None:
            raise UsageError(f"{self.settings['of']} gives no vectors of elements, which set2set pools")
        weighted = encoded.sites * batch.fractions[:, None]
        mean = self.mean(weighted, batch) + encoded.crystal
        if self.normalised:
            mean = functional.normalize(mean, dim=1)
        spread = None if self.log_variance is None else self.log_variance(weighted, batch) + encoded.crystal
        return EncoderOutput(mean, spread, sites=encoded.sites)


class _Pooling(nn.Module):
    """A memory asks, the elements answer."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.memory = nn.LSTMCell(2 * width, width)
        self.join = nn.Linear(2 * width, width)

    def forward(self, tokens: Tensor, batch: CompositionBatch) -> Tensor:
        """[tokens, width] -> [n, width]."""
        query = tokens.new_zeros(len(batch), 2 * tokens.shape[1])
        state: tuple[Tensor, Tensor] | None = None
        for _ in range(STEPS):
            state = self.memory(query, state)
            query = torch.cat([state[0], _answers(state[0], tokens, batch)], dim=1)
        return torch.as_tensor(self.join(query))


def _answers(questions: Tensor, tokens: Tensor, batch: CompositionBatch) -> Tensor:
    """For each composition the mean of its elements, weighted by how well they fit the question, [n, width]."""
    parts = torch.split_with_sizes(questions, [count for count, _ in batch.blocks])
    answers = []
    for queries, elements in zip(parts, batch.rectangles(tokens), strict=True):
        fit = torch.einsum("nd,nkd->nk", queries, elements).softmax(dim=1)
        answers.append(torch.einsum("nk,nkd->nd", fit, elements))
    return joined(answers, questions)
