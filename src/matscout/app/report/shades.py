"""What the dots of the map can be coloured by besides their rank: each property of a goal, and the chemistry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from matscout.app.wording import number
from matscout.data.compositions import Compositions
from matscout.data.dataset import Target
from matscout.evaluation.map_plot import CLASS_COLOURS, SCALE, colour_limits, named_classes
from matscout.evaluation.plots import LIGHT
from matscout.workflow.mapping import chemistry_of
from matscout.workflow.results import Scouting

STEPS = 8
"""Colours of a scale of numbers."""

SEEN = (0.15, 0.95)
"""Part of the scale that stands out from white and from black pages."""

OTHERS, INK = "var(--muted)", "var(--ink)"
"""Colours that follow the page."""


@dataclass(frozen=True)
class Shade:
    """A colour of the map and what stands beside it in the key, "" where nothing does."""

    colour: str
    name: str


@dataclass(frozen=True)
class Scheme:
    """One way to colour the dots.

    Parameters
    ----------
    key
        Unique among the schemes of a map; with the place of a shade it is the class of a dot in the style sheet.
    name
        What is coloured by, with its unit.
    shades
        Its colours.
    scale
        Whether the shades follow each other as numbers do.
    """

    key: str
    name: str
    shades: tuple[Shade, ...]
    scale: bool


def colour_schemes(
    scouting: Scouting, known: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[tuple[Scheme, ...], list[str]]:
    """The schemes of a map, and the classes of each dot: labels at positions ``known``, then candidates ``chosen``."""
    labels, candidates = scouting.dataset.materials, scouting.ranking.candidates.materials
    compositions = Compositions.concatenate([labels.compositions[known], candidates.compositions[chosen]])
    columns = [_measured_and_predicted(scouting, name, known, chosen) for name in scouting.findings]
    schemes, places = [], []
    chemistry = [chemistry_of(compositions)] if labels.kind.is_compound else []
    for position, column in enumerate([*columns, *chemistry]):
        scheme, own = _scheme(f"k{position}-", column)
        schemes.append(scheme)
        places.append([f"{scheme.key}{place}" if place >= 0 else "" for place in own])
    return tuple(schemes), [" ".join(filter(None, classes)) for classes in zip(*places, strict=True)]


def _measured_and_predicted(
    scouting: Scouting, name: str, known: NDArray[np.int64], chosen: NDArray[np.int64]
) -> Target:
    """The values of labels and, for candidates, the predictions: the mean or the first class of several conditions."""
    target, rows = scouting.dataset.target(name), scouting.ranking.conditions.rows
    predicted = scouting.ranking.predictions[name].predicted
    foretold = np.full(len(scouting.ranking.candidates), np.nan)
    if target.task == "classification":
        foretold[rows[::-1]] = predicted[::-1]
    else:
        own, position, counts = np.unique(rows, return_inverse=True, return_counts=True)
        foretold[own] = np.bincount(position, weights=predicted) / counts
    values = np.concatenate([target.values[known], foretold[chosen]])
    return Target(target.name, values, target.unit, target.task, target.classes, asked_scale=target.scale)


def _scheme(key: str, column: Target) -> tuple[Scheme, NDArray[np.int64]]:
    """The scheme of a column of n values, and the place of the shade of each, -1 where it has none."""
    if column.task == "classification":
        return _of_classes(key, column)
    values = column.placed(column.values)
    low, high = colour_limits(values[column.known])
    share = (values - low) / (high - low or 1.0)
    places = np.where(column.known, np.clip(share * STEPS, 0, STEPS - 1), -1).astype(np.int64)
    colours = [to_hex(colormaps[SCALE](value)) for value in np.linspace(*SEEN, STEPS)]
    ends = [10**end if column.scale == "log" else end for end in (low, high)]
    names = [number(ends[0]), *[""] * (STEPS - 2), number(ends[1])]
    shades = tuple(Shade(colour, name) for colour, name in zip(colours, names, strict=True))
    return Scheme(key, column.label, shades, scale=True), places


def _of_classes(key: str, column: Target) -> tuple[Scheme, NDArray[np.int64]]:
    named = named_classes(column)
    place_of = np.full(len(column.classes), len(named))
    place_of[named] = np.arange(len(named))
    places = np.full(len(column.values), -1, dtype=np.int64)
    places[column.known] = place_of[column.values[column.known].astype(np.int64)]
    colours = [INK if colour == LIGHT.ink else colour for colour in CLASS_COLOURS]
    shades = [Shade(colours[place], column.classes[row]) for place, row in enumerate(named)]
    if (places == len(named)).any():
        shades.append(Shade(OTHERS, "others"))
    return Scheme(key, column.label, tuple(shades), scale=False), places
