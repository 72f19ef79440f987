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
from matscout.discover.base import Candidates, Goal, Shortlist
from matscout.discover.candidates.assembly import first_of_each
from matscout.discover.conditions import Conditions
from matscout.discover.diversity import diverse_batch, systems_of
from matscout.discover.filters import IN_DOMAIN, Screening, require_some, screen
from matscout.discover.goals import Aim, aim_of
from matscout.discover.must import Must
from matscout.discover.novelty import closest_ratio, is_known, is_labelled, novelty
from matscout.discover.pareto import pareto_front
from matscout.discover.purposes import FIRST, purposes_of
from matscout.discover.reasons import Nearest, reasons
from matscout.discover.remarks import beyond_labels, expectations, usual_remarks
from matscout.errors import UsageError
from matscout.predict.base import AnyPredictions, ClassPredictions
from matscout.predict.domain import Domain

if TYPE_CHECKING:
    import polars

DOMAIN_STEP = "inside the model's domain"
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
        Size of a diverse batch to propose, of what no label is (unless all are labels); 0 for none.
    n_rows
        Largest number of rows of the table.
    seed
        Of the draws of the order "thompson".

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
    screening = screen(candidates, labels.materials, require=require, exclude=exclude, elements=elements, must=must)
    removed_by, funnel = _sift(ranked, screening, IN_DOMAIN in require, must)
    allowed = removed_by == ""
    standing = ranked.standing(allowed, only_inside=IN_DOMAIN in require)
    ranks = np.zeros(len(candidates), dtype=np.int64)
    ranks[standing.candidates] = np.arange(1, len(standing.candidates) + 1)
    chosen = _batch(candidates.materials[standing.candidates], labels.materials, batch)
    table, first = _table(ranked, standing, labels, chosen, n_rows), standing.rows[:FIRST]
    return Shortlist(
        table,
        order,
        funnel,
        (
            *beyond_labels(aims, labels),
            *expectations(ranked.materials[first], [block[first] for block in ranked.predictions], aims),
            *usual_remarks(aims, conditions, table, (candidates.materials, labels.materials)),
        ),
        ranks,
        removed_by,
    )


def _batch(ranked: Materials, labels: Materials, size: int) -> NDArray[np.int64]:
    """Positions of a diverse batch of what is not labelled yet; of labels only where there is nothing else."""
    if not size:
        return np.zeros(0, dtype=np.int64)
    open_ones = np.flatnonzero(~is_labelled(ranked, labels))
    considered = open_ones if len(open_ones) else np.arange(len(ranked))
    return considered[diverse_batch(ranked[considered], size)]


def _sift(
    ranked: _Ranking, screening: Screening, only_inside: bool, must: Must | None
) -> tuple[NDArray[np.str_], tuple[tuple[str, int], ...]]:
    """The screening with the domain as a last step: what removed each candidate ("" if it is left), and the funnel.

    Raises
    ------
    InputError
        If no candidate is left.
    ValueError
        If one that is left has no predictions.
    """
    removed_by = screening.removed_by.copy()
    funnel = list(screening.funnel)
    allowed = removed_by == ""
    if only_inside:
        inside = ranked.in_domain(allowed)
        removed_by[allowed & ~inside] = DOMAIN_STEP
        allowed &= inside
        funnel.append((DOMAIN_STEP, int(allowed.sum())))
    require_some(len(removed_by), funnel, removed_by, must)
    if not np.isin(np.flatnonzero(allowed), ranked.owners).all():
        raise ValueError("a candidate that passes the filters has no predictions under any condition")
    return removed_by, (("candidates", len(removed_by)), *funnel)


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


def _table(
    ranked: _Ranking, standing: _Standing, labels: Dataset, chosen: NDArray[np.int64], n_rows: int
) -> polars.DataFrame:
    import polars

    rows = standing.rows[:n_rows]
    shown = ranked.materials[rows]
    blocks = [block[rows] for block in ranked.predictions]
    nearest = nearest_labels(shown, labels, ranked.aims)
    nearest = replace(nearest, objections=_objections(shown, labels, blocks, ranked.aims))
    systems = systems_of(shown)
    purposes = purposes_of([block[standing.rows] for block in ranked.predictions], ranked.aims)
    places: list[int | None] = [None] * len(standing.rows)
    for place, position in enumerate(chosen.tolist(), start=1):
        places[position] = place
    columns: dict[str, object] = {
        "rank": np.arange(1, len(rows) + 1),
        "id": ranked.candidates.materials.ids[standing.candidates[:n_rows]],
        "formula": shown.formulas,
        **components_of(shown, TAKEN),
        "system": systems,
        "system_rank": _rank_within(systems),
    }
    for block, aim in zip(blocks, ranked.aims, strict=True):
        columns |= _goal_columns(block, aim)
    columns |= {
        "score": standing.scores[:n_rows],
        "in_domain": np.all([block.in_domain for block in blocks], axis=0),
        "similarity": nearest.similarities,
        "nearest": nearest.formulas,
        "novelty": novelty(shown, labels.materials),
    }
    if len(ranked.aims) > 1:
        columns["pareto"] = standing.pareto[:n_rows]
    columns["batch"] = polars.Series(places[:n_rows], dtype=polars.Int64)
    columns["purpose"] = purposes[:n_rows]
    columns |= shown.context
    columns["origin"] = ranked.candidates.origins[standing.candidates[:n_rows]]
    columns["reasons"] = reasons(shown, blocks, ranked.aims, nearest, _condition_words(shown, labels.context_units))
    return polars.DataFrame(columns)


def components_of(materials: Materials, taken: Collection[str]) -> dict[str, NDArray[np.str_]]:
    """A column for each component of reactions, by its name in the labels; none for materials."""
    cells = {} if materials.reactions is None else materials.reactions.cells()
    return {name if name not in taken else f"{name} (component)": column for name, column in cells.items()}


def _rank_within(systems: NDArray[np.str_]) -> NDArray[np.int64]:
    """1 for the first row of each chemical system, 2 for its second, ..., [k]."""
    ranks = np.empty(len(systems), dtype=np.int64)
    seen = Counter[str]()
    for row, system in enumerate(systems.tolist()):
        seen[system] += 1
        ranks[row] = seen[system]
    return ranks


def _goal_columns(block: AnyPredictions, aim: Aim) -> dict[str, object]:
    name, chance = aim.goal.target, probability(block, aim)
    if isinstance(block, ClassPredictions):
        return {f"{name}_class": np.array(block.classes)[block.predicted], f"{name}_goal_probability": chance}
    kind, deviations = block.told_std
    return {
        f"{name}_predicted": block.predicted,
        f"{name}_{kind}": deviations,
        f"{name}_lower": block.lower,
        f"{name}_upper": block.upper,
        f"{name}_knows_more": block.knows_more,
        f"{name}_goal_probability": chance,
    }


def _condition_words(materials: Materials, units: Mapping[str, str]) -> list[str]:
    words = [[] for _ in range(len(materials))]  # type: list[list[str]]
    for name, column in materials.context.items():
        for own, value in zip(words, column, strict=True):
            told = f"{value:g} {units.get(name, '')}".rstrip() if column.dtype.kind == "f" else value
            own.append(f"{name} {told}")
    return [f"at {', '.join(own)}" if own else "" for own in words]


def nearest_labels(materials: Materials, labels: Dataset, aims: Sequence[Aim]) -> Nearest:
    """The most similar composition, or reaction, with a known value of any goal's target, and what was measured."""
    known = np.any([labels.target(aim.goal.target).known for aim in aims], axis=0)
    labelled = labels[np.flatnonzero(known)]
    kept = first_of_each(labelled.materials)
    found = Domain.yardstick(labelled.materials[kept]).nearest(materials)
    rows = found.rows[:, 0]
    _, which = np.unique(labelled.materials.keys(), return_inverse=True)
    distinct, back = np.unique(rows, return_inverse=True)
    words = np.array([_measured(labelled, np.flatnonzero(which == which[kept[row]]), aims) for row in distinct])
    measured, copied = words[back].tolist(), _copied(materials, labels.materials)
    return Nearest(labelled.materials.formulas[kept[rows]], found.similarities[:, 0], measured, copied)


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


def _copied(materials: Materials, labels: Materials) -> list[str]:
    if materials.reactions is not None:
        return [""] * len(materials)
    _, rows = closest_ratio(materials.compositions, labels.compositions)
    known = is_known(materials, labels)
    return [str(labels.formulas[row]) if near else "" for near, row in zip(known, rows, strict=True)]


def _measured(labelled: Dataset, rows: NDArray[np.int64], aims: Sequence[Aim]) -> str:
    parts = []
    for aim in aims:
        values = labelled.target(aim.goal.target).values[rows]
        values = values[~np.isnan(values)]
        unit = f" {aim.unit}" if aim.unit else ""
        if len(values) == 0:
            continue
        if aim.classes:
            parts.append(f"{aim.goal.target} = {aim.classes[int(np.bincount(values.astype(np.int64)).argmax())]}")
        elif np.ptp(values) > 0:
            parts.append(f"measured {values.min():.3g} to {values.max():.3g}{unit}")
        else:
            parts.append(f"measured {values[0]:.3g}{unit}")
    return ", ".join(parts)
