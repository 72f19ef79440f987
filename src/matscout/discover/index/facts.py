"""What an index knows of every material beside its vectors: elements, size, symmetry, prototype, the structure."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.prototypes import prototype_label
from matscout.crystal.space_groups import SpaceGroup, space_group
from matscout.data.compositions import Compositions
from matscout.data.materials import Materials
from matscout.data.structures import Structures

OF_COMPOSITION: Mapping[str, pl.DataType] = {
    "id": pl.String(),
    "formula": pl.String(),
    "composition": pl.String(),
    "system": pl.String(),
    "elements": pl.List(pl.String()),
    "nelements": pl.Int32(),
}
"""Name, formula as it was written, atomic fractions ("Pb0.5 Te0.5"), chemical system ("Pb-Te"), elements."""

IN_COMPOSITION = ("system", "elements", "nelements")
"""What ``composition`` tells as well: it is stored to be asked for, and need not be read."""

OF_STRUCTURE: Mapping[str, pl.DataType] = {
    "nsites": pl.Int32(),
    "volume_per_atom": pl.Float64(),
    "space_group": pl.Int32(),
    "space_group_symbol": pl.String(),
    "crystal_system": pl.String(),
    "prototype": pl.String(),
}
"""Sites as given, Å³, and what spglib finds; null where it finds none."""

STRUCTURE: Mapping[str, pl.DataType] = {
    "lattice": pl.Array(pl.Float64(), 9),
    "atomic_numbers": pl.List(pl.UInt8()),
    "fractional_coordinates": pl.List(pl.Float32()),
    "occupancies": pl.List(pl.Float32()),
    "pbc": pl.List(pl.Boolean()),
    "charge": pl.Float64(),
}
"""The structure itself: see :class:`matscout.data.structures.Structures`; coordinates one site after the other."""


def facts(materials: Materials) -> pl.DataFrame:
    """A row for each of n materials, with the columns above; those of structures only where there are any."""
    compositions = materials.compositions
    table = pl.DataFrame(
        {
            "id": materials.ids.astype(str),
            "formula": materials.formulas.astype(str),
            "composition": compositions.keys().astype(str),
        }
    )
    table = with_elements(table).cast(pl.Schema(OF_COMPOSITION))
    structures = materials.structures
    return table if structures is None else pl.concat([table, _of_structures(structures)], how="horizontal")


def with_elements(table: pl.DataFrame) -> pl.DataFrame:
    """A table with a ``composition`` and the columns that follow from it."""
    elements = pl.col("composition").str.extract_all("[A-Z][a-z]?")
    columns = (elements.list.sort().list.join("-"), elements, elements.list.len())
    kinds = [OF_COMPOSITION[name] for name in IN_COMPOSITION]
    return table.with_columns(
        one.cast(kind).alias(name) for one, kind, name in zip(columns, kinds, IN_COMPOSITION, strict=True)
    )


def _of_structures(structures: Structures) -> pl.DataFrame:
    crystals, n = Crystals.from_structures(structures), len(structures)
    atoms = np.bincount(np.repeat(np.arange(n), np.diff(structures.offsets)), structures.occupancies, n)
    groups = [space_group(crystals, row) for row in range(n)]
    symmetries = pl.DataFrame([_symmetry_row(group) for group in groups], schema=pl.Schema(_SYMMETRY), orient="row")
    sizes = pl.DataFrame(
        {
            "nsites": np.diff(crystals.offsets),
            "volume_per_atom": np.abs(np.linalg.det(structures.lattices)) / np.maximum(atoms, 1e-9),
        }
    )
    columns = pl.DataFrame(
        {
            "lattice": structures.lattices.reshape(n, 9),
            "atomic_numbers": _ragged(structures.atomic_numbers, structures.offsets),
            "fractional_coordinates": _ragged(structures.fractional_coordinates, structures.offsets),
            "occupancies": _ragged(structures.occupancies, structures.offsets),
            "pbc": structures.pbc.tolist(),
            "charge": structures.charge,
        },
        schema=pl.Schema(STRUCTURE),
    )
    whole = pl.concat([sizes, symmetries, columns], how="horizontal")
    return whole.cast(pl.Schema({**OF_STRUCTURE, **STRUCTURE}))


_SYMMETRY = {name: kind for name, kind in OF_STRUCTURE.items() if name not in ("nsites", "volume_per_atom")}


def _symmetry_row(group: SpaceGroup | None) -> tuple[int | None, str | None, str | None, str | None]:
    if group is None:
        return None, None, None, None
    return group.number, group.symbol, group.system, prototype_label(group)


def _ragged(values: NDArray[Any], offsets: NDArray[np.int64]) -> list[list[Any]]:
    return [values[start:stop].ravel().tolist() for start, stop in pairwise(offsets)]


def material_columns(has_structures: bool, stored: Container[str]) -> list[str]:
    """The columns beside the id that :func:`materials_of` reads, of those that are stored."""
    return [name for name in ("formula", "composition", *(STRUCTURE if has_structures else ())) if name in stored]


def materials_of(table: pl.DataFrame) -> Materials:
    """Rows of an index as materials, with their structures where the table has them; formulas as they were written."""
    compositions = Compositions.from_dicts([_amounts(text) for text in table["composition"].to_list()])
    ids, formulas = (np.array(table[name].to_list(), dtype=np.str_) for name in ("id", "formula"))
    return Materials(ids, formulas, compositions, _structures(table) if "lattice" in table.columns else None)


def _amounts(text: str) -> dict[str, float]:
    """``"Pb0.5 Te0.5"`` as amounts."""
    lengths = [(token, 1 + token[1:2].islower()) for token in text.split()]
    return {token[:length]: float(token[length:]) for token, length in lengths}


def _structures(table: pl.DataFrame) -> Structures:
    lengths = table["atomic_numbers"].list.len().to_numpy()
    return Structures(
        np.array(table["lattice"].to_list(), dtype=np.float64).reshape(-1, 3, 3),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        _flat(table["atomic_numbers"], np.uint8),
        _flat(table["fractional_coordinates"], np.float64).reshape(-1, 3),
        _flat(table["occupancies"], np.float64),
        *_pbc_and_charge(table),
    )


def _pbc_and_charge(table: pl.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Periodic directions and charges; indexes of older versions hold neither, and only crystals."""
    if "pbc" not in table.columns:
        return np.ones((len(table), 3), dtype=np.bool_), np.zeros(len(table))
    pbc = np.array(table["pbc"].to_list(), dtype=np.bool_).reshape(-1, 3)
    return pbc, table["charge"].to_numpy().astype(np.float64)


def _flat(column: pl.Series, kind: type) -> NDArray[Any]:
    return np.array(column.explode(empty_as_null=False).to_list() if len(column) else [], dtype=kind)
