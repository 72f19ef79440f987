"""The search of scout: candidates, filters, predictions over process settings, ranking, and where known answers end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.crystal.chemistry import check_symbols
from matscout.data.dataset import Dataset
from matscout.data.formula_alloys import Shares
from matscout.data.formulas import parse_formulas
from matscout.data.kinds import KINDS, Kind
from matscout.data.materials import Materials
from matscout.data.settings import set_columns
from matscout.discover.acquisition import DEFAULT_ORDER, check_order
from matscout.discover.base import Goal, Shortlist
from matscout.discover.conditions import Conditions, expand_context, wells
from matscout.discover.filters import Screening, check_filters, require_some, screen
from matscout.discover.prediction import predict_candidates
from matscout.discover.ranking import rank
from matscout.discover.rounds import condition_keys
from matscout.errors import UsageError
from matscout.generate.assembly import join_candidates, one_of_each
from matscout.generate.base import Candidates, Generator, Wishes
from matscout.generate.generators.doping import Doping
from matscout.generate.generators.file import File
from matscout.generate.kinds import FILTERS, usual_generator
from matscout.generate.must import NOTHING, Must, must_of
from matscout.predict.base import AnyPredictions, Predictions
from matscout.predict.model import Model
from matscout.predict.recalibration import Recalibration
from matscout.progress import Progress, silent
from matscout.remarks import Remark
from matscout.shown import ShownTable, named_few
from matscout.workflow.hazards import hazard_plan, left_out
from matscout.workflow.learning_settings import AllowedHazard

if TYPE_CHECKING:
    import polars as pl

NO_CORRECTIONS: Mapping[str, Recalibration] = {}
"""Chances as models tell them."""

SIFTED_FILTERS = ("new",)
"""What candidates must be that have passed stages, unless told otherwise."""

WATCHED_ORIGIN = "known material that is watched"


@dataclass(frozen=True, eq=False)
class GivenCandidates(Generator):
    """Candidates that are there already."""

    candidates: Candidates

    kinds: ClassVar[tuple[Kind, ...]] = KINDS

    @property
    def usual_filters(self) -> tuple[str, ...]:  # type: ignore[override]
        """As what made them says."""
        return self.candidates.usual_filters

    @property
    def words(self) -> str:
        """What they are, in short."""
        return self.candidates.words

    def sample(self, wishes: Wishes, n: int, seed: int = 0, progress: Progress = silent) -> Candidates:
        """All of them, whatever is wished."""
        return self.candidates


@dataclass(frozen=True)
class Search:
    """What to search among and how to rank it; the fields are the search options of ``matscout scout``."""

    candidates: Path | Generator | None = None
    alloys: Shares | None = None
    elements: tuple[str, ...] = ()
    dope: str | None = None
    n_candidates: int = 20_000
    exclude: tuple[str, ...] = ()
    require: tuple[str, ...] | None = None
    must: tuple[str, ...] | None = None
    allow: tuple[AllowedHazard, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    order: str = DEFAULT_ORDER
    batch: int = 8
    watch: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        sources = {"--candidates": self.candidates, "--elements": self.elements, "--dope": self.dope}
        named = [option for option, value in sources.items() if value and not isinstance(value, GivenCandidates)]
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named)} contradict each other; name one source of candidates")

    def generator(self, labels: Dataset) -> Generator:
        """What makes the candidates.

        Raises
        ------
        UsageError
            If it makes materials and the labels are reactions, or a doping series cannot be read.
        """
        kind = labels.materials.kind
        if not kind.is_compound and (self.dope is not None or self.elements):
            asked = "omit --elements and --dope, or give --candidates=FILE"
            raise UsageError(f"the labels are {kind.plural}: {asked}")
        if isinstance(self.candidates, Generator):
            return self.candidates
        if self.candidates is not None:
            return File(path=self.candidates, alloys=self.alloys)
        if self.dope is not None:
            return Doping(series=self.dope)
        return usual_generator(kind)

    def required(self, labels: Dataset) -> tuple[str, ...]:
        """The filters in force."""
        if self.require is not None:
            return self.require
        return FILTERS.get(labels.materials.kind.name) or self.generator(labels).usual_filters


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
class Field:
    """What there is to rank.

    Parameters
    ----------
    candidates
        m candidates, filtered or not.
    conditions
        Those that the filters leave and those to watch, under every process setting that is to be tried: what is
        worth a prediction.
    screening
        What the filters that need no prediction leave.
    must
        The elements that candidates must hold.
    remarks
        What was left out for its hazards, or kept in spite of them.
    """

    candidates: Candidates
    conditions: Conditions
    screening: Screening
    must: Must = NOTHING
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Ranking(ShownTable):
    """The ranked candidates with what the rank rests on.

    Parameters
    ----------
    candidates
        m candidates, filtered or not.
    conditions
        Those that were predicted, under every process setting that was tried, e materials: the candidates that passed
        the filters which need no model, and the watched ones.
    predictions
        Target name -> e predictions, in the order of ``conditions``.
    shortlist
        The outcome.
    watched
        Where the materials whose rank was asked for have ended.
    must
        The elements that candidates must hold.
    goals, search, level
        What was wanted, how it was ranked, and the coverage that the intervals should have.
    """

    candidates: Candidates
    conditions: Conditions
    predictions: Mapping[str, AnyPredictions]
    shortlist: Shortlist
    watched: tuple[Watched, ...]
    must: Must = NOTHING
    goals: tuple[Goal, ...] = ()
    search: Search = field(default_factory=Search)
    level: float = 0.9

    @cached_property
    def shortlist_rows(self) -> NDArray[np.int64]:
        """The row of ``conditions`` that each row of the shortlist shows, [k]."""
        columns = tuple(self.conditions.materials.context)
        ranks = self.shortlist.ranks[self.conditions.rows].tolist()
        keys = condition_keys(self.conditions.materials, columns)
        rows = {pair: row for row, pair in reversed(list(enumerate(zip(ranks, keys, strict=True))))}
        shown = condition_keys(self.shortlist.candidates.materials, columns)
        pairs = zip(self.shortlist.core["rank"].to_list(), shown, strict=True)
        return np.array([rows[pair] for pair in pairs], dtype=np.int64)

    def in_a_line(self) -> str:
        """How many candidates, for which goals, and the first."""
        wanted = named_few(f"{goal.target} {goal.kind}" for goal in self.goals)
        return f"{counted(len(self.candidates), 'candidate')} for {wanted or 'no goal'}; {self.shortlist.in_a_line()}"

    def to_frame(self) -> pl.DataFrame:
        """The table of the shortlist."""
        return self.shortlist.table


def find_must(labels: Dataset, search: Search, goals: Sequence[Goal] = ()) -> Must:
    """The elements that candidates must hold, as asked or as the labels tell.

    Raises
    ------
    UsageError
        If what is asked for is no element, or excluded.
    """
    check_symbols((*search.exclude, *search.elements, *(search.must or ())))
    targets = [goal.target for goal in goals]
    return must_of(labels, targets, search.must, exclude=search.exclude, elements=search.elements)


def find_field(labels: Dataset, search: Search, progress: Progress = silent, *, goals: Sequence[Goal] = ()) -> Field:
    """Make or read the candidates, and screen them; materials to watch come first.

    What nearly all labels with a known target of the ``goals`` hold (all rows if none is given), candidates must hold.

    Raises
    ------
    UsageError
        If an order, filter, element, doping series or process setting is wrong.
    InputError
        If the file of candidates cannot be read, or the filters that need no model leave none.
    """
    check_order(search.order)
    check_filters(search.required(labels))
    must = find_must(labels, search, goals)
    kind = labels.materials.kind
    if search.watch and not kind.is_compound:
        raise UsageError(f"watch= is for materials, but the labels are {kind.plural}: omit it")
    watched = _watched_candidates(search.watch)
    candidates, settings = (
        join_candidates([*watched, find_candidates(labels, search, progress, must)]),
        _settings(search, labels),
    )
    if kind.with_conditions:
        candidates, settings = wells(candidates, settings, labels), {}
    hazardous = hazard_plan(candidates, labels.materials, search.allow)
    screening = screen(
        candidates,
        labels.materials,
        require=(*search.required(labels), *hazardous.filters),
        exclude=search.exclude,
        elements=search.elements,
        must=must,
    )
    require_some(screening, must)
    rows = np.union1d(_watched_rows(candidates, search.watch), screening.rows)
    conditions = expand_context(candidates, settings, labels, rows)
    remarks = (*hazardous.remarks, *left_out(screening))
    return Field(candidates, _with_units(conditions, labels), screening, must, remarks)


def _settings(search: Search, labels: Dataset) -> dict[str, str]:
    """The process settings under the names of the context columns (``temperature_K`` is ``temperature``)."""
    return set_columns(search.settings, tuple(labels.materials.context), labels.context_units)


def _with_units(conditions: Conditions, labels: Dataset) -> Conditions:
    """The same conditions, with a remark that tells their units."""
    units = [f"{name} in {unit}" for name, unit in labels.context_units.items()]
    remark = [Remark("units-of-conditions", f"Conditions are {', '.join(units)}.")] if units else []
    return replace(conditions, remarks=(*conditions.remarks, *remark))


def find_candidates(
    labels: Dataset, search: Search, progress: Progress = silent, must: Must | None = None
) -> Candidates:
    """All there is to search among, before any filter; errors as :func:`find_field`.

    What is generated holds the elements that it ``must``.
    """
    wishes = Wishes(labels, search.elements, search.exclude, must.symbols if must else (), _settings(search, labels))
    generator = search.generator(labels)
    generator.check()
    candidates = generator.sample(wishes, search.n_candidates, search.seed, progress)
    candidates = one_of_each(candidates) if generator.repeats and labels.materials.structures is None else candidates
    words = search.candidates.name if isinstance(search.candidates, Path) else generator.words
    return replace(candidates, usual_filters=generator.usual_filters, words=words)


def holding(candidates: Candidates, labels: Dataset, must: Must) -> Candidates:
    """Those that hold what they must, so that no stage spends its budget on others."""
    kept = screen(candidates, labels.materials, must=must)
    require_some(kept, must)
    lost = len(candidates) - len(kept.rows)
    text = f"{lost:,} candidates were left out before the first stage: each that is kept {must.step}."
    left_out = Remark("left-out-before-the-first-stage", text)
    return replace(
        kept.candidates, remarks=(*kept.candidates.remarks, *([left_out] if lost else [])), lost=candidates.lost
    )


def _watched_candidates(formulas: Sequence[str]) -> list[Candidates]:
    if not formulas:
        return []
    materials = Materials.from_formulas(list(formulas))
    named = Materials(materials.formulas, materials.formulas, materials.compositions)
    return [Candidates(named, np.full(len(named), WATCHED_ORIGIN))]


def rank_candidates(
    considered: Field,
    models: Mapping[str, Model],
    goals: Sequence[Goal],
    labels: Dataset,
    search: Search,
    *,
    level: float = 0.9,
    corrections: Mapping[str, Recalibration] = NO_CORRECTIONS,
    progress: Progress = silent,
) -> Ranking:
    """Predict what passed the screening under every process setting, filter by the predictions and rank.

    Parameters
    ----------
    considered, models, goals, labels, search, level
        As :func:`matscout.scout` has them.
    corrections
        Target -> what its chances are changed by, as unseen rows asked for.
    progress
        Told how far the work is.

    Raises
    ------
    InputError
        If the filters leave no candidate.
    """
    candidates, conditions, must = considered.candidates, considered.conditions, considered.must
    predictions = {
        name: _corrected(predict_candidates(model, conditions.materials, level, progress), corrections.get(name))
        for name, model in models.items()
    }
    shortlist = rank(
        candidates,
        predictions,
        goals,
        labels,
        conditions=conditions,
        order=search.order,
        require=search.required(labels),
        exclude=search.exclude,
        elements=search.elements,
        must=must,
        batch=search.batch,
        seed=search.seed,
        screening=considered.screening,
    )
    watched = _find_watched(candidates, shortlist, search.watch)
    asked = replace(search, candidates=None)
    return Ranking(candidates, conditions, predictions, shortlist, watched, must, tuple(goals), asked, level)


def _corrected(block: AnyPredictions, correction: Recalibration | None) -> AnyPredictions:
    return replace(block, recalibration=correction) if isinstance(block, Predictions) and correction else block


def _watched_rows(candidates: Candidates, formulas: Sequence[str]) -> NDArray[np.int64]:
    """Which candidates have the composition of a material whose rank was asked for, ascending."""
    if not formulas:
        return np.zeros(0, dtype=np.int64)
    wanted = parse_formulas(formulas).compositions.keys()
    return np.flatnonzero(np.isin(candidates.materials.compositions.keys(), wanted))


def _find_watched(candidates: Candidates, shortlist: Shortlist, formulas: Sequence[str]) -> tuple[Watched, ...]:
    """Where each has ended: of several crystals of one composition the best, or the first if all were removed."""
    n_ranked = int((shortlist.ranks > 0).sum())
    watched = []
    for formula in formulas:
        rows = _watched_rows(candidates, (formula,))
        ranks = shortlist.ranks[rows]
        best = int(ranks[ranks > 0].min(initial=n_ranked + 1))
        removed = "" if best <= n_ranked else str(shortlist.removed_by[rows[0]])
        watched.append(Watched(formula, best if best <= n_ranked else None, n_ranked, removed))
    return tuple(watched)
