"""Puts the weights of a run on ``training.npz`` of ``make_crystal_tables.py`` into the package, with a card.

``python scripts/ship_crystal_weights.py RUN NAME``: the artefact of ``matscout pretrain ... -o RUN`` becomes
``src/matscout/represent/weights/NAME``; the card says where the crystals come from, and holds the curves of the run.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from safetensors.torch import load_file

from matscout.represent.artefact import load_pretrained, read_spec, save_pretrained
from matscout.represent.pretraining.card import write_card
from matscout.represent.shipped import WEIGHTS

ORIGIN = """
36,737 crystals of the Materials Project (CC BY 4.0, an old release) as published with CrysXPP and MEGNet
(`kdmsit/crysxpp`, `kdmsit/MEGNet`, MIT; doi:10.1063/1.4812323). Each formula is in one of five parts; part 0
(`fold_formula` 0) was left out, and so were cells of more than 50 sites. {labels} Written by
`scripts/ship_crystal_weights.py`.
"""


def curves(path: Path) -> dict[str, list[float]]:
    """The columns of ``metrics.csv``, to five digits."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name not in {"epoch", "step", "learning rate"}]
    return {name: [float(f"{float(row[name]):.5g}") for row in rows] for name in names}


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("name", metavar="NAME")
    options = parser.parse_args()
    artefact = options.run / "artefact"
    spec, trained = read_spec(artefact), load_pretrained(artefact)
    facts = {**spec["facts"], "curves": curves(options.run / "metrics.csv")}
    data = facts["experiment"]["data"]
    named = {key: Path(value).name for key, value in data.items() if key in {"structures", "labels"} and value}
    facts["experiment"]["data"] = {**data, **named}
    labels = "The labels are of the same release (PBE and PBE+U)." if data["labels"] else "No label was used."
    plug_ins = {key: spec[key] for key in ("encoders", "objective")}
    folder = save_pretrained(
        WEIGHTS / options.name,
        plug_ins=plug_ins,
        weights=load_file(artefact / "weights.safetensors"),
        seen=trained.seen,
        facts=facts,
        card=write_card(plug_ins, facts, ORIGIN.format(labels=labels)),
    )
    print(f"{folder}: {sum(path.stat().st_size for path in folder.iterdir()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
