"""What crystal networks say that learn on from few labels: ``python benchmarks/crystal_fine_tuning.py``.

The model ``fine-tuned`` from each network named by ``--weights NAME=RUN/artefact``, and from one that was never
trained, alone and averaged with the Gaussian process of ``crystal_blocks.py`` on descriptors and Mat2Vec, where it
counts ``SHARE``. Draws of labels are the first of those of ``crystal_blocks.py``; a fit takes minutes, so there are
few. Every cell is stored under ``benchmarks/cells``, and a killed run goes on where it was. Writes
``benchmarks/results/crystal_fine_tuning.md``.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from crystal_blocks import BESIDE, Cell, Task, all_tasks, truth, untrained_copies
from jobs import CELLS, RESULTS, Job, chosen, fail_if, run
from peers import Floats
from structure_tasks import DRAWS
from tables import number, table
from tasks import SEED

from matscout.data.files import atomic_write, write_text_whole
from matscout.evaluation.code import code_digest
from matscout.predict.base import Predictions
from matscout.predict.fitting import make_model
from matscout.represent.embedding import make_representation

SHARE = 0.3
"""What a network that learned on counts beside descriptors and Mat2Vec; set before it was measured."""
FEW = 4
TASKS = ("bulk-modulus-100-labels", "formation-energy-100-labels")
UNTRAINED = "untrained weights"
PROCESS = "Gaussian process on descriptors and Mat2Vec"


@dataclass(frozen=True)
class Tuned(Job):
    """Predictions of the first draws of a task by a network that learned on from the weights at an address."""

    task: Task
    address: str

    @property
    def name(self) -> str:
        return f"{self.task.name}, {self.address}"

    def path(self, folder: Path) -> Path:
        """Where the predictions are stored."""
        told = json.dumps([code_digest(), self.task.name, [], [make_representation(self.address).origin], FEW])
        return folder / f"blocks-{hashlib.sha256(told.encode()).hexdigest()[:32]}.npz"

    def make(self, folder: Path) -> None:
        found = {}
        for draw, (dataset, target, split) in enumerate(self.task.splits(FEW)):
            model = make_model(f"fine-tuned={self.address.partition('=')[2]}", seed=SEED)
            predictions = model.fit(dataset[split.train], target).predict(dataset[split.test].materials)
            assert isinstance(predictions, Predictions)
            found[str(draw)] = predictions.predicted.astype(np.float32)
        with atomic_write(self.path(folder)) as unfinished, unfinished.open("wb") as file:
            np.savez(file, **found)  # type: ignore[arg-type]

    def predictions(self) -> list[Floats] | None:
        """Of the tested rows of each draw, None if they are not finished."""
        path = self.path(CELLS)
        if not path.is_file():
            return None
        with np.load(path) as stored:
            return [stored[str(draw)].astype(np.float64) for draw in range(FEW)]


def errors(task: Task, told: Sequence[Floats]) -> Floats:
    """MAE of each draw."""
    return np.array([np.abs(mean - label).mean() for mean, label in zip(told, truth(task, DRAWS), strict=False)])


def page(tasks: Sequence[Task], starts: Mapping[str, str]) -> str:
    """The result as Markdown."""
    packages = ", ".join(f"{package} {version(package)}" for package in ("matscout", "torch", "numpy"))
    return "\n".join(
        [
            "# Crystal networks that learn on from few labels",
            "",
            f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, {platform.machine()}, Python "
            f"{platform.python_version()}; {packages}; code sha256 {code_digest()[:16]}….",
            f"The model `fine-tuned` from several weights, the first {FEW} draws of labels: mean MAE ± standard "
            f"deviation over the draws, alone and averaged with the {PROCESS}, where it counts {SHARE:g}.",
            "Command: `.venv/bin/python benchmarks/crystal_fine_tuning.py --weights NAME=RUN/artefact ...`.",
            "",
            *(text for task in tasks for text in _task(task, starts)),
        ]
    )


def _task(task: Task, starts: Mapping[str, str]) -> list[str]:
    process = Cell(task, BESIDE, DRAWS).predictions()
    if process is None:
        return [f"**{task.name}: not finished.**", ""]
    lines, missing = [[PROCESS, _spread(errors(task, process[:FEW])), ""]], []
    for name, address in starts.items():
        told = Tuned(task, address).predictions()
        if told is None:
            missing.append(name)
            continue
        averaged = [SHARE * own + (1 - SHARE) * other for own, other in zip(told, process, strict=False)]
        lines.append([f"from {name}", _spread(errors(task, told)), _spread(errors(task, averaged))])
    return [
        f"## {task.name} ({task.of.unit})",
        "",
        *([f"**Not finished: {', '.join(missing)}.**", ""] if missing else []),
        table(("", "alone", "averaged"), lines),
        "",
    ]


def _spread(found: Floats) -> str:
    return f"{number(found.mean())} ± {number(found.std(ddof=1))}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", nargs="+", required=True, metavar="NAME=FOLDER", help="networks, by name")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), metavar="NAME", help="names or patterns")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cells made at the same time (processes)")
    options = parser.parse_args()
    weights = dict(one.split("=", 1) for one in options.weights)
    starts = {name: f"crystal-network={folder}" for name, folder in weights.items()}
    starts[UNTRAINED] = untrained_copies(next(iter(weights.values())), 1)[0]
    tasks = chosen(all_tasks(), options.tasks)
    wanted: list[Cell | Tuned] = [Cell(task, BESIDE, DRAWS) for task in tasks]
    wanted += [Tuned(task, address) for task in tasks for address in starts.values()]
    failed = run([cell for cell in wanted if not cell.path(CELLS).is_file()], CELLS, options.jobs)
    print(write_text_whole(RESULTS / "crystal_fine_tuning.md", page(tasks, starts)))
    fail_if(failed)


if __name__ == "__main__":
    main()
