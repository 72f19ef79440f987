"""Generated crystals: the table of unguided samples beside that of real crystals, and the speed beside PyXtal.

``python benchmarks/generation.py`` writes ``results/generation.md`` from ``results/generation.jsonl``, one line a cell;
cells that are there are not computed again. Parts: ``unguided`` (random, and the test set of MP-20 itself, against the
validation sets of MP-20 and ``mp_structures`` without the formulas of the test set), ``speed`` (random and PyXtal).
``--part csp [--task mp-20] [--rows 1000] [--many 300]`` predicts structures of the formulas of test sets, from blocks
in ``cells/generation``, and writes ``results/structure_prediction.md``.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from data_folder import data_folder
from prediction_run import predict_structures
from structure_data import mp_structures, stored_materials

from matscout.crystal.closest_pairs import closest_pairs
from matscout.crystal.wyckoff import wyckoff
from matscout.data.materials import Materials
from matscout.evaluation.crystal_table import crystal_table
from matscout.evaluation.crystal_table_rows import CrystalCost
from matscout.generate.crystal_generator import Drawn
from matscout.generate.crystal_generator_choice import make_crystal_generator
from matscout.generate.crystal_wishes import CrystalWishes
from matscout.workflow.user_store import user_store

RESULTS = Path(__file__).parent / "results"
CELLS = RESULTS / "generation.jsonl"
PAIRS = (
    (225, "NaCl"), (221, "SrTiO3"), (227, "MgAl2O4"), (62, "CaTiO3"),
    (166, "LiCoO2"), (194, "BN"), (136, "TiO2"), (14, "ZrO2"),
)  # fmt: skip
"""Space group and formula for the speed; the smallest cell with which PyXtal's rules are met is taken by both."""


@cache
def test_set() -> Materials:
    """MP-20 test, 2-3 elements."""
    return stored_materials(data_folder() / "mp_20" / "mp_20_test_binary_ternary.npz")


@cache
def reference() -> Materials:
    """The validation set of MP-20 and crystals of at most 20 sites of ``mp_structures``, without tested formulas."""
    others = mp_structures(data_folder())
    assert others.structures is not None
    small = others[np.flatnonzero(np.diff(others.structures.offsets) <= 20)]
    tested = set(test_set().compositions.keys().tolist())
    kept = np.array([key not in tested for key in small.compositions.keys().tolist()])
    return small[np.flatnonzero(kept)]


def drawn_materials(name: str, n: int) -> tuple[Materials, float]:
    """n crystals of a generator without wishes, and the processor seconds that they took."""
    generator, wishes = make_crystal_generator(name), CrystalWishes()
    next(generator.sample(wishes, 1, seed=1))
    start = time.process_time()
    drawn = Drawn.joined([*generator.sample(wishes, n, seed=0)])
    return drawn.materials, time.process_time() - start


def unguided(name: str, n: int) -> dict[str, Any]:
    """The table of n samples."""
    if name == "MP-20 test":
        rows = np.random.default_rng(0).permutation(len(test_set()))[:n]
        materials, seconds = test_set()[rows], float("nan")
    else:
        materials, seconds = drawn_materials(name, n)
    start = time.process_time()
    table = crystal_table(materials, reference(), cost=CrystalCost(processor=seconds), store=user_store())
    return {"rows": table.document()["rows"], "table seconds": time.process_time() - start}


def ours(seconds: float) -> float:
    """Structures of the pairs a processor second."""
    generator, made, start = make_crystal_generator("random"), 0, 0.0
    for warm in (True, False):
        start, made, batch = time.process_time(), 0, 0
        while made == 0 or (not warm and time.process_time() - start < seconds):
            for group, formula in PAIRS:
                drawn = generator.draw(CrystalWishes(formula=formula, space_groups=(group,)), batch, 0)
                assert drawn is not None
                made += int((closest_pairs(drawn.structures).ratios > 0.7).sum())
            batch += 1
    return made / (time.process_time() - start)


def pyxtals(seconds: float) -> float:
    """The same of PyXtal's ``from_random``, with its own limits of distances; structures it gives up do not count."""
    from pyxtal import pyxtal  # noqa: PLC0415 - only this part needs it

    warnings.simplefilter("ignore")
    start, made = time.process_time(), 0
    while time.process_time() - start < seconds:
        for group, formula in PAIRS:
            wishes = CrystalWishes(formula=formula, space_groups=(group,))
            cell = wishes.cells[made % len(wishes.cells)]
            crystal = pyxtal()
            counts = [count * wyckoff(group).centring for count in cell.values()]
            try:
                crystal.from_random(3, group, list(cell), counts, random_state=made)
            except Exception as error:
                if "compatible" not in str(error).lower():
                    raise
            made += int(bool(crystal.valid))
    return made / (time.process_time() - start)


def speed(name: str, n: int) -> dict[str, Any]:
    """Structures a processor second, for the pairs."""
    makers: dict[str, Callable[[float], float]] = {"random": ours, "PyXtal 1.1.5": pyxtals}
    return {"structures a second": makers[name](float(n))}


PARTS: dict[str, tuple[Callable[[str, int], dict[str, Any]], tuple[str, ...], int]] = {
    "speed": (speed, ("random", "PyXtal 1.1.5"), 10),
    "unguided": (unguided, ("random", "MP-20 test"), 1000),
}
"""Part -> what computes a cell, its names, and n (seconds of speed)."""


def stored() -> dict[tuple[str, str, int], dict[str, Any]]:
    """The finished cells."""
    lines = CELLS.read_text(encoding="utf-8").splitlines() if CELLS.exists() else []
    cells = [json.loads(line) for line in lines]
    return {(cell["part"], cell["name"], cell["n"]): cell for cell in cells}


def page(cells: dict[tuple[str, str, int], dict[str, Any]]) -> str:
    """The results as Markdown."""
    lines = ["# Generated crystals", "", "`python benchmarks/generation.py`", "", "## Speed", ""]
    lines += ["| | structures a processor second |", "|---|---|"]
    lines += [
        f"| {name} | {cell['structures a second']:.0f} |" for (part, name, _), cell in cells.items() if part == "speed"
    ]
    for (part, name, n), cell in cells.items():
        if part == "unguided":
            lines += ["", f"## {name}, {n:,} crystals (table: {cell['table seconds']:.0f} s)", ""]
            lines += ["| | | share of all (95 %) | of those that reached it | reference |", "|---|---|---|---|---|"]
            lines += [line_of(row) for row in cell["rows"]]
    return "\n".join(lines) + "\n"


def line_of(row: dict[str, Any]) -> str:
    """One row of a table."""

    def text(share: dict[str, float] | None) -> str:
        if not share or share["share"] is None:
            return ""
        return f"{100 * share['share']:.1f} % ({100 * share['low']:.1f}-{100 * share['high']:.1f}, n {share['n']:,})"

    number = "" if row.get("value") is None else f"{row['value']:.4g} {row['unit']}".strip()
    of_all, reached = text(row.get("of_all")) or number, text(row.get("of_those_that_reached_it"))
    return f"| {row['row']} | {row['name']} | {of_all} | {reached} | {row.get('reference', '')} |"


def main() -> None:
    """Compute what is missing, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=[*PARTS, "csp"], default=None)
    parser.add_argument(
        "--task", action="append", default=[], help="csp: a test set and pool of templates; default all"
    )
    parser.add_argument("--rows", type=int, default=1000, help="csp: rows whose first guess is compared")
    parser.add_argument("--many", type=int, default=300, help="csp: of these, rows with 20 guesses")
    parser.add_argument("-n", type=int, default=None, help="crystals, or seconds of speed")
    asked = parser.parse_args()
    if asked.part in (None, "csp"):
        predict_structures(asked.task, asked.rows, asked.many)
    if asked.part == "csp":
        return
    for part, (compute, names, usual) in PARTS.items():
        for name in names if asked.part in (None, part) else ():
            n = asked.n or usual
            if (part, name, n) not in stored():
                cell = {"part": part, "name": name, "n": n, **compute(name, n)}
                with CELLS.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(cell) + "\n")
    (RESULTS / "generation.md").write_text(page(stored()), encoding="utf-8")


if __name__ == "__main__":
    main()
