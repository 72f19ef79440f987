"""Two models of one evaluation, tested in pairs: over folds and over rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matscout.errors import UsageError
from matscout.evaluation.base import Evaluation, FoldScore
from matscout.evaluation.known_scores import ranked_splits
from matscout.evaluation.main_scores import MAIN_SCORES
from matscout.evaluation.statistics import PairedTest, corrected_t_test, wilcoxon_test
from matscout.predict.base import Answer, ClassPredictions
from matscout.predict.known_likeness import KnownLikeness


@dataclass(frozen=True)
class Comparison:
    """Is ``first`` better than ``second``? Differences are first minus second.

    Parameters
    ----------
    over_folds
        Corrected t test on the MAE (classes: 1 - balanced accuracy; known and unlabelled rows: 1 - area) of each
        fold.
    over_rows
        Wilcoxon's test on the |error| (classes: 1 - probability of the true class) of each row; where rows are
        unlabelled on the share of them that stands above each known row, ties counted half.
    """

    first: str
    second: str
    over_folds: PairedTest
    over_rows: PairedTest


def compare(evaluation: Evaluation, first: str, second: str) -> Comparison:
    """Paired tests of two models on the splits of one evaluation.

    Raises
    ------
    UsageError
        If one of them is not part of the evaluation.
    """
    for name in (first, second):
        if name not in evaluation.scores:
            raise UsageError(
                f"there is no model {name!r} in this evaluation; choose from {', '.join(evaluation.scores)}"
            )
    folds = _pooled_folds(evaluation, first)
    share = float(np.mean([fold.n_test / fold.n_train for fold in folds]))
    return Comparison(
        first,
        second,
        corrected_t_test(_fold_errors(evaluation, first), _fold_errors(evaluation, second), share),
        wilcoxon_test(_row_errors(evaluation, first), _row_errors(evaluation, second)),
    )


def comparisons(evaluation: Evaluation) -> tuple[Comparison, ...]:
    """The model under test beside each other one."""
    return tuple(compare(evaluation, evaluation.model, name) for name in evaluation.scores if name != evaluation.model)


def _pooled_folds(evaluation: Evaluation, model: str) -> list[FoldScore]:
    """The folds that pooled scores are made of."""
    pooled = set(evaluation.out_of_fold[model].splits.tolist())
    return [fold for fold in evaluation.folds if fold.model == model and fold.split in pooled]


def _fold_errors(evaluation: Evaluation, model: str) -> np.ndarray:
    main = MAIN_SCORES[evaluation.target.task]
    scores = np.array([fold.scores[main.key] for fold in _pooled_folds(evaluation, model)])
    return scores if main.smaller_is_better else 1 - scores


def _row_errors(evaluation: Evaluation, model: str) -> np.ndarray:
    out_of_fold = evaluation.out_of_fold[model]
    target, measured = evaluation.target, evaluation.target.values[out_of_fold.rows]
    predictions: Answer = out_of_fold.predictions
    if isinstance(predictions, KnownLikeness):
        ranked = ranked_splits(target, out_of_fold.rows, out_of_fold.splits, predictions.score)
        return np.concatenate([np.empty(0), *(1 - one.curve.ahead() for one in ranked)])
    if isinstance(predictions, ClassPredictions):
        return np.asarray(1 - predictions.probabilities[np.arange(len(measured)), measured.astype(np.int64)])
    return np.asarray(np.abs(target.placed(measured) - target.placed(predictions.predicted)))
