"""Yields of reactions: ``python benchmarks/yields.py [--part published ...] [--model NAME ...]``.

Parts, whose finished cells are lines of ``benchmarks/results/yields.jsonl``, so that a killed run goes on, on another
machine, too:

- ``published``: the published splits of Buchwald-Hartwig, Suzuki-Miyaura and amide couplings (of each coupling reagent
  apart), and random ones of three small sets; trees on every representation on all of them, but on Mordred's
  descriptors, ``auto`` and UAM on the last three random splits of each (of the amides on a fold, new amines and new
  acids with three reagents; ``--all-splits``: on all) and on the others that ask for new reagents, UAM's ablations on
  three of Buchwald-Hartwig (its fast settings: 50 epochs; ``uam/whole`` is the whole one with these). On Tests 1-4,
  which ask for new additives, some models are told so besides (groups). The last, since models were made with an eye
  on the first.
- ``left-out``: each ligand, additive, base and halide of Buchwald-Hartwig left out.
- ``curve``: 25 to 2,500 labels; ``auto``, UAM and Mordred's descriptors on Buchwald-Hartwig, at four of the numbers.
- ``pretraining``: 25, 100 and 250 amide couplings, UAM (fast) with and without encoders that have learned (CLME) from
  11,662 other couplings without yields (3 of their products are among the 623 here); their weights are made first.
- ``repeats``: UAM (fast) on the amide couplings that were run more than once, all of them left out.

Where a component of Buchwald-Hartwig is new, the mean of the labels that agree in all others stands beside the models.
chemprop stands beside ours, where it is installed, on the last random split of each large set and on Test 1.
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

import yield_baseline
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
FEW = 3
"""Random splits of a set on which costly models are tried."""
REAGENTS = ("DCC", "HATU", "PyBOP")
"""Of the amide couplings, those with which costly models are tried."""
CURVE_OF_COSTLY = ("25 labels", "100 labels", "500 labels", "2500 labels")
COMPARED = (
    ("buchwald-hartwig", "FullCV_10"),
    ("buchwald-hartwig", "Test1"),
    ("suzuki", "random_split_9"),
    ("amide-hte", "DCC, fold 1"),
)
"""Where chemprop stands beside ours."""
PACKAGES = ("matscout", "rdkit", "mordredcommunity", "scikit-learn", "torch", "numpy", "polars")


def cells(part: str, *, all_splits: bool) -> Iterator[Cell]:
    """All cells of a part, the cheap models first."""
    divisions = list(DIVISIONS[part]())
    for model in models_of(part):
        for division in divisions:
            if _is_tried(model, division, divisions, all_splits=all_splits):
                yield Cell(part, division.of, division.name, model, division.mark)


def models_of(part: str) -> tuple[str, ...]:
    """What is tried there, the cheap ones first."""
    return {
        "published": (yield_baseline.NAME, *TREES, *COSTLY, *BY_ADDITIVE, *ABLATIONS, yield_rival.NAME),
        "left-out": (yield_baseline.NAME, TREES[0], *TREES[2:4]),
        "curve": (*TREES, *COSTLY),
        "pretraining": ("trees=reaction-one-hot", "trees=drfp", "uam", CLME),
        "repeats": ("uam",),
    }[part]


def _is_tried(model: str, division: Division, divisions: Sequence[Division], *, all_splits: bool) -> bool:
    """Whether a model is tried there; cheap ones are on all, but of the curve of Suzuki, where three stand for all."""
    if model in TREES:
        of_suzuki = division.of == "suzuki" and division.kind.endswith(" labels")
        return not of_suzuki or model in ("trees=reaction-one-hot", "trees=drfp", "trees=reaction-morgan")
    if model == yield_baseline.NAME:
        return division.of == "buchwald-hartwig" and division.kind != "random"
    if model in BY_ADDITIVE:
        return division.kind.startswith("Test")
    if model == yield_rival.NAME:
        return (division.of, division.name) in COMPARED
    if model in ABLATIONS and (division.of, division.kind) != ("buchwald-hartwig", "random"):
        return False
    return _is_for_costly(division, divisions, all_splits=all_splits)


def _is_for_costly(division: Division, divisions: Sequence[Division], *, all_splits: bool) -> bool:
    """Whether models that take long are tried there."""
    if division.kind.endswith(" labels"):
        curve = division.of == "buchwald-hartwig" and division.kind in CURVE_OF_COSTLY
        return curve or division.of == "amide-hte"
    if all_splits or division.kind == "repeated":
        return True
    if division.of == "amide-hte":
        reagent, _, what = division.name.partition(", ")
        return reagent in REAGENTS and what in ("fold 1", "new amine", "new acid")
    alike = [one.name for one in divisions if (one.of, one.kind) == (division.of, division.kind)]
    return division.kind != "random" or division.name in alike[-FEW:]


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
    if not yield_rival.is_installed() and (left_out := [cell for cell in wanted if cell.model == yield_rival.NAME]):
        print(f"{yield_rival.NAME} is not installed: {len(left_out)} cells are left out", flush=True)
        wanted = [cell for cell in wanted if cell.model != yield_rival.NAME]
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
        "code": digest_of_code(*CODE),
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
