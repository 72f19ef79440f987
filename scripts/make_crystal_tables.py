"""Writes what crystal networks learn from, out of ``mp_structures`` of the data folder (see ``MATSCOUT_DATA``).

``labels.parquet``: a row for each crystal, its properties, and ``test``, true where ``fold_formula`` is 0.
``training.npz`` and ``training.parquet``: structures and labels of the others, which ``matscout pretrain`` reads.
``strict.npz``: of these, the structures whose formula is in none of the evaluation tasks of compositions.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import polars

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from data_folder import data_folder
from donor_table.evaluation_formulas import SAME, Neighbourhood, evaluation_tasks
from structure_data import arrays_file

from matscout.data.files import atomic_write
from matscout.data.reading import read_materials

ENERGY, GAP = "formation energy (eV/atom)", "band gap (eV)"


def table() -> polars.DataFrame:
    """Formation energies only where they are clean."""
    folder = data_folder() / "mp_structures"
    told = polars.read_csv(folder / "properties.csv.gz", infer_schema_length=None)
    told = told.join(polars.read_csv(folder / "splits.csv.gz"), on="material_id", validate="1:1")
    return told.select(
        polars.col("material_id").alias("material"),
        polars.when(polars.col("clean_energy") == 1).then(polars.col("formation_energy_per_atom")).alias(ENERGY),
        polars.col("band_gap").alias(GAP),
        polars.col("efermi").alias("Fermi energy (eV)"),
        (polars.col("total_magnetization") / polars.col("nsites")).alias("magnetisation (Bohr magnetons per atom)"),
        (polars.col("fold_formula") == 0).alias("test"),
    )


def training_arrays(kept: set[str]) -> dict[str, np.ndarray]:
    """The structures of these materials, as they are stored."""
    with np.load(arrays_file(data_folder())) as stored:
        arrays = {name: stored[name] for name in stored.files}
    rows = np.isin(arrays["material_id"].astype(np.str_), sorted(kept))
    sites = np.repeat(rows, arrays["n_sites"])
    by_site = {"atomic_number", "frac_coords"}
    return {name: values[sites if name in by_site else rows] for name, values in arrays.items()}


def strict_part(structures: Path) -> set[str]:
    """Ids of the materials of this file that no evaluation task has, by the same measure as for strict donors."""
    materials = read_materials(structures).materials
    neighbourhood, tested = Neighbourhood(materials.compositions), set()
    for task in evaluation_tasks(data_folder()):
        tested |= {*neighbourhood.pairs(task.compositions, SAME)[0].tolist()}
    return {name for row, name in enumerate(materials.ids.tolist()) if row not in tested}


def write_arrays(path: Path, kept: set[str]) -> None:
    """The structures of these materials."""
    with atomic_write(path) as unfinished:
        np.savez(unfinished, allow_pickle=False, **training_arrays(kept))


def main() -> None:
    """Write all four."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER")
    folder = parser.parse_args().out
    labels = table()
    training = labels.filter(~polars.col("test")).drop("test")
    for name, frame in (("labels", labels), ("training", training)):
        with atomic_write(folder / f"{name}.parquet") as unfinished:
            frame.write_parquet(unfinished)
    write_arrays(folder / "training.npz", {*training["material"].to_list()})
    strict = strict_part(folder / "training.npz")
    write_arrays(folder / "strict.npz", strict)
    print(f"{len(labels)} crystals, {len(training)} of them to learn from, {len(strict)} in no task: {folder}")


if __name__ == "__main__":
    main()
