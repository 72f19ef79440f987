"""Verdicts as they are stored: what a stage said once it need not say again."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from matscout.data.files import atomic_folder, write_text_whole
from matscout.data.structure_arrays import read_structure_arrays, write_structure_arrays
from matscout.discover.facts import Evidence, EvidenceSource
from matscout.discover.stage import Verdict
from matscout.errors import InputError

TABLE, FACTS, STRUCTURES = "verdict.parquet", "facts.json", "structures.npz"
COLUMNS = ("values", "errors", "seen")
"""Parts of evidence that have one entry for each candidate."""


def write_verdict(verdict: Verdict, folder: Path) -> None:
    """Store a verdict as a folder, whole or not at all."""
    columns: dict[str, Any] = {"objections": verdict.objections.astype(str), "words": verdict.words.astype(str)}
    if verdict.scores is not None:
        columns["scores"] = verdict.scores
    for place, evidence in enumerate(verdict.facts):
        parts = {part: getattr(evidence, part) for part in COLUMNS}
        columns |= {f"{place} {part}": column for part, column in parts.items() if column is not None}
    with atomic_folder(folder) as unfinished:
        pl.DataFrame(columns).write_parquet(unfinished / TABLE)
        write_text_whole(unfinished / FACTS, json.dumps([_described(evidence) for evidence in verdict.facts]))
        if verdict.structures is not None:
            names = np.arange(len(verdict)).astype(np.str_)
            write_structure_arrays(unfinished / STRUCTURES, names, verdict.structures)


def read_verdict(folder: Path, n: int) -> Verdict | None:
    """A verdict on n candidates that was stored; None if there is none, or it cannot be read."""
    try:
        table = pl.read_parquet(folder / TABLE)
        described = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        kept = folder / STRUCTURES
        structures = read_structure_arrays(kept)[1] if kept.exists() else None
        facts = tuple(_evidence(table, place, one) for place, one in enumerate(described))
        scores = table["scores"].to_numpy() if "scores" in table.columns else None
        found = Verdict(_texts(table["objections"]), scores, _texts(table["words"]), facts, structures)
    except (InputError, OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None
    return found if len(found) == n else None


def _texts(column: pl.Series) -> np.ndarray:
    return column.to_numpy().astype(np.str_)


def _described(evidence: Evidence) -> dict[str, Any]:
    """All of it but its columns."""
    names = [field.name for field in fields(evidence) if field.name not in (*COLUMNS, "source")]
    return {**{name: getattr(evidence, name) for name in names}, "source": asdict(evidence.source)}


def _evidence(table: pl.DataFrame, place: int, described: dict[str, Any]) -> Evidence:
    columns = {part: f"{place} {part}" for part in COLUMNS}
    parts: dict[str, Any] = {part: table[name].to_numpy() for part, name in columns.items() if name in table.columns}
    if parts["values"].dtype.kind == "O":
        parts["values"] = parts["values"].astype(np.str_)
    return Evidence(**{**described, "source": EvidenceSource(**described["source"])}, **parts)
