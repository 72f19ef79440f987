"""The formulas of the evaluation tasks, and which donor formulas are the same or nearly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import KDTree

from donor_table.sources import read_table
from matscout.data.compositions import Compositions
from matscout.data.elements import N_ELEMENTS
from matscout.data.formulas import parse_formulas
from matscout.errors import InputError

SAME = 0.002
"""Formulas are the same up to this sum of absolute differences of their atomic fractions.

It covers amounts written to three digits (Sr0.667 for 2/3), and removes a donor that differs by 0.1 % of the atoms.
"""

NEAR = 0.02
"""Near-copies, such as the next step of a doping series: counted, not removed."""

FILES = {
    "expt_gap": "matbench/expt_gap.csv.gz",
    "expt_is_metal": "matbench/expt_is_metal.csv.gz",
    "dielectric": "matbench/dielectric.csv.gz",
    "jdft2d": "matbench/jdft2d.csv.gz",
    "glass": "matbench/glass.csv.gz",
    "estm": "thermoelectrics/estm.csv.gz",
}
"""Task -> file. Labels of these tasks are in no donor table; their formulas are in no strict one."""


@dataclass(frozen=True, eq=False)
class EvaluationTask:
    """The distinct materials of one task, fractions equal to five digits."""

    name: str
    compositions: Compositions


def evaluation_tasks(folder: Path) -> list[EvaluationTask]:
    """All tasks, in the order of :data:`FILES`.

    Raises
    ------
    InputError
        If a formula of a task cannot be read: a strict table could not be kept free of it.
    """
    return [EvaluationTask(name, _distinct(folder / file)) for name, file in FILES.items()]


def _distinct(path: Path) -> Compositions:
    parsed = parse_formulas(read_table(path)["formula"].drop_nulls().to_list())
    unreadable = next((problem for problem in parsed.problems if problem.dropped), None)
    if unreadable is not None:
        raise InputError(f"{path}: an evaluation formula cannot be read, so strict may hold it: {unreadable}")
    compositions = parsed.compositions
    return compositions[np.unique(compositions.keys(), return_index=True)[1]]


class Neighbourhood:
    """Finds which of n compositions lie near others, by the sum of absolute differences of atomic fractions (0 to 2).

    Every composition is projected on six fixed random directions with components in -1..1: two of them are never
    farther apart there than in truth, so a box search finds all candidates, and the true distance decides.
    """

    def __init__(self, compositions: Compositions) -> None:
        self._fractions = _sparse(compositions)
        self._directions = np.random.default_rng(0).uniform(-1, 1, (N_ELEMENTS, 6))
        self._tree = KDTree(self._fractions @ self._directions)

    def pairs(self, others: Compositions, radius: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions (mine, theirs) of all pairs at most ``radius`` apart."""
        theirs = _sparse(others)
        boxes = self._tree.query_ball_point(theirs @ self._directions, radius + 1e-9, p=np.inf)
        right = np.repeat(np.arange(len(others)), [len(box) for box in boxes])
        left = np.concatenate([np.zeros(0), *boxes]).astype(np.int64)
        distances = np.abs(self._fractions[left] - theirs[right]).sum(axis=1)
        near = np.asarray(distances <= radius + 1e-9)
        return left[near], right[near]


def _sparse(compositions: Compositions) -> csr_array:
    """Atomic fractions, [n, 118]."""
    columns = compositions.elements.astype(np.int64) - 1
    shape = (len(compositions), N_ELEMENTS)
    return csr_array((compositions.fractions, columns, compositions.offsets), shape=shape)
