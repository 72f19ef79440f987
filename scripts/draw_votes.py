"""Draws how known crystals vote: ``python scripts/draw_votes.py`` writes ``docs/images/votes.png``."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.formulas import parse_formula
from matscout.generate.templates.artefact import read_substitution

OUT = Path(__file__).parents[1] / "docs" / "images" / "votes.png"
FORMULAS = ("SrTiO3", "ZnS", "CsCl")
SHOWN = 5
"""Prototypes of each formula."""


def draw(axes: Axes, formula: str) -> None:
    """Share of the votes and chance of the likeliest prototypes with one formula unit in the primitive cell."""
    counts = {ATOMIC_NUMBERS[symbol]: round(count) for symbol, count in parse_formula(formula).items()}
    cell = np.array(sorted(counts)), np.array([counts[number] for number in sorted(counts)])
    model = read_substitution().model
    guess = model.guess(model.wanted([cell])[0])
    if guess is None:
        raise SystemExit(f"no prototype has the stoichiometry of {formula}")
    chosen, proposals = guess.order[:SHOWN], guess.proposals
    labels = [model.source.origin(guess.wanted, int(proposals.entries[place])) for place in chosen]
    rows = np.arange(len(chosen))
    axes.barh(rows - 0.2, 100 * proposals.votes[chosen, 0] / proposals.total[0], 0.38, label="share of the votes, %")
    axes.barh(rows + 0.2, 100 * guess.chances[chosen], 0.38, label="chance by the ranker, %")
    axes.set_yticks(rows, [label.removeprefix("prototype ").replace(" of ", "\n") for label in labels], fontsize=6)
    axes.invert_yaxis()
    axes.set(title=f"{formula}, one formula unit", xlim=(0, 100))


def main() -> None:
    """One panel for each formula."""
    figure, places = plt.subplots(1, len(FORMULAS), figsize=(11.5, 3.2), layout="constrained")
    for axes, formula in zip(places, FORMULAS, strict=True):
        draw(axes, formula)
    places[0].legend(fontsize=7, loc="lower right")
    figure.savefig(OUT, dpi=160)
    print(OUT)


if __name__ == "__main__":
    main()
