"""fit: the model that was asked for, on merged rows, with a card."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

import matscout
from matscout.errors import InputError, UsageError
from matscout.predict.base import ClassPredictions, Predictions
from matscout.predict.models.dummy import Dummy


def test_the_named_model_is_fitted_with_the_settings_given(make_dataset) -> None:
    model = matscout.fit(make_dataset(30), model="dummy", metric="rmse", fast=True, seed=7)
    assert isinstance(model.predictor, Dummy)
    assert (model.metric, model.fast, model.seed) == ("rmse", True, 7)
    assert isinstance(model.predict(make_dataset(30).materials), Predictions)


def test_the_task_follows_from_the_target(make_dataset) -> None:
    dataset = make_dataset(40, task="classification")
    predictions = matscout.fit(dataset, model="dummy").predict(dataset.materials)
    assert isinstance(predictions, ClassPredictions)
    assert predictions.classes == ("insulator", "metal", "semiconductor")


def test_repeats_are_merged_unless_told_otherwise(make_dataset) -> None:
    dataset = make_dataset(30)
    twice = dataset[np.concatenate([np.arange(30), np.full(10, 4)])]
    assert matscout.fit(twice, model="dummy").card.n_rows == 30
    assert matscout.fit(twice, model="dummy", merge=False).card.n_rows == 40


def test_the_card_tells_where_the_model_came_from(make_dataset) -> None:
    dataset = make_dataset(40, context=True, n_groups=12)
    provenance = replace(dataset.provenance, source="gaps.csv", digest="ab" * 32, licence="CC-BY", remarks=("Read.",))
    card = matscout.fit(replace(dataset, provenance=provenance), model="dummy").card
    assert (card.target, card.unit, card.n_rows, card.n_compositions, card.n_groups) == ("gap", "eV", 40, 40, 12)
    assert card.context == ("temperature", "route")
    assert (card.source, card.digest, card.licence, card.remarks) == ("gaps.csv", "ab" * 32, "CC-BY", ("Read.",))
    assert "new group" in card.assumption
    keys = "\n".join(sorted(dataset.materials.compositions.keys().tolist()))
    assert card.formulas_digest == hashlib.sha256(keys.encode()).hexdigest()
    text = card.to_markdown()
    for told in ("gap (eV)", "gaps.csv", "CC-BY", "40 rows", "12 groups", "temperature, route", card.formulas_digest):
        assert told in text


def test_scores_are_errors_on_rows_left_out(make_dataset) -> None:
    dataset = make_dataset(12)
    values = dataset.target().values
    others = [np.median(np.delete(values, i)) for i in range(12)]
    scores = matscout.fit(dataset, model="dummy").card.scores
    assert "slightly optimistic" in matscout.fit(dataset, model="dummy").card.to_markdown()
    assert scores["mae"] == pytest.approx(np.abs(values - others).mean())


def test_progress_is_told(make_dataset) -> None:
    steps = []
    matscout.fit(make_dataset(10), model="dummy", progress=lambda step, done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] > 0


def test_an_unknown_model_is_refused_with_the_nearest(make_dataset) -> None:
    with pytest.raises(UsageError, match="did you mean dummy"):
        matscout.fit(make_dataset(10), model="dumy")


def test_a_target_must_be_named_if_there_are_several(make_dataset) -> None:
    dataset = make_dataset(10)
    several = replace(dataset, targets={"gap": dataset.target(), "other": replace(dataset.target(), name="other")})
    with pytest.raises(UsageError, match="name the target column"):
        matscout.fit(several, model="dummy")
    assert matscout.fit(several, "other", model="dummy").card.target == "other"


def test_too_few_rows_are_refused(make_dataset) -> None:
    with pytest.raises(InputError, match="at least 5"):
        matscout.fit(make_dataset(3), model="dummy")
