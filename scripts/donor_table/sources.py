"""The sources of the donor table: files, origin and licence as the README of the data folder states them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars
from polars import col

LEFT_OUT = "left out"
"""Column of a loaded table: why a row is not used; null where it is."""

_STRUCTURES = ("mp_structures/properties.csv.gz", "mp_structures/splits.csv.gz")
_SCORES = "synthesizability/mp_clscores.csv.gz"


@dataclass(frozen=True)
class Source:
    """Where values come from.

    Parameters
    ----------
    name
        Short, unique.
    files
        Relative to the data folder.
    origin, licence
        As the README of the data folder states them.
    load
        Makes one table of the files; a column :data:`LEFT_OUT` names rows not to be used.
    """

    name: str
    files: tuple[str, ...]
    origin: str
    licence: str
    load: Callable[[Path, tuple[str, ...]], polars.DataFrame]


def read_table(path: Path) -> polars.DataFrame:
    """A CSV file with formulas as text ("NaN" is sodium nitride); other types are guessed from many rows."""
    types: dict[str, type[polars.DataType]] = {"target": polars.Float64}
    types |= dict.fromkeys(("formula", "formula_sc", "formula_pretty", "composition", "reduced_formula"), polars.String)
    return polars.read_csv(path, schema_overrides=types, infer_schema_length=50_000)


def stack(folder: Path, files: tuple[str, ...]) -> polars.DataFrame:
    """All files below each other."""
    tables = [read_table(folder / file) for file in files]
    return polars.concat(tables, how="vertical_relaxed")


def clean_structures(folder: Path, files: tuple[str, ...]) -> polars.DataFrame:
    """Materials Project structures, rows whose formation energy is doubtful left out."""
    table = polars.concat([read_table(folder / file).drop("material_id", strict=False) for file in files[1:]])
    table = polars.concat([read_table(folder / files[0]), table], how="horizontal")
    reason = "formation energy outside -5..3 eV/atom or more than 0.1 from the 2018 release"
    return table.with_columns(polars.when(col("clean_energy") == 0).then(polars.lit(reason)).alias(LEFT_OUT))


def with_formulas(folder: Path, files: tuple[str, ...]) -> polars.DataFrame:
    """A table by Materials Project id, with the formula and, where known, the formation energy of each id."""
    structures = clean_structures(folder, _STRUCTURES)
    trusted = polars.when(col("clean_energy") == 1).then(col("formation_energy_per_atom")).alias("energy")
    known = structures.select("material_id", col("reduced_formula").alias("formula"), trusted)
    scored = read_table(folder / _SCORES).select("material_id", col("composition").alias("formula"))
    known = polars.concat([known, scored], how="diagonal").unique("material_id", keep="first", maintain_order=True)
    table = read_table(folder / files[0]).join(known, on="material_id", how="left", maintain_order="left")
    reason = "no formula known for its id"
    return table.with_columns(polars.when(col("formula").is_null()).then(polars.lit(reason)).alias(LEFT_OUT))


def matbench(task: str) -> Source:
    """One composition-only table of matbench."""
    origin = "matbench v0.1 as in materialsproject/matbench and anthony-wang/CrabNet"
    return Source(f"matbench {task}", (f"matbench/{task}.csv.gz",), origin, "MIT", stack)


def composition_benchmark(task: str) -> Source:
    """The three parts of one table of CrabNet's benchmark."""
    files = tuple(f"composition_benchmarks/{task}/{part}.csv.gz" for part in ("train", "val", "test"))
    return Source(f"CrabNet {task}", files, "anthony-wang/CrabNet data/benchmark_data", "MIT", stack)


MP_TERMS = "values CC-BY 4.0 by the Materials Project's own terms"
NOT_STATED = "not stated by the repository"
STRUCTURES = Source(
    "mp_structures",
    _STRUCTURES,
    "kdmsit/crysxpp and kdmsit/MEGNet; an old Materials Project release",
    f"MIT (repositories); {MP_TERMS}",
    clean_structures,
)
ELASTICITY = Source(
    "mp_elasticity",
    ("mp_elasticity/structures.csv.gz",),
    "moduli of the 2018 release: kdmsit/MEGNet data_elasticity; energies: sparsh2712/CGCNN_CS_419",
    f"MIT (MEGNet), {NOT_STATED} (CGCNN_CS_419); {MP_TERMS}",
    stack,
)
MULTIFIDELITY = Source(
    "multifidelity_gaps",
    ("multifidelity_gaps/computed_gaps.csv.gz", _SCORES, *_STRUCTURES),
    "materialsvirtuallab/megnet multifidelity; formulas by id from mp_structures and mp_clscores",
    "BSD-3",
    with_formulas,
)
SUPERCON = Source(
    "supercon", ("superconductors/supercon_formulas.csv.gz",), "vstanev1/Supercon", NOT_STATED, stack
)  # fmt: skip
SUPERCON_3D = Source(
    "3dsc_mp", ("superconductors/3dsc_mp_structures.csv.gz",), "aimat-lab/3DSC, vstanev1/Supercon", "CC-BY 4.0", stack
)
SYNTHESISED_LABELS = Source(
    "mp_synthesized_labels",
    ("synthesizability/mp_synthesized_labels.csv.gz", _SCORES, *_STRUCTURES),
    "SuntaoCoder/Synthesizability-CPUL; formulas by id from mp_structures and mp_clscores",
    NOT_STATED,
    with_formulas,
)
IN_ICSD = Source(
    "mp_clscores", (_SCORES,), "kaist-amsg/Synthesizability-PU-CGCNN; the ICSD label only", NOT_STATED, stack
)
ICSD_LIKE = Source(
    "icsd_like_compositions",
    ("synthesizability/icsd_like_compositions_scores.csv.gz",),
    "kaist-amsg/Synthesizability-stoi-CGNF; the list only",
    NOT_STATED,
    stack,
)
PEROVSKITE_LABELS = Source(
    "perovskite_synthesizability",
    ("perovskite_synthesizability/structures.csv.gz",),
    "kaist-amsg/PerovskiteSynthesizability_Manuscript2021; the ICSD label only",
    NOT_STATED,
    stack,
)
TERNARY_OXIDES = Source(
    "ternary_oxides",
    ("synthesizability/ternary_oxides_solid_state_curated.csv.gz",),
    "vchung1263/solid_state_synthesizability_public",
    NOT_STATED,
    stack,
)
PEROV_5 = Source("perov_5", ("perov_5/structures.csv.gz",), "txie-93/cdvae data/perov_5", "MIT", stack)
