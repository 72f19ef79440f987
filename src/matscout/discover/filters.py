"""Filters: what a candidate must be, checked before it is predicted, with a count of what each one removed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.charges import balance_charges
from matscout.crystal.chemistry import check_symbols, element_facts
from matscout.crystal.element_kinds import holds_all
from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.discover.base import Candidates
from matscout.discover.must import Must
from matscout.discover.novelty import is_known, is_labelled
from matscout.errors import InputError, UsageError

Bools = NDArray[np.bool_]

ABUNDANT = 1.0
"""Abundance in the earth's crust, mg/kg, from which an element counts as abundant (Sn has 2.3, Sb 0.2, In 0.25)."""

CONCENTRATED = 2500.0
"""Herfindahl-Hirschman index above which a market counts as highly concentrated (Gaultois et al., 2013)."""

HAZARDS: Mapping[str, str] = {
    "Be": "beryllium dust causes chronic lung disease and cancer",
    "As": "arsenic compounds are poisonous and carcinogenic",
    "Cd": "cadmium is carcinogenic and restricted in electronics (RoHS)",
    "Os": "osmium forms the volatile, poisonous tetroxide in air",
    "Hg": "mercury is poisonous and restricted in electronics (RoHS)",
    "Tl": "thallium salts are acutely poisonous",
    "Pb": "lead is poisonous and restricted in electronics (RoHS)",
    **dict.fromkeys(("Tc", "Pm", *SYMBOLS[83:]), "radioactive"),
}
"""Elements that the filter ``non-toxic`` keeps out, and why; compiled for this project from general knowledge."""

IN_DOMAIN = "in-domain"

OF_REACTIONS = ("unlabelled", "new", IN_DOMAIN)
"""Filters that make sense of reactions; the first two are the same there."""


@dataclass(frozen=True)
class Filter:
    """One requirement: ``step`` names it in the funnel, ``keeps`` maps materials and labels to who meets it."""

    step: str
    keeps: Callable[[Materials, Materials], Bools]


@dataclass(frozen=True, eq=False)
class Screening:
    """What the filters left of m candidates.

    Parameters
    ----------
    candidates
        The k that are left.
    rows
        int64 [k], ascending, their positions among the m.
    funnel
        (step, candidates left) from the first to the last filter.
    removed_by
        text [m], the step that removed each candidate, "" if it is left.
    """

    candidates: Candidates
    rows: NDArray[np.int64]
    funnel: tuple[tuple[str, int], ...]
    removed_by: NDArray[np.str_]


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
        :data:`matscout.discover.novelty.NEAR_COPY`). Where candidates and labels have structures, another structure of
        a labelled composition is equal to none (:func:`matscout.discover.same_structures.has_same_structure`).
    require
        Names of filters, see :func:`filter_names`; ``in-domain`` needs predictions and is left to the ranking.
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
    if candidates.materials.reactions is not None:
        _refuse_of_materials(required, (*exclude, *elements, *(must.symbols if must else ())))
    steps = [
        *_element_filters(exclude, elements),
        *_must_filters(must),
        *(step for name, step in FILTERS.items() if name in required),
    ]
    rows = np.arange(len(candidates))
    removed_by = np.full(len(candidates), "", dtype=f"U{max([80, *(len(step.step) for step in steps)])}")
    funnel = []
    for step in steps:
        keep = step.keeps(candidates.materials[rows], labels)
        removed_by[rows[~keep]] = step.step
        rows = rows[keep]
        funnel.append((step.step, len(rows)))
    left = Candidates(candidates.materials[rows], candidates.origins[rows], candidates.remarks)
    return Screening(left, rows, tuple(funnel), removed_by)


def require_some(
    n_candidates: int, funnel: Sequence[tuple[str, int]], removed_by: NDArray[np.str_], must: Must | None = None
) -> None:
    """Refuse a search of which the filters left nothing.

    Raises
    ------
    InputError
        If every candidate was removed; the message names the step that removed most, and what candidates must hold.
    """
    steps, counts = np.unique(removed_by[removed_by != ""], return_counts=True)
    if counts.sum() < n_candidates:
        return
    left = ", ".join(f"{step}: {count:,}" for step, count in (("candidates", n_candidates), *funnel))
    most = f'"{steps[counts.argmax()]}" removed {counts.max():,} of them; ' if len(steps) else ""
    told = "".join(f". {remark.rstrip('.')}" for remark in (must.remarks if must else ()))
    raise InputError(
        f"no candidate is left ({left}); {most}require less, exclude less or generate or name more candidates{told}"
    )


def _refuse_of_materials(required: Sequence[str], elements: Sequence[str]) -> None:
    """Raise UsageError if a filter asks of reactions what only materials have."""
    wrong = [*elements, *(name for name in required if name not in OF_REACTIONS)]
    if wrong:
        raise UsageError(
            f"{wrong[0]!r} can be required or excluded of materials only, and the candidates are reactions; their "
            "filters are "
            f"{', '.join(OF_REACTIONS)}"
        )


def filter_names() -> tuple[str, ...]:
    """Names that ``require`` understands."""
    return (*FILTERS, IN_DOMAIN)


def check_filters(require: Sequence[str]) -> tuple[str, ...]:
    """The names, each once; an unknown one is a :class:`~matscout.errors.UsageError` that lists the choices."""
    for name in require:
        if name not in filter_names():
            near = difflib.get_close_matches(name, filter_names(), n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f"there is no filter {name!r}; {hint}choose from {', '.join(filter_names())}")
    return tuple(dict.fromkeys(require))


def _element_filters(exclude: Sequence[str], elements: Sequence[str]) -> list[Filter]:
    check_symbols((*exclude, *elements))
    steps = []
    if exclude:
        steps.append(Filter(f"without {', '.join(exclude)}", lambda own, _: _made_without(own.compositions, exclude)))
    if elements:
        others = [symbol for symbol in SYMBOLS if symbol not in elements]
        steps.append(Filter(f"only {', '.join(elements)}", lambda own, _: _made_without(own.compositions, others)))
    return steps


def _must_filters(must: Must | None) -> list[Filter]:
    if must is None or not must.symbols:
        return []
    return [
        Filter(words, partial(lambda own, _, symbols: holds_all(own.compositions, symbols), symbols=symbols))
        for symbols, words in must.steps
    ]


def _made_without(compositions: Compositions, symbols: Sequence[str]) -> Bools:
    unwanted = np.isin(SYMBOLS, list(symbols))
    return _none_of(compositions, unwanted)


def _none_of(compositions: Compositions, flagged: Bools) -> Bools:
    """True where no element of the composition is flagged ([118]), [n]."""
    hits = np.bincount(compositions.rows, flagged[compositions.elements.astype(np.int64) - 1], len(compositions))
    return np.asarray(hits == 0)


def _abundant(materials: Materials, labels: Materials) -> Bools:
    return _none_of(materials.compositions, ~(element_facts().abundance >= ABUNDANT))


def _secure_supply(materials: Materials, labels: Materials) -> Bools:
    return np.asarray(supply_risk(materials.compositions) <= CONCENTRATED)


def supply_risk(compositions: Compositions) -> NDArray[np.float64]:
    """Mean Herfindahl-Hirschman index of the elements' reserves, weighted by mass, 0..10,000, [n].

    Elements without an index do not count (hydrogen, noble gases, actinides); NaN if there is no other.
    Gaultois et al., 2013, DOI 10.1021/cm400893e.
    """
    facts = element_facts()
    columns = compositions.elements.astype(np.int64) - 1
    index = facts.reserve_concentration[columns]
    mass = np.where(np.isnan(index), 0.0, compositions.amounts * facts.mass[columns])
    weighted = np.bincount(compositions.rows, mass * np.nan_to_num(index), len(compositions))
    total = np.bincount(compositions.rows, mass, len(compositions))
    mean = np.full(len(compositions), np.nan)
    np.divide(weighted, total, out=mean, where=total > 0)
    return mean


FILTERS: Mapping[str, Filter] = {
    "unlabelled": Filter("not among the labels", lambda own, labels: ~is_labelled(own, labels)),
    "new": Filter("no label, nor a near-copy of one", lambda own, labels: ~is_known(own, labels)),
    "non-toxic": Filter(
        "no toxic or radioactive element", lambda own, _: _made_without(own.compositions, list(HAZARDS))
    ),
    "abundant": Filter(f"all elements above {ABUNDANT:g} mg/kg in the crust", _abundant),
    "secure-supply": Filter("reserves not concentrated in few countries", _secure_supply),
    "neutral": Filter("charge-balanced (or metals only)", lambda own, _: balance_charges(own.compositions).acceptable),
}
"""Requirement -> what it does, in the order in which they are applied (the cheap ones first)."""
