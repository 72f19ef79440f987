"""Labels: the rows of a data set that a model learns from, with weights, bounds and the units that are exchangeable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError

Floats = NDArray[np.float64]

MINIMUM_ROWS = 5
"""Fewest labelled rows that a model is fitted to."""

LARGEST = 1e100
"""Largest size of a value, and one over the smallest."""


@dataclass(frozen=True, eq=False)
class Labels:
    """n rows with a known target.

    Parameters
    ----------
    target
        The target of these rows: name, unit, task and classes.
    materials
        The materials, with their context.
    values
        float64 [n], measured values or bounds; for classification the position of the class.
    measured
        bool [n], False where ``values`` is only a bound (see :attr:`matscout.data.dataset.Target.censored`).
    weights
        float64 [n] of mean 1, or None if all rows count equally.
    units
        int64 [n]: rows with equal numbers belong together (one group; without groups one composition or
        reaction) and are left out together whenever the model judges itself.
    groups
        text [n], the user's groups, of which ``units`` are the numbers; None if there are none.
    """

    target: Target
    materials: Materials
    values: Floats
    measured: NDArray[np.bool_]
    weights: Floats | None
    units: NDArray[np.int64]
    groups: NDArray[np.str_] | None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def grouped(self) -> bool:
        """Whether ``units`` are the user's groups."""
        return self.groups is not None

    @property
    def n_units(self) -> int:
        """Number of different units."""
        return int(self.units.max()) + 1

    @property
    def unit(self) -> str:
        """What a unit is, in a word: "group", "material" or "reaction"."""
        return "group" if self.grouped else self.materials.noun

    @property
    def classes(self) -> NDArray[np.int64]:
        """The values as positions of classes, [n]."""
        return self.values.astype(np.int64)

    def subset(self, chosen: NDArray[np.bool_]) -> Labels:
        """The chosen rows (bool [n]), themselves if these are all; their units are numbered anew."""
        if chosen.all():
            return self
        rows = np.flatnonzero(chosen)
        return replace(
            self,
            target=self.target[rows],
            materials=self.materials[rows],
            values=self.values[rows],
            measured=self.measured[rows],
            weights=None if self.weights is None else self.weights[rows],
            units=np.unique(self.units[rows], return_inverse=True)[1].astype(np.int64),
            groups=None if self.groups is None else self.groups[rows],
        )


def training_labels(dataset: Dataset, target: str | None = None) -> Labels:
    """The rows of ``dataset`` in which the target is known, ready for learning.

    Raises
    ------
    InputError
        If there are fewer than five of them, only one value or class, only one group, nothing but bounds, or values
        beyond :data:`LARGEST`.
    """
    labelled = dataset.labelled(target)
    chosen = labelled.target(target)
    require_rows(chosen)
    require_variety(chosen)
    labels = Labels(
        target=chosen,
        materials=labelled.materials,
        values=chosen.values.astype(np.float64),
        measured=np.ones(len(labelled), dtype=bool) if chosen.censored is None else chosen.censored == 0,
        weights=_weights(chosen),
        units=units_of(labelled),
        groups=labelled.groups,
    )
    _refuse_hopeless(labels)
    return labels


def units_of(dataset: Dataset) -> NDArray[np.int64]:
    """Numbers of what belongs together: the groups; without groups the materials or reactions, [n]."""
    names = dataset.materials.keys() if dataset.groups is None else dataset.groups
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def require_rows(target: Target) -> None:
    """Refuse a target that too few rows have.

    Raises
    ------
    InputError
        If fewer than five values are known.
    """
    known = int(target.known.sum())
    if known < MINIMUM_ROWS:
        raise InputError(
            f"{target.name!r} is known for {known} rows; a model needs at least {MINIMUM_ROWS} "
            "(50 or more for useful intervals): add measurements"
        )


def require_variety(target: Target) -> None:
    """Refuse a target whose known values are all the same.

    Raises
    ------
    InputError
        If there is one value, or one class, only. It counts no rows: they may be merged, or those of one fold.
    """
    known = target.values[target.known]
    if not len(known) or (known != known[0]).any():
        return
    if target.task == POSITIVE_UNLABELLED:
        raise InputError(
            f"all {len(known):,} rows of {target.name!r} that are learned from are {target.classes[int(known[0])]}: "
            "both known and unlabelled ones are needed"
        )
    if target.task == "classification":
        only = target.classes[int(known[0])]
        raise UsageError(
            f"every row of {target.name!r} is {only!r}: there is nothing to distinguish; add rows of another class, or "
            "unlabelled ones, and state what stands in these (--unlabelled=VALUE)"
        )
    if known[0] == 1.0:
        raise UsageError(
            f"every known value of {target.name!r} is 1: there is nothing to distinguish; if others are unlabelled, "
            "state what stands in these (--unlabelled=blank, or --unlabelled=VALUE)"
        )
    raise InputError(
        f"every known value of {target.name!r} is {known[0]:g}: there is nothing to learn; add rows with other values"
    )


def _refuse_hopeless(labels: Labels) -> None:
    name = labels.target.name
    if labels.measured.sum() < MINIMUM_ROWS:
        raise InputError(
            f"only {labels.measured.sum()} of {len(labels)} values of {name!r} are measured, the others are bounds: "
            f"a model needs at least {MINIMUM_ROWS} measured values"
        )
    if labels.target.task == "regression":
        _refuse_extremes(name, np.abs(labels.values[labels.values != 0.0]))
    if len(np.unique(labels.units[labels.measured])) < 2:
        what = labels.unit if labels.grouped else labels.materials.kind.key_noun
        rows = "measured rows" if not labels.measured.all() else "rows"
        raise InputError(
            f"all {labels.measured.sum()} {rows} of {name!r} belong to one {what}; a model needs at least two"
        )


def _refuse_extremes(name: str, sizes: Floats) -> None:
    if sizes.max() > LARGEST or sizes.min() < 1.0 / LARGEST:
        strange = sizes.max() if sizes.max() > LARGEST else sizes.min()
        raise InputError(
            f"{name!r} has values as large or small as {strange:g}; values from {1.0 / LARGEST:g} to {LARGEST:g} can "
            "be learned, since their squares are computed: remove what is not a measurement, or give logarithms"
        )


def _weights(target: Target) -> Floats | None:
    """Weights 1 / (e^2 + m^2) for errors e with median m, scaled to mean 1.

    Where values are told apart by factors, errors are those of the logarithm, e / value. Adding the median keeps a few
    very small quoted errors from ruling the fit: no row weighs more than twice a row with the median error. Rows
    without an error get the median one.
    """
    if target.errors is None or not np.isfinite(target.errors).any():
        return None
    errors = np.abs(target.errors) / (target.values if target.scale == "log" else 1.0)
    median = float(np.nanmedian(errors))
    if median == 0.0:
        return None
    weights = 1.0 / (np.where(np.isfinite(errors), errors, median) ** 2 + median**2)
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def resolve_bounds(labels: Labels, predict_from: Callable[[NDArray[np.bool_]], Floats]) -> Floats:
    """Values [n] in which every bound is replaced by the likeliest value that keeps to it.

    One pass: a model learns from the measured rows only; where its prediction for a censored row keeps to the bound the
    prediction becomes the label, elsewhere the bound itself.

    Parameters
    ----------
    labels
        The training rows.
    predict_from
        Fits on the rows where its argument (bool [n]) is True and returns predictions for all n rows.
    """
    if labels.measured.all() or labels.target.censored is None:
        return labels.values
    predicted = predict_from(labels.measured)
    kept = np.where(
        labels.target.censored < 0, np.minimum(predicted, labels.values), np.maximum(predicted, labels.values)
    )
    return np.asarray(np.where(labels.measured, labels.values, kept), dtype=np.float64)
