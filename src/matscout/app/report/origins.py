"""What the result depends on: versions, seed and the digest of the data."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version

from matscout.data.dataset import Dataset
from matscout.version import __version__
from matscout.workflow.results import Scouting

PACKAGES = ("numpy", "scipy", "scikit-learn", "polars", "pymatgen", "smact")


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
        ("Time of all steps (several run at the same time)", f"{scouting.seconds:.0f} s"),
    )


def _stated(dataset: Dataset) -> str:
    provenance = dataset.provenance
    return "; ".join(part for part in (provenance.licence, provenance.citation) if part) or "not stated"
