"""Candidates with all that is known of them, and what makes candidates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.dataset import Dataset
from matscout.data.kinds import COMPOUNDS, Kind
from matscout.data.materials import Materials
from matscout.generate.facts import Evidence
from matscout.progress import Progress, silent
from matscout.shown import ShownTable, named_few

if TYPE_CHECKING:
    import polars

USUAL_FILTERS = ("neutral", "in-domain", "new")
"""What candidates should be that were made up."""

Rows = slice | NDArray[np.int64] | NDArray[np.bool_]


@dataclass(frozen=True)
class StageNote:
    """How a stage of a funnel was described in its file, and how long it took.

    Parameters
    ----------
    name
        The stage.
    settings
        What it was set to.
    keep
        How many might pass; None for all that it does not object to.
    reason
        Why it stands there, in the words of its author.
    seconds
        How long it took; 0 if it had been done before.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    keep: int | None = None
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Removal:
    """What one step took out of the candidates.

    Parameters
    ----------
    step
        In words: ``"no label, nor a near-copy of one"``; of a stage its name.
    before, after
        Candidates that came and that were left.
    ids, formulas, reasons
        text [k] each: what was taken out, and why; in the order in which it came, or by rank.
    note
        Of a stage of a funnel: how it was described.
    """

    step: str
    before: int
    after: int
    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    reasons: NDArray[np.str_]
    note: StageNote | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False, repr=False)
class Candidates(ShownTable):
    """Materials that might be made, with all that is known of them.

    Parameters
    ----------
    materials
        m candidates, each composition once.
    origins
        text [m], where each came from in words a chemist reads: ``"GaN with Ga -> Al"``, ``"enumerated"``,
        ``"candidates.csv row 7"``.
    remarks
        What was generated and what was left out and why, with counts; a sentence each.
    facts
        Column -> evidence on the m candidates. Filters, stages and providers add facts; nothing else does.
    lost
        What was taken out on the way, step by step.
    usual_filters
        Names of the filters that they should pass, unless the user says otherwise; what made them says which.
    words
        What they are, in short: ``"generated"``, ``"recalled (like PbTe)"``.
    """

    materials: Materials
    origins: NDArray[np.str_]
    remarks: tuple[str, ...] = ()
    facts: Mapping[str, Evidence] = field(default_factory=dict)
    lost: tuple[Removal, ...] = ()
    usual_filters: tuple[str, ...] = USUAL_FILTERS
    words: str = "generated"

    def __post_init__(self) -> None:
        wrong = [name for name, evidence in self.facts.items() if len(evidence) != len(self)]
        if wrong or len(self.origins) != len(self):
            raise ValueError(f"{', '.join(wrong) or 'origins'}: expected one value for each of {len(self)} candidates")

    def __len__(self) -> int:
        return len(self.materials)

    def __getitem__(self, rows: Rows) -> Candidates:
        """Some of them, with their facts; what was taken out on purpose is told by :meth:`without`."""
        facts = {name: evidence[rows] for name, evidence in self.facts.items()}
        return replace(self, materials=self.materials[rows], origins=self.origins[rows], facts=facts)

    def with_facts(self, facts: Iterable[Evidence]) -> Candidates:
        """The same with more evidence; evidence of the same column is replaced."""
        return replace(self, facts={**self.facts, **{evidence.column: evidence for evidence in facts}})

    def without(
        self,
        step: str,
        kept: NDArray[np.int64],
        removed: NDArray[np.int64],
        reasons: Sequence[str] | NDArray[np.str_],
        note: StageNote | None = None,
    ) -> Candidates:
        """Those that a step keeps, in its order, and the record of those that it removes.

        Parameters
        ----------
        step
            In words.
        kept, removed
            int64 positions; together all.
        reasons
            text, why each of the removed is out.
        note
            Of a stage of a funnel.
        """
        out = self.materials
        removal = Removal(
            step,
            len(self),
            len(kept),
            out.ids[removed].astype(np.str_),
            out.formulas[removed].astype(np.str_),
            np.asarray(reasons, dtype=np.str_),
            note,
        )
        return replace(self[kept], lost=(*self.lost, removal))

    @property
    def stages(self) -> tuple[Removal, ...]:
        """What was taken out by the stages of a funnel."""
        return tuple(removal for removal in self.lost if removal.note is not None)

    def in_a_line(self) -> str:
        """How many, and what they are."""
        return f"{counted(len(self), self.materials.kind.noun)}, {self.words}: {named_few(self.materials.formulas[:6])}"

    def to_frame(self) -> polars.DataFrame:
        """A row for each: those of the materials, and its origin."""
        import polars

        return self.materials.to_frame().with_columns(polars.Series("origin", self.origins.tolist()))


@dataclass(frozen=True, eq=False)
class Wishes:
    """What is wanted of candidates before anything is known of them.

    Parameters
    ----------
    labels
        Measured materials.
    elements
        Symbols to combine; if none are named, a generator chooses by the labels.
    exclude
        Symbols never to use.
    must
        Symbols of which each candidate holds all.
    settings
        Context columns that are set for all candidates, so that they need not bring them.
    """

    labels: Dataset
    elements: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


class Generator(ABC):
    """Makes or finds candidates; one file in ``generate/generators`` each, whose constructor takes its settings."""

    usual_filters: ClassVar[tuple[str, ...]] = USUAL_FILTERS
    """What its candidates must be, unless the user says otherwise: names of filters."""

    kinds: ClassVar[tuple[Kind, ...]] = COMPOUNDS
    """Kinds of labels to which its candidates fit."""

    repeats: ClassVar[bool] = False
    """Whether one composition may come several times, as crystals, where labels without structures cannot tell."""

    @property
    def words(self) -> str:
        """What its candidates are, in short: ``"recalled (like PbTe)"``."""
        return "generated"

    def check(self) -> None:  # noqa: B027 - most have nothing to refuse
        """Tell before any other work what :meth:`sample` would refuse; errors as there."""

    @abstractmethod
    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """About ``n`` candidates, the likeliest first; all there are where it makes no choice.

        Parameters
        ----------
        wishes
            What is wanted of them; filters make sure of what a generator does not understand.
        n
            How many are wanted.
        seed
            Of random choices.
        progress
            Told how far the work is.

        Raises
        ------
        UsageError
            If the wishes contradict each other or its settings.
        InputError
            If there are none.
        """
