"""How donors are judged: peers on the same draws of few labels, each beside one forest without a donor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from donor_tasks import CONTEST
from jobs import Job, PeerJob
from peers import Floats, Forest, Peer
from tasks import Benchmark

BASE = Forest("scikit-learn ExtraTrees on magpie and ionic", ("magpie", "ionic"))
"""The judge without a donor."""


def missing_cells(tasks: Sequence[Benchmark], peers: Sequence[Peer], folder: Path) -> Iterator[Job]:
    """What is not stored yet, draw by draw."""
    for task in tasks:
        grid = task.grid(CONTEST)
        for number, split in enumerate(grid.splits):
            for peer in peers:
                if not peer.path(grid, split, folder).is_file():
                    yield PeerJob(task, CONTEST, peer, number)


def are_judged(tasks: Sequence[Benchmark], peers: Sequence[Peer], folder: Path) -> bool:
    """Whether all cells are stored."""
    return next(missing_cells(tasks, [BASE, *peers], folder), None) is None


def against_base(tasks: Sequence[Benchmark], peer: Peer, folder: Path) -> dict[str, dict[str, list[float]]]:
    """Task -> errors of each draw with the donor and without, both with the better of mean and median."""
    judges = {"with": peer, "without": BASE}
    return {
        task.name: {side: draw_errors(task, judge, folder).tolist() for side, judge in judges.items()} for task in tasks
    }


def draw_errors(task: Benchmark, peer: Peer, folder: Path) -> Floats:
    """MAE of each draw [k], of that statistic (over trees or networks) whose mean over the draws is lower."""
    grid = task.grid(CONTEST)
    values = grid.dataset.target(grid.target).values
    cells = [peer.cell(grid, split, folder) for split in grid.splits]
    errors = [
        [float(np.abs(getattr(cell, statistic) - values[split.test]).mean()) for statistic in ("mean", "median")]
        for cell, split in zip(cells, grid.splits, strict=True)
    ]
    both = np.array(errors)
    return np.asarray(both[:, both.mean(axis=0).argmin()], dtype=np.float64)


def n_draws(tasks: Sequence[Benchmark]) -> int:
    """Draws of each task."""
    return len(tasks[0].grid(CONTEST).splits) if tasks else 0
