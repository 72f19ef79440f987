"""What makes scores doubtful, on evaluations whose every error is made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_rel, wilcoxon
from tests.foretold import foretold

from matscout.data.dataset import Target
from matscout.evaluation.base import Evaluation, FoldScore, OutOfFold, Overlap
from matscout.evaluation.doubts import against_guess, against_others, doubts, ruling_rows
from matscout.evaluation.scores import score
from matscout.remarks import codes

N, FOLDS = 60, 5


def evaluation(
    errors: np.ndarray, values: np.ndarray | None = None, *, guess: bool = True, trees: np.ndarray | None = None
) -> Evaluation:
    """A model with these errors beside a guess of the median, and trees with theirs."""
    values = np.linspace(0.0, 10.0, len(errors)) if values is None else values
    target, rows = Target("y", values, "eV"), np.arange(len(errors))
    said = {"auto": values - errors} | ({"dummy": np.full(len(values), np.median(values))} if guess else {})
    said |= {} if trees is None else {"trees": values - trees}
    found, scores, folds = {}, {}, []
    for name, predicted in said.items():
        predictions = foretold(predicted, predicted - 1, predicted + 1, target="y", unit="eV")
        found[name] = OutOfFold(rows, np.array([f"fold {row % FOLDS}" for row in rows]), predictions)
        scores[name] = score(target, rows, predictions)
        for fold in range(FOLDS):
            own = np.flatnonzero(rows % FOLDS == fold)
            share = len(rows) - len(own)
            folds.append(FoldScore(name, f"fold {fold}", share, len(own), score(target, own, predictions[own]), 1.0))
    return Evaluation(target, "kfold, 5 folds, seed 0", 0.9, "auto", scores, found, tuple(folds), 1.0)


def noise(size: float, n: int = N) -> np.ndarray:
    return size * np.random.default_rng(0).normal(size=n)


def test_a_good_model_has_no_doubts() -> None:
    assert doubts(evaluation(noise(0.5))) == ()


def test_a_model_worse_than_a_guess_says_so_first() -> None:
    made = evaluation(noise(6.0))
    first, *_ = doubts(made)
    assert codes([first]) == ["no-better-than-guess"]
    own, guess = (f"{made.scores[name]['mae']:.3g} eV" for name in ("auto", "dummy"))
    assert f"{own}, that of the constant guess {guess}" in first


def test_a_difference_that_may_be_luck_is_told_with_the_p_values_of_scipy() -> None:
    values = np.linspace(0.0, 10.0, 8)
    errors = (values - np.median(values)) * np.array([0.6, 1.2, 0.5, 1.3, 0.9, 1.4, 0.8, 0.9])
    made = evaluation(errors, values)
    assert made.scores["auto"]["mae"] < made.scores["dummy"]["mae"]
    sentence = against_guess(made)
    sizes = np.abs(errors), np.abs(values - np.median(values))
    assert codes([sentence]) == ["not-clearly-better-than-guess"]
    assert f"p = {wilcoxon(*sizes).pvalue:.2g} over rows" in sentence
    by_fold = [[fold.scores["mae"] for fold in made.folds if fold.model == name] for name in ("auto", "dummy")]
    # Corrected by the overlap of training sets, so never more sure than the plain test.
    told = float(sentence.partition("p = ")[2].split(" ", 1)[0])
    assert told > ttest_rel(*by_fold).pvalue > 0.05


def test_one_row_does_not_hide_that_the_others_are_predicted() -> None:
    values = np.linspace(0.0, 10.0, N)
    errors = noise(0.3)
    errors[3], errors[4], values[3] = 1e6, 6e5, 1e6
    made = evaluation(errors, values)
    assert codes([against_guess(made)]) == ["guess-as-good-on-average"]
    sentence = ruling_rows(made)
    assert codes([sentence]) == ["few-rows-rule"]
    assert "3 of 60 rows cause 100%" in sentence
    assert "the largest: 1e+06 eV measured, 0 eV predicted" in sentence
    assert f"median absolute error is {np.median(np.abs(errors)):.3g} eV (best baseline, dummy:" in sentence


def test_a_model_that_knows_little_is_not_told_as_none() -> None:
    values = np.random.default_rng(1).normal(size=2000)
    # Predicts 4 % of the variation, without any doubt at so many rows.
    errors = 0.98 * (values - np.median(values))
    told = against_guess(evaluation(errors, values))
    assert codes([told]) == ["knows-little"]
    assert "R² is 0.0" in told


@pytest.mark.parametrize("guess", [True, False])
def test_few_rows_and_missing_guesses_are_no_reason(guess: bool) -> None:
    made = evaluation(np.array([5.0, *noise(0.01, 9)]), guess=guess)
    assert ruling_rows(made) == ""
    if not guess:
        assert against_guess(made) == ""


def test_a_simpler_model_that_does_better_is_named() -> None:
    made = evaluation(noise(1.0), trees=noise(0.5))
    (sentence,) = doubts(made)
    assert codes([sentence]) == ["other-model-better"]
    assert "--model trees" in sentence
    sizes = np.abs(noise(1.0)), np.abs(noise(0.5))
    assert f"{wilcoxon(*sizes).pvalue:.2g} over rows" in sentence
    assert against_others(evaluation(noise(0.5), trees=noise(1.0))) == ""
    luck = np.where(np.arange(N) % 2, 1.02, 0.97) * noise(1.0)
    assert against_others(evaluation(noise(1.0), trees=luck)) == ""


@pytest.mark.parametrize(
    ("overlap", "told"),
    [
        (Overlap(31, 60, ("superconducting y (K)", "a", "b")), "'superconducting y (K)', 'a' and 1 more"),
        (Overlap(30, 60, ("superconducting y (K)",)), None),
        (Overlap(60, 60), None),
    ],
)
def test_pretraining_on_most_rows_with_such_a_property_is_a_doubt(overlap: Overlap, told: str | None) -> None:
    found = doubts(replace(evaluation(noise(0.5)), overlap={"donor": overlap}))
    assert codes(found) == ["scores-may-be-too-good"] * (told is not None)
    assert told is None or told in found[0]
