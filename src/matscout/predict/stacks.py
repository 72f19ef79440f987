"""Stacks of a model: one, or where some rows have structures two: one for these, and one for rows without.

Members that read formulas learn from all rows, members that read structures from the rows that have one. Rows with a
structure choose a combination among all of these members, and its errors there make their intervals; for rows without
one the members that read formulas are combined by their errors on all rows. So a structure is used where it is there,
and no row is lost where it is not.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.class_stack import ClassStack, judge_classes
from matscout.predict.judging import judge
from matscout.predict.recipes import Candidate, Floats, Matrices, StackPlan, Training
from matscout.predict.regression_stack import Expectation, RegressionStack
from matscout.predict.states import State, Stored
from matscout.progress import Progress, silent

Rows = NDArray[np.bool_]

FEWEST_DESCRIBED = 20
"""Structures of fewer rows are not learned from."""


@dataclass(frozen=True, eq=False)
class Stacks(Stored):
    """What predicts the rows that have all that can be learned from, and what predicts the others.

    Parameters
    ----------
    main
        For rows that all column sets describe.
    of_formulas
        For rows without a structure; None if no row lacked one.
    share
        Of the labelled rows, those that ``main`` is for.
    described
        bool [n], the judged ones among the labelled rows that ``main`` is for; None for all, and after loading.
    """

    main: RegressionStack | ClassStack
    of_formulas: RegressionStack | ClassStack | None = None
    share: float = 1.0
    described: Rows | None = field(default=None, metadata={"stored": False})

    @staticmethod
    def fitted(training: Training, plan: StackPlan, progress: Progress = silent) -> RegressionStacks | ClassStacks:
        """Stacks for numbers or classes, as the target asks."""
        classes = training.labels.target.task == "classification"
        return (ClassStacks if classes else RegressionStacks).fit(training, plan, progress)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted stacks again; those for numbers have an error model."""
        if cls is not Stacks:
            return super().from_state(state)
        kind: type[Stacks] = RegressionStacks if "error_model" in state.spec["main"] else ClassStacks
        return kind.from_state(state)  # type: ignore[return-value]

    @classmethod
    @abstractmethod
    def fit(cls, training: Training, plan: StackPlan, progress: Progress = silent) -> Self:
        """Judge every recipe once, and combine what can be said of each kind of row."""

    @abstractmethod
    def unseen(self, judged: Rows) -> Floats:
        """What was said of rows that the members had not seen, by kind of rows, [p, n, ...] with NaN elsewhere.

        ``judged`` (bool [n]) are those of the labelled rows that judged the stacks.
        """

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What became of every candidate for rows that all column sets describe."""
        return self.main.candidates

    @property
    def error(self) -> float:
        """Error on unseen rows, each kind counting by its rows; see the stacks."""
        if self.of_formulas is None:
            return self.main.error
        return self.share * self.main.error + (1 - self.share) * self.of_formulas.error

    @property
    def error_without_lent(self) -> float | None:
        """The same without lent columns; None if none were lent."""
        main = self.main.error_without_lent
        if self.of_formulas is None or main is None or self.of_formulas.error_without_lent is None:
            return main if self.of_formulas is None else None
        return self.share * main + (1 - self.share) * self.of_formulas.error_without_lent

    def kinds(self, known: Rows) -> NDArray[np.int64]:
        """Which stack predicts each of m rows, [m]: 0 the main one, 1 that of formulas, of rows that are not known."""
        return np.zeros(len(known), dtype=np.int64) if self.of_formulas is None else np.where(known, 0, 1)

    def _judged_rows(self, judged: Rows) -> Sequence[NDArray[np.int64]]:
        """Positions of the labelled rows that judged each stack."""
        every = np.flatnonzero(judged)
        return [every] if self.described is None else [every[self.described], every]

    def _rows(self, known: Rows) -> Sequence[NDArray[np.int64]]:
        """Rows that each stack predicts; without rows the main one with none."""
        kinds = self.kinds(known)
        return [np.flatnonzero(kinds == kind) for kind in range(1 if self.of_formulas is None else 2)]


@dataclass(frozen=True, eq=False)
class RegressionStacks(Stacks):
    """Of numbers."""

    main: RegressionStack
    of_formulas: RegressionStack | None = None

    @classmethod
    def fit(cls, training: Training, plan: StackPlan, progress: Progress = silent) -> Self:
        """Judge every recipe once, and combine what can be said of each kind of row."""
        if not training.described:
            return cls(RegressionStack.fit(training, plan, progress))
        judged, judges = judge(training, plan, progress), training.judged()
        described, everywhere = _kinds(judges)
        every = judged.of(np.ones(len(described), dtype=np.bool_), everywhere)
        of_formulas = RegressionStack.combine(every, training, judges, plan, progress)
        some = judged.of(described, training.matrices)
        main = RegressionStack.combine(some, training, judges.subset(described), plan, progress)
        return cls(main, of_formulas, float(described.mean()), described)

    def expect(self, matrices: Matrices, known: Rows) -> Expectation:
        """What is expected of the values of m rows; ``known`` (bool [m]) are those with a structure."""
        centre, error = np.zeros((2, len(known)))
        for stack, rows in zip(self._stacks, self._rows(known), strict=True):
            if len(rows):
                expected = stack.predict(_of(matrices, rows))
                centre[rows], error[rows] = expected.centre, expected.error
        return Expectation(centre, error)

    def unseen(self, judged: Rows) -> Floats:
        """What is expected, and the error of that, [2, p, n]."""
        expected = np.full((2, len(self._stacks), len(judged)), np.nan)
        for kind, (stack, rows) in enumerate(zip(self._stacks, self._judged_rows(judged), strict=True)):
            assert stack.unseen is not None
            expected[:, kind, rows] = stack.unseen.centre, stack.unseen.error
        return expected

    @property
    def limit_below(self) -> float:
        """Smallest value that can be predicted."""
        return self.main.combination.low

    @property
    def extrapolates(self) -> bool:
        """Whether a member carries weight that can predict beyond the labels it has seen."""
        return any(stack.extrapolates for stack in self._stacks)

    @property
    def _stacks(self) -> Sequence[RegressionStack]:
        return (self.main,) if self.of_formulas is None else (self.main, self.of_formulas)


@dataclass(frozen=True, eq=False)
class ClassStacks(Stacks):
    """Of classes."""

    main: ClassStack
    of_formulas: ClassStack | None = None

    @classmethod
    def fit(cls, training: Training, plan: StackPlan, progress: Progress = silent) -> Self:
        """Judge every recipe once, and combine what can be said of each kind of row."""
        if not training.described:
            return cls(ClassStack.fit(training, plan, progress))
        judged = judge_classes(training, plan, progress)
        described, everywhere = _kinds(training)
        every = judged.of(np.ones(len(described), dtype=np.bool_), everywhere)
        of_formulas = ClassStack.combine(every, training, training, plan, progress)
        some = judged.of(described, training.matrices)
        main = ClassStack.combine(some, training, training.subset(described), plan, progress)
        return cls(main, of_formulas, float(described.mean()), described)

    def probabilities(self, matrices: Matrices, known: Rows) -> Floats:
        """Calibrated probabilities of m rows, [m, c]; ``known`` (bool [m]) are those with a structure."""
        every = self._rows(known)
        parts = [
            (stack.predict(_of(matrices, rows)), rows)
            for stack, rows in zip(self._stacks, every, strict=True)
            if len(rows) or (stack is self.main and not len(known))
        ]
        order = np.argsort(np.concatenate([rows for _, rows in parts]))
        return np.asarray(np.concatenate([predicted for predicted, _ in parts])[order], dtype=np.float64)

    def unseen(self, judged: Rows) -> Floats:
        """Probabilities, [p, n, c]."""
        assert self.main.unseen is not None
        probabilities = np.full((len(self._stacks), len(judged), self.main.unseen.shape[1]), np.nan)
        for kind, (stack, rows) in enumerate(zip(self._stacks, self._judged_rows(judged), strict=True)):
            probabilities[kind, rows] = stack.unseen
        return probabilities

    @property
    def _stacks(self) -> Sequence[ClassStack]:
        return (self.main,) if self.of_formulas is None else (self.main, self.of_formulas)


def _kinds(judges: Training) -> tuple[Rows, list[str]]:
    """Rows that all column sets describe, bool [n], and the column sets that describe all rows."""
    known = np.logical_and.reduce(list(judges.described.values()))
    return known, [name for name in judges.matrices if name not in judges.described]


def _of(matrices: Matrices, rows: NDArray[np.int64]) -> Matrices:
    return {name: vectors[rows] for name, vectors in matrices.items()}
