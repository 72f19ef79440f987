"""A composition, as a distribution, matches all of its structures and no others: the objective of PolySRL."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from matscout.errors import UsageError
from matscout.represent.losses import mean_or_zero
from matscout.represent.trainable import BatchKind, EncoderOutput, Objective
from matscout.represent.views.modalities import COMPOSITION, STRUCTURE


class SoftContrastive(Objective):
    r"""Soft contrastive loss with sampling (N. Lee et al., doi:10.48550/arXiv.2312.13289, eq. 4-6).

    Composition a and structure b match with the probability :math:`p = \frac{1}{J} \sum_j \sigma(s (-c \lVert
    \tilde z_j^a - z^b \rVert + d))`, with :math:`\tilde z_j^a = \mu^a + e^{v^a / 2} \varepsilon_j`, v the logarithm of
    the variance. The loss is the sum of :math:`-\ln p` over the pairs of a composition and a structure that it has,
    and of :math:`-\ln(1 - p)` over all others, every structure being one row and one column, and :math:`\beta` times
    the sum over the rows of :math:`KL(N(\mu, e^v) \Vert N(0, 1))`. So polymorphs in one batch all match.

    With this alone the variances collapse: in many directions, chance leads away from every structure. With ``spread``
    they say how far a structure lies from where its composition lets expect it: added is ``spread`` times the sum over
    the rows of the mean over the components of :math:`-\ln N(z^b; f(\mu^a), e^{v^a})`, f a small network. There
    :math:`z^b` and :math:`\mu^a` are held, and in the samples :math:`v^a`, so that each learns from one of the two.

    Parameters
    ----------
    widths
        Encoder -> length of its vectors; there is one called ``composition`` and one called ``structure``.
    samples
        J; 0 takes the mean instead, without the KL term.
    noise
        :math:`\beta`.
    steepness, threshold
        c and d at the beginning, which are learned.
    logit_scale
        s; 2 in the authors' code, 1 in the paper.
    spread
        Weight of the likelihood of the structures; 0 as in the paper. Without samples there are no variances, and it
        has no part.
    normalised
        Whether the vectors of structures, and means of compositions, are divided by their norms (the authors' code).
        With c = d = 20 the threshold is then at a distance of 1; without it nothing is learned.

    Raises
    ------
    UsageError
        If the encoders are not these two, differ in width, or a number is below 0.
    """

    needs: ClassVar[BatchKind | None] = "polymorphs"
    fewest: ClassVar[int] = 2

    def __init__(
        self,
        widths: Mapping[str, int],
        samples: int = 8,
        noise: float = 1e-8,
        *,
        steepness: float = 20.0,
        threshold: float = 20.0,
        logit_scale: float = 2.0,
        spread: float = 0.0,
        normalised: bool = True,
    ) -> None:
        super().__init__(
            widths=dict(widths),
            samples=samples,
            noise=noise,
            steepness=steepness,
            threshold=threshold,
            logit_scale=logit_scale,
            spread=spread,
            normalised=normalised,
        )
        if set(widths) != {COMPOSITION, STRUCTURE} or len({*widths.values()}) != 1:
            raise UsageError(
                f"objective soft-contrastive compares the encoders {COMPOSITION} and {STRUCTURE}, of one width; "
                f"got {dict(widths)}"
            )
        if samples < 0 or not noise >= 0 or not logit_scale > 0 or not spread >= 0:
            raise UsageError(
                "objective.samples, objective.noise and objective.spread are not below 0, and objective.logit_scale is "
                f"above 0; got {samples}, {noise:g}, {spread:g}, {logit_scale:g}"
            )
        self.samples, self.noise, self.logit_scale, self.normalised = samples, noise, logit_scale, normalised
        self.spread, self.expected = spread, _expected(widths[COMPOSITION]) if spread and samples else None
        self.steepness, self.threshold = (
            nn.Parameter(torch.tensor(float(steepness))),
            nn.Parameter(torch.tensor(float(threshold))),
        )

    def forward(self, outputs: Mapping[str, EncoderOutput], batches: Mapping[str, Any]) -> dict[str, Tensor]:
        """Loss, mean over pairs that match and that do not (``matching``, ``others``), of ``noise`` and ``spread``."""
        own: Tensor = batches[STRUCTURE].compositions
        mean, log_variance = self._normal(outputs[COMPOSITION])
        structures = self._on_sphere(outputs[STRUCTURE].crystal.float())
        samples = self._sampled(mean[own], None if log_variance is None else log_variance[own])
        matching, others = self._lost(samples, structures, own[:, None] == own)
        parts = {"matching": mean_or_zero(matching), "others": mean_or_zero(others)}
        loss = matching.sum() + others.sum()
        if log_variance is not None:
            divergence = _divergence(mean, log_variance)[own]
            loss = loss + self.noise * divergence.sum()
            parts["noise"] = mean_or_zero(divergence) / mean.shape[1]
            if self.expected is not None:
                expected, variances = self.expected(mean.detach())[own], log_variance.exp()[own]
                unlikely = functional.gaussian_nll_loss(expected, structures.detach(), variances, reduction="none")
                loss = loss + self.spread * unlikely.mean(dim=1).sum()
                parts["spread"] = mean_or_zero(unlikely)
        return {"loss": loss, **parts}

    def _normal(self, output: EncoderOutput) -> tuple[Tensor, Tensor | None]:
        """Means and logarithms of variances, [m, d]; None where the mean is taken."""
        mean = self._on_sphere(output.crystal.float())
        if self.samples == 0:
            return mean, None
        if output.log_variance is None:
            raise UsageError(
                "objective soft-contrastive samples from compositions, but this encoder gives no variance: use "
                "encoders.composition.name=set2set, or objective.samples=0"
            )
        return mean, output.log_variance.float()

    def _on_sphere(self, vectors: Tensor) -> Tensor:
        return functional.normalize(vectors, dim=1) if self.normalised else vectors

    def _sampled(self, mean: Tensor, log_variance: Tensor | None) -> Tensor:
        """[J, n, d], J = 1 for the mean."""
        if log_variance is None:
            return mean[None]
        if self.spread:
            log_variance = log_variance.detach()
        chance = torch.randn(self.samples, *mean.shape, device=mean.device)
        return mean + torch.exp(0.5 * log_variance) * chance

    def _lost(self, samples: Tensor, structures: Tensor, match: Tensor) -> tuple[Tensor, Tensor]:
        """Losses of the pairs that match, and of those that do not, of [J, n, d], [n, d] and bool [n, n]."""
        scores = self.logit_scale * (self.threshold - self.steepness * distances(samples, structures))
        count = math.log(len(scores))
        agreeing = count - torch.logsumexp(functional.logsigmoid(scores[:, match]), dim=0)
        differing = count - torch.logsumexp(functional.logsigmoid(-scores[:, ~match]), dim=0)
        return agreeing, differing


def _expected(width: int) -> nn.Module:
    """From the vector of a composition to where its structures are expected."""
    return nn.Sequential(nn.Linear(width, width), nn.ELU(), nn.Linear(width, width))


def distances(one: Tensor, other: Tensor) -> Tensor:
    """Euclidean distances of [j, n, d] and [m, d], [j, n, m]: norms and one matrix product."""
    with torch.autocast(one.device.type, enabled=False):  # small distances need single precision
        squares = one.square().sum(dim=-1, keepdim=True) + other.square().sum(dim=-1) - 2.0 * one @ other.T
    # The root has no slope at 0.
    return squares.clamp_min(1e-9).sqrt()


def _divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)) of each row, summed over the components, [m]."""
    return 0.5 * (mean.square() + log_variance.exp() - log_variance - 1.0).sum(dim=1)
