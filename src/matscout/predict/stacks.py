"""Stacks of a model: one, or where some rows have structures two: one for these, and one for rows without.

Members that read formulas learn from all rows, members that read structures from the rows that have one. Rows with a
structure choose a combination among all of these members, and its errors there make their intervals; for rows without
one the members that read formulas are combined by their errors on all rows. So a structure is used where it is there,
and no row is lost where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.class_stack import ClassStack, judge_classes
from matscout.predict.conformal import class_sets
from matscout.predict.distributions import Distribution
from matscout.predict.judging import judge
from matscout.predict.recipes import Candidate, Floats, Matrices, Plan, Training
from matscout.predict.regression_stack import RegressionStack
from matscout.predict.states import State, join_states, part_state
from matscout.progress import Progress, silent

Rows = NDArray[np.bool_]
Stack = RegressionStack | ClassStack

FEWEST_DESCRIBED = 20
"""Structures of fewer rows are not learned from."""


@dataclass(frozen=True, eq=False)
class Stacks:
    """What predicts the rows that have all that can be learned from, and what predicts the others.

    Parameters
    ----------
    main
        For rows that all column sets describe.
    of_formulas
        For rows without a structure; None if no row lacked one.
    share
        Of the labelled rows, those that ``main`` is for.
    left_out
        What was said of each measured training row that the members had not seen, [n measured]; None for classes and
        after loading.
    """

    main: Stack
    of_formulas: Stack | None = None
    share: float = 1.0
    left_out: Floats | None = None

    @classmethod
    def fit(cls, training: Training, plan: Plan, progress: Progress = silent) -> Self:
        """Judge every recipe once, and combine what can be said of each kind of row."""
        if training.labels.target.task == "classification":
            return cls._fit_classes(training, plan, progress)
        if not training.described:
            main = RegressionStack().fit(training, plan, progress)
            return cls(main, left_out=main.left_out)
        judged, judges = judge(training, plan, progress), training.judged()
        known, everywhere = _kinds(judges)
        of_formulas = RegressionStack().combine(
            judged.of(np.ones(len(known), dtype=np.bool_), everywhere), training, judges, plan, progress
        )
        main = RegressionStack().combine(
            judged.of(known, training.matrices), training, judges.subset(known), plan, progress
        )
        left_out = of_formulas.left_out.copy()
        left_out[known] = main.left_out
        return cls(main, of_formulas, float(known.mean()), left_out)

    @classmethod
    def _fit_classes(cls, training: Training, plan: Plan, progress: Progress) -> Self:
        if not training.described:
            return cls(ClassStack().fit(training, plan, progress))
        judged = judge_classes(training, plan, progress)
        known, everywhere = _kinds(training)
        every = judged.of(np.ones(len(known), dtype=np.bool_), everywhere)
        of_formulas = ClassStack().combine(every, training, training, plan, progress)
        some = judged.of(known, training.matrices)
        main = ClassStack().combine(some, training, training.subset(known), plan, progress)
        return cls(main, of_formulas, float(known.mean()))

    def distribution(self, matrices: Matrices, known: Rows) -> Distribution:
        """What the values of m rows may be; ``known`` (bool [m]) are those with a structure."""
        parts, order = [], []
        for stack, rows in self._divided(known):
            assert isinstance(stack, RegressionStack)
            parts.append(stack.predict(_of(matrices, rows)))
            order.append(rows)
        return parts[0] if len(parts) == 1 else Distribution.joined(parts)[np.argsort(np.concatenate(order))]

    def probabilities(self, matrices: Matrices, known: Rows) -> Floats:
        """Calibrated probabilities of m rows, [m, c]."""
        found = [(stack.predict(_of(matrices, rows)), rows) for stack, rows in self._of_classes(known)]
        merged = np.concatenate([part for part, _ in found])
        return np.asarray(merged[np.argsort(np.concatenate([rows for _, rows in found]))], dtype=np.float64)

    def class_sets(self, probabilities: Floats, known: Rows, level: float) -> Rows:
        """Prediction sets [m, c] that hold the true class about as often as ``level``."""
        sets = np.zeros(probabilities.shape, dtype=np.bool_)
        for stack, rows in self._of_classes(known):
            sets[rows] = class_sets(probabilities[rows], stack.scores, level)
        return sets

    def require(self, level: float) -> None:
        """Refuse a level that the training units cannot support, with a :class:`~matscout.errors.UsageError`."""
        for stack in self._all:
            if isinstance(stack, RegressionStack):
                stack.conformal.require(level)

    @property
    def is_of_classes(self) -> bool:
        """Whether it predicts classes."""
        return isinstance(self.main, ClassStack)

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
        own = [stack.error_without_lent for stack in self._all]
        if any(error is None for error in own):
            return None
        told = [error for error in own if error is not None]
        return told[0] if len(told) == 1 else self.share * told[0] + (1 - self.share) * told[1]

    @property
    def n_units(self) -> int:
        """Number of training units that the intervals rest on, of the kind that has fewer."""
        return min(stack.n_units for stack in self._all)

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest value that can be predicted."""
        assert isinstance(self.main, RegressionStack)
        return self.main.limits

    @property
    def extrapolates(self) -> bool:
        """Whether a member carries weight that can predict beyond the labels it has seen."""
        return any(isinstance(stack, RegressionStack) and stack.extrapolates for stack in self._all)

    def parts(self) -> dict[str, State]:
        """The parts of an artefact that :meth:`from_state` needs."""
        found = {"stack": self.main.state()}
        if self.of_formulas is not None:
            found["stack_of_formulas"] = join_states({"share": self.share}, {"stack": self.of_formulas.state()})
        return found

    @classmethod
    def from_state(cls, state: State, *, classes: bool) -> Self:
        """The fitted stacks again, from the state of a model with these parts."""
        kind: type[RegressionStack] | type[ClassStack] = ClassStack if classes else RegressionStack
        main = kind.from_state(part_state(state, "stack"))
        if "stack_of_formulas" not in state.spec:
            return cls(main)
        second = part_state(state, "stack_of_formulas")
        return cls(main, kind.from_state(part_state(second, "stack")), second.spec["share"])

    @property
    def _all(self) -> Sequence[Stack]:
        return (self.main,) if self.of_formulas is None else (self.main, self.of_formulas)

    def _divided(self, known: Rows) -> Sequence[tuple[Stack, NDArray[np.int64]]]:
        """Each stack with the rows that it predicts; without rows the main one with none."""
        if self.of_formulas is None or known.all():
            return [(self.main, np.arange(len(known)))]
        divided = [(self.main, np.flatnonzero(known)), (self.of_formulas, np.flatnonzero(~known))]
        return [(stack, rows) for stack, rows in divided if len(rows)]

    def _of_classes(self, known: Rows) -> Sequence[tuple[ClassStack, NDArray[np.int64]]]:
        return [(stack, rows) for stack, rows in self._divided(known) if isinstance(stack, ClassStack)]


def _kinds(judges: Training) -> tuple[Rows, list[str]]:
    """Rows that all column sets describe, bool [n], and the column sets that describe all rows."""
    known = np.logical_and.reduce(list(judges.described.values()))
    return known, [name for name in judges.matrices if name not in judges.described]


def _of(matrices: Matrices, rows: NDArray[np.int64]) -> Matrices:
    return {name: vectors[rows] for name, vectors in matrices.items()}
