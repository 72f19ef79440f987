"""t-SNE of the vectors of the test set, trained and untrained (figs. 9 and 10)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars
from numpy.typing import NDArray

from matscout.code_digest import digest_of_code
from matscout.data.elements import ATOMIC_NUMBERS, N_ELEMENTS
from matscout.errors import UsageError
from matscout.progress import Progress, silent
from matscout.represent.pretrained.crystal_network import network_named
from matscout.store import key_of
from matscout.studies.base import CheckedStatement, CrystalStudy
from matscout.studies.crystals import LabelledCrystals
from matscout.studies.networks import untrained
from matscout.studies.parts import keep_vectors, vectors_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

HALOGENS = ("F", "Cl", "Br", "I", "At")
NO_METALS = (*HALOGENS, *"H He B C N O Ne Si P S Ar Ge As Se Kr Sb Te Xe Rn".split())  # noqa: SIM905 - as read aloud
NEAREST = 10
"""Neighbours in the space of vectors that are asked whether they are of the same kind."""


class VectorMaps(CrystalStudy):
    """Two maps for each property: all its tested crystals by vectors of an untrained and of the trained network.

    Parameters
    ----------
    crystals, folder
        See :class:`~matscout.studies.base.CrystalStudy`.
    weights
        Name of a representation, or a folder written by ``matscout pretrain``.
    colour
        "metal and halogen", or "label".
    perplexity
        Of t-SNE (doi:10.1007/s10994-011-5273-4).
    """

    def __init__(
        self,
        crystals: LabelledCrystals,
        folder: Path,
        *,
        weights: str,
        colour: Literal["metal and halogen", "label"],
        perplexity: float,
    ) -> None:
        super().__init__(crystals, folder)
        fewest = min(len(crystals.known(target, tested=True)) for target in crystals.values)
        if not 0 < perplexity < fewest:
            raise UsageError(f"perplexity is above 0 and below the {fewest} tested crystals; got {perplexity:g}")
        self._weights, self._colour, self._perplexity = weights, colour, perplexity

    def run(self, progress: Progress = silent) -> polars.DataFrame:
        """Place, colour, and share of the nearest vectors that have the same colour (a label: how far it differs)."""
        trained = network_named(self._weights)
        (never,) = untrained(trained, [0])
        tables: list[polars.DataFrame] = []
        for target, values in self.crystals.values.items():
            rows = self.crystals.known(target, tested=True)
            colours = values[rows] if self._colour == "label" else self._salts()[rows].astype(np.float64)
            for kind, network in (("untrained", never), ("trained", trained)):
                progress(f"map of {target}, {kind}", len(tables), 2 * len(self.crystals.values))
                embedding = network.represent(self.crystals.materials[rows])
                key = key_of(digest_of_code(__name__), target, network.origin, self._perplexity, self.crystals.digest)
                places, shown = vectors_of(self.store, key), colours[embedding.rows]
                if places is None:
                    places = keep_vectors(self.store, key, _map(embedding.vectors, self._perplexity))
                tables.append(
                    polars.DataFrame(
                        {
                            "target": target,
                            "vectors": kind,
                            "x": places[:, 0],
                            "y": places[:, 1],
                            "colour": shown,
                            "near": _alike(embedding.vectors, shown, yes_no=self._colour != "label"),
                        }
                    )
                )
        return polars.concat(tables)

    def figure(self, runs: polars.DataFrame) -> Figure:
        """A row for each property, untrained left and trained right."""
        from matplotlib.figure import Figure

        targets = list(self.crystals.values)
        figure = Figure(figsize=(8.4, 4.0 * len(targets)), layout="constrained")
        grid = figure.subplots(len(targets), 2, squeeze=False)
        for row, target in enumerate(targets):
            low, high = (
                runs.filter(target=target)["colour"].quantile(0.02),
                runs.filter(target=target)["colour"].quantile(0.98),
            )
            for column, kind in enumerate(("untrained", "trained")):
                axes, chosen = grid[row, column], runs.filter(target=target, vectors=kind).sort("colour")
                drawn = axes.scatter(
                    chosen["x"], chosen["y"], c=chosen["colour"], s=3, lw=0, vmin=low, vmax=high, rasterized=True
                )
                axes.set_title(f"{target.partition(' (')[0]}: {kind}", fontsize=9)
                axes.set_xticks([])
                axes.set_yticks([])
            if self._colour == "label":
                figure.colorbar(drawn, ax=grid[row].tolist(), label=target, shrink=0.8)
        if self._colour != "label":
            figure.supxlabel("yellow: holds a metal and a halogen", fontsize=9)
        return figure

    def findings(self, runs: polars.DataFrame) -> tuple[CheckedStatement, ...]:
        """What is near each other is more alike after training (9); labels are not told apart much better (10)."""
        return tuple(
            self._finding(target, *(self._near(runs, target, kind) for kind in ("untrained", "trained")))
            for target in self.crystals.values
        )

    @staticmethod
    def _near(runs: polars.DataFrame, target: str, kind: str) -> float:
        near = runs.filter(target=target, vectors=kind)["near"].to_numpy()
        return float(np.nanmean(near)) if np.isfinite(near).any() else 0.0

    def _finding(self, target: str, before: float, after: float) -> CheckedStatement:
        values = f"{before:.3f} untrained, {after:.3f} trained"
        if self._colour == "label":
            statement = f"{target}: training does not change much how labels lie in the space of vectors"
            evidence, holds = f"mean difference to the labels of the {NEAREST} nearest", abs(after / before - 1) < 0.1
        else:
            statement = f"{target}: crystals with a metal and a halogen cluster more after training"
            evidence, holds = f"their share among the {NEAREST} nearest of such a crystal", after > before
        return CheckedStatement(statement, "reproduced" if holds else "not reproduced", (f"{evidence}: {values}",))

    def _salts(self) -> NDArray[np.bool_]:
        """Which crystals hold a metal and a halogen, [N]."""
        compositions = self.crystals.materials.compositions
        halogen, metal = np.zeros(N_ELEMENTS + 1, dtype=bool), np.ones(N_ELEMENTS + 1, dtype=bool)
        halogen[[ATOMIC_NUMBERS[symbol] for symbol in HALOGENS]] = True
        metal[[ATOMIC_NUMBERS[symbol] for symbol in NO_METALS]] = False
        counts = [
            np.bincount(compositions.rows, kind[compositions.elements], len(compositions)) for kind in (halogen, metal)
        ]
        return np.asarray((counts[0] > 0) & (counts[1] > 0))


def _map(vectors: Floats, perplexity: float) -> Floats:
    from sklearn.manifold import TSNE

    spread = vectors.std(axis=0)
    scaled = (vectors - vectors.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.asarray(TSNE(perplexity=perplexity, random_state=0, init="pca").fit_transform(scaled), dtype=np.float64)


def _alike(vectors: Floats, colours: NDArray[np.float64], *, yes_no: bool) -> Floats:
    """Of each crystal the mean over its nearest: of a yes the share of yes (of a no NaN), or how far labels differ."""
    from sklearn.neighbors import NearestNeighbors

    spread = vectors.std(axis=0)
    scaled = (vectors - vectors.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    near = NearestNeighbors(n_neighbors=min(NEAREST, len(vectors) - 1) + 1).fit(scaled).kneighbors(scaled)[1][:, 1:]
    if yes_no:
        return np.where(colours > 0, colours[near].mean(axis=1), np.nan)
    return np.asarray(np.abs(colours[near] - colours[:, None]).mean(axis=1))
