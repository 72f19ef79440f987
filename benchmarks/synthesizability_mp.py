"""Crystals of the Materials Project with two snapshots of the label *known*: vectors, energies, dates; read once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from data_folder import data_folder
from numpy.typing import NDArray
from structure_data import mp_structures

from matscout.data.cells import with_cells
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.discover.hull_references import read_references
from matscout.predict.features import Features
from matscout.represent.embeddings import Embeddings
from matscout.simulate.energy_schemes import MP_LEGACY
from matscout.simulate.hull import hull_of

Floats = NDArray[np.float64]

LABELS = "mp_structures/extra_labels.csv.gz"
IN_2020, LATER = "synthesizability/mp_clscores.csv.gz", "synthesizability/mp_synthesized_labels.csv.gz"
REFERENCES = "mp_structures"
CRYSTALS, SNAPSHOTS = "synthesizability-mp.npz", "synthesizability-snapshots.npz"
"""Where the rows are kept once they were read."""


@dataclass(frozen=True, eq=False)
class MpCrystals:
    """n crystals of which it is known whether the Materials Project lists them as made.

    Parameters
    ----------
    ids, formulas, systems
        text [n]; formulas are equal for equal compositions, systems for equal elements.
    known, known_2020
        int8 [n], 1 for known, 0 for unlabelled, -1 where the snapshot (the later one, that of 2020) lacks the row.
    year
        int64 [n], of the entry; 0 where it is not known.
    published
        float64 [n], the published score, NaN where there is none.
    composition, structure, elements
        float32 [n, d], Magpie, ``structure-basic`` in primitive cells, fractions of the elements.
    above, depth
        float64 [n], eV/atom, energy above the hull, and above the hull of other compositions (negative where stable).
    formation
        float64 [n], eV/atom, formation energy.
    """

    ids: NDArray[np.str_]
    formulas: NDArray[np.str_]
    systems: NDArray[np.str_]
    known: NDArray[np.int8]
    known_2020: NDArray[np.int8]
    year: NDArray[np.int64]
    published: Floats
    composition: NDArray[np.float32]
    structure: NDArray[np.float32]
    elements: NDArray[np.float32]
    above: Floats
    depth: Floats
    formation: Floats


@cache
def mp_crystals(folder: Path) -> MpCrystals:
    """The rows, out of ``folder`` if they were read before."""
    place = folder / CRYSTALS
    if not place.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(place, allow_pickle=False, **vars(_read()))
    with np.load(place, allow_pickle=False) as kept:
        return MpCrystals(**{one.name: kept[one.name] for one in fields(MpCrystals)})


def _read() -> MpCrystals:
    materials = mp_structures(data_folder())
    table = pl.read_csv(data_folder() / LABELS, infer_schema_length=None)
    assert table["material_id"].to_list() == materials.ids.tolist(), "both tables have the same order"
    rows = np.flatnonzero(table["synthesized"].is_not_null().to_numpy())
    materials, table = materials[rows], table[rows.tolist()]
    energies = table["formation_energy_per_atom_mp2018"].cast(pl.Float64).to_numpy()
    above, depth = _places(materials, energies)
    return MpCrystals(
        materials.ids.astype(np.str_),
        materials.keys().astype(np.str_),
        chemical_systems(materials),
        table["synthesized"].cast(pl.Int8).to_numpy(),
        table["in_icsd_2020"].cast(pl.Int8).fill_null(-1).to_numpy(),
        table["created_at"].str.slice(0, 4).cast(pl.Int64).fill_null(0).to_numpy(),
        table["clscore"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        vectors(materials, "magpie"),
        vectors(with_cells(materials, "primitive"), "structure-basic"),
        vectors(materials, "element-fraction"),
        above,
        depth,
        energies,
    )


def vectors(materials: Materials, name: str) -> NDArray[np.float32]:
    """Columns of a representation, imputed where a row has none, [n, d]."""
    return Features((name,)).fit_transform(Embeddings(materials)).vectors.astype(np.float32)


def chemical_systems(materials: Materials) -> NDArray[np.str_]:
    """Equal for equal elements, [n]."""
    parts = np.split(materials.compositions.elements, materials.compositions.offsets[1:-1])
    return np.array(["-".join(map(str, sorted(part.tolist()))) for part in parts], dtype=np.str_)


def _places(materials: Materials, energies: Floats) -> tuple[Floats, Floats]:
    """Energies above the hull of the set, and above that of other compositions, [n] each; NaN without an energy."""
    references = read_references(REFERENCES)
    above, depth = (
        hull_of(materials, energies, MP_LEGACY, references, without_itself=alone).above for alone in (False, True)
    )
    return above, depth


@dataclass(frozen=True, eq=False)
class Snapshots:
    """n materials with labels of two dates: known in 2020, and known later.

    Parameters
    ----------
    formulas
        text [n], equal for equal compositions.
    known_2020, known_later
        bool [n].
    published
        float64 [n], the published score.
    composition, elements
        float32 [n, d], Magpie, and fractions of the elements.
    """

    formulas: NDArray[np.str_]
    known_2020: NDArray[np.bool_]
    known_later: NDArray[np.bool_]
    published: Floats
    composition: NDArray[np.float32]
    elements: NDArray[np.float32]


@cache
def snapshots(folder: Path) -> Snapshots:
    """The materials of both dates, out of ``folder`` if they were read before."""
    place = folder / SNAPSHOTS
    if not place.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(place, allow_pickle=False, **vars(_read_snapshots()))
    with np.load(place, allow_pickle=False) as kept:
        return Snapshots(**{one.name: kept[one.name] for one in fields(Snapshots)})


def _read_snapshots() -> Snapshots:
    old, new = pl.read_csv(data_folder() / IN_2020), pl.read_csv(data_folder() / LATER)
    both = old.join(new, on="material_id", how="inner", maintain_order="left")
    parsed = parse_formulas(both["composition"].to_list())
    both = both[parsed.rows.tolist()]
    names = both["material_id"].to_numpy().astype(np.str_)
    materials = Materials(names, both["composition"].to_numpy().astype(np.str_), parsed.compositions)
    return Snapshots(
        materials.keys().astype(np.str_),
        both["in_icsd_2020"].to_numpy() == 1,
        both["synthesized"].to_numpy() == 1,
        both["clscore"].to_numpy().astype(np.float64),
        vectors(materials, "magpie"),
        vectors(materials, "element-fraction"),
    )
