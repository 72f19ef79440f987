"""What every protocol must do, whoever wrote it: rows are divided, without overlap, the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars

from matscout import registry
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset, Target, Task
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.evaluation.base import Protocol, ProtocolOptions, Split
from matscout.testing.contract import Contract

if TYPE_CHECKING:
    import pytest

TASKS: tuple[Task, ...] = ("regression", "classification")
OPTIONS = ProtocolOptions(n_folds=4, repeats=2, n_labels=(10, 30), folds="part", time="year")
"""With what all protocols that come with matscout ask for."""
TARGET = "y"


def labelled_rows(task: str) -> Dataset:
    """120 rows of 60 compositions, every fifth one without a value, in 12 groups, with the columns of the options."""
    rng = np.random.default_rng(0)
    compositions = [{SYMBOLS[10 + row % 30]: 1.0, SYMBOLS[40 + row % 20]: 2.0} for row in range(120)]
    values = rng.normal(size=120) if task == "regression" else (rng.random(120) < 0.3).astype(float)
    values[::5] = np.nan
    formulas = np.array([f"row{row}" for row in range(120)])
    target = Target(TARGET, values) if task == "regression" else _yes_or_no(values)
    return Dataset(
        Materials(formulas, formulas, Compositions.from_dicts(compositions)),
        {TARGET: target},
        groups=np.array([f"paper {row % 12}" for row in range(120)]),
        table=polars.DataFrame(
            {"part": [str(row % 3) for row in range(120)], "year": [1990 + row % 24 for row in range(120)]}
        ),
    )


def _yes_or_no(values: np.ndarray) -> Target:
    return Target(TARGET, values, task="classification", classes=("no", "yes"))


def protocol_called(name: str) -> Protocol:
    """The protocol of a name, with all options."""
    made: Protocol = registry.load_class("protocols", name)(OPTIONS)
    return made


def splits_of(name: str, dataset: Dataset) -> list[Split]:
    """How it divides the rows."""
    return list(protocol_called(name).splits(dataset, TARGET, seed=3))


class ProtocolContract(Contract):
    """A test that takes ``task`` is called with numbers and with classes."""

    family = "protocols"

    @classmethod
    def arguments(cls, metafunc: pytest.Metafunc) -> tuple[str, ...]:
        """The name of a protocol, and what the labels are."""
        return tuple(name for name in ("name", "task") if name in metafunc.fixturenames)

    @classmethod
    def cases(cls, metafunc: pytest.Metafunc) -> list[tuple[str, ...]]:
        """Each protocol with each kind of labels."""
        if "task" not in cls.arguments(metafunc):
            return super().cases(metafunc)
        return [(name, task) for task in TASKS for name in cls.names()]

    def test_splits_are_disjoint_and_over_labelled_rows(self, name: str, task: str) -> None:
        dataset = labelled_rows(task)
        splits, labelled = splits_of(name, dataset), set(np.flatnonzero(dataset.targets[TARGET].known).tolist())
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

    def test_equal_seeds_give_equal_splits_with_distinct_names(self, name: str, task: str) -> None:
        dataset = labelled_rows(task)
        first, second = splits_of(name, dataset), splits_of(name, dataset)
        for one, other in zip(first, second, strict=True):
            assert one.name == other.name
            np.testing.assert_array_equal(one.train, other.train)
            np.testing.assert_array_equal(one.test, other.test)
        assert len({split.name for split in first}) == len(first)

    def test_it_says_what_it_does(self, name: str, task: str) -> None:
        protocol = protocol_called(name)
        assert protocol.name == name
        assert protocol.settings
        assert protocol.uses <= set(vars(OPTIONS))
        splits = splits_of(name, labelled_rows(task))
        assert {split.name for split in protocol.headline(splits)} <= {split.name for split in splits}
