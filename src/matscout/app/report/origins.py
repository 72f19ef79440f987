"""How to get the same report again: the command, the settings, versions and the digest of the data."""

from __future__ import annotations

import platform
import shlex
from datetime import UTC, datetime
from importlib.metadata import version

from matscout import __version__
from matscout.app.scouting import Scouting
from matscout.data.dataset import Dataset
from matscout.data.grouping import group_labels
from matscout.discover.base import Goal

PACKAGES = ("numpy", "scipy", "scikit-learn", "polars", "pymatgen", "smact")


def command(scouting: Scouting) -> str:
    """The command line that does the same to the same file, as far as the run knows it."""
    dataset, plan, search = scouting.dataset, scouting.plan, scouting.search
    words = ["matscout", "scout", scouting.check.source]
    for goal in scouting.goals:
        words += ["--goal", f"{goal.target}={_goal(goal, dataset)}"]
    for name in dataset.materials.context:
        words += ["--context", name]
    groups = group_source(dataset)
    words += ["--groups", groups] if groups else []
    words += ["--metric", plan.metric] if plan.metric != "mae" else []
    words += ["--fast"] if plan.fast else []
    words += ["--candidates", str(search.candidates)] if search.candidates is not None else []
    words += ["--elements", ",".join(search.elements)] if search.elements else []
    words += ["--dope", search.dope] if search.dope else []
    if search.candidates is None and search.dope is None:
        words += ["--n-candidates", str(search.n_candidates)]
    words += ["--exclude", ",".join(search.exclude)] if search.exclude else []
    words += ["--require", ",".join(search.required)]
    for name, value in search.settings.items():
        words += ["--set", f"{name}={value}"]
    words += ["--order", search.order, "--batch", str(search.batch), "--level", f"{plan.level:g}"]
    folder = "results" if scouting.folder is None else str(scouting.folder)
    return shlex.join([*words, "--seed", str(plan.seed), "-o", folder])


def _goal(goal: Goal, dataset: Dataset) -> str:
    target = dataset.target(goal.target)
    if target.task == "classification":
        return target.classes[int(goal.low)]
    if goal.kind in ("max", "min"):
        return goal.kind
    ends = ["" if abs(bound) == float("inf") else f"{bound:g}" for bound in (goal.low, goal.high)]
    return ends[0] if goal.kind == "value" else ":".join(ends)


def group_source(dataset: Dataset) -> str:
    """The grouping or column that the groups of the rows came from, "" without groups or if it is not found."""
    if dataset.groups is None:
        return ""
    columns = [] if dataset.table is None else dataset.table.columns
    for how in ("formula", "chemical-system", *columns):
        if (group_labels(dataset, how) == dataset.groups).all():
            return str(how)
    return ""


def facts(scouting: Scouting) -> tuple[tuple[str, str], ...]:
    """(what, value) of everything that the result depends on."""
    versions = ", ".join([f"matscout {__version__}", *(f"{package} {version(package)}" for package in PACKAGES)])
    return (
        ("Date", datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC")),
        ("Data", scouting.check.source),
        ("SHA-256 of the data", scouting.check.digest or "not read from a file"),
        ("Licence and citation of the data", _stated(scouting.dataset)),
        ("Model", ", ".join(dict.fromkeys(finding.model.name for finding in scouting.findings.values()))),
        ("Seed", str(scouting.plan.seed)),
        ("Software", f"Python {platform.python_version()}, {versions}"),
        ("Time taken", f"{scouting.seconds:.0f} s"),
    )


def _stated(dataset: Dataset) -> str:
    provenance = dataset.provenance
    return "; ".join(part for part in (provenance.licence, provenance.citation) if part) or "not stated"
