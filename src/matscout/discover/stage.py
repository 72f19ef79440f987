"""What looks at candidates: stages, and among them filters, which need no settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.data.kinds import COMPOUNDS, Kind
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.discover.base import Brief
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence
from matscout.progress import Progress, silent

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a stage says of n candidates.

    Parameters
    ----------
    objections
        text [n], why a candidate is out; "" for none.
    scores
        float64 [n], the larger the better; None if the stage knows no better and worse.
    words
        text [n], what is said of each: ``"similarity 0.93"``.
    facts
        Evidence on the n candidates: numbers with units and errors, or words.
    structures
        Crystals that take the place of those of the candidates, as after a relaxation; None if they stay.

    Raises
    ------
    ValueError
        If it does not speak of equally many candidates throughout.
    """

    objections: NDArray[np.str_]
    scores: Floats | None
    words: NDArray[np.str_]
    facts: tuple[Evidence, ...] = ()
    structures: Structures | None = None

    def __post_init__(self) -> None:
        parts: list[Sized] = [self.objections, self.words, *self.facts]
        parts += [part for part in (self.scores, self.structures) if part is not None]
        if len({len(part) for part in parts}) > 1:
            raise ValueError(f"parts of a verdict differ in length: {[len(part) for part in parts]}")

    def __len__(self) -> int:
        return len(self.objections)


class Stage(ABC):
    """Looks at candidates; one file in ``discover/stages`` each, whose constructor takes its settings by name.

    It may object to candidates, order them, add facts about them and replace their structures.
    """

    ranks = True
    """Whether it knows better and worse; the budget of one that does not is optional, and keeps the first."""

    limits: ClassVar[bool] = False
    """Whether one that ranks also objects by a limit of its own: its budget is optional, too."""

    needs_structures: ClassVar[bool] = False
    """Whether it looks at crystals only, and refuses candidates that are all formulas."""

    @classmethod
    def state(cls, settings: Mapping[str, Any]) -> object:
        """What lies outside that its settings name by more than a file: the state of an index, weights by their name.

        It is asked for the key of a step before there are candidates; :meth:`origin` says it of a verdict.
        """
        return None

    def origin(self, brief: Brief) -> str:
        """Digest of what a verdict rests on besides the code of the stage: files, models and representations it names.

        What it reaches by name is not found in its imports, so it is said here.
        """
        return ""

    def check(self, candidates: Candidates, brief: Brief) -> None:  # noqa: B027 - most have nothing to refuse
        """Tell before any work of the funnel what :meth:`judge` would refuse; errors as there."""

    @abstractmethod
    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """A verdict on every candidate.

        Raises
        ------
        UsageError
            If a setting does not fit the labels or candidates.
        """


class Filter(Stage):
    """A stage without settings that keeps or removes: what ``--require`` names."""

    ranks = False

    step: str
    """What candidates that pass are, as the funnel of the report has it: ``"not among the labels"``."""

    place = 0
    """Where it stands among the filters; cheap ones come first."""

    kinds: ClassVar[tuple[Kind, ...]] = COMPOUNDS
    """Kinds of candidates of which it makes sense."""

    needs_predictions = False
    """Whether it can be asked only of what was predicted."""

    @abstractmethod
    def keeps(self, candidates: Candidates, brief: Brief) -> NDArray[np.bool_]:
        """Which candidates meet it, bool [n]."""

    def objections(self, removed: Materials) -> list[str]:
        """Why each of k removed candidates is out, [k]."""
        return [self.step] * len(removed)

    def judge(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Verdict:
        """An objection to each candidate that does not meet it."""
        out = np.flatnonzero(~self.keeps(candidates, brief))
        objections = np.full(len(candidates), "", dtype=object)
        objections[out] = [f"unmet: {why}" for why in self.objections(candidates.materials[out])]
        return Verdict(objections.astype(np.str_), None, np.full(len(candidates), "", dtype=np.str_))
