"""The section of a report on what defects and their pairs cost, where the model is a sum over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from matscout.app.report.figures import draw
from matscout.app.report.pictures import Picture
from matscout.app.viewing.arrangement_picture import arrangement_figure
from matscout.app.wording import number
from matscout.counting import unit_behind
from matscout.data.dataset import Dataset
from matscout.data.defects.column_store import Defects
from matscout.evaluation.pair_law_plot import pair_law_plot
from matscout.evaluation.plots import Palette
from matscout.predict.model import Model
from matscout.predict.pair_curves import MOST_SHELLS, PairCurve, law_of, pair_curves, single_defects
from matscout.predict.pair_law import PairLaw

MOST_CURVES = 4
"""Kinds of pairs, the strongest first, that are drawn and listed."""


@dataclass(frozen=True)
class LawTable:
    """A table of texts."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class LawSection:
    """What is shown: words, tables, pictures."""

    words: str
    tables: tuple[LawTable, ...]
    pictures: tuple[Picture, ...]


def law_section(model: Model, dataset: Dataset, anchor: str) -> LawSection | None:
    """What a pair law says; None for other models."""
    law, defects = law_of(model), dataset.materials.defects
    if law is None or defects is None:
        return None
    curves, unit = pair_curves(law)[:MOST_CURVES], model.target.unit or ""
    tables = [_singles(law, unit), *([_bindings(curves, unit)] if curves else [])]
    pictures = [_curve_picture(curve, unit, f"{anchor}-law-{place}") for place, curve in enumerate(curves, 1)]
    arrangement = _arrangement_picture(defects, model, f"{anchor}-arrangement")
    words = (
        "The total of an arrangement is the sum of what each defect costs alone and of what each pair adds at its "
        f"distance. {law.not_additive:.0%} of the variance over the labelled rows is no such sum."
    )
    return LawSection(words, tuple(tables), (*pictures, *arrangement))


def _singles(law: PairLaw, unit: str) -> LawTable:
    rows = tuple((one.name, _with_deviation(one.energy, one.deviation), f"{one.rows:,}") for one in single_defects(law))
    return LawTable("A defect alone", ("defect", f"cost{_in(unit)}", "labelled rows with it"), rows)


def _bindings(curves: tuple[PairCurve, ...], unit: str) -> LawTable:
    rows = tuple(
        (
            curve.name,
            f"{shell.distance:.2f}",
            _with_deviation(shell.energy, shell.deviation),
            f"{shell.pairs:,}",
        )
        for curve in curves
        for shell in curve.shells[:MOST_SHELLS]
    )
    headings = ("pair", "distance (Å)", f"added{_in(unit)}", "labelled pairs")
    return LawTable("What pairs add at their shortest distances (below 0 they attract)", headings, rows)


def _with_deviation(energy: float, deviation: float) -> str:
    return f"{number(energy, 3)} ± {number(deviation, 2)}"


def _in(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _curve_picture(curve: PairCurve, unit: str, name: str) -> Picture:
    def plot(palette: Palette) -> Figure:
        return pair_law_plot([curve], unit, palette)

    nearest = curve.shells[0]
    words = f"{number(nearest.energy, 3)}{unit_behind(unit or None)} at {nearest.distance:.2f} Å"
    svg = draw(plot, name, f"v(d) of {curve.name}", f"What the pair adds by distance: {words}")
    return Picture(svg, f"{curve.name}: points are distances that occur, with 90 % bars; the curve is the smooth part.")


def _arrangement_picture(defects: Defects, model: Model, name: str) -> list[Picture]:
    """The labelled arrangement of most defects, in its host."""
    placed = np.flatnonzero(defects.placed & (defects.sizes > 0))
    if not len(placed):
        return []
    row = int(placed[np.argmax(defects.sizes[placed])])
    text = str(defects[[row]].texts()[0])
    svg = draw(partial(_arrangement, defects, row), name, f"Arrangement {text}", "The defects in their supercell")
    return [Picture(svg, f"{text}: a labelled arrangement in its supercell.")]


def _arrangement(defects: Defects, row: int, palette: Palette) -> Figure:
    return arrangement_figure(defects, row, palette=palette)
