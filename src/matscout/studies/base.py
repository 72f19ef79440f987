"""Study: data with labels -> a tidy table of all runs, a figure, and a verdict on each statement of the paper."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.evaluation.statistics import corrected_t_test, wilcoxon_test
from matscout.progress import Progress, silent
from matscout.store import Store
from matscout.studies.crystals import LabelledCrystals

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Verdict = Literal["reproduced", "not reproduced", "undecided"]

SURE = 0.05
"""Probability below which a difference is not taken for chance."""


@dataclass(frozen=True)
class ContestantComparison:
    """Errors of two contestants on the same draws.

    Parameters
    ----------
    of
        What was compared, e.g. "formation energy, 50 labels, linear".
    ratio
        Mean over the draws of the first error over the second.
    p_value
        Nadeau and Bengio's corrected t test.
    wilcoxon
        Wilcoxon's signed-rank test.
    n
        Draws.
    """

    of: str
    ratio: float
    p_value: float
    wilcoxon: float
    n: int

    @classmethod
    def between(cls, of: str, first: Floats, second: Floats, shared: float) -> ContestantComparison:
        """From errors [n] of the same draws; ``shared`` is the share of rows that two draws have in common.

        The test of Nadeau and Bengio takes the correlation of two draws rho into account by rho / (1 - rho). They set
        rho to the share of tested rows, for training sets that overlap by the rest; here few labels are drawn from
        many rows and the tested ones are always the same, so rho is what two draws have in common.
        """
        t_test = corrected_t_test(first, second, shared / (1.0 - shared))
        return cls(of, float((first / second).mean()), t_test.p_value, wilcoxon_test(first, second).p_value, len(first))

    def __str__(self) -> str:
        chance = f"p {self.p_value:.2g}, Wilcoxon {self.wilcoxon:.2g}, n {self.n}"
        return f"{self.of}: {self.ratio:.3f} ({chance if self.n > 1 else 'one draw, so no test'})"


@dataclass(frozen=True)
class Test:
    """What was found in words, whether it goes as stated, and the probability that it is chance.

    ``parts`` are the same tests on parts of the data, such as the compositions of equally many elements.
    """

    words: str
    as_stated: bool
    p_value: float
    parts: tuple[Test, ...] = ()

    @property
    def contradicted(self) -> bool:
        """Whether it goes the other way in some part, by more than chance (Bonferroni)."""
        return any(not part.as_stated and part.p_value < SURE / len(self.parts) for part in self.parts)


@dataclass(frozen=True)
class CheckedStatement:
    """A statement of the paper, and what was found.

    Parameters
    ----------
    statement
        In a sentence.
    verdict
        "reproduced" if every comparison goes as stated and is no chance, "not reproduced" if one goes the other way and
        is no chance, else, and if parts of the data contradict the whole, "undecided". A comparison of single errors,
        of which no chance can be told, is shown and decides nothing.
    evidence
        The ratios that it rests on.
    """

    statement: str
    verdict: Verdict
    evidence: tuple[str, ...]

    @classmethod
    def lower(cls, statement: str, comparisons: Sequence[ContestantComparison]) -> CheckedStatement:
        """That the first error of every comparison is the lower one."""
        return cls.judged(statement, [Test(str(one), one.ratio < 1, one.p_value) for one in comparisons])

    @classmethod
    def never_higher(cls, statement: str, comparisons: Sequence[ContestantComparison]) -> CheckedStatement:
        """That the first error is nowhere the higher one: "not reproduced" only if it is by more than chance."""
        higher = [one for one in comparisons if one.ratio > 1]
        verdict: Verdict = "undecided" if higher or not comparisons else "reproduced"
        if any(one.p_value < SURE for one in higher):
            verdict = "not reproduced"
        return cls(statement, verdict, tuple(map(str, comparisons)))

    @classmethod
    def judged(cls, statement: str, tests: Sequence[Test]) -> CheckedStatement:
        """By what was tested."""
        known = [test for test in tests if not math.isnan(test.p_value)]
        against = any(test.p_value < SURE and not test.as_stated for test in known)
        verdict: Verdict = "not reproduced" if against else "undecided"
        if known and all(test.p_value < SURE and test.as_stated and not test.contradicted for test in known):
            verdict = "reproduced"
        return cls(statement, verdict, tuple(line for test in tests for line in (test.words, *_parts(test))))

    def __str__(self) -> str:
        return f"**{self.verdict}**: {self.statement}\n\n" + "\n".join(f"- {line}" for line in self.evidence)


def _parts(test: Test) -> list[str]:
    return [f"... {part.words}" for part in test.parts]


class StudyData(Protocol):
    """What a study learns from and tests on."""

    @property
    def digest(self) -> str:
        """SHA-256 of everything."""
        ...

    @property
    def summary(self) -> Sequence[str]:
        """How much there is, a phrase for each part."""
        ...


class Study(ABC):
    """One kind of figure; its constructor takes data, a folder for finished parts, and the settings of a plan."""

    reads: ClassVar[Callable[..., StudyData]]
    """Makes the data from the section ``data`` of a plan."""
    statistics: ClassVar[str] = (
        "Ratios are means over draws of one error over the other; p is that of Nadeau and Bengio's corrected t test."
    )
    """What the numbers beside the verdicts are."""

    @abstractmethod
    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """One row for each run; finished parts are read."""

    @abstractmethod
    def figure(self, runs: polars.DataFrame) -> Figure:
        """The figure."""

    @abstractmethod
    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """What the runs say of the statements of the paper."""

    def tables(self, runs: polars.DataFrame) -> str:
        """Numbers of the figure as Markdown; "" if the figure has none."""
        return ""


class CrystalStudy(Study):
    """A figure about crystals with labels.

    Parameters
    ----------
    crystals
        What is learned from and tested on.
    folder
        Where finished parts are kept.
    """

    reads: ClassVar[Callable[..., StudyData]] = LabelledCrystals.read

    def __init__(self, crystals: LabelledCrystals, folder: Path) -> None:
        self.crystals, self.folder = crystals, folder
        self.store = Store(folder / "parts")
