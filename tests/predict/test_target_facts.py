"""Limits of a target: what predictions keep to, and what an artefact keeps."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.foretold import foretold

import matscout
from matscout.data.dataset import Target
from matscout.predict.base import Predictions
from matscout.predict.distributions import NO_LIMITS
from matscout.predict.target_facts import facts_of, limits_of, target_of
from matscout.remarks import codes

VALUES = np.array([3.0, 50.0, 97.0])


def said(target: Target) -> Predictions:
    predicted = np.array([-5.0, 50.0, 110.0])
    lower, upper = predicted - np.array([2.0, 60.0, 4.0]), predicted + np.array([8.0, 60.0, 30.0])
    return foretold(predicted, lower, upper, target=target.name, unit=target.unit, limits=limits_of(VALUES, target))


def test_predictions_and_their_intervals_move_into_the_limits():
    moved = said(Target("yield", VALUES, "%", limits=(0.0, 100.0)))
    assert moved.predicted.tolist() == [0, 50, 100]
    assert moved.lower == pytest.approx([0, 0, 96])
    assert moved.upper == pytest.approx([8, 100, 100])


def test_without_limits_nothing_moves():
    free = said(Target("thermopower", VALUES, "uV/K"))
    assert free.predicted.tolist() == [-5, 50, 110]
    assert free.lower == pytest.approx([-7, -10, 106])
    assert free.upper == pytest.approx([3, 110, 140])


@pytest.mark.parametrize(
    ("values", "unit", "limits"),
    [
        (VALUES, "K", (0.0, np.inf)),
        (VALUES - 3.0, "K", (0.0, np.inf)),
        (VALUES - 3.1, "K", NO_LIMITS),
        (VALUES, "uV/K", NO_LIMITS),
        (VALUES, "°C", NO_LIMITS),
    ],
)
def test_what_has_no_negative_label_has_no_negative_value_unless_its_unit_is_that_of_signed_ones(values, unit, limits):
    assert limits_of(values, Target("x", values, unit)) == limits


@pytest.mark.parametrize("limits", [None, (0.0, 1.0)])
def test_facts_survive_json(limits):
    target = Target("yield", VALUES / 100, "fraction", limits=limits)
    facts = json.loads(json.dumps(facts_of(target)))
    assert ("limits" in facts) == (limits is not None)
    again = target_of(facts, VALUES / 100)
    assert (again.name, again.unit, again.task, again.classes, again.limits) == (
        "yield", "fraction", "regression", (), limits
    )  # fmt: skip


def test_percent_without_a_value_above_1_is_remarked():
    import polars

    reactions = [f"{'C' * n}>>{'C' * n}O" for n in range(1, 7)]
    table = polars.DataFrame({"reaction": reactions, "yield (%)": [0.1, 0.5, 0.9, 0.2, 0.0, 0.7]})
    remarks = " ".join(matscout.read(table).provenance.remarks)
    assert "no value is above 1: if the values are fractions, declare it (--unit 'yield=fraction')" in remarks
    told = matscout.read(table, units={"yield": "fraction"})
    assert told.target().limits == (0.0, 1.0)
    assert "percents-or-fractions" not in codes(told.provenance.remarks)


@pytest.mark.parametrize(("highest", "limits"), [(99.0, (0.0, 100.0)), (104.0, (0.0, 104.0))])
def test_yields_have_limits_that_labels_beyond_them_move(highest, limits):
    import polars

    reactions = [f"{'C' * n}>>{'C' * n}O" for n in range(1, 31)]
    values = np.linspace(1.0, highest, 30)
    dataset = matscout.read(polars.DataFrame({"reaction": reactions, "yield (%)": values}))
    assert dataset.target().limits == limits
    model = matscout.fit(dataset, model="trees=reaction-random", fast=True)
    upper = model.predict(dataset.materials, level=0.95).upper.max()
    assert upper <= limits[1]
