"""Cells of ``shortlists.py`` put together: by split and number of labels, task, model and draw."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shortlist_scores import pooled
from shortlist_tasks import BY_NAME

from matscout.evaluation.statistics import PairedTest, corrected_t_test

Found = dict[str, Any]
Draws = dict[int, Found]

TREES, GP = "extratrees-magpie", "gp"
WITH_DONOR = ("auto", "auto-strict")


@dataclass(frozen=True)
class Contender:
    """A model and the order of its shortlist."""

    model: str
    order: str

    @property
    def name(self) -> str:
        return self.model if self.model == "nearest-label" else f"{self.model}, {self.order}"


RIVAL = Contender(TREES, "value")
RIVALS = (Contender("nearest-label", "value"), RIVAL, Contender(TREES, "ei"), Contender(GP, "ei"))


@dataclass(frozen=True, eq=False)
class Spread:
    """Mean over draws and its standard error (NaN of one draw)."""

    mean: float
    error: float
    n: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        told = np.array(list(values), dtype=np.float64)
        error = told.std(ddof=1) / math.sqrt(len(told)) if len(told) > 1 else math.nan
        return cls(float(told.mean()), float(error), len(told))

    def told(self, digits: int = 2) -> str:
        return f"{self.mean:.{digits}f}" + ("" if math.isnan(self.error) else f" ± {self.error:.{digits}f}")


@dataclass(frozen=True, eq=False)
class Block:
    """All that was found with one split and number of labels.

    Parameters
    ----------
    split, labels
        Of all cells.
    ours
        The model whose shortlists are judged.
    tasks
        Task -> model -> draw -> cell.
    """

    split: str
    labels: int
    ours: str
    tasks: dict[str, dict[str, Draws]]

    @property
    def judged(self) -> list[str]:
        """Tasks whose measured values our model has not learned before."""
        return [task for task in self.tasks if not is_taught(self.ours, task)]

    @property
    def own(self) -> list[Contender]:
        """Ours in every order."""
        return [Contender(self.ours, order) for order in self.orders]

    @property
    def orders(self) -> list[str]:
        """All that were made of our predictions."""
        cells = [cell for models in self.tasks.values() for cell in models.get(self.ours, {}).values()]
        return list(dict.fromkeys(order for cell in cells for order in cell["orders"]))

    @property
    def contenders(self) -> list[Contender]:
        """Ours in every order first."""
        return [*self.own, *RIVALS]

    def cells(self, task: str, model: str) -> list[Found]:
        """Of all draws."""
        return list(self.tasks[task].get(model, {}).values())

    def any_cells(self, task: str) -> list[Found]:
        """One for each draw: what holds for all models."""
        draws = {draw: cell for one in self.tasks[task].values() for draw, cell in one.items()}
        return list(draws.values())

    def values(self, task: str, who: Contender, read: Callable[[Found], float]) -> dict[tuple[int, str], float]:
        """What is read of a contender's lists: (draw, mark of its rows) -> number."""
        draws = self.tasks[task].get(who.model, {})
        return {
            (draw, cell["rows"]): read(cell["orders"][who.order])
            for draw, cell in draws.items()
            if who.order in cell["orders"]
        }

    def spread(self, task: str, who: Contender, read: Callable[[Found], float]) -> Spread | None:
        """Over draws; None where there is none."""
        found = self.values(task, who, read)
        return Spread.of(found.values()) if found else None

    def pairs(self, task: str, who: Contender, read: Callable[[Found], float]) -> dict[int, float]:
        """Draw -> what a contender has more than trees by predicted value on the same rows."""
        ours, theirs = self.values(task, who, read), self.values(task, RIVAL, read)
        return {key[0]: ours[key] - theirs[key] for key in sorted(ours.keys() & theirs.keys())}

    def pairs_of_all(self, who: Contender, read: Callable[[Found], float]) -> list[float]:
        """The same in the mean over tasks, of each draw that all tasks have."""
        tasks = [self.pairs(task, who, read) for task in self.judged]
        draws = sorted(set.intersection(*(set(one) for one in tasks))) if tasks else []
        return [sum(one[draw] for one in tasks) / len(tasks) for draw in draws]

    def chance(self, task: str) -> Spread:
        """Share of the best among the candidates: the precision that chance has."""
        return Spread.of(cell["best"] / cell["n"] for cell in self.any_cells(task))

    def counts(self, task: str, model: str, event: str) -> Found | None:
        """Calibration of a model's chances, pooled over draws."""
        cells = self.cells(task, model)
        return pooled([cell[event] for cell in cells]) if cells else None


def blocks(cells: Iterable[Found], ours: str) -> list[Block]:
    """Random splits first, few labels first; tasks as they come."""
    found: dict[tuple[int, str], dict[str, dict[str, Draws]]] = {}
    for cell in cells:
        tasks = found.setdefault((cell["labels"], cell["split"]), {})
        tasks.setdefault(cell["task"], {}).setdefault(cell["model"], {})[cell["draw"]] = cell
    order = sorted(found, key=lambda key: (key[0], key[1] != "random"))
    return [Block(split, labels, ours, found[labels, split]) for labels, split in order]


def is_taught(model: str, task: str) -> bool:
    """Whether the donor of a model has learned the very property of a task, of these materials, too."""
    return BY_NAME[task].taught and model in WITH_DONOR


def precision(k: int) -> Callable[[Found], float]:
    """Reads the share of the best among the first k of a list."""
    return lambda listed: float(listed[f"first{k}"]) / k


def tested(differences: Sequence[float]) -> PairedTest:
    """Paired t test of differences against zero."""
    ours = np.array(differences, dtype=np.float64)
    return corrected_t_test(ours, np.zeros_like(ours), 0.0)


def beyond_noise(differences: Sequence[float]) -> bool:
    """Whether a difference is more than chance would make in one of twenty; two draws cannot tell."""
    return len(differences) > 2 and bool(tested(differences).p_value < 0.05)
