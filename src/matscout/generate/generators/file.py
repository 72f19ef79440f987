"""Candidates from the user's file, e.g. the compounds of a database or the chemicals at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.formula_alloys import Shares
from matscout.data.headings import split_heading
from matscout.data.kinds import KINDS
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.data.repeats import material_keys
from matscout.data.sources import load_source
from matscout.errors import RowProblem, UsageError
from matscout.generate.assembly import first_of_each
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.progress import Progress, silent
from matscout.remarks import Remark

SHOWN = 5
"""Rows of a file that cannot be used, or of which something is remarked, that are told one by one."""


class File(Generator):
    """The materials or reactions of a file, each composition once where there are no structures.

    Parameters
    ----------
    path
        A table, a folder or archive of structures.
    alloys
        What the numbers in the names of alloys are, as for :func:`matscout.read`.
    """

    usual_filters = ("new",)
    kinds = KINDS

    def __init__(self, *, path: str | Path, alloys: Shares | None = None) -> None:
        self.path, self.alloys = Path(path), alloys

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """All that the file holds, whatever ``n`` is.

        Raises
        ------
        InputError
            If it cannot be read.
        UsageError
            If it holds reactions and the labels are materials, or the other way round.
        """
        labels = wishes.labels
        context = tuple(name for name in labels.materials.context if name not in wishes.settings)
        brought = self._read(labels, context, progress)
        if brought.materials.noun != labels.materials.noun:
            raise UsageError(
                f"the labels are {labels.materials.kind.plural}, but the candidates of {brought.provenance.source} "
                f"are {brought.materials.kind.plural}: give candidates of the same kind"
            )
        return candidates_from(brought)

    def _read(self, labels: Dataset, context: tuple[str, ...], progress: Progress) -> Dataset:
        """The candidates, with those context columns that the file has, in the units of the labels."""
        contents = labels.materials.contents
        loaded = load_source(self.path, progress=progress)
        columns = loaded.table.columns
        components = contents.asked
        whole = (contents.column,) if contents.column and contents.column in columns else ()
        present = [name for name in context if any(split_heading(column).name == name for column in columns)]
        candidates = read_materials(
            loaded,
            reaction=components or whole,
            context=present,
            alloys=self.alloys,
            context_units=labels.context_units,
            progress=progress,
        )
        return replace(candidates, materials=candidates.materials.arranged(components))


def candidates_from(dataset: Dataset) -> Candidates:
    """The materials of a data set with their row numbers as origin.

    Without structures each composition comes once, and each reaction once under the same conditions.
    """
    kept = _kept(dataset.materials)
    source = dataset.provenance.source
    numbers = dataset.numbering
    origins = np.array([f"{source} row {number}" for number in numbers[kept]], dtype=np.str_)
    remarks = [Remark("candidates-read", f"{len(kept):,} candidates were read from {source}.")]
    what = dataset.materials.kind.repeated
    if len(kept) < len(dataset):
        text = f"{len(dataset) - len(kept):,} rows repeat the {what} of an earlier row and were left out."
        remarks.append(Remark("candidates-repeated", text))
    dropped = [problem for problem in dataset.problems if problem.dropped]
    if dropped:
        text = f"{len(dropped):,} rows of {source} could not be read as candidates: {_listed(dropped)}."
        remarks.append(Remark("candidates-not-read", text))
    remarked = [problem for problem in dataset.problems if not problem.dropped]
    if remarked:
        remarks.append(
            Remark("candidates-with-remarks", f"Remarks on {len(remarked):,} rows of {source}: {_listed(remarked)}.")
        )
    return Candidates(dataset.materials[kept], origins, tuple(remarks))


def _listed(problems: Sequence[RowProblem]) -> str:
    more = f"; and {len(problems) - SHOWN:,} more" if len(problems) > SHOWN else ""
    return "; ".join(map(str, problems[:SHOWN])) + more


def _kept(materials: Materials) -> NDArray[np.int64]:
    if materials.structures is not None:
        return np.arange(len(materials))
    if not materials.kind.with_conditions:
        return first_of_each(materials)
    first: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(material_keys(materials)):
        first.setdefault(key, row)
    return np.array(list(first.values()), dtype=np.int64)
