"""What models give: predictions with calibrated uncertainty, explanations, and what was said of rows left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.materials import Materials
from matscout.data.ragged import Rows
from matscout.data.read_only import lock
from matscout.errors import RowProblem
from matscout.predict.distributions import Distribution
from matscout.predict.known_likeness import KnownLikeness
from matscout.predict.recalibration import AS_PREDICTED, Recalibration
from matscout.shown import ShownTable, as_array, named_few

if TYPE_CHECKING:
    import polars

Metric = Literal["mae", "rmse"]


@dataclass(frozen=True, eq=False, repr=False)
class Predictions(ShownTable):
    """Predicted numbers for m materials, one row each.

    Parameters
    ----------
    target, unit
        What is predicted, and its unit (None if unknown).
    level
        Nominal coverage of the intervals, e.g. 0.9.
    distribution
        What the values may be, on the scale on which the model was judged: quantiles, chances, expected values, draws.
    in_domain
        bool [m], False where the material is unlike the labelled ones.
    assumption
        What the coverage of the intervals rests on, in a sentence.
    problems
        Remarks on single rows, e.g. descriptor values that had to be imputed.
    recalibration
        What chances are changed by, as unseen rows asked for; the distribution stays as it is.

    Raises
    ------
    ValueError
        If the columns differ in length, or a number is not finite.
    """

    target: str
    unit: str | None
    level: float
    distribution: Distribution
    in_domain: NDArray[np.bool_]
    assumption: str = ""
    problems: tuple[RowProblem, ...] = ()
    recalibration: Recalibration = AS_PREDICTED

    def __post_init__(self) -> None:
        if len(self.distribution) != len(self.in_domain):
            raise ValueError(
                f"columns of Predictions differ in length: {[len(self.distribution), len(self.in_domain)]}"
            )
        if not all(np.isfinite(column).all() for column in (self.predicted, self.lower, self.upper)):
            raise ValueError("Predictions must be finite")
        lock(self)

    def __len__(self) -> int:
        return len(self.in_domain)

    def __getitem__(self, rows: Rows) -> Predictions:
        """The predictions of the chosen rows."""
        return replace(self, distribution=self.distribution[rows], in_domain=self.in_domain[rows])

    @cached_property
    def predicted(self) -> NDArray[np.float64]:
        """The middle of the distribution, made from the statistic that suits the metric, [m]."""
        return self.distribution.quantile(0.5)

    @cached_property
    def lower(self) -> NDArray[np.float64]:
        """Lower end of the central interval at ``level``, [m]."""
        return np.minimum(self.distribution.quantile((1 - self.level) / 2), self.predicted)

    @cached_property
    def upper(self) -> NDArray[np.float64]:
        """Upper end of the central interval at ``level``, [m]."""
        return np.maximum(self.distribution.quantile((1 + self.level) / 2), self.predicted)

    @property
    def std(self) -> NDArray[np.float64]:
        """One standard deviation, see :attr:`matscout.predict.distributions.Distribution.std`, [m]."""
        return self.distribution.std

    @property
    def shown_std(self) -> tuple[str, NDArray[np.float64]]:
        """One standard deviation as tables have it, [m]: "std" in the unit, "std_decades" on a logarithmic scale.

        There a standard deviation in the unit says nothing: the upper end rules it.
        """
        if self.distribution.scale.kind != "log":
            return "std", self.std
        return "std_decades", self.distribution.deviation / np.log(10.0)

    @property
    def knows_more(self) -> NDArray[np.bool_]:
        """False where the model knows no more of the value than what the labels are like on average, [m]."""
        return self.distribution.knows_more

    def in_a_line(self) -> str:
        """Of what, of how many materials, in which range."""
        parts = [f"{self.target} ({self.unit or 'no unit'}) of {counted(len(self), 'row')}"]
        if len(self):
            parts += [f"{self.predicted.min():.4g} to {self.predicted.max():.4g}", f"{100 * self.level:g} % intervals"]
            parts += [f"{int(self.in_domain.sum()):,} in the domain"]
        return ", ".join(parts)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return as_array(self.predicted, dtype, copy)

    def to_frame(self) -> polars.DataFrame:
        """A row for each material: predicted, std (or std_decades), lower, upper, knows_more, in_domain."""
        import polars

        name, std = self.shown_std
        numbers = {"predicted": self.predicted, name: std, "lower": self.lower, "upper": self.upper}
        return polars.DataFrame({**numbers, "knows_more": self.knows_more, "in_domain": self.in_domain})


@dataclass(frozen=True, eq=False, repr=False)
class ClassPredictions(ShownTable):
    """Predicted classes for m materials, one row each.

    Parameters
    ----------
    target
        What is predicted.
    level
        Nominal coverage of ``sets``.
    classes
        The c class labels.
    probabilities
        float64 [m, c], calibrated; rows sum to 1.
    sets
        bool [m, c], the conformal prediction set of each row: holds the true class about as often as ``level``.
    in_domain, assumption, problems
        As in :class:`Predictions`.
    """

    target: str
    level: float
    classes: tuple[str, ...]
    probabilities: NDArray[np.float64]
    sets: NDArray[np.bool_]
    in_domain: NDArray[np.bool_]
    assumption: str = ""
    problems: tuple[RowProblem, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.in_domain), len(self.classes))
        if self.probabilities.shape != shape or self.sets.shape != shape:
            raise ValueError(f"probabilities {self.probabilities.shape} and sets {self.sets.shape} must be {shape}")
        if not np.allclose(self.probabilities.sum(axis=1), 1.0):
            raise ValueError("the probabilities of each row must sum to 1")
        lock(self)

    def __len__(self) -> int:
        return len(self.in_domain)

    def __getitem__(self, rows: Rows) -> ClassPredictions:
        """The predictions of the chosen rows."""
        return replace(
            self, probabilities=self.probabilities[rows], sets=self.sets[rows], in_domain=self.in_domain[rows]
        )

    @property
    def predicted(self) -> NDArray[np.int64]:
        """Position of the most probable class, [m]."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    def in_a_line(self) -> str:
        """Of what, of how many materials, by which classes."""
        return f"{self.target} of {counted(len(self), 'row')}, classes {named_few(self.classes)}"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return as_array(self.probabilities, dtype, copy)

    def to_frame(self) -> polars.DataFrame:
        """A row for each material: the most probable class, the probability of each, in_domain."""
        import polars

        columns: dict[str, Any] = {"class": [self.classes[place] for place in self.predicted]}
        columns |= {
            f"probability_{name}": column for name, column in zip(self.classes, self.probabilities.T, strict=True)
        }
        return polars.DataFrame({**columns, "in_domain": self.in_domain})


AnyPredictions = Predictions | ClassPredictions
"""What goals can be set for."""

Answer = AnyPredictions | KnownLikeness
"""What models give."""


def join_predictions(parts: Sequence[Answer]) -> Answer:
    """One block of consecutive ones; target, level and assumption are those of the first."""
    first = parts[0]
    if isinstance(first, KnownLikeness):
        return KnownLikeness.joined([part for part in parts if isinstance(part, KnownLikeness)])
    problems = tuple(problem for part in parts for problem in part.problems)
    in_domain = np.concatenate([part.in_domain for part in parts])
    if isinstance(first, ClassPredictions):
        blocks = [part for part in parts if isinstance(part, ClassPredictions)]
        return replace(
            first,
            probabilities=np.concatenate([part.probabilities for part in blocks]),
            sets=np.concatenate([part.sets for part in blocks]),
            in_domain=in_domain,
            problems=problems,
        )
    distribution = Distribution.joined([part.distribution for part in parts if isinstance(part, Predictions)])
    return replace(first, distribution=distribution, in_domain=in_domain, problems=problems)


@dataclass(frozen=True)
class Explanation:
    """Why a prediction is what it is.

    Parameters
    ----------
    neighbours
        (formula, measured value or class label, similarity in 0..1) of the nearest labelled materials, nearest first.
    features
        (column, effect on this prediction) of the features that move it most, largest first.
    unit
        Of the effects: that of the target, or decades where it is judged by factors; None where there is none.
    """

    neighbours: tuple[tuple[str, float | str, float], ...]
    features: tuple[tuple[str, float], ...]
    unit: str | None = None


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What a model for numbers said of labelled materials before it had seen them; those of which it said something.

    Parameters
    ----------
    materials
        n materials with their context.
    predicted
        float64 [n].
    groups
        text [n], the user's groups, all rows of which were left out together; None if there were none.
    """

    materials: Materials
    predicted: NDArray[np.float64]
    groups: NDArray[np.str_] | None = None
