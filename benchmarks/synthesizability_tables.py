"""The perovskites of Gu and others (2022): vectors, labels and the published score; read once, kept as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from data_folder import data_folder
from numpy.typing import NDArray

import matscout
from matscout.data.dataset import Dataset
from matscout.predict.features import Features
from matscout.represent.embeddings import Embeddings

FILE = "perovskite_synthesizability/structures.csv.gz"
COLUMNS = {"composition": ("magpie",), "composition and structure": ("magpie", "structure-basic")}
"""What is learned from; the rivals learn from the fractions of the elements."""
ELEMENTS = "elements"


@dataclass(frozen=True, eq=False)
class Perovskites:
    """n rows.

    Parameters
    ----------
    vectors
        Name of the columns -> float32 [n, d].
    known, held_out
        bool [n], listed in the ICSD, and held out by the authors.
    formulas
        text [n], equal for equal compositions.
    published
        float64 [n], the authors' score.
    """

    vectors: dict[str, NDArray[np.float32]]
    known: NDArray[np.bool_]
    held_out: NDArray[np.bool_]
    formulas: NDArray[np.str_]
    published: NDArray[np.float64]


@cache
def perovskites(folder: Path) -> Perovskites:
    """The rows, out of ``folder`` if they were read before."""
    place = folder / "synthesizability-perovskites.npz"
    if not place.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(place, allow_pickle=False, **_arrays(_read()))
    with np.load(place, allow_pickle=False) as kept:
        names = ("known", "held_out", "formulas", "published")
        vectors = {name: kept[name] for name in (*COLUMNS, ELEMENTS)}
        return Perovskites(vectors, **{name: kept[name] for name in names})


def _read() -> Dataset:
    return matscout.read(data_folder() / FILE, formula="reduced_formula", structure="cif", target="icsd")


def _arrays(dataset: Dataset) -> dict[str, NDArray[np.generic]]:
    assert dataset.table is not None
    embeddings, table = Embeddings(dataset.materials), dataset.table
    columns = {**COLUMNS, ELEMENTS: ("element-fraction",)}
    vectors = {name: Features(names).fit_transform(embeddings).vectors for name, names in columns.items()}
    return {
        **{name: vector.astype(np.float32) for name, vector in vectors.items()},
        "known": dataset.target("icsd").values == 1.0,
        "held_out": np.array([cell == "1" for cell in table["published_positive_test"].cast(str).to_list()]),
        "formulas": dataset.materials.keys().astype(np.str_),
        "published": table["clscore"].cast(float).to_numpy().astype(np.float64),
    }
