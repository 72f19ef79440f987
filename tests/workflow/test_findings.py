"""What is found out about a target besides a model: the learning curve, and what ends no run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from matscout.data.dataset import Dataset
from matscout.data.reading import read
from matscout.errors import InputError
from matscout.evaluation.plan import EvaluationPlan
from matscout.workflow.findings import measure_learning

CATIONS = ("Li", "Na", "K", "Mg", "Ca", "Zn", "Sr", "Al", "Ga", "In")
ANIONS = ("O", "S", "Se", "F", "Cl")


def salts() -> Dataset:
    """50 made-up salts, with a made-up gap."""
    rows = [
        {"formula": f"{cation}{anion}", "gap (eV)": 3.0 + place - 0.1 * other}
        for other, cation in enumerate(CATIONS)
        for place, anion in enumerate(ANIONS)
    ]
    return read(pl.DataFrame(rows), target="gap")


def test_a_learning_curve_that_cannot_be_drawn_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("too few labels in one class")

    with monkeypatch.context() as refusing:
        refusing.setattr("matscout.workflow.findings.planned_comparison", refuse)
        assert measure_learning(salts(), "gap", EvaluationPlan(model="dummy")) is None
    monkeypatch.setattr("matscout.evaluation.grid.run_cell", refuse)
    assert measure_learning(salts(), "gap", EvaluationPlan(model="dummy")) is None


def test_the_learning_curve_holds_out_whole_groups_even_if_these_are_few() -> None:
    cations = np.repeat(CATIONS, len(ANIONS))
    measured = measure_learning(replace(salts(), groups=cations), "gap", EvaluationPlan(model="dummy", level=0.9))
    assert measured is not None
    tested = set(cations[measured.out_of_fold["dummy"].rows])
    assert len(tested) == 2
    assert len(np.unique(measured.out_of_fold["dummy"].rows)) == 10
    assert {fold.n_train for fold in measured.folds} == {25}


def test_the_rows_of_each_size_are_drawn_as_often_as_asked() -> None:
    measured = measure_learning(salts(), "gap", EvaluationPlan(model="dummy", repeats=2))
    assert measured is not None
    assert [fold.n_train for fold in measured.folds if fold.model == "dummy"] == [25, 25]
