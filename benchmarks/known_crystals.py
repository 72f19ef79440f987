"""Known crystals for structure prediction: primitive cells with their space groups, made once from the data at hand."""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spglib
from data_folder import data_folder
from numpy.typing import NDArray

from matscout.crystal.symmetric_lattices import vectors_of
from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.ragged import offsets_of
from matscout.data.spglib_calls import ask_spglib
from matscout.data.structures import Structures

Integers = NDArray[np.int64]

SYMPREC, ANGLES = 0.1, 5.0
MOST_SITES = 52
FILES = {
    "mp-20 test": "mp_20/mp_20_test_binary_ternary.npz",
    "mp-20 val": "mp_20/mp_20_val_binary_ternary.npz",
    "mpts-52 test": "mp_20/mpts_52_test.npz",
    "mpts-52 val": "mp_20/mpts_52_val.npz",
    "materials project": "mp_structures/arrays.npz",
    "perov-5": "perov_5/structures.csv.gz",
    "carbon-24": "carbon_24/structures.csv.gz",
}


@dataclass(frozen=True, eq=False)
class KnownCrystals:
    """n crystals of at most 52 sites.

    Parameters
    ----------
    structures
        Primitive cells.
    space_groups
        int64 [n], 0 where spglib finds none.
    rows
        int64 [n], rows of the file.
    """

    structures: Structures
    space_groups: Integers
    rows: Integers

    def __getitem__(self, rows: Any) -> KnownCrystals:
        return KnownCrystals(self.structures[rows], self.space_groups[rows], self.rows[rows])


def known_crystals(name: str, cells: Path) -> KnownCrystals:
    """Those of a file; made once and kept in the folder of cells."""
    kept = cells / f"known {name}.npz"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = _primitive(_as_given(data_folder() / FILES[name]))
        arrays = {"space_groups": made.space_groups, "rows": made.rows, **made.structures.arrays}
        np.savez(kept.with_suffix(".part.npz"), **arrays)
        kept.with_suffix(".part.npz").rename(kept)
    with np.load(kept) as arrays:
        names = ("lattices", "offsets", "atomic_numbers", "fractional_coordinates", "occupancies")
        return KnownCrystals(Structures(*(arrays[one] for one in names)), arrays["space_groups"], arrays["rows"])


def as_given(name: str) -> Structures:
    """All crystals of a file as they are in it."""
    return _as_given(data_folder() / FILES[name])


def splits_of(name: str) -> NDArray[np.str_]:
    """The published split of each row of perov-5 or carbon-24."""
    return np.array([row["split"] for row in _table(data_folder() / FILES[name])], dtype=np.str_)


def synthesized() -> NDArray[np.bool_]:
    """Which rows of the Materials Project are marked as synthesized."""
    rows = _table(data_folder() / "mp_structures/extra_labels.csv.gz")
    return np.array([row["synthesized"] in ("1", "1.0", "True") for row in rows])


def _table(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return [*csv.DictReader(io.StringIO(file.read()))]


def _as_given(path: Path) -> Structures:
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            numbers = arrays["atomic_number"]
            return Structures(
                arrays["lattice"].astype(np.float64),
                offsets_of(arrays["n_sites"]),
                numbers.astype(np.uint8),
                arrays["frac_coords"].astype(np.float64),
                np.ones(len(numbers)),
            )
    return Structures.joined([_of_cif(row["cif"]) for row in _table(path)])


def _of_cif(text: str) -> Structures:
    """A P1 CIF as pymatgen writes it."""
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    cell = [float(re.search(rf"_cell_{name}\s+([\d.]+)", text).group(1)) for name in names]  # type: ignore[union-attr]
    _, _, body = text.partition("loop_\n _atom_site_type_symbol")
    columns = re.findall(r"_atom_site_\w+", "_atom_site_type_symbol" + body)
    lines = [line.split() for line in body.splitlines() if line.strip() and not line.strip().startswith("_")]
    place = [columns.index(f"_atom_site_fract_{axis}") for axis in "xyz"]
    numbers = [ATOMIC_NUMBERS[re.sub(r"[^A-Za-z]", "", line[0])] for line in lines]
    coordinates = [[float(line[at]) for at in place] for line in lines]
    return Structures(
        vectors_of(np.array([cell])),
        np.array([0, len(numbers)]),
        np.array(numbers, dtype=np.uint8),
        np.array(coordinates),
        np.ones(len(numbers)),
    )


def _primitive(given: Structures) -> KnownCrystals:
    parts, groups, rows = [], [], []
    for row in np.flatnonzero(np.diff(given.offsets) <= MOST_SITES):
        one = given[np.array([row])]
        cell = (one.lattices[0], one.fractional_coordinates, one.atomic_numbers.astype(np.int64))
        options = {"symprec": SYMPREC, "angle_tolerance": ANGLES}
        found = ask_spglib(spglib.get_symmetry_dataset, cell, **options)
        size = len(cell[2]) if found is None else len(np.unique(found.mapping_to_primitive))
        if size < len(cell[2]):
            smaller = ask_spglib(spglib.standardize_cell, cell, to_primitive=True, no_idealize=True, **options)
            cell = smaller if smaller is not None and len(smaller[2]) == size else cell
        numbers = np.asarray(cell[2], dtype=np.uint8)
        parts.append(Structures(cell[0][None], np.array([0, len(numbers)]), numbers, cell[1], np.ones(len(numbers))))
        groups.append(0 if found is None else int(found.number))
        rows.append(int(row))
    return KnownCrystals(Structures.joined(parts), np.array(groups), np.array(rows))
