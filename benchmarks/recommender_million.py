"""An index of a million enumerated compositions, beside FAISS and brute force, on the same vectors in one run."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from data_folder import data_folder
from numpy.typing import NDArray

from matscout.app.indexing import query_from
from matscout.data.elements import SYMBOLS
from matscout.data.files import atomic_write, write_text_whole
from matscout.discover.candidates.enumeration import enumerate_neutral
from matscout.discover.candidates.generation import RARE_OR_RADIOACTIVE
from matscout.discover.index.search import SearchOptions, search
from matscout.discover.index.store import Found, Index
from matscout.workers import processors

N = 1_000_000
NAME = "composition-donor/vector"
ASKED, NEAREST, BATCH = 300, 100, 100
SELECTIVE = "array_has(elements, 'Te') and array_has(elements, 'Se')"
"""A condition that about one in a hundred meets."""

Floats = NDArray[np.float32]


def measure(folder: Path, options: Any) -> dict[str, Any]:
    """Build the index if it is not there, and time searches in it."""
    folder.mkdir(parents=True, exist_ok=True)
    table, where = folder / "million.parquet", folder / "million.index"
    if not table.is_file():
        enumerate_to(table)
    built = folder / "million-built.json"
    if not built.is_file():
        write_text_whole(built, json.dumps(_build(table, where)))
    facts: dict[str, Any] = json.loads(built.read_text(encoding="utf-8"))
    index = Index.open(where)
    facts |= {
        "materials": len(index),
        "dimension": len(index.about.vectors[NAME].standard.mean),
        "disk": sum(one.stat().st_size for one in where.rglob("*") if one.is_file()),
        "stored_recall": {str(count): share for count, share in index.about.vectors[NAME].recall.items()},
        "processors": processors(),
    }
    ids, vectors = _all(index)
    queries = _queries(index, ids, vectors)
    true, row_of = _brute(vectors, queries), {name: row for row, name in enumerate(ids)}

    def places(found: Found) -> NDArray[np.int64]:
        return _places(found, row_of)

    facts["rows"] = [
        _row("matscout", lambda one: index.nearest(NAME, one, NEAREST), queries, true, places),
        _row(
            "matscout, exact",
            lambda one: index.nearest(NAME, one, NEAREST, exact=True),
            queries[:30],
            true[:30],
            places,
        ),
        _row("brute force (NumPy)", lambda one: _top(vectors @ one), queries[:30], true[:30]),
        *_faiss(vectors, queries, true),
    ]
    facts["batches"] = _batches(index, queries, true, places)
    facts["whole"] = _whole_search(index)
    facts["selective"] = _selective(index, queries)
    facts["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return facts


def enumerate_to(path: Path) -> None:
    """A million charge-neutral compositions as a table of ids and formulas."""
    symbols = tuple(one for one in SYMBOLS[:83] if one not in RARE_OR_RADIOACTIVE)
    found = enumerate_neutral(symbols, N).materials.formulas.astype(str)
    with atomic_write(path) as unfinished:
        pl.DataFrame({"id": [f"e{row}" for row in range(len(found))], "formula": found}).write_parquet(unfinished)


def _build(table: Path, where: Path) -> dict[str, float]:
    """Wall time and largest memory of one process of ``matscout index build``."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "matscout", "index", "build", str(table), "-o", str(where), "--with", NAME]
    subprocess.run([*command, "--no-cache"], check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    return {"build_seconds": time.perf_counter() - start, "build_peak_gib": peak}


def _all(index: Index) -> tuple[list[str], Floats]:
    """Ids and vectors of the index, [n, d]."""
    column = index.about.vectors[NAME].column
    table = index.rows("id IS NOT NULL", ["id", column])
    return table["id"].to_list(), np.ascontiguousarray(table[column].to_numpy(), dtype=np.float32)


def _queries(index: Index, ids: Sequence[str], vectors: Floats) -> Floats:
    """Half are materials of the index, half measured thermoelectrics and gaps that mostly are not."""
    rng = np.random.default_rng(0)
    inside = vectors[rng.choice(len(ids), ASKED // 2, replace=False)]
    formulas = pl.read_csv(data_folder() / "thermoelectrics" / "estm.csv.gz")["formula"].unique(maintain_order=True)
    asked = formulas.sample(ASKED - len(inside), seed=0).to_list()
    return np.concatenate([inside, np.stack([query_from(index, one).vectors[NAME] for one in asked])])


def _top(likeness: Floats) -> NDArray[np.int64]:
    best = np.argpartition(-likeness, NEAREST)[:NEAREST]
    return np.asarray(best[np.argsort(-likeness[best], kind="stable")])


def _brute(vectors: Floats, queries: Floats) -> list[NDArray[np.int64]]:
    return [_top(vectors @ one) for one in queries]


def _places(found: Found, row_of: Mapping[str, int]) -> NDArray[np.int64]:
    """Rows of the neighbours among all vectors."""
    return np.array([row_of[name] for name in found.table["id"].to_list()])


def _row(
    name: str,
    ask: Callable[[Floats], Any],
    queries: Floats,
    true: Sequence[Any],
    places: Callable[[Any], NDArray[np.int64]] = np.asarray,
) -> dict[str, Any]:
    """Latency of single queries, milliseconds, and share of the true neighbours that are found."""
    for one in queries[:5]:
        places(ask(one))
    taken, shares = [], []
    for one, expected in zip(queries, true, strict=True):
        start = time.perf_counter()
        found = ask(one)
        taken.append(1e3 * (time.perf_counter() - start))
        shares.append(len(np.intersect1d(places(found), expected)) / NEAREST)
    p50, p95 = np.quantile(taken, [0.5, 0.95])
    return {
        "name": name,
        "queries": len(queries),
        "p50": float(p50),
        "p95": float(p95),
        "recall": float(np.mean(shares)),
    }


def _batches(
    index: Index, queries: Floats, true: Sequence[Any], places: Callable[[Found], Any]
) -> dict[str, dict[str, float]]:
    """Milliseconds for each query where many are asked at once, and the share of the true neighbours found."""
    found = {}
    for name, exact, count in (("matscout", False, len(queries)), ("matscout, exact", True, BATCH)):
        taken, shares = [], []
        for first in range(0, count, BATCH):
            asked = queries[first : first + BATCH]
            start = time.perf_counter()
            told = index.nearest_of_each(NAME, asked, NEAREST, exact=exact)
            taken.append(1e3 * (time.perf_counter() - start) / len(asked))
            expected = true[first : first + BATCH]
            shares += [
                len(np.intersect1d(places(one), best)) / NEAREST for one, best in zip(told, expected, strict=True)
            ]
        found[name] = {"each": float(np.median(taken)), "recall": float(np.mean(shares)), "queries": count}
    return found


def _faiss(vectors: Floats, queries: Floats, true: Sequence[Any]) -> list[dict[str, Any]]:
    """Flat, and a graph of neighbours as it is usually set."""
    if not find_spec("faiss"):
        print("faiss is not installed (pip install faiss-cpu): its rows are left out")
        return []
    faiss = import_module("faiss")
    rows = []
    for name, made, search_width in (
        ("FAISS, flat", faiss.IndexFlatIP(vectors.shape[1]), None),
        ("FAISS, HNSW 32, efSearch 256", faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT), 256),
    ):
        start = time.perf_counter()
        made.add(vectors)
        seconds = time.perf_counter() - start
        if search_width:
            made.hnsw.efSearch = search_width
        few = slice(None) if search_width else slice(30)
        row = _row(name, lambda one, made=made: made.search(one[None], NEAREST)[1][0], queries[few], true[few])
        rows.append({**row, "build_seconds": seconds})
    return rows


def _whole_search(index: Index) -> dict[str, float]:
    """``matscout.search_index`` of a formula: vector of the query, search, and reasons for 100 hits."""
    formulas = ["PbTe", "Bi2Te3", "GaAs", "LiFePO4", "SrTiO3", "Mg2Si", "CuInSe2", "ZnO", "Sb2Te3", "MgB2"] * 3
    taken = []
    for one in formulas:
        start = time.perf_counter()
        search(index, query_from(index, one), SearchOptions(count=NEAREST))
        taken.append(1e3 * (time.perf_counter() - start))
    p50, p95 = np.quantile(taken[3:], [0.5, 0.95])
    return {"p50": float(p50), "p95": float(p95)}


def _selective(index: Index, queries: Floats) -> dict[str, Any]:
    """Single queries under a condition."""
    share = index.count(SELECTIVE) / len(index)
    taken, recalls = [], []
    for one in queries[:100]:
        start = time.perf_counter()
        found = index.nearest(NAME, one, NEAREST, SELECTIVE)
        taken.append(1e3 * (time.perf_counter() - start))
        best = index.nearest(NAME, one, NEAREST, SELECTIVE, exact=True)
        recalls.append(len({*found.table["id"]} & {*best.table["id"]}) / len(best.table))
    p50, p95 = np.quantile(taken[5:], [0.5, 0.95])
    shown = {"condition": SELECTIVE, "share": share, "recall": float(np.mean(recalls))}
    return {**shown, "p50": float(p50), "p95": float(p95)}


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    lines = [
        f"| {row['name']} | {row['p50']:.1f} | {row['p95']:.1f} | {row['recall']:.4f} | {row['queries']} |"
        for row in facts["rows"]
    ]
    stored = ", ".join(f"{share:.1%} of the nearest {count}" for count, share in facts["stored_recall"].items())
    whole, selective = facts["whole"], facts["selective"]
    batches = [
        f"| {name} | {one['each']:.1f} | {one['recall']:.4f} | {one['queries']} |"
        for name, one in facts.get("batches", {}).items()
    ]
    at_once = f"| {BATCH} queries at once | ms for each | recall@{NEAREST} | queries |\n|---|--:|--:|--:|\n"
    filtered = f"recall {selective['recall']:.4f}, " if "recall" in selective else ""
    return f"""## One million materials

{facts["materials"]:,} enumerated charge-neutral compositions, vectors by `{NAME}` ({facts["dimension"]} components,
cosine), {facts["processors"]} processors. Built from a table of formulas in {facts["build_seconds"] / 60:.1f} minutes
(goal 15), largest process {facts["build_peak_gib"]:.1f} GiB; {facts["disk"] / 1e6:,.0f} MB on disk; the index says of
itself that it finds {stored}. Queries: half materials of the index, half measured thermoelectrics; the nearest
{NEAREST}; goal p95 20 ms at recall 0.98.

| one query | p50, ms | p95, ms | recall@{NEAREST} | queries |
|---|--:|--:|--:|--:|
{chr(10).join(lines)}

{at_once + chr(10).join(batches) if batches else "Many queries at once were not measured."}

`search_index` of a formula, with its vector and the reasons of {NEAREST} hits: p50 {whole["p50"]:.0f} ms, p95
{whole["p95"]:.0f} ms. With `{selective["condition"]}` ({selective["share"]:.2%} of all): {filtered}p50
{selective["p50"]:.0f} ms, p95 {selective["p95"]:.0f} ms (goal 50). Memory of this measuring
process, which holds all vectors for brute force and FAISS: {facts["peak_gib"]:.1f} GiB."""
