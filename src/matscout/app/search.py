"""The search of scout: candidates, filters, predictions over process settings, ranking, and where known answers end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset
from matscout.data.formulas import parse_formulas
from matscout.data.reading import read_materials
from matscout.discover.base import Candidates, Goal, Shortlist
from matscout.discover.candidates.assembly import join_candidates
from matscout.discover.candidates.doping import dope, parse_doping
from matscout.discover.candidates.files import candidates_from
from matscout.discover.candidates.generation import generate
from matscout.discover.conditions import Conditions, expand_context
from matscout.discover.filters import Screening, screen
from matscout.errors import InputError, UsageError
from matscout.predict.base import AnyPredictions, Model

NEW = ("new",)
"""What candidates that the user names must be, unless told otherwise."""

SENSIBLE = ("neutral", "in-domain", "new")
"""What generated candidates must be, unless told otherwise."""

WATCHED_ORIGIN = "known material whose rank was asked for"


@dataclass(frozen=True)
class Search:
    """What to search among and how to rank it; the fields are the search options of ``matscout scout``."""

    candidates: Path | None = None
    elements: tuple[str, ...] = ()
    dope: str | None = None
    n_candidates: int = 20_000
    exclude: tuple[str, ...] = ()
    require: tuple[str, ...] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    order: str = "ei"
    batch: int = 8
    watch: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        sources = {"--candidates": self.candidates, "--elements": self.elements, "--dope": self.dope}
        named = [option for option, value in sources.items() if value]
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named)} contradict each other; name one source of candidates")

    @property
    def required(self) -> tuple[str, ...]:
        """The filters in force."""
        if self.require is not None:
            return self.require
        return NEW if self.candidates is not None or self.dope is not None else SENSIBLE


@dataclass(frozen=True)
class Watched:
    """Where a material whose rank was asked for has ended.

    Parameters
    ----------
    formula
        As it was asked for.
    rank
        From 1; None if a filter removed it.
    n_ranked
        Number of ranked candidates.
    removed_by
        The filter that removed it, "" if none did.
    """

    formula: str
    rank: int | None
    n_ranked: int
    removed_by: str = ""

    def __str__(self) -> str:
        if self.rank is None:
            return f"{self.formula}: filtered out ({self.removed_by})"
        return f"{self.formula}: rank {self.rank:,} of {self.n_ranked:,} (top {self.rank / self.n_ranked:.1%})"


@dataclass(frozen=True, eq=False)
class Pool:
    """The candidates before and after the filters that need no prediction, and the conditions to predict them under."""

    candidates: Candidates
    screening: Screening
    conditions: Conditions


def find_pool(labels: Dataset, search: Search) -> Pool:
    """Make or read the candidates and filter them.

    Raises
    ------
    UsageError
        If an element, filter, doping series or setting is wrong.
    InputError
        If no candidate is left.
    """
    candidates = join_candidates([*_watched(search), _candidates(labels, search)])
    screening = screen(
        candidates,
        labels.materials.compositions,
        require=search.required,
        exclude=search.exclude,
        elements=search.elements,
    )
    if len(screening.rows) == 0:
        steps = "; ".join(f"{step}: {left} left" for step, left in screening.funnel)
        raise InputError(f"no candidate is left of {len(candidates)} ({steps}); loosen --require, --exclude or --elements")
    return Pool(candidates, screening, expand_context(screening.candidates, search.settings, labels))


def _candidates(labels: Dataset, search: Search) -> Candidates:
    if search.candidates is not None:
        return candidates_from(read_materials(search.candidates))
    if search.dope is not None:
        return dope(parse_doping(search.dope))
    return generate(labels, search.n_candidates, elements=search.elements, exclude=search.exclude)


def _watched(search: Search) -> list[Candidates]:
    if not search.watch:
        return []
    materials = Materials.from_formulas(list(search.watch))
    return [Candidates(materials, np.full(len(materials), WATCHED_ORIGIN))]
