"""Side studies on structures: what is told beside the labels, one way next to the other on the same draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs import Job, is_stored, model_jobs
from structure_fidelities import ways
from structure_study import WITHOUT, figures_of_model
from structure_tasks import PROPERTIES, benchmarks
from tasks import Benchmark, Contest

from matscout.registry import load_class

SIZES = (50, 100, 250)
SIMULATED = ("bulk-modulus", "shear-modulus")
SIMULATING = "auto-simulated-without-donor"


@dataclass(frozen=True)
class Way:
    """One way of telling: a model on a benchmark."""

    label: str
    benchmark: Benchmark
    model: str

    @property
    def contest(self) -> Contest:
        return Contest(self.model, ())


@dataclass(frozen=True)
class Side:
    """One task with all ways, the plain one first."""

    name: str
    unit: str
    ways: tuple[Way, ...]

    @property
    def goal(self) -> None:
        """None was set."""
        return

    def jobs(self, folder: Path) -> Iterator[Job]:
        """The cells that are missing."""
        for way in self.ways:
            yield from model_jobs(way.benchmark, way.contest, folder, (way.model,))


def fidelity_sides(draws: int) -> list[Side]:
    """Few hybrid gaps."""
    return [
        Side(
            f"hybrid-gap-{size}-labels",
            "eV",
            tuple(Way(label, benchmark, WITHOUT) for label, benchmark in ways(size, draws).items()),
        )
        for size in SIZES
    ]


def simulated_sides(draws: int) -> list[Side]:
    """Moduli with and without what a force field computes."""
    made = [one for one in PROPERTIES if one.name in SIMULATED]
    tasks = [(one, benchmarks(one, size, draws)[0]) for size in SIZES for one in made]
    return [
        Side(
            benchmark.name,
            one.unit,
            (Way("structures", benchmark, WITHOUT), Way("and simulations", benchmark, SIMULATING)),
        )
        for one, benchmark in tasks
    ]


def can_simulate() -> bool:
    """Whether the force field is installed."""
    return bool(load_class("representations", "force-field-response").at_hand())


def side_record(side: Side, folder: Path) -> dict[str, Any] | None:
    """Errors of every way; None if cells are missing."""
    found = {}
    for way in side.ways:
        grid = way.benchmark.grid(way.contest)
        (model,) = grid.models
        if not all(is_stored(grid, model, split, folder) for split in range(len(grid.splits))):
            return None
        found[way.label] = figures_of_model(grid, model, folder)
    return {"name": side.name, "unit": side.unit, "ways": found}
