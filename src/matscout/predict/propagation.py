"""A quantity that follows from predicted properties by a law, with its uncertainty: ZT of three, by drawing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from matscout.errors import UsageError
from matscout.predict.base import Predictions
from matscout.predict.distributions import NO_LIMITS, Distribution, distribution_of
from matscout.predict.transforms import LINEAR, LOGARITHMIC, SMALLEST, TargetTransform

Floats = NDArray[np.float64]

DRAWS = 2000

LEAST_RATIO = 1.0 + 1e-6
"""Least ratio of the upper end of an interval of a positive property and its middle."""


def propagate(
    predictions: Mapping[str, Predictions],
    law: Callable[[Mapping[str, Floats]], Floats],
    *,
    target: str,
    unit: str | None = None,
    positive: Collection[str] = (),
    level: float = 0.9,
    scale: TargetTransform = LINEAR,
    limits: tuple[float, float] = NO_LIMITS,
    seed: int = 0,
) -> Predictions:
    """Draw all properties again and again, and tell the distribution of what follows by its median and interval.

    Each property is drawn from its own distribution; one that is ``positive`` and was judged by differences from two
    halves of a normal distribution of its logarithm, so that it stays above 0. Properties are drawn independently of
    each other, which is wrong where their errors go together.

    Parameters
    ----------
    predictions
        Name in the law -> predictions of the same m materials.
    law
        From values of all properties, [m, draws] each, to those of the quantity, [m, draws].
    target, unit
        What it is called.
    positive
        Properties that cannot be 0 or below, such as those that the law divides by. An interval of theirs is taken to
        reach no further down on the logarithmic scale than up: that its lower end lies near 0 says that errors are as
        large as the value, not that values a hundred times smaller are likely.
    level
        Of the interval.
    scale
        On which the halves around the median are those of normal distributions.
    limits
        Smallest and largest value that the quantity can have; draws beyond are moved to them.
    seed
        Of the draws.

    Raises
    ------
    UsageError
        If there are no predictions, or they are of different materials, the level is not between 0 and 1, a positive
        property is not among them or predicted to be 0 or below, or the law gives something else than finite numbers.
    """
    if len({len(one) for one in predictions.values()}) != 1 or not 0 < level < 1:
        raise UsageError(
            "predictions are of the same materials, and level is between 0 and 1; got "
            f"{ {name: len(one) for name, one in predictions.items()} } and {level:g}"
        )
    values = draw(predictions, law, target=target, positive=positive, scale=scale, seed=seed)
    return Predictions(
        target=target,
        unit=unit,
        level=level,
        distribution=distribution_of(values, level, scale, limits),
        in_domain=np.logical_and.reduce([one.in_domain for one in predictions.values()]),
        assumption=drawn_words(target, predictions),
        problems=tuple(dict.fromkeys(problem for one in predictions.values() for problem in one.problems)),
    )


def draw(
    predictions: Mapping[str, Predictions],
    law: Callable[[Mapping[str, Floats]], Floats],
    *,
    target: str,
    positive: Collection[str] = (),
    scale: TargetTransform = LINEAR,
    seed: int = 0,
) -> Floats:
    """Values of the quantity, [m, draws], from draws of all properties; see :func:`propagate`."""
    _check_positive(predictions, positive)
    rng = np.random.default_rng(seed)
    chances = {name: rng.standard_normal(DRAWS) for name in predictions}
    drawn = {name: _drawn(one, chances[name], positive=name in positive) for name, one in predictions.items()}
    shape = next(iter(drawn.values())).shape
    values = np.asarray(law(drawn), dtype=np.float64)
    if values.shape != shape or not np.isfinite(values).all():
        wrong = f"an array {values.shape}" if values.shape != shape else f"{_strange(values)}, which are not numbers,"
        raise UsageError(f"the law of {target} makes {wrong} of properties {shape}; it takes and gives finite numbers")
    return np.maximum(values, SMALLEST) if scale.kind == "log" else values


def drawn_words(target: str, properties: Iterable[str]) -> str:
    """What intervals of draws rest on, in a sentence."""
    return (
        f"Intervals of {target} come from {DRAWS} draws of {', '.join(properties)}, as if their errors were "
        "independent."
    )


def _check_positive(predictions: Mapping[str, Predictions], positive: Collection[str]) -> None:
    unknown = [name for name in positive if name not in predictions]
    if unknown:
        raise UsageError(
            f"{unknown[0]} is declared positive but is not predicted; the predictions are of {', '.join(predictions)}"
        )
    for name in positive:
        wrong = np.flatnonzero(predictions[name].predicted <= 0)
        if len(wrong):
            raise UsageError(
                f"{name} is declared positive but predicted to be {predictions[name].predicted[wrong[0]]:g} in row "
                f"{wrong[0] + 1}: remove that material, or learn the logarithm"
            )


def _drawn(predictions: Predictions, chance: Floats, *, positive: bool) -> Floats:
    """Values of one property, [m, draws], from the same chances [draws] for all materials.

    So what is told of a material does not depend on the others, and materials can be compared.
    """
    distribution = predictions.distribution
    if positive and distribution.scale.kind != "log":
        middle, upper = predictions.predicted, np.maximum(predictions.upper, predictions.predicted * LEAST_RATIO)
        ends = np.maximum(predictions.lower, middle**2 / upper)
        distribution = Distribution.between(middle, ends, upper, predictions.level, scale=LOGARITHMIC)
    return distribution.at_chances(chance)


def _strange(values: Floats) -> str:
    """One value that is no number, with its row."""
    row, place = np.argwhere(~np.isfinite(values))[0]
    return f"{values[row, place]} in row {row + 1}"
