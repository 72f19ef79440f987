"""The protocol of the few-label tasks: every draw has its own labels and its own test rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.evaluation.base import Protocol, Split
from matscout.evaluation.folds import composition_keys, labelled_rows

MOST_TEST_ROWS = 1000
"""More would cost much time and hardly change a mean."""

FEWEST_GROUPS = 9
"""90 % intervals for a new paper need so many papers (:func:`matscout.predict.conformal.units_needed`)."""

MOST_TRIES = 100

Ints = NDArray[np.int64]


class FewLabels(Protocol):
    """So many labels are drawn at random; all that shares no composition (no group) with them is tested.

    Unlike ``masked``, which shows ever more labels against one held-out fifth, every draw tests other rows: of 188 rows
    a fifth alone would be a matter of luck.
    """

    uses = frozenset({"n_labels", "repeats"})

    @property
    def name(self) -> str:
        return "few-labels"

    @property
    def size(self) -> int:
        """Labels in each draw."""
        return self.options.n_labels[0]

    @property
    def settings(self) -> str:
        return (
            f"{self.size} labels drawn {self.options.repeats} times (whole papers where rows are grouped), tested on "
            f"at most {MOST_TEST_ROWS:,} rows that share no composition (no paper) with them"
        )

    def splits(self, dataset: Dataset, target: str, seed: int) -> Iterator[Split]:
        """Splits called "draw 1", ...; draw k is the same whatever the number of draws."""
        rows = labelled_rows(dataset, target)
        grouped = dataset.groups is not None
        names = dataset.groups[rows] if dataset.groups is not None else composition_keys(dataset, rows)
        for draw in range(self.options.repeats):
            rng = np.random.default_rng([seed, draw])
            train, test = draw_labels(names, self.size, rng, FEWEST_GROUPS if grouped else 1)
            yield Split(f"draw {draw + 1}", np.sort(rows[train]), np.sort(rows[test]))


def draw_labels(names: NDArray[np.str_], size: int, rng: np.random.Generator, fewest: int) -> tuple[Ints, Ints]:
    """Positions of ``size`` rows to learn from and of at most ``MOST_TEST_ROWS`` to test.

    Whole units (rows of equal name) come in random order until there are enough rows. What the last unit has too many
    is neither learned from nor tested. A draw of fewer than ``fewest`` units is drawn anew.
    """
    units, unit_of = np.unique(names, return_inverse=True)
    for _ in range(MOST_TRIES):
        turn = rng.permutation(len(units))[unit_of]
        train = np.lexsort((rng.random(len(names)), turn))[:size]
        if len(np.unique(turn[train])) >= fewest:
            test = np.flatnonzero(turn > turn[train].max())
            return train, test if len(test) <= MOST_TEST_ROWS else rng.choice(test, MOST_TEST_ROWS, replace=False)
    raise ValueError(
        f"{MOST_TRIES} draws of {size} rows were all of fewer than {fewest} units, of {len(units)} there are"
    )
