"""What each protocol does beyond the contract that all of them share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars
import pytest

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.evaluation.base import ProtocolOptions
from matscout.evaluation.evaluating import make_protocol
from matscout.evaluation.folds import deal_groups


def dataset_of(n: int, *, groups=None, classes=False, **columns) -> Dataset:
    rows = np.arange(n)
    formulas = rows.astype(np.str_)
    compositions = Compositions.from_dicts(
        [{SYMBOLS[row % 80]: 1.0, SYMBOLS[(row // 80 + row + 1) % 80]: 2.0} for row in rows]
    )
    values = (rows % 10 == 0).astype(float) if classes else rows.astype(float)
    target = Target("y", values, task="classification", classes=("no", "yes")) if classes else Target("y", values)
    table = polars.DataFrame(columns) if columns else None
    return Dataset(Materials(formulas, formulas, compositions), {"y": target}, groups=groups, table=table)


def splits_of(name, dataset, seed=0, **options):
    return list(make_protocol(name, ProtocolOptions(**options)).splits(dataset, "y", seed))


def test_random_folds_are_equally_large_and_differ_between_seeds():
    dataset = dataset_of(103)
    first, second = splits_of("kfold", dataset, seed=0), splits_of("kfold", dataset, seed=1)
    assert sorted(len(split.test) for split in first) == [20, 20, 21, 21, 21]
    assert not np.array_equal(first[0].test, second[0].test)


def test_rare_classes_are_spread_evenly():
    dataset = dataset_of(100, classes=True)
    assert [int(dataset.targets["y"].values[split.test].sum()) for split in splits_of("kfold", dataset)] == [2] * 5


def test_groups_stay_whole_and_folds_stay_balanced():
    rng = np.random.default_rng(0)
    groups = np.repeat([f"paper {number}" for number in range(40)], rng.integers(1, 12, 40))
    folds = deal_groups(groups, np.zeros(len(groups), dtype=np.int64), 5, rng)
    assert all(len(set(folds[groups == name])) == 1 for name in set(groups))
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= 2
    with pytest.raises(UsageError, match="at least 5 groups"):
        deal_groups(np.array(["a", "b", "a"]), np.zeros(3, dtype=np.int64), 5, rng)


def test_group_needs_groups():
    with pytest.raises(UsageError, match="needs groups"):
        splits_of("group", dataset_of(10))


def test_given_folds_are_used_exactly():
    column = ["2", "10", "1", "1", "10", "2"]
    splits = splits_of("given", dataset_of(6, part=column), folds="part")
    assert [split.name for split in splits] == ["1", "2", "10"]
    assert [split.test.tolist() for split in splits] == [[2, 3], [0, 5], [1, 4]]
    assert splits[0].train.tolist() == [0, 1, 4, 5]


def test_a_train_test_column_is_one_split():
    (split,) = splits_of("given", dataset_of(4, part=["train", "val", "Test", "train"]), folds="part")
    assert (split.name, split.train.tolist(), split.test.tolist()) == ("test", [0, 1, 3], [2])


def test_fold_columns_that_cannot_be_used():
    with pytest.raises(UsageError, match="no column 'prat'; the columns are part"):
        splits_of("given", dataset_of(2, part=["0", "1"]), folds="prat")
    with pytest.raises(InputError, match=r"blank in 1 labelled rows \(first: row 2\)"):
        splits_of("given", dataset_of(3, part=["0", None, "1"]), folds="part")
    with pytest.raises(UsageError, match="at least 2 folds"):
        splits_of("given", dataset_of(2, part=["0", "0"]), folds="part")
    with pytest.raises(UsageError, match="needs the name of the fold column"):
        splits_of("given", dataset_of(2))


def test_masked_sets_are_nested_and_tested_on_the_same_rows():
    splits = splits_of("masked", dataset_of(200), n_labels=(25, 100), repeats=2)
    assert [split.name for split in splits] == [
        "25 labels, draw 1",
        "100 labels, draw 1",
        "25 labels, draw 2",
        "100 labels, draw 2",
    ]
    assert [len(split.train) for split in splits] == [25, 100, 25, 100]
    assert set(splits[0].train) < set(splits[1].train)
    assert set(splits[0].train) != set(splits[2].train)
    assert all(np.array_equal(split.test, splits[0].test) for split in splits)
    assert len(splits[0].test) == 40


def test_masked_holds_out_whole_groups():
    groups = np.array([f"paper {row % 10}" for row in range(200)])
    splits = splits_of("masked", replace(dataset_of(200), groups=groups), n_labels=(25, 100), repeats=2)
    assert all(np.array_equal(split.test, splits[0].test) for split in splits)
    assert len(set(groups[splits[0].test])) == 2
    assert len(splits[0].test) == 40
    assert all(not set(groups[split.train]) & set(groups[split.test]) for split in splits)
    assert [len(split.train) for split in splits] == [25, 100, 25, 100]
    four = replace(dataset_of(200), groups=np.array([f"paper {row % 4}" for row in range(200)]))
    with pytest.raises(UsageError, match="a fifth of the groups; it needs at least 5, but there are 4"):
        splits_of("masked", four)


@pytest.mark.parametrize("seed", range(5))
def test_masked_sets_hold_every_class(seed):
    dataset = dataset_of(200, classes=True)
    values = np.zeros(200)
    values[[7, 150]] = 1.0
    dataset = replace(dataset, targets={"y": replace(dataset.targets["y"], values=values)})
    assert all(set(values[split.train]) == {0.0, 1.0} for split in splits_of("masked", dataset, seed=seed))


def test_masked_uses_the_usual_sizes_that_fit_and_refuses_others():
    assert [len(split.train) for split in splits_of("masked", dataset_of(200))] == [25, 50, 100]
    with pytest.raises(UsageError, match="500 labels were requested, but 160 are left after a fifth is held out"):
        splits_of("masked", dataset_of(200), n_labels=(500,))
    with pytest.raises(UsageError, match="too few"):
        splits_of("masked", dataset_of(20))


def test_the_headline_of_masked_is_its_largest_size():
    protocol = make_protocol("masked", ProtocolOptions(n_labels=(25, 50), repeats=2))
    splits = list(protocol.splits(dataset_of(100), "y", 0))
    assert [split.name for split in protocol.headline(splits)] == ["50 labels, draw 1", "50 labels, draw 2"]


@pytest.mark.parametrize(
    "moments",
    [
        [2000 + row // 5 for row in range(60)],
        [date(2000 + row // 5, 3, 1) for row in range(60)],
        [f"{2000 + row // 5}-03-01" for row in range(60)],
        [f"{2000 + row // 5}.0" for row in range(60)],
    ],
)
def test_time_never_trains_on_the_future(moments):
    order = np.random.default_rng(0).permutation(60)
    shuffled = [moments[row] for row in order]
    splits = splits_of("time", dataset_of(60, year=shuffled), time="year", n_folds=3)
    years = 2000 + order // 5
    assert len(splits) == 3
    for split in splits:
        assert years[split.train].max() < years[split.test].min()
        assert split.name == f"from {shuffled[split.test[years[split.test].argmin()]]}"
    tested = np.concatenate([split.test for split in splits])
    assert len(set(tested)) == len(tested) == 45


def test_time_columns_that_cannot_be_used():
    with pytest.raises(InputError, match="row 2: 'soon' is neither a number nor a date"):
        splits_of("time", dataset_of(2, year=["1999", "soon"]), time="year", n_folds=2)
    with pytest.raises(UsageError, match="too few distinct moments"):
        splits_of("time", dataset_of(20, year=["1999"] * 10 + ["2000"] * 10), time="year", n_folds=3)


def test_options_that_a_protocol_does_not_use_are_refused():
    with pytest.raises(UsageError, match="'kfold' does not use repeats; it belongs to the protocols masked, repeated"):
        make_protocol("kfold", ProtocolOptions(repeats=3))
    with pytest.raises(UsageError, match="did you mean kfold"):
        make_protocol("k-fold", ProtocolOptions())
    with pytest.raises(UsageError, match="at least 2 folds"):
        ProtocolOptions(n_folds=1)
