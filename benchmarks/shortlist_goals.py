"""What shortlists are to reach, and whether they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shortlist_blocks import Block, Contender, beyond_noise, precision, tested
from shortlist_scores import calibration_error

T = TypeVar("T")

LIFT = 3.0
"""Times chance, among the first 20."""
ERRORS = {"random": 0.05, "family": 0.08}
"""Largest expected calibration error."""
WIDTH = 1.0
"""Largest interval of the first 20, in spreads of the labels."""


@dataclass(frozen=True)
class Goal:
    """What was wanted and what came of it; ``met`` is None where nothing was run."""

    wanted: str
    order: str
    found: str
    met: bool | None


def goals(block: Block) -> list[Goal]:
    """Of one split and number of labels, each for every order."""
    made = (_lift, _not_below, _width)
    found = [goal for make in made for who in block.own if (goal := make(block, who))]
    calibrated = _calibrated(block)
    return [*found, calibrated] if calibrated else found


def _lift(block: Block, who: Contender) -> Goal | None:
    lifts = _read(block, lambda task: _lift_of(block, task, who))
    if not lifts:
        return None
    reached = sum(lift >= LIFT for lift in lifts.values())
    worst = min(lifts, key=lambda task: lifts[task])
    told = f"{reached} of {len(lifts)} tasks; mean {_mean(lifts):.1f} x, least {lifts[worst]:.1f} x ({worst})"
    return Goal(f"first 20 hold at least {LIFT:g} x chance, on every task", who.order, told, reached == len(lifts))


def _lift_of(block: Block, task: str, who: Contender) -> float | None:
    found = block.spread(task, who, precision(20))
    return None if found is None else found.mean / block.chance(task).mean


def _not_below(block: Block, who: Contender) -> Goal | None:
    pairs = _read(block, lambda task: list(block.pairs(task, who, precision(20)).values()) or None)
    if not pairs:
        return None
    means = {task: tested(one).difference for task, one in pairs.items()}
    noise = {task: beyond_noise(one) for task, one in pairs.items()}
    better, worse = ([task for task, mean in means.items() if sign * mean > 0] for sign in (1, -1))
    sure_better, sure_worse = ([task for task in tasks if noise[task]] for tasks in (better, worse))
    told = (
        f"better on {len(better)} ({len(sure_better)} beyond noise), worse on {len(worse)} ({len(sure_worse)} beyond "
        f"noise{': ' + ', '.join(sure_worse) if sure_worse else ''}) of {len(pairs)}; mean {_mean(means):+.3f}"
    )
    known = all(len(one) > 2 for one in pairs.values())
    wanted = "first 20 not below those of trees by value beyond noise, on any task"
    return Goal(wanted, who.order, told, not sure_worse if known else None)


def _width(block: Block, who: Contender) -> Goal | None:
    widths = _read(block, lambda task: _mean_width(block, task, who))
    if not widths:
        return None
    widest = max(widths, key=lambda task: widths[task])
    reached = sum(width <= WIDTH for width in widths.values())
    told = f"{reached} of {len(widths)} tasks; mean {_mean(widths):.2f}, largest {widths[widest]:.2f} ({widest})"
    wanted = f"median interval of the first 20 at most {WIDTH:.1f} spreads of the labels, on every task"
    return Goal(wanted, who.order, told, reached == len(widths))


def _mean_width(block: Block, task: str, who: Contender) -> float | None:
    found = block.spread(task, who, lambda listed: float(listed["width"]))
    return None if found is None else found.mean


def _calibrated(block: Block) -> Goal | None:
    counts = _read(block, lambda task: block.counts(task, block.ours, "top"))
    if not counts:
        return None
    errors = {task: calibration_error(one) for task, one in counts.items()}
    limit, worst = ERRORS[block.split], max(errors, key=lambda task: errors[task])
    reached = sum(error <= limit for error in errors.values())
    told = f"{reached} of {len(errors)} tasks; mean {_mean(errors):.3f}, largest {errors[worst]:.3f} ({worst})"
    wanted = f"calibration error of the chance to be among the best 5 % at most {limit:.2f}, on every task"
    return Goal(wanted, "any", told, reached == len(errors))


def _read(block: Block, read: Callable[[str], T | None]) -> dict[str, T]:
    """Of each task that has it, but those that our model knew before."""
    return {task: value for task in block.judged if (value := read(task)) is not None}


def _mean(values: dict[str, float]) -> float:
    return sum(values.values()) / len(values)
