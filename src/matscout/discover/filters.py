"""Filters: what a candidate must be, checked before it is predicted, with a count of what each one removed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.chemistry import check_symbols
from matscout.crystal.element_kinds import holds_all
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset
from matscout.data.elements import SYMBOLS
from matscout.data.kinds import Kind
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.element_rules import made_without
from matscout.discover.stage import Filter
from matscout.errors import InputError, UsageError
from matscout.generate.base import Candidates
from matscout.generate.must import Must
from matscout.registry import load_class, plug_ins

Bools = NDArray[np.bool_]

IN_DOMAIN = "in-domain"
"""The filter that needs predictions."""


@dataclass(frozen=True, eq=False)
class Screening:
    """What the filters left of m candidates.

    Parameters
    ----------
    candidates
        The k that are left, with the record of what was removed.
    rows
        int64 [k], ascending, their positions among the m.
    removed_by
        text [m], the step that removed each candidate, "" if it is left.
    """

    candidates: Candidates
    rows: NDArray[np.int64]
    removed_by: NDArray[np.str_]

    @property
    def funnel(self) -> tuple[tuple[str, int], ...]:
        """(step, candidates left) from the first to the last filter."""
        return tuple((removal.step, removal.after) for removal in self.candidates.lost if removal.note is None)


def screen(
    candidates: Candidates,
    labels: Materials,
    *,
    require: Sequence[str] = (),
    exclude: Sequence[str] = (),
    elements: Sequence[str] = (),
    must: Must | None = None,
) -> Screening:
    """Keep the candidates that meet all requirements that can be checked before predicting.

    Parameters
    ----------
    candidates
        m candidates.
    labels
        The labelled materials, for ``unlabelled`` (equal to none) and ``new`` (no near-copy of one either, see
        :data:`matscout.discover.near_copies.NEAR_COPY`). Where candidates and labels have structures, another structure
        of a labelled composition is equal to none (:func:`matscout.discover.same_structures.has_same_structure`).
    require
        Names of filters, see :func:`filter_names`; those that need predictions are left to the ranking.
    exclude, elements
        Elements that must not occur; elements that may occur (all if empty).
    must
        Elements that must occur.

    Raises
    ------
    UsageError
        If a filter or an element is unknown.
    """
    required = check_filters(require)
    _refuse_of_others(candidates.materials.kind, required, (*exclude, *elements, *(must.symbols if must else ())))
    asked = [one for name, one in filters().items() if name in required and not one.needs_predictions]
    return keep_through(
        candidates, [*_element_filters(exclude, elements), *_must_filters(must), *asked], Brief(Dataset(labels, {}))
    )


def keep_through(candidates: Candidates, steps: Sequence[Filter], brief: Brief) -> Screening:
    """Keep the candidates that meet all filters, one after the other."""
    rows, left = np.arange(len(candidates)), candidates
    removed_by = np.full(len(candidates), "", dtype=object)
    for step in steps:
        keep = step.keeps(left, brief)
        removed_by[rows[~keep]] = step.step
        out = np.flatnonzero(~keep)
        left, rows = (
            left.without(step.step, np.flatnonzero(keep), out, step.objections(left.materials[out])),
            rows[keep],
        )
    return Screening(left, rows, removed_by.astype(np.str_))


def require_some(screening: Screening, must: Must | None = None) -> None:
    """Refuse a search of which the filters left nothing.

    Raises
    ------
    InputError
        If every candidate was removed; the message names the step that removed most, and what candidates must hold.
    """
    if len(screening.rows):
        return
    removed = [one for one in screening.candidates.lost if one.note is None]
    left = ", ".join(f"{step}: {n:,}" for step, n in (("candidates", len(screening.removed_by)), *screening.funnel))
    worst = max(removed, key=len, default=None)
    most = f'"{worst.step}" removed {len(worst):,} of them; ' if worst is not None and len(worst) else ""
    added = "".join(f". {remark.rstrip('.')}" for remark in (must.remarks if must else ()))
    raise InputError(
        f"no candidate is left ({left}); {most}relax --require or --exclude, or generate or name more candidates{added}"
    )


def _refuse_of_others(kind: Kind, required: Sequence[str], elements: Sequence[str]) -> None:
    """Raise UsageError if something is asked of candidates that those of other kinds have only."""
    fitting = [name for name, one in filters().items() if kind in one.kinds]
    wrong = [*(() if kind.is_compound else elements), *(name for name in required if name not in fitting)]
    if wrong:
        raise UsageError(
            f"{wrong[0]!r} can be required or excluded for materials only, but the candidates are {kind.plural}; "
            f"their filters are {', '.join(fitting)}"
        )


@cache
def filters() -> dict[str, Filter]:
    """Name -> filter, in the order in which they are applied: the stages that need no settings."""
    classes = {plug_in.name: load_class("stages", plug_in.name) for plug_in in plug_ins("stages")}
    by_name = {name: made() for name, made in classes.items() if issubclass(made, Filter)}
    return dict(sorted(by_name.items(), key=lambda item: (item[1].place, item[0])))


def filter_names() -> tuple[str, ...]:
    """Names that ``require`` understands."""
    return tuple(filters())


def check_filters(require: Sequence[str]) -> tuple[str, ...]:
    """The names, each once; an unknown one is a :class:`~matscout.errors.UsageError` that lists the choices."""
    for name in require:
        if name not in filter_names():
            near = difflib.get_close_matches(name, filter_names(), n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f"there is no filter {name!r}; {hint}choose from {', '.join(filter_names())}")
    return tuple(dict.fromkeys(require))


class ByElements(Filter):
    """A filter by elements that the user names.

    Parameters
    ----------
    step
        What candidates that pass are.
    passes
        Maps n compositions to which of them pass, bool [n].
    """

    def __init__(self, step: str, passes: Callable[[Compositions], Bools]) -> None:
        self.step, self.passes = step, passes

    def keeps(self, candidates: Candidates, brief: Brief) -> Bools:
        """Which candidates pass, bool [n]."""
        return self.passes(candidates.materials.compositions)


def _element_filters(exclude: Sequence[str], elements: Sequence[str]) -> list[Filter]:
    check_symbols((*exclude, *elements))
    steps: list[Filter] = []
    if exclude:
        steps.append(ByElements(f"without {', '.join(exclude)}", partial(made_without, symbols=exclude)))
    if elements:
        others = [symbol for symbol in SYMBOLS if symbol not in elements]
        steps.append(ByElements(f"only {', '.join(elements)}", partial(made_without, symbols=others)))
    return steps


def _must_filters(must: Must | None) -> list[Filter]:
    if must is None or not must.symbols:
        return []
    return [ByElements(words, partial(holds_all, symbols=symbols)) for symbols, words in must.steps]
