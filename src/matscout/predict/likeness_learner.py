"""LikenessLearner: vectors, some of them known -> scores that are higher for what is like the known ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.predict.states import State, Stored, values_of
from matscout.registry import load_class, name_of

Floats = NDArray[np.float64]

FAMILY = "likeness-learners"


@dataclass(frozen=True, eq=False)
class LikenessExamples:
    """What a learner of likeness sees.

    Parameters
    ----------
    vectors
        float64 [n, d], finite.
    known
        bool [n], True where the row is known, False where nothing is known of it.
    columns
        d names.
    class_prior
        Share of the unlabelled rows that are of the known class, as the user states it; None if nobody has.
    seed
        Seed of every random choice.
    fast
        Spend a quarter of the time or less.
    """

    vectors: Floats
    known: NDArray[np.bool_]
    columns: tuple[str, ...] = ()
    class_prior: float | None = None
    seed: int = 0
    fast: bool = False

    def subset(self, rows: NDArray[np.bool_]) -> LikenessExamples:
        """Those of the chosen rows (bool [n])."""
        return LikenessExamples(
            self.vectors[rows], self.known[rows], self.columns, self.class_prior, self.seed, self.fast
        )


class LikenessLearner(Stored, ABC):
    """A plug-in of the family "likeness-learners": a dataclass without arguments.

    What fitting finds out are its fields, with ``field(init=False)``; they are stored.
    """

    representations: ClassVar[tuple[str, ...] | None] = None
    """What it insists on learning from, as trivial rivals do; None for whatever is asked for."""

    takes_context: ClassVar[bool] = True
    """Whether context columns are among its columns."""

    needs_prior: ClassVar[bool] = False
    """Whether it cannot learn unless the class prior is stated."""

    @abstractmethod
    def fit(self, examples: LikenessExamples) -> Self:
        """Learn from examples, of which at least one is known and one is not.

        Raises
        ------
        UsageError
            If a column is missing without which it cannot learn.
        """

    @abstractmethod
    def score(self, vectors: Floats) -> Floats:
        """Scores [m] in 0..1 of vectors [m, d], higher for what is more like the known rows."""

    def state(self) -> State:
        """Everything that :meth:`from_state` needs, as JSON and arrays."""
        own = super().state()
        return State({"learner": name_of(type(self)), **own.spec}, own.arrays)

    @classmethod
    def from_state(cls, state: State) -> Self:
        """The fitted learner again, with equal scores; of the class that it was."""
        maker: type[Self] = load_class(FAMILY, state.spec["learner"])
        learner = maker()
        for name, value in values_of(maker.stored_fields(), state).items():
            setattr(learner, name, value)
        return learner


def likeness_learner(name: str) -> type[LikenessLearner]:
    """The learner of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    maker: type[LikenessLearner] = load_class(FAMILY, name)
    assert not any(one.init for one in fields(maker)), "it takes no arguments"  # type: ignore[arg-type]
    return maker
