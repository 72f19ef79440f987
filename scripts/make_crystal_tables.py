"""Writes what crystal networks learn from, out of ``mp_structures`` of the data folder (see ``MATSCOUT_DATA``).

``labels.parquet``: a row for each crystal, its properties, and ``test``, true where ``fold_formula`` is 0.
``training.npz`` and ``training.parquet``: structures and labels of the others, which ``matscout pretrain`` reads.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import polars

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from data_folder import data_folder
from structure_data import arrays_file

from matscout.data.files import atomic_write

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


def main() -> None:
    """Write all three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER")
    folder = parser.parse_args().out
    labels = table()
    training = labels.filter(~polars.col("test")).drop("test")
    for name, frame in (("labels", labels), ("training", training)):
        with atomic_write(folder / f"{name}.parquet") as unfinished:
            frame.write_parquet(unfinished)
    with atomic_write(folder / "training.npz") as unfinished:
        np.savez(unfinished, allow_pickle=False, **training_arrays({*training["material"].to_list()}))
    print(f"{len(labels)} crystals, {len(training)} of them to learn from: {folder}")


if __name__ == "__main__":
    main()
