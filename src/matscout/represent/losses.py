"""Loss formulas as pure functions of tensors; objectives combine them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def smooth_absolute(predicted: Tensor, target: Tensor, rounding: float) -> Tensor:
    r"""Absolute error, rounded off near zero, [n, t]; 0 where the target is NaN.

    .. math:: \ell(r) = r^2 / 2\beta \text{ if } |r| < \beta, \text{ else } |r| - \beta / 2, \quad r = y - \hat y

    The Huber loss (doi:10.1214/aoms/1177703732) divided by its :math:`\beta`: outliers pull with a force of 1, as in
    the absolute error that results are judged by.

    Parameters
    ----------
    predicted, target
        [n, t], in units in which an error of 1 is large.
    rounding
        :math:`\beta > 0`.
    """
    known = ~target.isnan()
    distance = (predicted - target.nan_to_num()).abs()
    loss = torch.where(distance < rounding, distance.square() / (2 * rounding), distance - rounding / 2)
    return torch.where(known, loss, torch.zeros_like(loss))


def mean_or_zero(values: Tensor) -> Tensor:
    """The mean of all, 0 of none."""
    return values.sum() / max(values.numel(), 1)


def cross_entropy_of_two(logit: Tensor, target: Tensor) -> Tensor:
    r"""Cross entropy of yes/no targets, [n, t]; 0 where the target is NaN.

    .. math:: \ell = -y \ln \sigma(z) - (1 - y) \ln(1 - \sigma(z))

    Parameters
    ----------
    logit
        [n, t], z: the logarithm of the odds.
    target
        [n, t], y: 0, 1 or NaN.
    """
    known = ~target.isnan()
    loss = functional.binary_cross_entropy_with_logits(logit, target.nan_to_num(), reduction="none")
    return torch.where(known, loss, torch.zeros_like(loss))


def weighted_mean(losses: Tensor, weights: Tensor) -> Tensor:
    r"""Mean over materials of the weighted sum over tasks, a scalar.

    .. math:: L = \frac{1}{n} \sum_i \sum_t w_t \ell_{it}

    Parameters
    ----------
    losses
        [n, t], 0 where there is no label.
    weights
        [t].
    """
    return (losses * weights).sum() / len(losses)
