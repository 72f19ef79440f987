"""Which rows belong together: same formula, same elements, or same entry of a column (a paper, a family)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.kinds import REACTION
from matscout.data.reactions.texts import is_reaction


def group_labels(dataset: Dataset, how: str) -> NDArray[np.str_]:
    """One group name per row, text [n].

    Parameters
    ----------
    dataset
        n rows.
    how
        ``"formula"`` (equal normalised composition; of point defects the same host and defects, wherever they are),
        ``"chemical-system"`` (same set of elements), or a column of the input; rows in which that column is blank are
        groups of their own. A column of components groups by molecule, however it is written, and the rows without such
        a component are one group. A column of reaction SMILES groups by reaction, however it is written.

    Raises
    ------
    UsageError
        If there is no such column.
    """
    from matscout.data.column_names import find_column

    if how == "formula":
        defects = dataset.materials.defects
        return dataset.materials.compositions.keys() if defects is None else defects.count_keys()
    if how == "chemical-system":
        return dataset.materials.compositions.chemical_systems()
    table, contents = dataset.table, dataset.materials.contents
    column = find_column(how, [] if table is None else table.columns, "groups")
    assert table is not None, "find_column has refused"
    molecules = contents.cells_of(column)
    if molecules is not None:
        return np.where(molecules == "", f"no {column}", molecules)
    numbers = dataset.numbering
    cells = table[column].cast(str).to_list()
    if dataset.materials.kind == REACTION and all(cell is not None and is_reaction(cell) for cell in cells):
        return contents.keys()
    return np.array([cell or f"row {number}" for cell, number in zip(cells, numbers, strict=True)], dtype=np.str_)
