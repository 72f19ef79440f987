"""Puts the weights of a run on crystals of ``mp_structures`` into the package or another folder, with a card.

``python scripts/ship_weights.py RUN NAME [--to FOLDER]``: the artefact of ``matscout pretrain ... data.structures=FILE
-o RUN`` becomes ``src/matscout/represent/weights/NAME`` (for measuring: ``--to benchmarks/weights``); FILE is
``arrays.npz`` of the data folder, one that ``make_crystal_tables.py`` wrote, or what ``matscout reproduce polysrl/...``
made of ``training.npz``. The card says where the crystals come from, and holds the curves of the run.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor

from matscout.represent.artefact import as_modules, load_pretrained, save_pretrained
from matscout.represent.pretraining.card import write_card
from matscout.represent.shipped import WEIGHTS
from matscout.represent.stored_network import read_spec

ORIGIN = """
36,737 crystals of the Materials Project (CC BY 4.0, an old release) as published with CrysXPP and MEGNet
(`kdmsit/crysxpp`, `kdmsit/MEGNet`, MIT; doi:10.1063/1.4812323). {part} {labels} Written by `scripts/ship_weights.py`.
"""

LARGE = 4_000_000
"""Bytes."""

FOLD = "Each formula is in one of five parts; part 0 (`fold_formula` 0) was left out"
PARTS = {
    "arrays.npz": "All of them.",
    "training.npz": f"{FOLD}.",
    "structures.npz": f"{FOLD}.",
    "strict.npz": f"{FOLD}, and so were the formulas of the evaluation tasks of compositions (experimental gaps, "
    "metals, refractive indices, exfoliation energies, glasses, thermoelectrics).",
}
"""File that was learned from -> which crystals it holds."""


def curves(path: Path) -> dict[str, list[float]]:
    """The columns of ``metrics.csv``, to five digits."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in {"epoch", "step", "learning rate"}]
    return {name: [float(f"{float(row[name]):.5g}") for row in rows] for name in names}


def small(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """In half precision if they are large, which is as good for use."""
    large = sum(values.nbytes for values in weights.values()) > LARGE
    return {name: values.half() if large else values for name, values in weights.items()}


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--to", type=Path, default=WEIGHTS, metavar="FOLDER", help=f"default {WEIGHTS}")
    options = parser.parse_args()
    artefact = options.run / "artefact"
    spec, trained = read_spec(artefact), load_pretrained(artefact)
    weights = small(load_file(artefact / "weights.safetensors"))
    as_modules(trained.encoders, trained.objective).load_state_dict(weights)
    facts = {**spec["facts"], "curves": curves(options.run / "metrics.csv")}
    data = facts["experiment"]["data"]
    structures = Path(data["structures"])
    if structures.name not in PARTS:
        parser.error(
            f"{structures.name} is none of {', '.join(PARTS)}, of which the card can tell where they come from"
        )
    named = {key: Path(value).name for key, value in data.items() if key in {"structures", "labels"} and value}
    facts["experiment"]["data"] = {**data, **named}
    labels = "The labels are of the same release (PBE and PBE+U)." if data.get("labels") else "No label was used."
    plug_ins = {key: spec[key] for key in ("encoders", "objective")}
    folder = save_pretrained(
        options.to / options.name,
        plug_ins=plug_ins,
        weights=weights,
        seen=trained.seen,
        facts=facts,
        card=write_card(plug_ins, facts, ORIGIN.format(labels=labels, part=PARTS[structures.name])),
    )
    print(f"{folder}: {sum(path.stat().st_size for path in folder.iterdir()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
