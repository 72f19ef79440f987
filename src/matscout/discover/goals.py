"""Goals: read what a person writes, and make precise what counts as reaching it."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.counting import unit_behind
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.headings import split_heading
from matscout.data.yields import possible
from matscout.discover.base import Goal
from matscout.errors import UsageError
from matscout.predict.transforms import LINEAR, TargetTransform, transform_of

Floats = NDArray[np.float64]

TOLERANCE = 0.1
"""A goal that is a single value counts as met within this share of the labels' standard deviation; so does the largest
or smallest value there can be, where a label has reached it."""

_FORM = (
    'a goal is "max", "min", "absmax", a value or LOW:HIGH, with the target in front if there are several: '
    '"gap=1.1:1.6"'
)


_TWO_NUMBERS = re.compile(r"([-+]?[0-9.]*[0-9])(?:,|-|\.\.|\u2013| to )([-+]?[0-9.]*[0-9])")
"""Two numbers with something else than a colon between them."""


@dataclass(frozen=True)
class Aim:
    """A goal made precise by the labels.

    Parameters
    ----------
    goal
        What was asked for.
    low, high
        The goal counts as met by a value in ``low..high``, in ``unit``: beyond the best label for "max" and "min",
        within :data:`TOLERANCE` for a single value, and for "max" and "min" where the best label is at the limit of
        what can be (a yield of 100 %). For "absmax" they are of the size. For classes: the position of the wanted
        class, twice.
    reference
        What a candidate must beat for an improvement: the best label ("max", "min"; at the limit ``low`` or ``high``),
        or the distance on the scale from the wanted range of the label closest to it, but at least the tolerance (so
        that candidates inside the range still differ when a label is inside as well).
    unit
        Unit of the target, None if unknown.
    classes
        Class labels of a classification target; empty for numbers.
    at_limit
        Whether nothing can be better than the best label.
    scale
        The scale of the target, on which distances are measured.
    """

    goal: Goal
    low: float
    high: float
    reference: float
    unit: str | None
    classes: tuple[str, ...] = ()
    at_limit: bool = False
    scale: TargetTransform = LINEAR

    @property
    def range_on_scale(self) -> tuple[float, float]:
        """The wanted range on the scale of the target; nothing there can be is below 0 on a logarithmic one."""
        low, high = self.placed(np.array([self.goal.low, self.goal.high]))
        return float(low), float(high)

    def placed(self, values: Floats) -> Floats:
        """Values on the scale, elementwise; what has no logarithm lies below everything that has one."""
        return self.scale.placed(values)

    def is_met(self, values: Floats | NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether values in the target's unit (of classes: positions) lie in ``low..high``, elementwise."""
        values = np.abs(values) if self.goal.kind == "absmax" else values
        return np.asarray((values >= self.low) & (values <= self.high))

    def distance(self, lowest: Floats, highest: Floats | None = None) -> Floats:
        """How far what reaches from ``lowest`` to ``highest`` lies from the range asked for; 0 where they touch, [n].

        All on the scale (see :meth:`placed`); None: single places.
        """
        low, high = self.range_on_scale
        return np.maximum(np.maximum(low - (lowest if highest is None else highest), lowest - high), 0.0)

    def widened(self, slack: float) -> tuple[float, float]:
        """The range that was asked for with its ends moved outwards on the scale; an open end stays open."""
        low, high = self.range_on_scale
        begin, end = self.scale.inverse(np.array([low - slack, high + slack])).tolist()
        return (begin if math.isfinite(low) else self.goal.low, end if math.isfinite(high) else self.goal.high)

    @property
    def words(self) -> str:
        """What counts as reaching the goal, e.g. ``"1.1 to 1.6 eV"`` or ``"more than the best label, 5.2 eV"``."""
        unit = unit_behind(self.unit)
        if self.classes:
            return f"{self.goal.target} = {self.classes[int(self.low)]}"
        if self.goal.is_extreme and not self.at_limit:
            beyond = {
                "max": f"more than the best label, {self.low:.4g}{unit}",
                "min": f"less than the best label, {self.high:.4g}{unit}",
                "absmax": f"a size of more than the best label's, {self.low:.4g}{unit}",
            }
            return beyond[self.goal.kind]
        if math.isinf(self.high):
            return f"at least {self.low:.4g}{unit}"
        if math.isinf(self.low):
            return f"at most {self.high:.4g}{unit}"
        return f"{self.low:.4g} to {self.high:.4g}{unit}"


def parse_goals(texts: Sequence[str], targets: Mapping[str, Target]) -> tuple[Goal, ...]:
    """Read goals such as ``"gap=1.1:1.6"``, ``"max"``, ``"kappa=min"``, ``"S=absmax"``, ``"0.8"``, ``"is_metal=1"``.

    "absmax" asks for the largest size, whichever the sign: where all known values have one sign it is "max" or "min".
    "absmin" is the value 0.
    ``LOW:`` and ``:HIGH`` leave one end open. The goal for a target with classes is one of its classes; its position is
    the goal's value.

    Raises
    ------
    UsageError
        If a goal cannot be read, names an unknown target, or a target has two goals.
    """
    if not texts:
        raise UsageError(f"name at least one goal: {_FORM}")
    goals = tuple(_parse(text, targets) for text in texts)
    names = [goal.target for goal in goals]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"{twice!r} has {names.count(twice)} goals; give one for each target")
    return goals


def refuse_unlabelled(target: Target) -> None:
    """Refuse a goal for a target of known and unlabelled rows, with a :class:`~matscout.errors.UsageError`."""
    if target.task == POSITIVE_UNLABELLED:
        raise UsageError(
            f"{target.name} holds known and unlabelled rows, and goals are for numbers and classes: rank materials by "
            "their likeness to the known ones with matscout predict"
        )


def _parse(text: str, targets: Mapping[str, Target]) -> Goal:
    name, _, wanted = text.rpartition("=")
    target = _target(name.strip(), text, targets)
    refuse_unlabelled(target)
    if target.task == "classification":
        return _class_goal(target, wanted.strip())
    wanted = wanted.strip().lower()
    if wanted == "absmin":
        return Goal(target.name, 0.0, 0.0)
    if wanted == "absmax":
        return _of_size(target)
    if wanted in ("max", "min"):
        end = math.inf if wanted == "max" else -math.inf
        return Goal(target.name, end, end)
    return Goal(target.name, *_bounds(text, wanted))


def _of_size(target: Target) -> Goal:
    """The largest size; of values with one sign that is the largest or smallest value."""
    known = target.values[target.known]
    if len(known) and known.min() >= 0:
        return Goal(target.name, math.inf, math.inf)
    if len(known) and known.max() <= 0:
        return Goal(target.name, -math.inf, -math.inf)
    return Goal(target.name, -math.inf, math.inf)


def _bounds(text: str, wanted: str) -> tuple[float, float]:
    """The ends of a value or a range, which is part of a goal's text; an end left out is infinite."""
    low, colon, high = (part.strip() for part in wanted.partition(":"))
    if not colon:
        value = _number(text, low)
        if math.isinf(value):
            raise UsageError(f"the goal {text!r} is not a value to approach: use {'max' if value > 0 else 'min'}")
        return value, value
    if {low, high} & {"max", "min"}:
        raise UsageError(
            f"the goal {text!r} combines max or min with a number: use one of them, or leave an end of a range open "
            '("5:" is 5 and more, ":5" is 5 and less)'
        )
    bounds = (_number(text, low) if low else -math.inf, _number(text, high) if high else math.inf)
    if bounds[0] > bounds[1]:
        raise UsageError(f"the goal {text!r} goes from high to low: write {bounds[1]:g}:{bounds[0]:g}")
    if not any(map(math.isfinite, bounds)):
        raise UsageError(f"the goal {text!r} has no end, so every value meets it; {_FORM}")
    return bounds


def _number(text: str, part: str) -> float:
    """A number that is a part of a goal's text."""
    try:
        value = float(part)
    except ValueError as error:
        match = _TWO_NUMBERS.fullmatch(part)
        hint = f'for a range write "{match[1]}:{match[2]}"' if match else _FORM
        hint += f', for a decimal point "{part.replace(",", ".")}"' if match and "," in part else ""
        raise UsageError(f"cannot read the goal {text!r}: {part!r} is not a number; {hint}") from error
    if math.isnan(value):
        raise UsageError(f"the goal {text!r} is nan, which is not a number; {_FORM}")
    if math.isinf(value) and "inf" not in part:
        raise UsageError(
            f"the goal {text!r} contains {part}, beyond the largest number that can be represented "
            f"({sys.float_info.max:.1e}): leave that end open, e.g. {':2' if value < 0 else '2:'}"
        )
    return value


def _target(name: str, text: str, targets: Mapping[str, Target]) -> Target:
    known = ", ".join(targets) or "none"
    if name in targets:
        return targets[name]
    by_lower = {key.lower(): target for key, target in targets.items()}
    without_unit = split_heading(name).name.lower()
    if without_unit in by_lower:
        return by_lower[without_unit]
    if name:
        raise UsageError(f"the goal {text!r} names no target of the data set; its targets are {known}")
    if len(targets) != 1:
        raise UsageError(f"name the target of the goal {text!r}, e.g. TARGET={text}; the data set has {known}")
    return next(iter(targets.values()))


def _class_goal(target: Target, wanted: str) -> Goal:
    if wanted not in target.classes:
        choices = ", ".join(target.classes)
        raise UsageError(f"the goal for {target.name} must be one of its classes {choices}; got {wanted!r}")
    position = float(target.classes.index(wanted))
    return Goal(target.name, position, position)


def aim_of(goal: Goal, labels: Dataset) -> Aim:
    """Make a goal precise: what counts as met, and what a candidate must beat.

    Raises
    ------
    UsageError
        If the data set has no such target, or no known value of it.
    """
    return aim_for(goal, labels.target(goal.target))


def aim_for(goal: Goal, target: Target) -> Aim:
    """As :func:`aim_of`, from the labels of the goal's target alone."""
    known = target.values[target.known]
    if len(known) == 0:
        raise UsageError(f"no value of {goal.target} is known, so it cannot have a goal")
    refuse_unlabelled(target)
    if target.task == "classification":
        return Aim(goal, goal.low, goal.high, 0.0, target.unit, target.classes)
    scale = transform_of(target.scale)
    _refuse_unreachable(goal, target)
    return _extreme(goal, target, known, scale) if goal.is_extreme else _range(goal, target, known, scale)


def _refuse_unreachable(goal: Goal, target: Target) -> None:
    if target.scale == "log" and math.isfinite(goal.high) and goal.high <= 0:
        raise UsageError(
            f"the goal is {target.name} of at most {goal.high:g}, but all labels are positive and compared by "
            "factors: name a positive goal, or use --scale=linear"
        )


def _extreme(goal: Goal, target: Target, known: Floats, scale: TargetTransform) -> Aim:
    tolerance = TOLERANCE * float(known.std())
    lowest, highest = possible(target)
    if goal.kind == "absmax":
        best = float(np.abs(known).max())
        return Aim(goal, best, math.inf, best, target.unit, scale=scale)
    if goal.kind == "max":
        at_limit = bool(known.max() >= highest)
        best = highest - tolerance if at_limit else float(known.max())
        return Aim(goal, best, math.inf, best, target.unit, at_limit=at_limit, scale=scale)
    at_limit = bool(known.min() <= lowest)
    best = lowest + tolerance if at_limit else float(known.min())
    return Aim(goal, -math.inf, best, best, target.unit, at_limit=at_limit, scale=scale)


def _range(goal: Goal, target: Target, known: Floats, scale: TargetTransform) -> Aim:
    """A range, or a value that counts as met within the tolerance."""
    asked = Aim(goal, goal.low, goal.high, 0.0, target.unit, scale=scale)
    places = scale.forward(known)
    tolerance, nearest = TOLERANCE * float(places.std()), float(asked.distance(places).min())
    ends = asked.widened(tolerance) if goal.kind == "value" and tolerance else (goal.low, goal.high)
    return replace(asked, low=ends[0], high=ends[1], reference=max(nearest, tolerance))
