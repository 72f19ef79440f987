"""Candidates that the user brings, e.g. the compounds of a database or what is on the shelf."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.data.repeats import material_keys
from matscout.discover.base import Candidates
from matscout.discover.candidates.assembly import first_of_each
from matscout.errors import RowProblem

SHOWN = 5
"""Rows of a file that cannot be used, or of which something is remarked, that are told one by one."""


def candidates_from(dataset: Dataset) -> Candidates:
    """The materials of a data set with their row numbers as origin.

    Without structures each composition comes once, and each reaction once under the same conditions.
    """
    kept = _kept(dataset.materials)
    source = dataset.provenance.source
    numbers = dataset.numbering
    origins = np.array([f"{source} row {number}" for number in numbers[kept]], dtype=np.str_)
    remarks = [f"{len(kept):,} candidates were read from {source}."]
    what = "composition" if dataset.materials.reactions is None else "reaction (and its conditions)"
    if len(kept) < len(dataset):
        remarks.append(f"{len(dataset) - len(kept):,} rows repeat the {what} of an earlier row and were left out.")
    dropped = [problem for problem in dataset.problems if problem.dropped]
    if dropped:
        remarks.append(f"{len(dropped):,} rows of {source} could not be read as candidates: {_listed(dropped)}.")
    told = [problem for problem in dataset.problems if not problem.dropped]
    if told:
        remarks.append(f"Remarks on {len(told):,} rows of {source}: {_listed(told)}.")
    return Candidates(dataset.materials[kept], origins, tuple(remarks))


def _listed(problems: Sequence[RowProblem]) -> str:
    more = f"; and {len(problems) - SHOWN:,} more" if len(problems) > SHOWN else ""
    return "; ".join(map(str, problems[:SHOWN])) + more


def _kept(materials: Materials) -> NDArray[np.int64]:
    if materials.structures is not None:
        return np.arange(len(materials))
    if materials.reactions is None:
        return first_of_each(materials)
    first: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(material_keys(materials)):
        first.setdefault(key, row)
    return np.array(list(first.values()), dtype=np.int64)
