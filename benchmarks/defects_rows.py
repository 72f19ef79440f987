"""The MoS2 cells of the pilot set with their defects, and the oxide vacancies, as benchmarks see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import polars
from data_folder import data_folder
from numpy.typing import NDArray

from matscout.crystal.defects.reading import host_crystal, read_defects
from matscout.crystal.defects.readings import DefectReading
from matscout.data.dataset import Dataset, Target
from matscout.data.reading import read
from matscout.represent.embedding import embed

Floats = NDArray[np.float64]

ENERGY, GAP = "formation_energy_per_site", "homo_lumo_gap_min"
TARGETS = (ENERGY, GAP)
LARGE = ("V3", "V6", "V5", "S3", "S6", "S5")
"""Compositions with more than two rows."""


@dataclass(frozen=True, eq=False)
class Pilot:
    """200 cells of MoS2 with two or three defects.

    Parameters
    ----------
    reading
        What was read from the cells.
    families
        text [200], names of the source for the same set of defects (V3, ..., X4, X5, S4).
    """

    reading: DefectReading
    families: NDArray[np.str_]

    def dataset(self, target: str) -> Dataset:
        """The arrangements with a target, eV."""
        assert self.reading.table is not None
        values = self.reading.table[target].cast(polars.Float64).to_numpy()
        return Dataset(self.reading.materials, {target: Target(target, values.astype(np.float64), "eV")})


@cache
def pilot() -> Pilot:
    """Read from the cells."""
    folder = data_folder() / "defects_2d"
    reading = read_defects(folder / "host_MoS2.cif", folder / "pilot_200.csv.gz")
    assert reading.table is not None
    return Pilot(reading, reading.table["defect"].to_numpy().astype(np.str_))


@cache
def whole_cells() -> Floats:
    """Descriptors of the whole cells, structure-basic, [200, columns]."""
    materials = replace(pilot().reading.materials, defects=None)
    vectors = embed(materials, "structure-basic").vectors
    return np.where(np.isnan(vectors), np.nanmedian(vectors, axis=0), vectors)


@cache
def host_text() -> str:
    """The host as a line."""
    return host_crystal(data_folder() / "defects_2d" / "host_MoS2.cif").text


FEATURES = ("Eb_sum", "Vr_max", "Eg")


@cache
def oxides() -> Dataset:
    """Neutral oxygen vacancies with all crystal features, one in a row; groups are formulas."""
    table = polars.read_csv(data_folder() / "defects_2dmd" / "witman_oxygen_vacancies.csv.gz", infer_schema_length=None)
    known = table.drop_nulls([*FEATURES, "Ev"]).with_columns(polars.lit("v(O)").alias("defect"))
    return read(known, target="Ev", context=FEATURES, groups="formula", units={"Ev": "eV"})
