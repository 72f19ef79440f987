"""From finished cells to figures: one record per task."""

from __future__ import annotations

import datetime
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from peers import PEER, peer_cell, peer_path
from tables import page
from tasks import LEVEL, SEED, Benchmark, file_digest

from matscout.data.files import write_text_whole
from matscout.evaluation import metrics
from matscout.evaluation.base import Evaluation, Split
from matscout.evaluation.cells import CellStore, cell_key
from matscout.evaluation.code import code_digest
from matscout.evaluation.comparison import compare
from matscout.evaluation.evaluating import TREE_BASELINE, summarise
from matscout.evaluation.grid import Contestant, Grid
from matscout.evaluation.learning import learning_curve
from matscout.evaluation.statistics import corrected_t_test, wilcoxon_test
from matscout.predict.base import Predictions

PACKAGES = ("matscout", "numpy", "scipy", "scikit-learn", "pymatgen", "polars", "numba")

Folds = list[NDArray[np.float64]]
"""Predicted values for the test rows of each split."""


def write_results(benchmarks: Sequence[Benchmark], model: str, folder: Path, out: Path) -> list[Path]:
    """Write ``main_job.json`` and ``main_job.md`` for all tasks whose cells are there; returns both paths."""
    records, unfinished = [], []
    for benchmark in benchmarks:
        grid = benchmark.grid(model)
        if finished(grid, folder):
            records.append(record(benchmark, grid, folder))
        else:
            unfinished.append(benchmark.name)
    facts = _without_nan(
        {
            "date": datetime.datetime.now(tz=datetime.UTC).strftime("%Y-%m-%d"),
            "code": code_digest(),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "versions": {name: version(name) for name in PACKAGES},
            "files": {benchmark.file: file_digest(benchmark) for benchmark in benchmarks},
            "seed": SEED,
            "level": LEVEL,
            "unfinished": unfinished,
            "tasks": records,
        }
    )
    text = json.dumps(facts, indent=1, allow_nan=False, ensure_ascii=False)
    return [write_text_whole(out / "main_job.json", text + "\n"), write_text_whole(out / "main_job.md", page(facts))]


def finished(grid: Grid, folder: Path) -> bool:
    """True if every cell of the task is stored, the peer's included."""
    store = CellStore(folder)
    ours = all(store.get(cell_key(grid.digest, split, model, grid.level)) is not None for model, split in grid.pairs())
    return ours and all(peer_path(grid, split, folder).is_file() for split in grid.splits)


def record(benchmark: Benchmark, grid: Grid, folder: Path) -> dict[str, Any]:
    """Everything that is said about one task."""
    target, protocol = grid.dataset.target(grid.target), benchmark.make_protocol()
    contestants = grid.run(CellStore(folder))
    evaluation = summarise(contestants, target, protocol, grid.level, SEED)
    splits = protocol.headline(grid.splits)
    found = {
        "name": benchmark.name,
        "kind": benchmark.kind,
        "task": target.task,
        "unit": benchmark.unit,
        "n": evaluation.n,
        "protocol": evaluation.protocol,
        "published": [asdict(number) for number in benchmark.published],
        "scores": evaluation.scores,
        "fold_spread": {name: _spread(evaluation, name) for name in evaluation.scores},
        "tests": {
            name: asdict(compare(evaluation, evaluation.model, name))
            for name in evaluation.scores
            if name != evaluation.model
        },
        "learning": _learning(evaluation, grid, folder) if benchmark.kind == "learning" else None,
        "seconds_per_fit": {name: _seconds(evaluation, name) for name in evaluation.scores},
        "seconds": evaluation.seconds,
    }
    if target.task == "classification":
        return found | {"peer": _peer_classes(grid, splits, folder)}
    return found | _against_trees(contestants, grid, splits, folder)


def _against_trees(
    contestants: Sequence[Contestant], grid: Grid, splits: Sequence[Split], folder: Path
) -> dict[str, Any]:
    """Errors of every tree baseline, and the model tested against the one with the lowest MAE."""
    values = grid.dataset.target(grid.target).values
    measured = [values[split.test] for split in splits]
    trees = _tree_baselines(contestants, grid, splits, folder)
    errors = {name: _errors(measured, folds) for name, folds in trees.items()}
    best = min(errors, key=lambda name: errors[name]["mae"])
    share = float(np.mean([len(split.test) / len(split.train) for split in splits]))
    model = [_predicted(cell.predictions) for cell in contestants[0].among(splits).cells]
    ours, theirs = (_absolute(measured, folds) for folds in (model, trees[best]))
    mean_of = [np.array([fold.mean() for fold in folds]) for folds in (ours, theirs)]
    return {
        "trees": errors,
        "best_tree": best,
        "best_tree_over_folds": asdict(corrected_t_test(*mean_of, share)),
        "best_tree_over_rows": asdict(wilcoxon_test(np.concatenate(ours), np.concatenate(theirs))),
    }


def _tree_baselines(
    contestants: Sequence[Contestant], grid: Grid, splits: Sequence[Split], folder: Path
) -> Mapping[str, Folds]:
    """Our tree baseline and the peer, each with the mean and the median over trees."""
    found: dict[str, Folds] = {}
    for one in contestants:
        if one.settings.name == TREE_BASELINE:
            statistic = "median" if one.settings.metric == "mae" else "mean"
            cells = one.among(splits).cells
            found[f"{TREE_BASELINE}, {statistic}"] = [_predicted(cell.predictions) for cell in cells]
    peers = [peer_cell(grid, split, folder) for split in splits]
    found[f"{PEER.name}, mean"] = [cell.mean for cell in peers]
    found[f"{PEER.name}, median"] = [cell.median for cell in peers]
    return found


def _predicted(predictions: object) -> NDArray[np.float64]:
    if not isinstance(predictions, Predictions):
        raise TypeError(f"numbers are compared here, not {type(predictions).__name__}")
    return predictions.predicted


def _absolute(measured: Folds, predicted: Folds) -> Folds:
    return [np.abs(one - other) for one, other in zip(measured, predicted, strict=True)]


def _errors(measured: Folds, predicted: Folds) -> dict[str, float]:
    truth, guess = np.concatenate(measured), np.concatenate(predicted)
    return {
        "mae": metrics.mean_absolute_error(truth, guess),
        "rmse": metrics.root_mean_squared_error(truth, guess),
    }


def _peer_classes(grid: Grid, splits: Sequence[Split], folder: Path) -> dict[str, float]:
    chances = [peer_cell(grid, split, folder).mean for split in splits]
    truths = [grid.dataset.target(grid.target).values[split.test].astype(np.int64) for split in splits]
    areas = [
        metrics.roc_auc(truth, np.column_stack([1 - chance, chance]))
        for truth, chance in zip(truths, chances, strict=True)
        if len(np.unique(truth)) > 1
    ]
    classes = (np.concatenate(chances) > 0.5).astype(np.int64)
    confusion = metrics.confusion_matrix(np.concatenate(truths), classes, 2)
    return {"roc_auc": float(np.mean(areas)), "balanced_accuracy": metrics.balanced_accuracy(confusion)}


def _spread(evaluation: Evaluation, model: str) -> float:
    """Standard deviation of the MAE (classes: ROC-AUC) over the folds of the headline splits."""
    error = "mae" if evaluation.target.task == "regression" else "roc_auc"
    names = set(evaluation.out_of_fold[model].splits.tolist())
    values = [fold.scores[error] for fold in evaluation.folds if fold.model == model and fold.split in names]
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def _seconds(evaluation: Evaluation, model: str) -> float:
    return float(np.mean([fold.seconds for fold in evaluation.folds if fold.model == model]))


def _learning(evaluation: Evaluation, grid: Grid, folder: Path) -> dict[str, Any]:
    """MAE by number of labels, of the models and of the peer with both statistics."""
    curve = learning_curve(evaluation, "mae")
    means, spreads = dict(curve.means), dict(curve.spreads)
    values, cells = grid.dataset.target(grid.target).values, [peer_cell(grid, split, folder) for split in grid.splits]
    for statistic in ("mean", "median"):
        errors = np.array(
            [
                metrics.mean_absolute_error(values[split.test], getattr(cell, statistic))
                for split, cell in zip(grid.splits, cells, strict=True)
            ]
        ).reshape(curve.n_draws, len(curve.sizes))
        means[f"{PEER.name}, {statistic}"] = errors.mean(axis=0)
        spreads[f"{PEER.name}, {statistic}"] = errors.std(axis=0, ddof=1)
    return {
        "labels": curve.sizes.tolist(),
        "draws": curve.n_draws,
        "mae": {name: column.tolist() for name, column in means.items()},
        "spread": {name: column.tolist() for name, column in spreads.items()},
    }


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
