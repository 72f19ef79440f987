"""Predicting in blocks is predicting at once."""

import numpy as np
import pytest

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.discover import prediction
from matscout.discover.prediction import predict_candidates
from matscout.predict.base import join_predictions
from matscout.registry import load_class

FORMULAS = ["GaAs", "GaN", "GaP", "InP", "InN", "InAs", "ZnO", "ZnS", "ZnSe", "CdTe", "CdS", "AlN"]
NUMBERS = Target("gap", np.array([1.42, 3.4, 2.26, 1.34, 0.7, 0.35, 3.3, 3.6, 2.7, 1.5, 2.4, 6.0]), "eV")
CLASSES = Target("wide", np.array([0.0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1]), None, "classification", ("no", "yes"))


@pytest.mark.parametrize("target", [NUMBERS, CLASSES], ids=["numbers", "classes"])
def test_blocks_make_no_difference(target, monkeypatch):
    dataset = Dataset(Materials.from_formulas(FORMULAS), {target.name: target})
    model = load_class("models", "dummy")().fit(dataset, target.name)
    wanted = Materials.from_formulas(["SnS", "PbS", "GeS", "SnSe", "PbSe"])
    at_once = predict_candidates(model, wanted, 0.8)
    told = []
    monkeypatch.setattr(prediction, "ROWS_AT_ONCE", 2)
    in_blocks = predict_candidates(model, wanted, 0.8, lambda step, done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]
    assert len(in_blocks) == len(at_once) == 5
    assert np.array_equal(in_blocks.in_domain, at_once.in_domain)
    assert np.array_equal(in_blocks.predicted, at_once.predicted)
    assert in_blocks.level == 0.8


def test_rows_are_taken_from_every_column():
    dataset = Dataset(Materials.from_formulas(FORMULAS), {"gap": NUMBERS, "wide": CLASSES})
    wanted = Materials.from_formulas(["SnS", "PbS", "GeS"])
    for name in ("gap", "wide"):
        block = load_class("models", "dummy")().fit(dataset, name).predict(wanted)
        twice = join_predictions([block, block])[np.array([5, 0])]
        assert len(twice) == 2
        assert np.array_equal(twice.predicted, block.predicted[[2, 0]])
