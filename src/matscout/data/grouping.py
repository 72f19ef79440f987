"""Which rows belong together: same formula, same elements, or same entry of a column (a paper, a family)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset


def group_labels(dataset: Dataset, how: str) -> NDArray[np.str_]:
    """One group name per row, text [n].

    Parameters
    ----------
    dataset
        n rows.
    how
        ``"formula"`` (equal normalised composition), ``"chemical-system"`` (same set of elements), or a column of the
        input; rows in which that column is blank are groups of their own.

    Raises
    ------
    UsageError
        If there is no such column.
    """
    from matscout.data.columns import find_column

    if how == "formula":
        return dataset.materials.compositions.keys()
    if how == "chemical-system":
        return dataset.materials.compositions.chemical_systems()
    columns = [] if dataset.table is None else dataset.table.columns
    cells = [] if dataset.table is None else dataset.table[find_column(how, columns, "groups")].cast(str).to_list()
    if dataset.table is None:
        find_column(how, columns, "groups")
    numbers = np.arange(1, len(dataset) + 1) if dataset.row_numbers is None else dataset.row_numbers
    labels = [cell if cell else f"row {number}" for cell, number in zip(cells, numbers, strict=True)]
    return np.array(labels, dtype=np.str_)
