"""Yields of reactions: ``python benchmarks/yields.py [--part published ...] [--model NAME ...]``.

Parts, whose finished cells are lines of ``benchmarks/results/yields.jsonl``, so that a killed run goes on, on another
machine, too:

- ``published``: the published splits of Buchwald-Hartwig, Suzuki-Miyaura and amide couplings, and random ones of three
  small sets; trees on every representation on all of them, but on Mordred's descriptors, ``auto`` and UAM on three
  random splits of each (of the amides, whose molecules hardly come twice, on one) and on the others that ask for new
  reagents (of the amides, on that where both molecules are new; ``--all-splits``: on all random ones), UAM's ablations
  on three of Buchwald-Hartwig (its fast settings: 50 epochs; ``uam/whole`` is the whole one with these). On Tests 1-4,
  which ask for new additives, some models are told so besides (groups).
- ``left-out``: each ligand, additive, base and halide of Buchwald-Hartwig left out.
- ``curve``: 25 to 2,500 labels; ``auto`` and UAM on Buchwald-Hartwig.
- ``pretraining``: 25, 100 and 250 amide couplings, UAM with and without encoders that have learned (CLME) from 11,662
  other couplings without yields (3 of their products are among the 623 here); their weights are made first.
- ``repeats``: UAM on the amide couplings that were run more than once, all of them left out.

chemprop stands beside ours, where it is installed, on the first random split of each large set and on Test 1.
Writes ``benchmarks/results/yields.md``, ``yields-uncertainty.png`` and ``yields-labels-SET.png`` from all
cells that are there.
"""

from __future__ import annotations

import argparse
import datetime
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import yield_rival
from data_folder import data_folder
from jobs import CELLS, RESULTS, fail_if
from ledger import CODE, Ledger
from yield_cells import ABLATIONS, CLME, GROUPED, PRETRAINED, Cell
from yield_curves import draw_curves
from yield_pages import page
from yield_tasks import DIVISIONS, SETS, Division
from yield_uncertainty import draw

from matscout.code_digest import digest_of_code
from matscout.data.files import write_text_whole
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain

FOLDER = CELLS / "yields"
TREES = (
    "trees=reaction-one-hot",
    "trees=reaction-random",
    "trees=drfp",
    "trees=reaction-morgan",
    "trees=reaction-morgan+reaction-rdkit",
)
COSTLY = ("trees=reaction-mordred", "uam", "auto")
BY_ADDITIVE = tuple(f"{model}{GROUPED}" for model in ("trees=reaction-morgan", "auto"))
FEW, FEWER = 3, 1
"""Random splits of a set on which costly models are tried, and of the amide couplings."""
LARGE = ("buchwald-hartwig", "suzuki", "amide-hte")
PACKAGES = ("matscout", "rdkit", "mordredcommunity", "scikit-learn", "torch", "numpy", "polars")


def cells(part: str, *, all_splits: bool) -> Iterator[Cell]:
    """All cells of a part, the cheap models first."""
    divisions = list(DIVISIONS[part]())
    for model in models_of(part):
        for division in divisions:
            if model in TREES or _is_tried(model, division, divisions, all_splits=all_splits):
                yield Cell(part, division.of, division.name, model)


def models_of(part: str) -> tuple[str, ...]:
    """What is tried there, the cheap ones first."""
    return {
        "published": (*TREES, *COSTLY, *BY_ADDITIVE, *ABLATIONS, yield_rival.NAME),
        "left-out": TREES[:4],
        "curve": (*TREES, *COSTLY),
        "pretraining": ("trees=reaction-one-hot", "trees=drfp", "uam", CLME),
        "repeats": ("uam",),
    }[part]


def _is_tried(model: str, division: Division, divisions: Sequence[Division], *, all_splits: bool) -> bool:
    """Whether a costly model is tried there."""
    few = FEWER if (division.of, division.kind) == ("amide-hte", "random") else FEW
    alike = [one.name for one in divisions if (one.of, one.kind) == (division.of, division.kind)]
    if not all_splits and alike.index(division.name) >= few:
        return False
    if model in ABLATIONS:
        return division.of == "buchwald-hartwig" and division.kind == "random"
    if model in BY_ADDITIVE:
        return division.kind.startswith("Test")
    if model == yield_rival.NAME:
        compared = division.of in LARGE and division.kind in ("random", "Test1")
        return yield_rival.is_installed() and compared and alike.index(division.name) == 0
    one_new = division.of == "amide-hte" and division.kind.startswith("new")
    return not one_new and not (division.of == "suzuki" and division.kind.endswith("labels"))


def learn_without_yields() -> None:
    """The encoders that UAM begins with in one part."""
    table = data_folder() / "reaction_yields" / "amide_uspto_no_yield.csv.gz"
    changes = [f"data.reactions={table}", "data.columns=[reactant,product]"]
    pretrain(read_experiment("clme", changes), FOLDER / PRETRAINED)


def every_cell() -> list[Cell]:
    """Of all parts, models of all splits with them."""
    return [cell for part in DIVISIONS for cell in cells(part, all_splits=True)]


def main() -> None:
    """Make the cells that are missing, and write the page of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=sorted(DIVISIONS), help="all if none is named")
    parser.add_argument("--model", action="append", help="only these")
    parser.add_argument("--set", action="append", dest="sets", choices=sorted(SETS), help="only these")
    parser.add_argument("--all-splits", action="store_true")
    parser.add_argument("--again", action="store_true", help="also what other code has made")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = [
        cell
        for part in asked.part or list(DIVISIONS)
        for cell in cells(part, all_splits=asked.all_splits)
        if (not asked.model or cell.model in asked.model) and (not asked.sets or cell.of in asked.sets)
    ]
    if any(cell.model == CLME for cell in wanted):
        learn_without_yields()
    ledger = Ledger[Cell](RESULTS / "yields.jsonl")
    failed = ledger.make(wanted, FOLDER, asked.processes, again=asked.again)
    there = [cell for cell in every_cell() if cell in ledger]
    found = [ledger[cell] for cell in there]
    facts: dict[str, Any] = {
        "date": f"{datetime.datetime.now(tz=datetime.UTC):%Y-%m-%d}",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "code": digest_of_code(CODE),
        "data": {name: one.load().provenance.digest[:16] for name, one in SETS.items()},
        "titles": {name: one.title for name, one in SETS.items()},
        "cells": found,
        "codes": ledger.codes(there),
        "wanted": sum(1 for part in DIVISIONS for _ in cells(part, all_splits=False)),
    }
    draw(found, RESULTS / "yields-uncertainty.png")
    draw_curves(found, RESULTS, facts["titles"])
    write_text_whole(RESULTS / "yields.md", page(facts))
    fail_if(failed)
    print(f"wrote {RESULTS / 'yields.md'}")


if __name__ == "__main__":
    main()
