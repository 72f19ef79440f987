"""What is known of compositions before any table: names of minerals and compounds, and who made or calculated them.

The tables are written by ``scripts/make_known_compounds.py``. Names: minerals (list of the International
Mineralogical Association) and families of semiconductors compiled by hand, end members out of pyrolite, inorganic
compounds out of chemicals (PubChem).
Who holds a formula: the public tables that the networks shipped with matscout learned from, by their marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from matscout.data.compositions import Compositions
from matscout.data.formulas import parse_formulas
from matscout.represent.seen import are_seen, marks

_TABLES = Path(__file__).parent / "known_tables"
_WEIGHTS = Path(__file__).parents[1] / "represent" / "weights"
NAMES, SOURCES = _TABLES / "names.csv", _TABLES / "sources.npz"
SEEN = _WEIGHTS / "composition-donor-full" / "seen.npy"
OTHERS = (_WEIGHTS / "crystal-properties" / "seen.npy", _WEIGHTS / "polysrl" / "seen.npy")
"""Marks of networks that learned from crystals of the Materials Project."""

_CASTELLI = ("cubic perovskite formation energy (eV/atom)", "cubic perovskite band gap (eV)")
FLAGS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "lists of synthesised materials": (1, ("synthesised (1)", "solid-state synthesised (1)")),
    "superconductivity measured": (2, ("superconducting Tc (K)",)),
    "Materials Project": (4, ("PBE formation energy (eV/atom)", "PBE band gap (eV)", "energy above hull (eV/atom)")),
    "AFLOW": (8, ("AFLOW band gap (eV)", "AFLOW energy (eV/atom)")),
    "OQMD": (16, ("OQMD band gap (eV)",)),
    "perovskites of Castelli et al.": (32, _CASTELLI),
    "other public tables": (64, ()),
}
"""Who holds a formula -> bit, and the tasks of the composition donor that have a label of it then."""
ELSEWHERE = 64
"""Bit of formulas of which these tables say nothing but that nobody is known to have made them."""
IS_MADE = 1 | 2
"""Bits of those who list what was made; the others list what was calculated."""

NEAR = 0.1
"""Sum of the differences of the atomic fractions up to which a composition is near a named one: 5 % of the atoms."""
SAME = 0.002
"""The same up to which both are one."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of n compositions.

    Parameters
    ----------
    made
        bool [n], whether somebody lists it as a mineral, a compound, or measured or synthesised.
    calculated
        bool [n], whether a database of calculations holds it, made or not.
    names
        text [n], ``"cinnabar or metacinnabar"``, ``"near cinnabar (HgS)"``, "" for none.
    sources
        text [n], who holds it, "" for nobody.
    """

    made: NDArray[np.bool_]
    calculated: NDArray[np.bool_]
    names: NDArray[np.str_]
    sources: NDArray[np.str_]


def what_is_known(compositions: Compositions) -> Known:
    """What the tables say of n compositions."""
    names, origins, is_same = _named(compositions)
    flags = _flags(compositions)
    sources = [
        "; ".join([*([origin] if same else []), *(who for who, (bit, _) in FLAGS.items() if own & bit)])
        for origin, same, own in zip(origins, is_same.tolist(), flags.tolist(), strict=True)
    ]
    made = is_same | ((flags & IS_MADE) > 0)
    return Known(
        made, (flags & ~np.uint8(IS_MADE)) > 0, np.array(names, dtype=np.str_), np.array(sources, dtype=np.str_)
    )


def nearest_named(compositions: Compositions) -> tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.float64]]:
    """The named compound nearest to each of n compositions: name, formula, and the share of atoms that differ, [n]."""
    table, dense = _names()
    if not len(compositions):
        return np.zeros(0, dtype=np.str_), np.zeros(0, dtype=np.str_), np.zeros(0)
    distances = cdist(compositions.dense(), dense, "cityblock")
    rows = distances.argmin(axis=1)
    names, formulas = (table[column].to_numpy().astype(np.str_)[rows] for column in ("name", "formula"))
    shares = distances[np.arange(len(rows)), rows] / 2
    return names, formulas, np.where(shares < SAME, 0.0, shares)


def _flags(compositions: Compositions) -> NDArray[np.uint8]:
    """Who holds each composition, bits of :data:`FLAGS`, [n]."""
    seen, held = _marked()
    own = marks(compositions)
    places = np.minimum(np.searchsorted(seen, own), len(seen) - 1)
    flags = np.where(seen[places] == own, held[places], np.uint8(0))
    project = np.uint8(FLAGS["Materials Project"][0])
    for path in OTHERS:
        flags = flags | np.where(are_seen(own, np.load(path, allow_pickle=False)), project, np.uint8(0))
    return np.asarray(flags, dtype=np.uint8)


def _named(compositions: Compositions) -> tuple[list[str], list[str], NDArray[np.bool_]]:
    """Name and origin of each, and whether it is the named composition itself."""
    table, dense = _names()
    if not len(compositions):
        return [], [], np.zeros(0, dtype=np.bool_)
    distances = cdist(compositions.dense(), dense, "cityblock")
    rows = distances.argmin(axis=1)
    nearest = distances[np.arange(len(rows)), rows]
    chosen = table[rows]
    names = [
        name if distance <= SAME else f"near {name} ({formula})" if distance <= NEAR else ""
        for name, formula, distance in zip(chosen["name"], chosen["formula"], nearest.tolist(), strict=True)
    ]
    return names, chosen["origin"].to_list(), np.asarray(nearest <= SAME)


@cache
def _marked() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    with np.load(SOURCES, allow_pickle=False) as arrays:
        return np.load(SEEN, allow_pickle=False), arrays["flags"]


@cache
def _names() -> tuple[pl.DataFrame, NDArray[np.float64]]:
    table = pl.read_csv(NAMES)
    return table, parse_formulas(table["formula"].to_list()).compositions.dense()
