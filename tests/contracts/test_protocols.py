"""Every discovered protocol keeps the promises of ``matscout.evaluation.base.Protocol``."""

from __future__ import annotations

import numpy as np
import polars
import pytest

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.evaluation.base import ProtocolOptions
from matscout.registry import load_class, plug_ins

NAMES = [plug_in.name for plug_in in plug_ins("protocols")]
OPTIONS = ProtocolOptions(n_folds=4, repeats=2, labels=(10, 30), folds="part", time="year")


@pytest.fixture(scope="module", params=["regression", "classification"])
def dataset(request) -> Dataset:
    """120 rows of 60 compositions, every fifth one without a value, in 12 groups."""
    rng = np.random.default_rng(0)
    compositions = [{SYMBOLS[10 + row % 30]: 1.0, SYMBOLS[40 + row % 20]: 2.0} for row in range(120)]
    values = rng.normal(size=120) if request.param == "regression" else (rng.random(120) < 0.3).astype(float)
    values[::5] = np.nan
    formulas = np.array([f"row{row}" for row in range(120)])
    classes = () if request.param == "regression" else ("no", "yes")
    return Dataset(
        Materials(formulas, formulas, Compositions.from_dicts(compositions)),
        {"y": Target("y", values, task=request.param, classes=classes)},
        groups=np.array([f"paper {row % 12}" for row in range(120)]),
        table=polars.DataFrame(
            {"part": [str(row % 3) for row in range(120)], "year": [1990 + row % 24 for row in range(120)]}
        ),
    )


@pytest.mark.parametrize("name", NAMES)
def test_splits_are_disjoint_and_over_labelled_rows(name, dataset):
    splits = list(load_class("protocols", name)(OPTIONS).splits(dataset, "y", seed=3))
    labelled = set(np.flatnonzero(dataset.targets["y"].known).tolist())
    assert len(splits) > 1
    for split in splits:
        train, test = split.train.tolist(), split.test.tolist()
        assert train
        assert test
        assert len(set(train)) == len(train)
        assert len(set(test)) == len(test)
        assert not set(train) & set(test)
        assert set(train) | set(test) <= labelled
        assert split.train.dtype == split.test.dtype == np.int64


@pytest.mark.parametrize("name", NAMES)
def test_equal_seeds_give_equal_splits_with_distinct_names(name, dataset):
    first, second = (list(load_class("protocols", name)(OPTIONS).splits(dataset, "y", seed=3)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one.name == other.name
        np.testing.assert_array_equal(one.train, other.train)
        np.testing.assert_array_equal(one.test, other.test)
    assert len({split.name for split in first}) == len(first)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_does(name, dataset):
    protocol = load_class("protocols", name)(OPTIONS)
    assert protocol.name == name
    assert protocol.settings
    assert protocol.uses <= set(vars(OPTIONS))
    splits = list(protocol.splits(dataset, "y", seed=3))
    assert {split.name for split in protocol.headline(splits)} <= {split.name for split in splits}


@pytest.mark.parametrize("name", sorted({"kfold", "repeated", "group", "given", "cluster"} & set(NAMES)))
def test_every_labelled_row_is_tested_once_per_repeat(name, dataset):
    protocol = load_class("protocols", name)(OPTIONS)
    tested = np.concatenate([split.test for split in protocol.splits(dataset, "y", seed=3)])
    rows, counts = np.unique(tested, return_counts=True)
    np.testing.assert_array_equal(rows, np.flatnonzero(dataset.targets["y"].known))
    assert set(counts.tolist()) == {2 if name == "repeated" else 1}


@pytest.mark.parametrize("name", sorted({"kfold", "repeated", "cluster", "masked"} & set(NAMES)))
def test_repeats_of_a_composition_are_never_on_both_sides(name, dataset):
    keys = dataset.materials.compositions.keys()
    for split in load_class("protocols", name)(OPTIONS).splits(dataset, "y", seed=3):
        assert not set(keys[split.train]) & set(keys[split.test])
