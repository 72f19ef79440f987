"""From finished cells to figures: one record per task."""

from __future__ import annotations

import datetime
import json
import math
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jobs import is_stored
from numpy.typing import NDArray
from peers import PEER
from tables import page
from tasks import LEVEL, MAIN_JOB, SEED, Benchmark, Contest, file_digest

from matscout.data.files import write_text_whole
from matscout.evaluation import metrics
from matscout.evaluation.base import Evaluation, Split
from matscout.evaluation.code import code_digest
from matscout.evaluation.comparison import compare
from matscout.evaluation.evaluating import TREE_BASELINE, summarise
from matscout.evaluation.grid import Contestant, Grid
from matscout.evaluation.learning import learning_curve
from matscout.evaluation.statistics import corrected_t_test, wilcoxon_test
from matscout.predict.base import Predictions
from matscout.store import Store

PACKAGES = ("matscout", "numpy", "scipy", "scikit-learn", "pymatgen", "polars", "numba")

Folds = list[NDArray[np.float64]]
"""Predicted values for the test rows of each split."""


def write_main_job(benchmarks: Sequence[Benchmark], folder: Path, out: Path) -> list[Path]:
    """Write ``main_job.json`` and ``main_job.md`` for all tasks whose cells are there; returns both paths."""
    return write(out / "main_job", circumstances(benchmarks) | tasks(benchmarks, MAIN_JOB, folder), page)


def write(path: Path, facts: Mapping[str, Any], page_of: Callable[[dict[str, Any]], str]) -> list[Path]:
    """Write figures as JSON and the page made from them; returns both paths."""
    told = _without_nan(facts)
    text = json.dumps(told, indent=1, allow_nan=False, ensure_ascii=False)
    return [
        write_text_whole(path.with_suffix(".json"), text + "\n"),
        write_text_whole(path.with_suffix(".md"), page_of(told)),
    ]


def circumstances(benchmarks: Sequence[Benchmark], packages: Sequence[str] = PACKAGES) -> dict[str, Any]:
    """When, where and with what numbers were made."""
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).strftime("%Y-%m-%d"),
        "code": code_digest(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {name: version(name) for name in packages},
        "files": {benchmark.file: file_digest(benchmark) for benchmark in benchmarks},
        "seed": SEED,
        "level": LEVEL,
    }


def tasks(benchmarks: Sequence[Benchmark], contest: Contest, folder: Path) -> dict[str, Any]:
    """A record of every task whose cells are there, and the names of the others."""
    records, unfinished = [], []
    for benchmark in benchmarks:
        grid = benchmark.grid(contest)
        if _finished(grid, folder):
            records.append(record(benchmark, grid, folder))
        else:
            unfinished.append(benchmark.name)
    return {"unfinished": unfinished, "tasks": records}


def _finished(grid: Grid, folder: Path) -> bool:
    """True if every cell of the task is stored, the peer's included."""
    ours = all(is_stored(grid, model, split, folder) for model in grid.models for split in range(len(grid.splits)))
    return ours and all(PEER.path(grid, split, folder).is_file() for split in grid.splits)


def record(benchmark: Benchmark, grid: Grid, folder: Path) -> dict[str, Any]:
    """Everything that is said about one task."""
    target, protocol = grid.dataset.target(grid.target), benchmark.protocol
    contestants = grid.run(Store(folder))
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
        "fold_errors": {name: _fold_scores(evaluation, name) for name in evaluation.scores},
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
        "best_tree_fold_errors": mean_of[1].tolist(),
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
    peers = [PEER.cell(grid, split, folder) for split in splits]
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
    chances = [PEER.cell(grid, split, folder).mean for split in splits]
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
    values = _fold_scores(evaluation, model)
    return float(np.std(values, ddof=1)) if len(values) > 1 else math.nan


def _fold_scores(evaluation: Evaluation, model: str) -> list[float]:
    """MAE (classes: ROC-AUC) of each of the headline splits."""
    error = "mae" if evaluation.target.task == "regression" else "roc_auc"
    names = set(evaluation.out_of_fold[model].splits.tolist())
    return [fold.scores[error] for fold in evaluation.folds if fold.model == model and fold.split in names]


def _seconds(evaluation: Evaluation, model: str) -> float:
    return float(np.mean([fold.seconds for fold in evaluation.folds if fold.model == model]))


def _learning(evaluation: Evaluation, grid: Grid, folder: Path) -> dict[str, Any]:
    """MAE by number of labels, of the models and of the peer with both statistics."""
    curve = learning_curve(evaluation, "mae")
    means, spreads = dict(curve.means), dict(curve.spreads)
    values, cells = grid.dataset.target(grid.target).values, [PEER.cell(grid, split, folder) for split in grid.splits]
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
