"""What each source says about each property, as read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import polars
from numpy.typing import NDArray
from polars import Expr, col, lit, when

from donor_table import properties as prop
from donor_table import sources as src
from donor_table.properties import Property
from donor_table.sources import LEFT_OUT, Source


@dataclass(frozen=True)
class Column:
    """Where in a source a property stands.

    Parameters
    ----------
    quantity, source
        What, and in which table.
    formula
        Name of the column with the formula.
    value
        Gives the value in the unit of ``quantity``; null where unknown.
    energy
        Gives the energy (eV/atom) by which the lowest polymorph of a formula is found.
    where
        Rows that are about this property; all if None.
    any_row
        A formula is a yes if any of its rows is, in any source.
    """

    quantity: Property
    source: Source
    formula: str
    value: Expr
    energy: Expr | None = None
    where: Expr | None = None
    any_row: bool = False


@dataclass(frozen=True, eq=False)
class Reading:
    """The n values that one source gives for one property.

    Parameters
    ----------
    column
        Where they stand.
    formulas
        [n] texts.
    values
        [n] in the unit of the property; NaN where blank.
    energies
        [n] eV/atom; NaN where unknown.
    left_out
        Reason -> rows of the table that are not among the n.
    """

    column: Column
    formulas: polars.Series
    values: NDArray[np.float64]
    energies: NDArray[np.float64]
    left_out: Mapping[str, int] = field(default_factory=dict)


_TARGET = col("target")
_MOMENT = col("total_magnetization").abs()
_LOWEST = col("formation_energy_per_atom")


def _matbench(quantity: Property, task: str, value: Expr = _TARGET, energy: Expr | None = None) -> Column:
    return Column(quantity, src.matbench(task), "formula", value, energy)


def _crabnet(quantity: Property, task: str, value: Expr = _TARGET, energy: Expr | None = None) -> Column:
    return Column(quantity, src.composition_benchmark(task), "formula", value, energy)


def _structures(quantity: Property, value: Expr) -> Column:
    return Column(quantity, src.STRUCTURES, "reduced_formula", value, _LOWEST)


def _elasticity(quantity: Property, name: str) -> Column:
    return Column(quantity, src.ELASTICITY, "formula_pretty", col(name), _LOWEST)


def _fidelity(quantity: Property, name: str) -> Column:
    where = col("fidelity") == name
    return Column(quantity, src.MULTIFIDELITY, "formula", col("band_gap_eV"), col("energy"), where)


def _known(source: Source, formula: str, value: Expr) -> Column:
    return Column(prop.SYNTHESISED, source, formula, value, any_row=True)


_MADE = col("solid_state_synthesized_composition")
_YES_NO = when(_MADE == "y").then(1).when(_MADE == "n").then(0)

COLUMNS: tuple[Column, ...] = (
    _matbench(prop.FORMATION_ENERGY, "mp_e_form", energy=_TARGET),
    _crabnet(prop.FORMATION_ENERGY, "CritExam__Ef", energy=_TARGET),
    _structures(prop.FORMATION_ENERGY, col("formation_energy_per_atom")),
    _structures(prop.PBE_GAP, col("band_gap")),
    _matbench(prop.PBE_GAP, "mp_gap"),
    _fidelity(prop.PBE_GAP, "pbe"),
    _crabnet(prop.HULL, "mp_e_hull", energy=_TARGET),
    Column(prop.HULL, src.TERNARY_OXIDES, "composition", col("e_above_hull"), col("e_above_hull")),
    _structures(prop.MAGNETISATION, _MOMENT / col("nsites")),
    _structures(prop.MAGNETIC, _MOMENT > 0.5),
    _crabnet(prop.MAGNETIC, "mp_mu_b", _TARGET.abs() > 0.5),
    _structures(prop.VOLUME, col("volume") / col("nsites")),
    _structures(prop.FERMI, col("efermi")),
    _matbench(prop.BULK, "log_kvrh", lit(10.0) ** _TARGET),
    _elasticity(prop.BULK, "bulk_modulus_mp2018_GPa"),
    _crabnet(prop.BULK, "mp_bulk_modulus"),
    _matbench(prop.SHEAR, "log_gvrh", lit(10.0) ** _TARGET),
    _elasticity(prop.SHEAR, "shear_modulus_mp2018_GPa"),
    _crabnet(prop.SHEAR, "mp_shear_modulus"),
    _elasticity(prop.POISSON, "poisson_mp2018"),
    _crabnet(prop.ANISOTROPY, "mp_elastic_anisotropy"),
    _crabnet(prop.OQMD_GAP, "OQMD_Bandgap"),
    _crabnet(prop.AFLOW_GAP, "aflow__Egap"),
    _crabnet(prop.AFLOW_ENERGY, "aflow__energy_atom"),
    _crabnet(prop.AFLOW_BULK, "aflow__ael_bulk_modulus_vrh"),
    _crabnet(prop.AFLOW_SHEAR, "aflow__ael_shear_modulus_vrh"),
    _crabnet(prop.DEBYE, "aflow__ael_debye_temperature"),
    _crabnet(prop.CONDUCTIVITY, "aflow__agl_thermal_conductivity_300K"),
    _crabnet(prop.EXPANSION, "aflow__agl_thermal_expansion_300K"),
    _fidelity(prop.HSE_GAP, "hse"),
    _fidelity(prop.GLLB_GAP, "gllb-sc"),
    Column(prop.TC, src.SUPERCON, "formula", col("tc_K")),
    Column(prop.TC, src.SUPERCON_3D, "formula_sc", col("tc_K")),
    _known(src.SYNTHESISED_LABELS, "formula", col("synthesized")),
    _known(src.IN_ICSD, "composition", col("in_icsd_2020")),
    _known(src.ICSD_LIKE, "composition", lit(1)),
    _known(src.PEROVSKITE_LABELS, "reduced_formula", when(col("icsd") == 1).then(1)),
    Column(prop.SOLID_STATE, src.TERNARY_OXIDES, "composition", _YES_NO),
    _matbench(prop.PEROVSKITE_ENERGY, "perovskites", _TARGET / 5, _TARGET / 5),
    Column(prop.PEROVSKITE_GAP, src.PEROV_5, "formula", col("ind_gap"), col("heat_all") / 5),
)
"""The preferred source of a property first: where several know a formula, the first one is believed."""


def readings(folder: Path) -> Iterator[Reading]:
    """All that the data folder says, in the order of :data:`COLUMNS`.

    Parameters
    ----------
    folder
        The data folder, laid out as its README says.
    """
    load = cache(lambda source: source.load(folder, source.files))
    for column in COLUMNS:
        yield _reading(column, load(column.source))


def _reading(column: Column, table: polars.DataFrame) -> Reading:
    rows = table if column.where is None else table.filter(column.where)
    left_out: dict[str, int] = {}
    if LEFT_OUT in rows.columns:
        left_out = dict(rows[LEFT_OUT].drop_nulls().value_counts(sort=True).iter_rows())
        rows = rows.filter(col(LEFT_OUT).is_null())
    energy = lit(None) if column.energy is None else column.energy
    numbers = rows.select(
        col(column.formula).alias("formula"),
        column.value.cast(polars.Float64, strict=False).alias("value"),
        energy.cast(polars.Float64, strict=False).alias("energy"),
    )
    values, energies = (numbers[name].fill_null(np.nan).to_numpy() for name in ("value", "energy"))
    return Reading(column, numbers["formula"], values, energies, left_out)
