"""From predictions to a ranked shortlist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.acquisition import (
    DEFAULT_ORDER,
    AskedOrder,
    acquire,
    check_order,
    combine,
    order_for,
    probability,
)
from matscout.discover.base import Brief, Goal, Shortlist
from matscout.discover.conditions import Conditions
from matscout.discover.diversity import diverse_batch, systems_of, worth_making
from matscout.discover.evidence.nearest_label import likeness_facts, nearest_labels
from matscout.discover.evidence.novelty import novelty_fact
from matscout.discover.filters import IN_DOMAIN, Screening, filters, keep_through, require_some, screen
from matscout.discover.goals import Aim, aim_of
from matscout.discover.novelty import is_labelled
from matscout.discover.pareto import pareto_front
from matscout.discover.predicted_facts import predicted_facts
from matscout.discover.purposes import FIRST, purposes_of
from matscout.discover.reasons import Nearest, reasons
from matscout.discover.remarks import beyond_labels, expectations, signs, usual_remarks
from matscout.errors import UsageError
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource, columns_of
from matscout.generate.must import Must
from matscout.predict.base import AnyPredictions
from matscout.predict.domain import Domain

if TYPE_CHECKING:
    import polars

DOMAIN = "whether the material is similar enough to the labels of the model"
OF_LIKENESS = ("in_domain", "similarity", "nearest", "novelty")
"""Facts that the table has behind the score."""

TAKEN = (
    "rank",
    "id",
    "formula",
    "system",
    "system_rank",
    "score",
    "origin",
    "reasons",
    "batch",
    "purpose",
    "nearest",
    "novelty",
)
"""Columns that a component of reactions cannot be called like."""


def rank(
    candidates: Candidates,
    predictions: Mapping[str, AnyPredictions],
    goals: Sequence[Goal],
    labels: Dataset,
    *,
    conditions: Conditions | None = None,
    order: str = DEFAULT_ORDER,
    require: Sequence[str] = (),
    exclude: Sequence[str] = (),
    elements: Sequence[str] = (),
    must: Must | None = None,
    batch: int = 0,
    n_rows: int = 1000,
    seed: int = 0,
    screening: Screening | None = None,
) -> Shortlist:
    """Filter and rank candidates; the best conditions are kept for each.

    Parameters
    ----------
    candidates
        m candidates.
    predictions
        Target name -> predictions, in the order of ``conditions`` if given, else of ``candidates``.
    goals
        What is wanted, for targets of ``predictions``.
    labels
        The labelled materials.
    conditions
        What :func:`~matscout.discover.conditions.expand_context` made of the candidates; those that a filter removes
        may be missing from it.
    order
        "auto" (see :func:`~matscout.discover.acquisition.order_for`), "quantile", "value", "ei", "probability", "ucb"
        or "thompson" (see :func:`~matscout.discover.acquisition.acquire`). Ties are broken by the chance of meeting the
        goals, then by the predicted value.
    require, exclude, elements, must
        Filters, see :func:`~matscout.discover.filters.screen`; also "in-domain".
    batch
        Size of a diverse batch to propose, of what no label is (unless all are labels) and is above the floor
        (:func:`~matscout.discover.diversity.worth_making`); 0 for none.
    n_rows
        Largest number of rows of the table.
    seed
        Of the draws of the order "thompson".
    screening
        What these filters left of the candidates, if that is known already.

    Raises
    ------
    UsageError
        If the order, a filter, an element or a goal's target is unknown.
    InputError
        If the filters leave no candidate.
    """
    aims = [_aim(goal, predictions, labels) for goal in goals]
    blocks = [predictions[goal.target] for goal in goals]
    ranked = _Ranking(candidates, blocks, aims, check_order(order), conditions, seed)
    screening = screening or screen(
        candidates, labels.materials, require=require, exclude=exclude, elements=elements, must=must
    )
    screening = _through_domain(ranked, screening, labels, IN_DOMAIN in require, must)
    allowed = screening.removed_by == ""
    standing = ranked.standing(allowed, only_inside=IN_DOMAIN in require)
    ranks = np.zeros(len(candidates), dtype=np.int64)
    ranks[standing.candidates] = np.arange(1, len(standing.candidates) + 1)
    chosen = _batch(candidates.materials[standing.candidates], labels.materials, batch, standing.scores)
    nearest, first = _nearest(ranked, standing.rows[:n_rows], labels), standing.rows[:FIRST]
    shown = _shown(ranked, standing, labels, nearest, n_rows)
    table = _table(ranked, standing, shown, _why(ranked, standing.rows[:n_rows], labels, nearest), chosen)
    return Shortlist(
        replace(shown, lost=screening.candidates.lost),
        table,
        order,
        (("candidates", len(candidates)), *screening.funnel),
        (
            *beyond_labels(aims, labels),
            *signs(aims, labels),
            *expectations(ranked.materials[first], [block[first] for block in ranked.predictions], aims),
            *usual_remarks(aims, conditions, table, (candidates.materials, labels.materials)),
        ),
        ranks,
        screening.removed_by,
    )


def _batch(ranked: Materials, labels: Materials, size: int, scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Positions of a diverse batch of what is worth making and not labelled yet; of labels only where all are."""
    if not size:
        return np.zeros(0, dtype=np.int64)
    is_open = ~is_labelled(ranked, labels)
    worth = np.arange(worth_making(scores))
    considered = worth[is_open[worth]] if is_open.any() else worth
    return considered[diverse_batch(ranked[considered], size)]


def _through_domain(
    ranked: _Ranking, screening: Screening, labels: Dataset, only_inside: bool, must: Must | None
) -> Screening:
    """The screening with the domain as a last step, if that is asked for.

    Raises
    ------
    InputError
        If no candidate is left.
    ValueError
        If one that is left has no predictions.
    """
    if only_inside:
        inside = ranked.in_domain(screening.removed_by == "")[screening.rows]
        fact = Evidence("in_domain", "inside the domain", inside, DOMAIN, EvidenceSource("domain"), use="filter")
        known = screening.candidates.with_facts([fact])
        last = keep_through(known, [filters()[IN_DOMAIN]], Brief(labels))
        removed_by = screening.removed_by.astype(object)
        removed_by[screening.rows] = last.removed_by
        screening = Screening(last.candidates, screening.rows[last.rows], removed_by.astype(np.str_))
    require_some(screening, must)
    if not np.isin(screening.rows, ranked.owners).all():
        raise ValueError("a candidate that passes the filters has no predictions under any condition")
    return screening


def _aim(goal: Goal, predictions: Mapping[str, AnyPredictions], labels: Dataset) -> Aim:
    if goal.target not in predictions:
        raise UsageError(f"there are no predictions of {goal.target!r}; there are {', '.join(predictions) or 'none'}")
    return aim_of(goal, labels)


@dataclass(frozen=True, eq=False)
class _Standing:
    """The ranked candidates, best first, [k] each: position, row of the predictions (best conditions), score, front."""

    candidates: NDArray[np.int64]
    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    pareto: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Ranking:
    """Candidates with their predictions under one or more conditions each, and what is wanted of them."""

    candidates: Candidates
    predictions: Sequence[AnyPredictions]
    aims: Sequence[Aim]
    order: AskedOrder
    conditions: Conditions | None
    seed: int

    def __post_init__(self) -> None:
        for block, aim in zip(self.predictions, self.aims, strict=True):
            if len(block) != len(self.owners):
                raise ValueError(f"{len(block)} predictions of {aim.goal.target} for {len(self.owners)} rows")

    @property
    def owners(self) -> NDArray[np.int64]:
        """The candidate that each row of the predictions belongs to."""
        return np.arange(len(self.candidates)) if self.conditions is None else self.conditions.rows

    @property
    def materials(self) -> Materials:
        """The material of each row of the predictions, with its conditions."""
        return self.candidates.materials if self.conditions is None else self.conditions.materials

    def _inside(self) -> NDArray[np.bool_]:
        return np.asarray(np.all([block.in_domain for block in self.predictions], axis=0))

    def in_domain(self, allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """True for the allowed candidates that are in the domain of every model under some condition."""
        inside = np.zeros(len(self.candidates), dtype=np.bool_)
        inside[self.owners[self._inside()]] = True
        return inside & allowed

    def standing(self, allowed: NDArray[np.bool_], *, only_inside: bool) -> _Standing:
        """Rank the allowed candidates, each under its best conditions."""
        eligible = allowed[self.owners] & (self._inside() if only_inside else True)
        rows = np.flatnonzero(eligible)
        blocks = [block[rows] for block in self.predictions]
        pairs = list(zip(blocks, self.aims, strict=True))
        # Under all of its conditions a candidate has one draw for each goal, as its errors go together.
        own = [
            acquire(order_for(self.order, aim.goal), block, aim, self.seed + place, self.owners[rows])
            for place, (block, aim) in enumerate(pairs)
        ]
        scores = combine(own, self.order)
        merits = np.stack([acquire("value", block, aim) for block, aim in pairs], axis=1)
        chances = np.prod([probability(block, aim) for block, aim in pairs], axis=0)
        best_first = np.lexsort((rows, -merits[:, 0], -chances, -scores))
        owners = self.owners[rows[best_first]]
        best_first = best_first[np.sort(np.unique(owners, return_index=True)[1])]
        return _Standing(
            self.owners[rows[best_first]], rows[best_first], scores[best_first], pareto_front(merits[best_first])
        )


def _nearest(ranked: _Ranking, rows: NDArray[np.int64], labels: Dataset) -> Nearest:
    """The labels nearest to some rows of the predictions, and why these are outside the domain, if they are."""
    shown, blocks = ranked.materials[rows], [block[rows] for block in ranked.predictions]
    nearest = nearest_labels(shown, labels, ranked.aims)
    return replace(nearest, objections=_objections(shown, labels, blocks, ranked.aims))


def _why(ranked: _Ranking, rows: NDArray[np.int64], labels: Dataset, nearest: Nearest) -> list[str]:
    """A sentence on each of some rows of the predictions."""
    shown, blocks = ranked.materials[rows], [block[rows] for block in ranked.predictions]
    return reasons(shown, blocks, ranked.aims, nearest, _condition_words(shown, labels.context_units))


def _shown(ranked: _Ranking, standing: _Standing, labels: Dataset, nearest: Nearest, n_rows: int) -> Candidates:
    """The first candidates under their best conditions, with what the ranking knows of each."""
    rows = standing.rows[:n_rows]
    shown, kept = ranked.materials[rows], ranked.candidates[standing.candidates[:n_rows]]
    blocks = [block[rows] for block in ranked.predictions]
    facts = [fact for block, aim in zip(blocks, ranked.aims, strict=True) for fact in predicted_facts(block, aim)]
    inside = np.all([block.in_domain for block in blocks], axis=0)
    facts += [
        Evidence("in_domain", "inside the domain", inside, DOMAIN, EvidenceSource("domain")),
        *likeness_facts(nearest),
        novelty_fact(shown, labels.materials),
    ]
    # What stages found stays, after what the ranking says.
    own = Candidates(replace(shown, ids=kept.materials.ids), kept.origins, ranked.candidates.remarks)
    return own.with_facts([*facts, *kept.facts.values()])


def _table(
    ranked: _Ranking, standing: _Standing, shown: Candidates, why: Sequence[str], chosen: NDArray[np.int64]
) -> polars.DataFrame:
    import polars

    n_rows, facts = len(shown), shown.facts
    systems = systems_of(shown.materials)
    purposes = purposes_of([block[standing.rows] for block in ranked.predictions], ranked.aims)
    places: list[int | None] = [None] * len(standing.rows)
    for place, position in enumerate(chosen.tolist(), start=1):
        places[position] = place
    blocks = [name for name in facts if name not in (*OF_LIKENESS, *ranked.candidates.facts)]
    columns: dict[str, object] = {
        "rank": np.arange(1, n_rows + 1),
        "id": shown.materials.ids,
        "formula": shown.materials.formulas,
        **components_of(shown.materials, TAKEN),
        "system": systems,
        "system_rank": _rank_within(systems),
        **columns_of(facts[name] for name in blocks),
        "score": standing.scores[:n_rows],
        **columns_of(facts[name] for name in OF_LIKENESS),
    }
    if len(ranked.aims) > 1:
        columns["pareto"] = standing.pareto[:n_rows]
    columns["batch"] = polars.Series(places[:n_rows], dtype=polars.Int64)
    columns["purpose"] = purposes[:n_rows]
    columns |= shown.materials.context
    columns["origin"] = shown.origins
    columns["reasons"] = why
    return polars.DataFrame(columns)


def components_of(materials: Materials, taken: Collection[str]) -> dict[str, NDArray[np.str_]]:
    """A column for each component of reactions, by its name in the labels; none for materials."""
    cells = materials.contents.cells()
    return {name if name not in taken else f"{name} (component)": column for name, column in cells.items()}


def _rank_within(systems: NDArray[np.str_]) -> NDArray[np.int64]:
    """1 for the first row of each chemical system, 2 for its second, ..., [k]."""
    ranks = np.empty(len(systems), dtype=np.int64)
    seen = Counter[str]()
    for row, system in enumerate(systems.tolist()):
        seen[system] += 1
        ranks[row] = seen[system]
    return ranks


def _condition_words(materials: Materials, units: Mapping[str, str]) -> list[str]:
    words = [[] for _ in range(len(materials))]  # type: list[list[str]]
    for name, column in materials.context.items():
        for own, value in zip(words, column, strict=True):
            shown = f"{value:g} {units.get(name, '')}".rstrip() if column.dtype.kind == "f" else value
            own.append(f"{name} {shown}")
    return [f"at {', '.join(own)}" if own else "" for own in words]


def _objections(
    materials: Materials, labels: Dataset, blocks: Sequence[AnyPredictions], aims: Sequence[Aim]
) -> list[str]:
    """Why each candidate is outside the domain of a model, as far as the labels tell; "" for those that are inside."""
    words = [""] * len(materials)
    for block, aim in zip(blocks, aims, strict=True):
        labelled, outside = labels.labelled(aim.goal.target), np.flatnonzero(~block.in_domain)
        if not len(outside) or not len(labelled):
            continue
        known = labelled.materials
        context = {name: column for name, column in known.context.items() if name in materials.context}
        _, units = np.unique(known.keys() if labelled.groups is None else labelled.groups, return_inverse=True)
        domain = Domain.fit(replace(known, context=context), units.astype(np.int64))
        for row, objection in zip(outside, domain.objections(materials[outside]), strict=True):
            words[row] = words[row] or objection
    return words
