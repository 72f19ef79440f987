"""Verdicts as they are stored: what a stage said once it need not say again."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import polars as pl

from matscout.data.structure_arrays import read_structure_arrays, write_structure_arrays
from matscout.discover.stage import Verdict
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.store import Store

KIND = "stages"
"""What verdicts are in a store."""

TABLE, FACTS, STRUCTURES = "verdict.parquet", "facts.json", "structures.npz"
COLUMNS = ("values", "errors", "seen")
"""Parts of evidence that have one entry for each candidate."""


def keep_verdict(store: Store, key: str, verdict: Verdict) -> None:
    """Store a verdict.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    columns: dict[str, Any] = {"objections": verdict.objections.astype(str), "words": verdict.words.astype(str)}
    if verdict.scores is not None:
        columns["scores"] = verdict.scores
    for place, evidence in enumerate(verdict.facts):
        parts = {part: getattr(evidence, part) for part in COLUMNS}
        columns |= {f"{place} {part}": column for part, column in parts.items() if column is not None}
    with store.put_folder(KIND, key) as folder:
        pl.DataFrame(columns).write_parquet(folder / TABLE)
        (folder / FACTS).write_text(json.dumps([_described(evidence) for evidence in verdict.facts]), encoding="utf-8")
        if verdict.structures is not None:
            names = np.arange(len(verdict)).astype(np.str_)
            write_structure_arrays(folder / STRUCTURES, names, verdict.structures)


def kept_verdict(store: Store, key: str) -> Verdict | None:
    """A verdict that was stored; None if there is none."""
    folder = store.get_folder(KIND, key)
    if folder is None:
        return None
    table = pl.read_parquet(folder / TABLE)
    described = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    kept = folder / STRUCTURES
    structures = read_structure_arrays(kept)[1] if kept.exists() else None
    facts = tuple(_evidence(table, place, one) for place, one in enumerate(described))
    scores = table["scores"].to_numpy() if "scores" in table.columns else None
    return Verdict(_texts(table["objections"]), scores, _texts(table["words"]), facts, structures)


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
