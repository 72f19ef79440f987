"""Ternary oxides with their routes of synthesis out of papers: solid-state reaction or not, temperature, atmosphere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from matscout.data.dataset import Dataset, Target
from matscout.data.formulas import parse_formulas
from matscout.data.materials import Materials
from matscout.data.stated_digests import digest_of_file
from matscout.errors import InputError

Floats = NDArray[np.float64]

ROUTE, TEMPERATURE, ATMOSPHERE = "solid-state reaction", "highest temperature", "atmosphere"
FORMULA, HULL, MADE = "composition", "e_above_hull", "solid_state_synthesized_composition"
HIGHEST, GAS = "sss_highest_temperature(K)", "sss_atmosphere"
COLUMNS = (FORMULA, HULL, MADE, HIGHEST, GAS)
OXIDISING = frozenset(("o2", "air", "dry air", "air,o2", "oxygen"))
"""Atmospheres with oxygen; others that are stated (vacuum, argon, nitrogen, hydrogen) have none."""


@dataclass(frozen=True, eq=False)
class RouteTable:
    """n oxides.

    Parameters
    ----------
    materials
        Their compositions.
    systems
        text [n], equal for equal elements.
    above
        float64 [n], energy above the hull, eV/atom.
    values
        Target -> float64 [n]: 1 for a solid-state reaction and 0 for other ways; kelvin; 1 for an atmosphere with
        oxygen and 0 for one without. NaN where the papers do not say.
    digest
        SHA-256 of the file.
    """

    materials: Materials
    systems: NDArray[np.str_]
    above: Floats
    values: Mapping[str, Floats]
    digest: str

    @classmethod
    def read(cls, table: str | Path) -> Self:
        """From ``ternary_oxides_solid_state_curated.csv``, packed or not.

        Raises
        ------
        InputError
            If there is no such file, or a column is missing.
        """
        if not Path(table).is_file():
            raise InputError(f"there is no file {table}; name ternary_oxides_solid_state_curated.csv (data.table=FILE)")
        frame = pl.read_csv(table, infer_schema_length=None)
        if lacking := [name for name in COLUMNS if name not in frame.columns]:
            raise InputError(f"{table} lacks the columns {', '.join(lacking)} of the curated ternary oxides")
        parsed = parse_formulas(frame[FORMULA].cast(pl.String).fill_null("").to_list())
        frame = frame[parsed.rows.tolist()]
        formulas = frame[FORMULA].to_numpy().astype(np.str_)
        materials = Materials(formulas, formulas, parsed.compositions)
        return cls(materials, _systems(materials), _numbers(frame, HULL), _values(frame), digest_of_file(Path(table)))

    @property
    def summary(self) -> tuple[str, ...]:
        """How many oxides, and of how many each target is known."""
        known = [f"{int(np.isfinite(values).sum()):,} with {name}" for name, values in self.values.items()]
        return (f"{len(self.materials):,} ternary oxides", *known)

    def dataset(self, name: str) -> Dataset:
        """The oxides of which this target is known, grouped by chemical system."""
        values = self.values[name]
        rows = np.flatnonzero(np.isfinite(values))
        if name == TEMPERATURE:
            target = Target(name, values[rows], "K")
        else:
            target = Target(name, values[rows], None, "classification", ("no", "yes"))
        return Dataset(self.materials[rows], {name: target}, groups=self.systems[rows])

    def above_of(self, name: str) -> Floats:
        """Energies above the hull of the rows of :meth:`dataset`."""
        return self.above[np.isfinite(self.values[name])]


def _values(frame: pl.DataFrame) -> dict[str, Floats]:
    made = frame[MADE].cast(pl.String).to_numpy()
    solid = np.select([made == "y", made == "n"], [1.0, 0.0], np.nan)
    gases = [str(cell or "").strip().casefold() for cell in frame[GAS].to_list()]
    oxygen = np.array([np.nan if not gas else float(gas in OXIDISING) for gas in gases])
    by_reaction = solid == 1.0
    return {
        ROUTE: solid,
        TEMPERATURE: np.where(by_reaction, _numbers(frame, HIGHEST), np.nan),
        ATMOSPHERE: np.where(by_reaction, oxygen, np.nan),
    }


def _numbers(frame: pl.DataFrame, column: str) -> Floats:
    return frame[column].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().astype(np.float64)


def _systems(materials: Materials) -> NDArray[np.str_]:
    parts = np.split(materials.compositions.elements, materials.compositions.offsets[1:-1])
    return np.array(["-".join(map(str, sorted(part.tolist()))) for part in parts], dtype=np.str_)
