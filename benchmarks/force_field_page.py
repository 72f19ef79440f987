"""The page of ``force_fields.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from force_field_crystals import RATTLE, STRAIN

from matscout.discover.reference_errors import PHASES

FMAX, STEPS = 0.05, 500
"""eV/Å, and steps of a relaxation at most."""

TITLES = {"chgnet": "CHGNet", "7net-0": "SevenNet-0"}


def page(facts: dict[str, Any]) -> str:
    """The numbers as a page."""
    head = (
        "| force field | method | ASE's | seed | n | sites | CPU s, batched | CPU s, ASE | ratio | steps | steps, ASE "
        "| converged | ASE | lost | within 1 meV/atom | higher | lower | within, exactly | largest difference | back "
        "| with space group |"
    )
    lines = [_line(one) for one in facts["runs"]]
    return "\n".join(
        [
            "# Force fields",
            "",
            "Made by `python benchmarks/force_fields.py`, last on "
            f"{facts['date']} ({facts['machine']}; {facts['versions']}; code sha256 {facts['code'][:16]}…; "
            f"`mp_structures` arrays sha256 {facts['data'][:16]}…). One thread, on a machine with other work.",
            "",
            "## Batched relaxation beside ASE one by one",
            "",
            f"Crystals strained by up to {STRAIN:.0%} and rattled by {RATTLE} Å, relaxed to {FMAX} eV/Å in {STEPS} "
            "steps at most, atoms and cell. ASE: FrechetCellFilter on the calculator of the package. *Batched* is "
            "the mean of two runs, one before and one after ASE. The largest step of BFGS was chosen on the "
            "crystals of seed 0. "
            "*Higher* and *lower*: ends that differ by more than 1 meV/atom; *within, exactly*: the share within it if "
            "these go on until no force is larger than a tenth (each by its own method). *Back*: "
            "within 10 meV/atom of the crystal that was "
            "disturbed, relaxed as it was; *with space group*: and in its space group (0.05 Å).",
            "",
            head,
            f"|---|{'--:|' * 20}",
            *lines,
            "",
            *(_belief(facts["belief"]) if "belief" in facts else ()),
            *(_stability(facts["stability"]) if "stability" in facts else ()),
        ]
    )


def _line(one: dict[str, Any]) -> str:
    seconds = float(np.mean(one["CPU s"]))
    cells = [
        one["force field"], one["method"], one["method ASE"], one["seed"], one["n"], f"{one['mean sites']:.1f}",
        f"{seconds:.1f}", f"{one['CPU s ASE']:.1f}",
        f"**{one['CPU s ASE'] / seconds:.1f}**", one["steps"], one["steps ASE"], *one["converged"], one["lost"],
        f"{one['within 1 meV']:.2f}", one["higher by more"], one["lower by more"], f"{one['within, exactly']:.2f}",
        f"{1e3 * one['largest apart']:.1f} meV", f"{one['home']:.2f}",
        f"{one['home with symmetry']:.2f}",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _belief(facts: dict[str, Any]) -> Iterator[str]:
    """When energies are to be believed."""
    yield from (
        "## Intervals and flags",
        "",
        f"Crystals with 2 to 20 sites as they are, formation energies against MP-2018 with the corrections of 2020. "
        f"Chemical systems are split at random, 20 times: errors of {PHASES} phases make the intervals, crystals "
        "of all other systems are judged. Both force fields saw most of these crystals in their training, so errors "
        "are smaller than those of new materials. *Score*: mean interval score (width, 20 times what lies outside).",
        "",
        "| force field | n | MAE | median | bias | intervals by | coverage | spread of 20 splits | mean width | score "
        "| coverage: 2 elements | 3 | 4 and more |",
        f"|---|--:|--:|--:|--:|---|{'--:|' * 7}",
    )
    for name, one in facts.items():
        errors = f"{one['n']:,} | {one['MAE']:.4f} | {one['median']:.4f} | {one['bias']:+.4f}"
        for words, numbers in one["intervals"].items():
            parts = [numbers[f"coverage {size}"] for size in (2, 3, 4)]
            yield (
                f"| {TITLES[name]} | {errors} | {words} | **{numbers['coverage']:.3f}** "
                f"| {numbers['coverage spread']:.3f} | {numbers['width']:.3f} | {numbers['score']:.3f} "
                f"| {' | '.join(f'{part:.3f}' for part in parts)} |"
            )
    yield from (
        "",
        "How much more flagged crystals err (mean absolute errors in eV/atom; interval of 90 % by bootstrap):",
        "",
        "| force field | flag | n | MAE | of the rest | ratio | between | ratio of medians |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    )
    for name, one in facts.items():
        for flag in one["flags"]:
            low, high = flag["between"]
            yield (
                f"| {TITLES[name]} | {flag['flag']} | {flag['n']} | {flag['MAE']:.4f} | {flag['rest']:.4f} "
                f"| **{flag['ratio']:.1f}** | {low:.1f} to {high:.1f} | {flag['median ratio']:.1f} |"
            )
    yield ""


def _stability(facts: dict[str, Any]) -> Iterator[str]:
    """Which phases are stable."""
    yield from (
        "## Is it stable? One phase left out",
        "",
        f"{facts['n']} phases of `mp_structures` with 2 to 12 sites and 2 to 4 elements, each the lowest of its "
        "formula (seed 0). All phases of its composition are left out of the references; "
        f"{facts['share stable']:.0%} lie below the hull of the others and count as stable. *Substituted*: the "
        "elements in the phase of another chemical system with the same proportions and the nearest elements, relaxed. "
        "*Perturbed*: the phase itself, strained and rattled, relaxed. *DAF*: precision over the share that is stable. "
        "*MAE*: of energies above the hull, cut off at 0; *of distances*: not cut off. eV/atom; the interval of F1 "
        "holds 90 % by bootstrap. Trees learned `mp_e_hull` of other chemical systems. The force fields know most of "
        "these phases from their training.",
        "",
        "| method | lost | precision | recall | F1 | between | DAF | MAE | of distances | bias |",
        f"|---|{'--:|' * 9}",
    )
    for row in facts["rows"]:
        low, high = row["F1 between"]
        numbers = " | ".join(f"{row[name]:.2f}" for name in ("precision", "recall", "F1"))
        yield (
            f"| {row['method']} | {row['lost']} | {numbers} | {low:.2f} to {high:.2f} | {row['DAF']:.2f} "
            f"| {row['MAE']:.3f} | {row['MAE of distances']:.3f} | {row['bias']:+.3f} |"
        )
    yield from (
        "",
        "Distances from the hull of the references: what intervals cover, and how much more flagged ones err. The "
        "intervals come from errors on the crystals of the references. The minimum that a substituted phase relaxes "
        "to may be another crystal than the phase, which no interval of energies covers.",
        "",
        "| force field | phases | n | coverage | flag | flagged | MAE | of the rest | ratio |",
        "|---|---|--:|--:|---|--:|--:|--:|--:|",
    )
    for one in facts["doubts"]:
        for words, flag in one["flags"].items():
            ratio = f"{flag['MAE'] / flag['rest']:.1f}" if np.isfinite(flag["MAE"]) else "-"
            yield (
                f"| {one['force field']} | {one['kind']} | {one['n']} | {one['coverage']:.2f} | {words} | {flag['n']} "
                f"| {flag['MAE']:.3f} | {flag['rest']:.3f} | {ratio} |"
            )
    yield ""
