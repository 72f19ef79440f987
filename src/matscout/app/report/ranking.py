"""The search itself: what each filter removed, where watched materials ended, the trade-off, and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matscout.app.report import charts
from matscout.app.report.verdict import SETTLED
from matscout.app.wording import number, percent, quantity
from matscout.counting import counted, unit_behind
from matscout.data.scales import Scale as ScaleKind
from matscout.discover.acquisition import AskedOrder, order_for
from matscout.discover.goals import Aim
from matscout.predict.base import ClassPredictions, Predictions
from matscout.remarks import codes
from matscout.workflow.results import Scouting

ORDERS = {
    "quantile": "the value that a candidate reaches or exceeds with a chance of one in four: good predictions come "
    "first, and of two equal predictions the less certain one",
    "ei": "expected improvement: how likely a candidate is to be better than the labels, and by how much",
    "probability": "the chance of meeting the goal",
    "ucb": "the better end of the interval, which favours candidates about which little is known",
    "value": "the predicted value alone",
    "thompson": "a value drawn at random from the predictive distribution of each candidate",
}


CLOSER = "the expected gain in closeness to the goal over the closest label"
"""What expected improvement is where a range or a value is wanted."""

OF_CLASSES = "the chance of the wanted class"
"""Every order is that where a class is wanted."""


def order_words(asked: AskedOrder, aims: Sequence[Aim]) -> str:
    """What candidates are ranked by, for each goal where the goals differ in it."""
    own = {aim.goal.target: _order_words(asked, aim) for aim in aims}
    if len(set(own.values())) == 1:
        return f"{next(iter(own.values()))}{', for all goals combined' if len(own) > 1 else ''}"
    return f"all goals combined: {'; '.join(f'{name} by {words}' for name, words in own.items())}"


def _order_words(asked: AskedOrder, aim: Aim) -> str:
    if aim.classes:
        return OF_CLASSES
    order = order_for(asked, aim.goal)
    return CLOSER if order == "ei" and not aim.goal.is_extreme else ORDERS[order]


@dataclass(frozen=True)
class FunnelStepCount:
    """A step of the funnel: candidates left, how many it removed, share of the start."""

    name: str
    left: int
    removed: int
    share: float


@dataclass(frozen=True)
class Sighting:
    """A watched material: where it ended and what was predicted for it."""

    formula: str
    place: str
    predicted: str
    ranked: bool


def funnel(scouting: Scouting) -> tuple[FunnelStepCount, ...]:
    """The steps from all candidates to the ranked ones."""
    steps = scouting.ranking.shortlist.funnel
    start = max(steps[0][1], 1)
    first = FunnelStepCount(steps[0][0], steps[0][1], 0, 1.0)
    return (
        first,
        *(FunnelStepCount(name, left, before - left, left / start) for (_, before), (name, left) in pairwise(steps)),
    )


def sightings(scouting: Scouting) -> tuple[Sighting, ...]:
    """Where the materials whose rank was asked for have ended."""
    materials = scouting.ranking.candidates.materials
    sighted = []
    for watched in scouting.ranking.watched:
        row = (
            int(np.flatnonzero(materials.formulas == watched.formula)[0])
            if watched.formula in materials.formulas
            else None
        )
        place = (
            f"removed: {watched.removed_by}"
            if watched.rank is None
            else f"{watched.rank:,} of {watched.n_ranked:,} (top {100 * watched.rank / watched.n_ranked:.2g} %)"
        )
        sighted.append(
            Sighting(watched.formula, place, "" if row is None else _predicted(scouting, row), watched.rank is not None)
        )
    return tuple(sighted)


def _predicted(scouting: Scouting, candidate: int) -> str:
    """The predictions for a candidate under the first of its conditions."""
    row = int(np.flatnonzero(scouting.ranking.conditions.rows == candidate)[0])
    words = []
    for block in scouting.ranking.predictions.values():
        if isinstance(block, ClassPredictions):
            words.append(block.classes[int(block.predicted[row])])
        else:
            unit = unit_behind(block.unit)
            words.append(
                f"{number(block.predicted[row])} ({number(block.lower[row])} to {number(block.upper[row])}){unit}"
            )
    return ", ".join(words)


def watched_sentence(scouting: Scouting) -> str:
    """How many of the watched materials a person would have found near the top."""
    ranks = [watched.rank / watched.n_ranked for watched in scouting.ranking.watched if watched.rank is not None]
    if not ranks:
        return ""
    removed = len(scouting.ranking.watched) - len(ranks)
    tops = ", ".join(
        f"{sum(rank <= share for rank in ranks)} in the first {percent(share)}" for share in (0.01, 0.05, 0.1)
    )
    return (
        f"{counted(len(ranks), 'known material')} that are not among the labels were ranked ({removed} removed by a "
        f"filter): {tops}. In a random order, one in ten would be in the first 10 %."
    )


def warnings(scouting: Scouting, aims: Mapping[str, Aim]) -> tuple[str, ...]:
    """What a reader should keep in mind before acting on the list."""
    remarks = scouting.ranking.shortlist.remarks
    sentences = [remark for remark in remarks if not set(codes([remark])) & set(SETTLED)]
    for name, block in scouting.ranking.predictions.items():
        outside = float(1.0 - block.in_domain.mean())
        if outside > 0:
            sentences.append(
                f"{percent(outside)} of the predicted candidates lie outside the domain of {name}: predictions for "
                "them are less certain than their intervals show."
            )
        if isinstance(block, Predictions):
            sentences += _unknown(name, block)
            # Extremes are told once: where a second opinion was asked for, the shortlist has said it.
            if f"{name}_extrapolated" not in scouting.ranking.shortlist.table.columns:
                sentences += _beyond_best(block, aims[name])
    sentences.append(
        "The chances of the first ranks are optimistic: these candidates were selected for high predictions, and "
        "the highest predictions tend to be too high."
    )
    return tuple(sentences)


def _unknown(name: str, block: Predictions) -> list[str]:
    """Of how many candidates the model knows next to nothing."""
    share = float(1.0 - block.knows_more.mean())
    if not share:
        return []
    return [
        f"For {percent(share)} of the predicted candidates, the model knows no more about {name} than the average of "
        "the labels; such candidates are never proposed for value."
    ]


def _beyond_best(block: Predictions, aim: Aim) -> list[str]:
    """Whether the model predicts beyond the best label at all."""
    name, best = aim.goal.target, quantity(aim.reference, aim.unit)
    if aim.goal.kind not in ("max", "min"):
        return []
    if aim.at_limit:
        return [
            f"Nothing can be better than the best label of {name}, which has reached the limit: the goal counts as met "
            f"by {aim.words}."
        ]
    highest = aim.goal.kind == "max"
    beyond = int((block.predicted > aim.reference).sum() if highest else (block.predicted < aim.reference).sum())
    if not beyond:
        return [
            f"No candidate is predicted beyond the best label of {name}, {best}: few models extrapolate beyond their "
            "labels."
        ]
    return [f"{counted(beyond, 'prediction')} of {len(block):,} lie beyond the best label of {name}, {best}."]


def trade_offs(scouting: Scouting, aims: Mapping[str, Aim]) -> tuple[charts.Chart, ...]:
    """Each further goal against the first, over the candidates of the shortlist."""
    first, *others = aims.values()
    return tuple(_trade_off(scouting, first, other, place) for place, other in enumerate(others, start=1))


def _trade_off(scouting: Scouting, first: Aim, other: Aim, place: int) -> charts.Chart:
    table = scouting.ranking.shortlist.table
    a, b = (_axis_values(scouting, aim) for aim in (first, other))
    x, y = charts.horizontal(a, _axis_kind(first)), charts.vertical(b, _axis_kind(other))
    front = table["pareto"].to_numpy()
    order = np.argsort(front, kind="stable")
    kinds = np.where(front, "front", "later")[order]
    names = [f"{formula}: rank {rank}" for formula, rank in zip(table["formula"], table["rank"], strict=True)]
    return charts.Chart(
        name=f"trade-off-{place}",
        title=f"{other.goal.target} against {first.goal.target}",
        description=f"{len(table)} candidates; {int(front.sum())} are beaten by no other in every goal",
        x=x.axis(_axis_label(first)),
        y=y.axis(_axis_label(other)),
        dots=charts.dots(x.at(a)[order], y.at(b)[order], [names[i] for i in order], kinds.tolist()),
    )


def _axis_values(scouting: Scouting, aim: Aim) -> np.ndarray:
    column = "goal_probability" if aim.classes else "predicted"
    return np.asarray(scouting.ranking.shortlist.table[f"{aim.goal.target}_{column}"].to_numpy(), dtype=np.float64)


def _axis_kind(aim: Aim) -> ScaleKind:
    return "log" if aim.scale.kind == "log" else "linear"


def _axis_label(aim: Aim) -> str:
    if aim.classes:
        return f"chance of {aim.words}"
    return f"predicted {aim.goal.target}{f' ({aim.unit})' if aim.unit else ''}"
