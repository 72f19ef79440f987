"""The page of the benchmark on point defects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

LARGE = ("V3", "V6", "V5", "S3", "S6", "S5")
TITLES = {"formation_energy_per_site": "Formation energy per defect", "homo_lumo_gap_min": "Gap"}
PUBLISHED = (
    "Published mean absolute errors in meV, energy per site and gap, of 5,934 MoS2 cells of low density. These are "
    "other data, the full 2DMD set, which is not at hand (later summary of the authors): CatBoost 12.9 and 24.5, "
    "MEGNet on all atoms 44.7 and 25.9, MEGNet on defects alone 3.9 and 5.0."
)
Known = Mapping[Any, Mapping[str, Any]]


def page(known: Known, speed: Path) -> str:
    """Markdown of all finished cells."""
    parts = [
        "# Point defects",
        "",
        "Made by `python benchmarks/defects.py`. Errors are mean absolute errors in meV.",
        "",
    ]
    for target, title in TITLES.items():
        own = {cell: outcome for cell, outcome in known.items() if cell.target == target}
        if own:
            parts += [f"## {title}", "", *_random(own), *_curves(own), *_left_out(own)]
    parts += [PUBLISHED, "", "![v(d) of a vacancy of Mo and one of S](defects-law.png)", ""]
    parts += _oxides({cell: outcome for cell, outcome in known.items() if cell.target == "Ev"})
    if speed.is_file():
        parts += ["## Speed", "", "Processor seconds on one core, and how many arrangements.", ""]
        parts += [f"- {name}: {value:,}" for name, value in json.loads(speed.read_text(encoding="utf-8")).items()]
        parts += [""]
    return "\n".join(parts)


def _models(own: Known) -> list[str]:
    return list(dict.fromkeys(cell.model for cell in own))


def _mean(errors: list[float]) -> float:
    return 1e3 * float(np.mean(errors))


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.1f} ± {np.std(values):.1f}" if values else ""


def _random(own: Known) -> list[str]:
    folds = {cell: outcome for cell, outcome in own.items() if cell.protocol == "random folds"}
    lines = ["Five random folds, mean and deviation over seeds; by set of defects; share in the 90 % intervals.", ""]
    lines += [f"| model | all | median | {' | '.join(LARGE)} | others | inside |", "|---" * (len(LARGE) + 5) + "|"]
    for model in _models(folds):
        mine = [outcome for cell, outcome in folds.items() if cell.model == model]
        errors = np.concatenate([outcome["errors"] for outcome in mine])
        names = np.concatenate([outcome["families"] for outcome in mine])
        inside = np.concatenate([outcome["inside"] for outcome in mine])
        cells = [f"{_mean(errors[names == family]):.1f}" for family in LARGE]
        cells += [f"{_mean(errors[~np.isin(names, LARGE)]):.1f}", f"{inside.mean():.1%}" if len(inside) else ""]
        whole = _spread([_mean(outcome["errors"]) for outcome in mine])
        lines.append(f"| {model} | {whole} | {1e3 * np.median(errors):.1f} | {' | '.join(cells)} |")
    return [*lines, ""]


def _curves(own: Known) -> list[str]:
    curve = {cell: outcome for cell, outcome in own.items() if cell.protocol == "labels"}
    sizes = list(dict.fromkeys(cell.part for cell in curve))
    lines = [
        "After so many labels, 40 test rows.",
        "",
        f"| model | {' | '.join(sizes)} |",
        "|---" * (len(sizes) + 1) + "|",
    ]
    for model in _models(curve):
        cells = [
            _spread([_mean(f["errors"]) for cell, f in curve.items() if (cell.model, cell.part) == (model, size)])
            for size in sizes
        ]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return [*lines, ""]


def _left_out(own: Known) -> list[str]:
    out = {cell: outcome for cell, outcome in own.items() if cell.protocol == "left out"}
    lines = ["Each set of defects left out in turn, learned from all others.", ""]
    lines += [f"| model | {' | '.join(LARGE)} |", "|---" * (len(LARGE) + 1) + "|"]
    for model in _models(out):
        outcome = {cell.part: one for cell, one in out.items() if cell.model == model}
        cells = [f"{_mean(outcome[family]['errors']):.1f}" if family in outcome else "" for family in LARGE]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return [*lines, ""]


def _oxides(own: Known) -> list[str]:
    if not own:
        return []
    lines = ["## Oxygen vacancies of oxides", "", "Folds by formula, meV.", "", "| model | all | median | inside |"]
    lines += ["|---|---|---|---|"]
    for model in _models(own):
        mine = [outcome for cell, outcome in own.items() if cell.model == model]
        errors = np.concatenate([outcome["errors"] for outcome in mine])
        inside = np.concatenate([outcome["inside"] for outcome in mine])
        share = f"{inside.mean():.1%}" if len(inside) else ""
        whole = _spread([_mean(outcome["errors"]) for outcome in mine])
        lines.append(f"| {model} | {whole} | {1e3 * np.median(errors):.0f} | {share} |")
    return [*lines, ""]
