"""Shared by the protocols: which rows belong together, and how they are dealt out to folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.errors import InputError, UsageError
from matscout.evaluation.base import Split

Ints = NDArray[np.int64]


def labelled_rows(dataset: Dataset, target: str) -> Ints:
    """Positions of the rows in which ``target`` is known."""
    return np.flatnonzero(dataset.target(target).known)


def composition_keys(dataset: Dataset, rows: Ints) -> NDArray[np.str_]:
    """One text per row, equal for repeats of one composition or reaction: they are never split."""
    return dataset.materials[rows].keys()


def classes_of(dataset: Dataset, target: str, rows: Ints) -> Ints:
    """Class number of each row, all 0 for a regression target: what folds are balanced over."""
    chosen = dataset.target(target)
    if chosen.classes:
        return chosen.values[rows].astype(np.int64)
    return np.zeros(len(rows), dtype=np.int64)


def deal_groups(groups: NDArray[np.str_], classes: Ints, n_folds: int, rng: np.random.Generator) -> Ints:
    """Fold number of each row, [n]: groups stay whole, folds come out equally large and equally mixed.

    Groups are shuffled, taken from the largest to the smallest, and each goes to the fold that has the fewest rows of
    the group's most frequent class (then the fewest rows at all). With groups of one row this is a stratified random
    k-fold.

    Raises
    ------
    UsageError
        If there are fewer groups than folds.
    """
    names, members = np.unique(groups, return_inverse=True)
    if len(names) < n_folds:
        raise UsageError(
            f"{n_folds} folds need at least {n_folds} groups that stay together, but there are {len(names)}: use "
            "fewer folds (--n-folds)"
        )
    counts = np.zeros((len(names), int(classes.max()) + 1), dtype=np.int64)
    np.add.at(counts, (members, classes), 1)
    order = rng.permutation(len(names))
    order = order[np.argsort(-counts.sum(axis=1)[order], kind="stable")]
    filled = np.zeros((n_folds, counts.shape[1]), dtype=np.int64)
    fold_of = np.empty(len(names), dtype=np.int64)
    for group in order:
        main = counts[group].argmax()
        fold = np.lexsort((filled.sum(axis=1), filled[:, main]))[0]
        fold_of[group] = fold
        filled[fold] += counts[group]
    return fold_of[members]


def leave_each_out(rows: Ints, folds: Ints, names: Sequence[str]) -> Iterator[Split]:
    """One split per fold: test on it, train on all the others.

    Parameters
    ----------
    rows
        int64 [n], positions in the data set.
    folds
        int64 [n], the fold 0..k-1 of each of them.
    names
        k split names.
    """
    for number, name in enumerate(names):
        inside = folds == number
        yield Split(name, rows[~inside], rows[inside])


def column_of(dataset: Dataset, name: str) -> list[object]:
    """The values of one of the input's columns, as they were read, [n].

    Raises
    ------
    UsageError
        If there is no such column; the message lists those there are.
    """
    if dataset.table is not None and name in dataset.table.columns:
        return list(dataset.table[name].to_list())
    if name in dataset.materials.context:
        return list(dataset.materials.context[name].tolist())
    columns = [] if dataset.table is None else list(dataset.table.columns)
    known = ", ".join([*columns, *dataset.materials.context]) or "none"
    raise UsageError(f"there is no column {name!r}; the columns are {known}")


def refuse_blanks(dataset: Dataset, name: str, values: Sequence[object], rows: Ints) -> None:
    """Raise InputError if a labelled row has no value in the column ``name``."""
    blank = [row for row in rows if values[row] is None or str(values[row]).strip() in ("", "nan")]
    if blank:
        numbers = ", ".join(str(dataset.numbering[row]) for row in blank[:5])
        raise InputError(
            f"column {name!r} is blank in {len(blank)} labelled rows (first: row {numbers}); "
            "fill it in or delete the rows"
        )
