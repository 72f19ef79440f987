"""Who learns from structures, who from formulas, and the figures made of their finished cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jobs import Job, PeerJob, is_stored, model_jobs
from peers import PEER, Forest, Peer
from structure_tasks import SIZES, Property, benchmarks
from tasks import Benchmark, Contest

from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.evaluating import TREE_BASELINE
from matscout.evaluation.grid import Grid
from matscout.evaluation.scores import score
from matscout.evaluation.statistics import wilcoxon_test
from matscout.predict.base import Predictions
from matscout.store import Store

MODEL, WITHOUT = "auto-for-structures", "auto-without-donor"
FROM_STRUCTURES = Contest(MODEL, (WITHOUT,))
FROM_FORMULAS = Contest(MODEL, (WITHOUT, TREE_BASELINE))
PUBLISHED_FOREST = Forest("ExtraTrees on orbital field matrix and XRD", ("orbital-field-matrix", "xrd-pattern"))
"""As in the Deep InfoMax paper."""


@dataclass(frozen=True)
class Task:
    """One property, number of labels and way of testing, told with structures and from formulas alone."""

    of: Property
    size: int
    structures: Benchmark
    formulas: Benchmark

    @property
    def name(self) -> str:
        return self.structures.name

    @property
    def kind(self) -> str:
        """ "few" or "few-grouped"."""
        return self.structures.kind

    @property
    def goal(self) -> float | None:
        """Ratio to the better tree that is asked for."""
        return self.of.goals[SIZES.index(self.size)] if self.kind == "few" else None

    def jobs(self, folder: Path) -> Iterator[Job]:
        """The cells that are missing, draw by draw."""
        yield from model_jobs(self.formulas, FROM_FORMULAS, folder, (*FROM_FORMULAS.names, PEER.name))
        yield from model_jobs(self.structures, FROM_STRUCTURES, folder, FROM_STRUCTURES.names)
        yield from missing_peers(self.structures, [PUBLISHED_FOREST], folder)


def tasks(of: Sequence[Property], sizes: Sequence[int], draws: int) -> list[Task]:
    """All tasks, few labels first."""
    return [
        Task(one, size, told, untold)
        for size in sizes
        for one in of
        for told, untold in zip(
            benchmarks(one, size, draws), benchmarks(one, size, draws, structures=False), strict=True
        )
    ]


def missing_peers(benchmark: Benchmark, peers: Sequence[Peer], folder: Path) -> Iterator[Job]:
    """Cells of peers that are missing."""
    grid = benchmark.grid(FROM_STRUCTURES)
    for number, split in enumerate(grid.splits):
        for peer in peers:
            if not peer.path(grid, split, folder).is_file():
                yield PeerJob(benchmark, FROM_STRUCTURES, peer, number)


def record(task: Task, folder: Path) -> dict[str, Any] | None:
    """Everything that is said about one task; None if cells are missing."""
    told, untold = task.structures.grid(FROM_STRUCTURES), task.formulas.grid(FROM_FORMULAS)
    if not (_finished(told, folder) and _finished(untold, folder)) or list(task.jobs(folder)):
        return None
    models = {f"{model.name}, structures": figures_of_model(told, model, folder) for model in told.models}
    models |= {
        f"{model.name}, formulas": figures_of_model(untold, model, folder)
        for model in untold.models
        if model.name in FROM_STRUCTURES.names
    }
    forests = [
        figures_of_model(untold, model, folder)["errors"] for model in untold.models if model.name == TREE_BASELINE
    ]
    trees = [*forests, *errors_of_peer(untold, PEER, folder)]
    tree = min(trees, key=np.mean)
    published = min(errors_of_peer(told, PUBLISHED_FOREST, folder), key=np.mean)
    ours = models[f"{MODEL}, structures"]["errors"]
    return {
        "name": task.name,
        "property": task.of.name,
        "size": task.size,
        "kind": task.kind,
        "unit": task.of.unit,
        "n": len(told.dataset),
        "draws": len(told.splits),
        "tested": float(np.mean([len(split.test) for split in told.splits])),
        "goal": task.goal,
        "models": models,
        "tree": tree,
        "published": published,
        "p_tree": wilcoxon_test(np.array(ours), np.array(tree)).p_value if len(ours) > 1 else None,
    }


def _finished(grid: Grid, folder: Path) -> bool:
    return all(is_stored(grid, model, split, folder) for model in grid.models for split in range(len(grid.splits)))


def figures_of_model(grid: Grid, model: ModelSettings, folder: Path) -> dict[str, Any]:
    """MAE of each draw, and what its intervals are worth on average."""
    target, store = grid.dataset.target(grid.target), Store(folder)
    cells = [grid.cell(model, split, store) for split in grid.splits]
    found = []
    for cell, split in zip(cells, grid.splits, strict=True):
        assert isinstance(cell.predictions, Predictions)
        found.append(score(target, split.test, cell.predictions))
    means = {name: float(np.mean([one[name] for one in found])) for name in ("rmse", "coverage", "width", "winkler")}
    seconds = float(np.mean([cell.seconds for cell in cells]))
    return {"errors": [float(one["mae"]) for one in found], **means, "seconds": seconds}


def errors_of_peer(grid: Grid, peer: Peer, folder: Path) -> list[list[float]]:
    """MAE of each draw, with the mean and with the median over trees."""
    values = grid.dataset.target(grid.target).values
    cells = [(peer.cell(grid, split, folder), values[split.test]) for split in grid.splits]
    return [
        [float(np.abs(getattr(cell, statistic) - measured).mean()) for cell, measured in cells]
        for statistic in ("mean", "median")
    ]
