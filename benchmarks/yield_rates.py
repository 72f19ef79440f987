"""Rates on reactions, ours beside chemprop's: ``python benchmarks/yield_rates.py``.

The 2,767 training rows of Buchwald-Hartwig's first random split, one thread, CPU seconds: an epoch of one network
(four less two, so that what is prepared once does not count), prediction of all rows with one network by either side
and with all of ``uam``, and molecular descriptors the first time and the second. Both sides in turn, the median of
three.
Writes ``benchmarks/results/yield-rates.md``.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from unittest.mock import patch

import numpy as np
import torch
import yield_rival
from jobs import RESULTS
from numpy.typing import NDArray
from yield_tasks import BUCHWALD, published

from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.predict.fitting import make_model
from matscout.predict.models.uam import DESCRIPTORS
from matscout.predict.scaling import Scaling
from matscout.predict.yield_network import BATCH, Lesson, Shape, TrainedYields, train
from matscout.represent.embedding import embed

TIMES = 3
EPOCHS = (2, 4)
CACHED = "reaction-mordred"
Rows = NDArray[np.int64]


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


class Ours:
    """``uam``'s networks on the descriptors that it uses."""

    name = "`uam`"

    def __init__(self, dataset: Dataset) -> None:
        vectors = np.hstack([embed(dataset.materials, name).vectors for name in DESCRIPTORS])
        values = dataset.target().values
        assert dataset.materials.reactions is not None
        self.lesson = Lesson(
            dataset.materials.reactions,
            Scaling.fit(vectors).transform(vectors),
            (values - values.mean()) / values.std(),
            np.ones(len(values)),
        )
        self.learned = BATCH * (len(values) // BATCH)
        self.network = self.learn(EPOCHS[0])

    def learn(self, epochs: int) -> TrainedYields:
        """One network."""
        steps = epochs * (len(self.lesson.values) // BATCH)
        network = train(Shape(self.lesson.inputs.shape[1]), self.lesson, steps=steps, seed=0)
        self.parameters = sum(one.numel() for one in network.parameters())
        return TrainedYields([network], passes=1)

    def predict(self) -> object:
        """All rows, with one network and nothing dropped but one draw."""
        return self.network.say(self.lesson.reactions, self.lesson.inputs)


class Theirs:
    """chemprop's network; what it computes of molecules once is kept."""

    def __init__(self, dataset: Dataset) -> None:
        self.name = f"chemprop {version('chemprop')}"
        self.dataset, self.rows = dataset, np.arange(len(dataset))
        self.learned = len(dataset) - round(yield_rival.VALIDATION * len(dataset))
        self.network = self.learn(EPOCHS[0])
        self.parameters = sum(one.numel() for one in self.network.parameters())

    def learn(self, epochs: int) -> torch.nn.Module:
        """One network."""
        network: torch.nn.Module = yield_rival.Chemprop(self.dataset, epochs=epochs).fit(self.rows)
        return network

    def predict(self) -> object:
        """All rows."""
        return yield_rival.Chemprop(self.dataset).predict(self.network, self.rows)


def measured(sides: list[Ours | Theirs]) -> dict[str, tuple[float, float]]:
    """Name of a side -> seconds of an epoch, and of predicting all rows: medians of runs in turn."""
    epochs: dict[str, list[float]] = {side.name: [] for side in sides}
    predictions: dict[str, list[float]] = {side.name: [] for side in sides}
    for _ in range(TIMES):
        for side in sides:
            few, more = (seconds(lambda one=side, n=n: one.learn(n)) for n in EPOCHS)
            epochs[side.name].append((more - few) / (EPOCHS[1] - EPOCHS[0]))
            predictions[side.name].append(seconds(side.predict))
    return {name: (statistics.median(epochs[name]), statistics.median(predictions[name])) for name in epochs}


def descriptors(dataset: Dataset) -> tuple[float, float]:
    """Seconds of Mordred's descriptors of all rows in an empty cache, and once more."""
    with tempfile.TemporaryDirectory() as folder, patch.dict("os.environ", {"XDG_CACHE_HOME": folder}):
        first, second = (seconds(lambda: embed(dataset.materials, CACHED)) for _ in range(2))
    return first, second


def page(dataset: Dataset) -> str:
    """As Markdown."""
    n = len(dataset)
    ours = Ours(dataset)
    sides: list[Ours | Theirs] = [ours, Theirs(dataset)]
    found = measured(sides)
    model = make_model("uam", metric="rmse", fast=True).fit(dataset)
    whole = statistics.median(seconds(lambda: model.predict(dataset.materials)) for _ in range(TIMES))
    first, second = descriptors(dataset)
    lines = [
        f"| {side.name} | {side.parameters:,} | {found[side.name][0]:.1f} | {side.learned / found[side.name][0]:,.0f} "
        f"| {n / found[side.name][1]:,.0f} |"
        for side in sides
    ]
    speeds = {side.name: (side.learned / found[side.name][0], n / found[side.name][1]) for side in sides}
    ratio = [speeds[sides[0].name][place] / speeds[sides[1].name][place] for place in (0, 1)]
    return "\n\n".join(
        [
            "# Rates on reactions",
            f"Command: `python benchmarks/yield_rates.py`. {datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}, "
            f"{platform.machine()}, one thread, torch {version('torch')}; {n:,} reactions, data "
            f"{BUCHWALD.load().provenance.digest[:16]}…. CPU seconds, the median of {TIMES} in turn.",
            "| | parameters | s an epoch | rows learned a second | rows predicted a second |\n|---|--:|--:|--:|--:|\n"
            + "\n".join(lines),
            f"Ours learns {ratio[0]:.1f} times and predicts {ratio[1]:.1f} times as many rows a second, in batches of "
            f"{BATCH} where chemprop's default is 64.",
            "All of `uam` with fast settings (descriptors, one network with 16 draws, error and domain, intervals) "
            f"predicts {n / whole:,.0f} rows a second; with its usual ones two networks draw. Ours sees every molecule "
            "of a batch once, however many reactions it takes part in; chemprop sees it once for each, makes graphs "
            "anew for each prediction, and checks a tenth of the rows, which it does not learn from, after each epoch.",
            f"`{CACHED}`: {first:.1f} s the first time ({n:,} rows of few molecules), {second:.2f} s the second.",
        ]
    )


def main() -> None:
    """Measure and write."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if not yield_rival.is_installed():
        raise SystemExit("chemprop is not installed, and stands beside in the same run: pip install chemprop==2.2.4")
    torch.set_num_threads(1)
    split = next(published())
    write_text_whole(RESULTS / "yield-rates.md", page(BUCHWALD.load()[split.train]) + "\n")
    print(f"wrote {RESULTS / 'yield-rates.md'}")


if __name__ == "__main__":
    main()
