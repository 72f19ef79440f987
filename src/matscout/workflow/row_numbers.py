"""Remarks of models and representations, which count materials, told in the row numbers of the user's file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from matscout.data.dataset import Dataset
from matscout.errors import RowProblem


def in_file_rows(problems: Iterable[RowProblem], dataset: Dataset) -> tuple[RowProblem, ...]:
    """The same problems; a ``row`` that counts the materials from 1 becomes the row number of ``dataset``."""
    return tuple(replace(problem, row=int(dataset.numbering[problem.row - 1])) for problem in problems)
