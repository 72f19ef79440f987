"""Evaluations as files for other tools: JSON with the scores, CSV with every out-of-fold prediction."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from matscout.data.dataset import Dataset
from matscout.data.files import write_text_whole
from matscout.data.table_writing import write_table
from matscout.evaluation.base import Evaluation, FoldScore, OutOfFold
from matscout.evaluation.comparison import Comparison, comparisons
from matscout.evaluation.evaluating import ALL_BASELINES
from matscout.evaluation.learning import by_labels
from matscout.evaluation.metrics import confusion_matrix
from matscout.predict.base import ClassPredictions
from matscout.predict.known_likeness import KnownLikeness, shown_columns

if TYPE_CHECKING:
    import polars


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """One evaluation as plain data; what is not a finite number becomes None.

    Keys: n, target, unit, scale, error_unit, protocol, level, model, compared, baselines, paired, by_labels,
    assumptions, calibration, overlap, folds, seconds. ``model`` and each entry of ``compared`` and ``baselines`` hold
    the pooled scores under the same keys; a model under test that is itself a baseline stands in both places.
    ``paired`` has, for each other model, the model's error less that one's and p-values; ``by_labels`` the mean and
    spread of scores for each number of labels (protocol "masked"). ``overlap`` tells of each pretrained representation
    how many of the n rows its pretraining held, and which properties like the target it learned of them (``alike``).
    Classification adds "classes" and "confusion": for each model the counts over the scored rows, one line per measured
    class and one column per predicted one.
    """
    scores = {name: _finite(values) for name, values in evaluation.scores.items()}
    return {
        "n": evaluation.n,
        "target": evaluation.target.name,
        "unit": evaluation.target.unit,
        "scale": evaluation.target.scale,
        "error_unit": evaluation.target.error_unit,
        "protocol": evaluation.protocol,
        "level": evaluation.level,
        "model": {"name": evaluation.model, **scores[evaluation.model]},
        "compared": {name: scores[name] for name in evaluation.compared},
        "baselines": {
            name: values
            for name, values in scores.items()
            if name not in (evaluation.model, *evaluation.compared) or name in ALL_BASELINES
        },
        "paired": {one.second: _paired_to_json(one) for one in comparisons(evaluation)},
        "by_labels": [asdict(row) for row in by_labels(evaluation)],
        "assumptions": {
            name: out_of_fold.predictions.assumption for name, out_of_fold in evaluation.out_of_fold.items()
        },
        "calibration": {
            name: {"nominal": curve.nominal.tolist(), "observed": curve.observed.tolist()}
            for name, curve in evaluation.calibration.items()
        },
        "overlap": {name: asdict(overlap) for name, overlap in evaluation.overlap.items()},
        "folds": [_fold_to_json(fold) for fold in evaluation.folds],
        "seconds": evaluation.seconds,
    } | (_confusion_to_json(evaluation) if evaluation.target.task == "classification" else {})


def several_to_json(evaluations: Mapping[str, Evaluation]) -> dict[str, Any]:
    """The object of :func:`to_json` for one target, ``{"targets": {name: object}}`` for several."""
    objects = {name: to_json(evaluation) for name, evaluation in evaluations.items()}
    return next(iter(objects.values())) if len(objects) == 1 else {"targets": objects}


def write_json(evaluations: Mapping[str, Evaluation], path: Path) -> Path:
    """Write :func:`several_to_json` to a file, whole or not at all."""
    text = json.dumps(several_to_json(evaluations), indent=1, allow_nan=False, ensure_ascii=False)
    return write_text_whole(path, text + "\n")


def write_out_of_fold(evaluation: Evaluation, dataset: Dataset, path: Path) -> Path:
    """Write every out-of-fold prediction as a table, so that another model can be compared on the same rows and folds.

    Columns: row (number in the user's file), formula, fold, measured, then for each model MODEL_predicted, MODEL_std
    (MODEL_std_decades of what is judged by factors), MODEL_lower, MODEL_upper; for classes MODEL_class and
    MODEL_probability_CLASS; for known and unlabelled rows MODEL_score, MODEL_percentile_known and the like.

    Parameters
    ----------
    dataset
        The one that was evaluated.
    """
    return write_table(out_of_fold_table(evaluation, dataset), Path(path))


def out_of_fold_table(evaluation: Evaluation, dataset: Dataset) -> polars.DataFrame:
    """The table of :func:`write_out_of_fold`."""
    import polars

    first = evaluation.everywhere[evaluation.model]
    columns: dict[str, Any] = {
        "row": dataset.numbering[first.rows].tolist(),
        "formula": dataset.materials.formulas[first.rows].tolist(),
        "fold": first.splits.tolist(),
        "measured": _measured(evaluation, first),
    }
    for name, out_of_fold in evaluation.everywhere.items():
        columns |= _columns(name, out_of_fold)
    return polars.DataFrame(columns)


def _measured(evaluation: Evaluation, out_of_fold: OutOfFold) -> Sequence[float | str]:
    values = evaluation.target.values[out_of_fold.rows]
    if evaluation.target.classes:
        return [evaluation.target.classes[int(number)] for number in values]
    return list(values.tolist())


def _columns(model: str, out_of_fold: OutOfFold) -> dict[str, Any]:
    predictions = out_of_fold.predictions
    if isinstance(predictions, KnownLikeness):
        return {f"{model}_{name}": column for name, column in shown_columns(predictions).items()}
    if isinstance(predictions, ClassPredictions):
        columns: dict[str, Any] = {f"{model}_class": [predictions.classes[number] for number in predictions.predicted]}
        for number, name in enumerate(predictions.classes):
            columns[f"{model}_probability_{name}"] = predictions.probabilities[:, number]
        return columns
    kind, deviations = predictions.shown_std
    return {
        f"{model}_predicted": predictions.predicted,
        f"{model}_{kind}": deviations,
        f"{model}_lower": predictions.lower,
        f"{model}_upper": predictions.upper,
    }


def _paired_to_json(tested: Comparison) -> dict[str, float | None]:
    return _finite(
        {
            "mean_over_folds": tested.over_folds.difference,
            "p_over_folds": tested.over_folds.p_value,
            "median_over_rows": tested.over_rows.difference,
            "p_over_rows": tested.over_rows.p_value,
        }
    )


def _fold_to_json(fold: FoldScore) -> dict[str, Any]:
    return {
        "model": fold.model,
        "fold": fold.split,
        "n_train": fold.n_train,
        "n_test": fold.n_test,
        "seconds": fold.seconds,
        **_finite(fold.scores),
    }


def _confusion_to_json(evaluation: Evaluation) -> dict[str, Any]:
    classes, measured = evaluation.target.classes, evaluation.target.values
    return {
        "classes": list(classes),
        "confusion": {
            name: confusion_matrix(
                measured[out_of_fold.rows].astype(np.int64),
                out_of_fold.predictions.predicted.astype(np.int64),
                len(classes),
            ).tolist()
            for name, out_of_fold in evaluation.out_of_fold.items()
            if isinstance(out_of_fold.predictions, ClassPredictions)
        },
    }


def _finite(scores: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in scores.items()}
