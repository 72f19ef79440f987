"""Scores of known and unlabelled rows: nothing from nothing, in every protocol; and what tables and JSON hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import matscout
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.made_up import as_known, made_up_dataset
from matscout.errors import UsageError
from matscout.evaluation.base import Evaluation
from matscout.evaluation.comparison import compare
from matscout.evaluation.evaluating import HULL_BASELINE, KNOWN_BASELINES
from matscout.evaluation.export import out_of_fold_table, to_json
from matscout.evaluation.known_scores import known_scores
from matscout.predict.recall_curves import area
from matscout.workflow.side_by_side import SideBySide
from matscout.workflow.summary import quality_sentence

PROTOCOLS = ("kfold", "group", "time")
RIVALS = ("known-likeness:learner=element-popularity", "known-likeness:learner=known-systems")


@pytest.fixture(scope="module")
def rows() -> Dataset:
    return made_up_dataset("composition", 240, label=as_known)


@pytest.fixture(scope="module")
def evaluation(rows: Dataset) -> Evaluation:
    return matscout.evaluate(rows, groups="chemical-system", protocol="group", n_folds=3, fast=True)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_permuted_labels_are_ranked_like_a_coin(protocol: str) -> None:
    dataset = made_up_dataset("composition", 900, label=as_known)
    target = dataset.target("made")
    shuffled = replace(target, values=np.random.default_rng(7).permutation(target.values))
    years = dataset.materials.to_frame().with_columns(year=np.random.default_rng(1).integers(1990, 2020, 900))
    changed = replace(dataset, targets={"made": shuffled}, table=years)
    more = {"time": "year"} if protocol == "time" else {"groups": "chemical-system"} if protocol == "group" else {}
    found = matscout.evaluate(changed, protocol=protocol, fast=True, **more)
    spread = 0.5 / np.sqrt(min((shuffled.values == 1).sum(), (shuffled.values == 0).sum()))
    for scores in found.scores.values():
        assert scores["area"] == pytest.approx(0.5, abs=max(0.03, 2.5 * spread))


def test_known_rows_stand_among_the_unlabelled_rows_of_their_split() -> None:
    # The scores of the second split are all higher: pooled as they are, its unlabelled rows would stand first.
    target = Target("made", np.array([1.0, 0, 0, 0, 1, 0, 0, 0]), None, POSITIVE_UNLABELLED, ("unlabelled", "1"))
    score = np.array([0.4, 0.1, 0.2, 0.3, 0.9, 0.6, 0.7, 0.8])
    rows, splits = np.arange(8), np.repeat(["a", "b"], 4)
    assert known_scores(target, rows, splits, score)["area"] == 1.0
    assert known_scores(target, rows, np.repeat("a", 8), score)["area"] == pytest.approx(
        area(score[[0, 4]], score[[1, 2, 3, 5, 6, 7]])
    )
    alone = known_scores(target, rows[1:4], splits[1:4], score[1:4])
    assert all(np.isnan(value) for value in alone.values())


def test_a_class_prior_gives_an_estimated_precision() -> None:
    values = np.repeat([1.0, 0.0], [50, 500])
    target = Target("made", values, None, POSITIVE_UNLABELLED, ("unlabelled", "1"), class_prior=0.05)
    scores = known_scores(target, np.arange(550), np.repeat("", 550), values)
    assert scores["estimated_precision_at_0.1"] == pytest.approx(0.5)
    assert scores["lee_liu"] == pytest.approx(1 / (100 / 550))


def test_the_model_stands_beside_its_trivial_rivals(evaluation: Evaluation) -> None:
    assert tuple(evaluation.scores) == ("known-likeness", *RIVALS)
    for scores in evaluation.scores.values():
        assert scores["area_low"] < scores["area"] < scores["area_high"]
        assert scores["recall_at_0.1_low"] <= scores["recall_at_0.1"] <= scores["recall_at_0.1_high"]
        assert not {"accuracy", "balanced_accuracy", "precision", "f1", "roc_auc", "coverage"} & set(scores)
    best = evaluation.scores["known-likeness"]["area"]
    assert best > max(evaluation.scores[name]["area_high"] for name in RIVALS)
    tested = compare(evaluation, "known-likeness", RIVALS[0])
    assert tested.over_folds.difference < 0
    assert tested.over_rows.p_value < 0.01
    assert tested.over_rows.n == int((evaluation.target.values == 1).sum())


def test_what_is_written(evaluation: Evaluation, rows: Dataset) -> None:
    written = json.loads(json.dumps(to_json(evaluation), allow_nan=False))
    assert set(written["baselines"]) == set(RIVALS)
    assert "confusion" not in written
    table = out_of_fold_table(evaluation, rows)
    assert set(table["measured"]) == {"unlabelled", "1"}
    assert {"known-likeness_score", "known-likeness_percentile_unlabelled"} <= set(table.columns)
    sentence = quality_sentence(evaluation)
    assert "made: area under the recall curve 0." in sentence
    assert "of the known rows stand above 90% of the unlabelled ones" in sentence
    assert all("constant guess" not in words for words in SideBySide(evaluation).doubts)


def test_cells_are_kept_and_the_hull_is_a_rival_where_there_is_one(rows: Dataset, tmp_path: Path) -> None:
    energies = np.where(rows.target().values == 1, 0.02, 0.2) * np.random.default_rng(0).random(240)
    context = {"energy above hull": energies}
    with_hull = replace(rows, materials=replace(rows.materials, context=context))
    first = matscout.evaluate(with_hull, n_folds=2, fast=True, store=tmp_path)
    assert tuple(first.scores) == ("known-likeness", *KNOWN_BASELINES)
    assert first.scores[HULL_BASELINE]["area"] > 0.8
    again = matscout.evaluate(with_hull, n_folds=2, fast=True, store=tmp_path)
    assert again.scores == first.scores
    assert again.seconds == first.seconds


def test_other_models_and_goals_refuse_unlabelled_rows(rows: Dataset) -> None:
    with pytest.raises(UsageError, match="gp learns numbers and classes, but made has known and unlabelled rows"):
        matscout.evaluate(rows, model="gp", n_folds=2)
    with pytest.raises(UsageError, match="made holds known and unlabelled rows, and goals are for numbers"):
        matscout.scout(rows, "made=max")
