"""An index of a million enumerated compositions, beside FAISS and brute force, on the same vectors in one run."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import psutil
from data_folder import data_folder
from numpy.typing import NDArray

import matscout
from matscout.data.elements import SYMBOLS
from matscout.data.files import atomic_write, write_text_whole
from matscout.discover.index.conditions import quoted
from matscout.discover.index.named import query_from
from matscout.discover.index.store import Found, Index
from matscout.generate.generators.enumeration import enumerate_neutral
from matscout.generate.pools import RARE_OR_RADIOACTIVE
from matscout.workers import processors

N = 1_000_000
NAME = "composition-donor/vector"
ASKED, NEAREST, BATCH = 300, 100, 100
CONDITIONS = tuple(f"array_has(elements, 'O') and array_has(elements, '{one}')" for one in ("Te", "Se", "S", "F", "Cl"))
"""Of these the one that is met by a share nearest to one in a hundred is asked with."""

Floats = NDArray[np.float32]


def measure(folder: Path, options: Any) -> dict[str, Any]:
    """Build the index if it is not there, and time searches in it."""
    if not find_spec("faiss"):
        raise SystemExit("faiss is not installed, and stands beside in the same run: pip install faiss-cpu")
    folder.mkdir(parents=True, exist_ok=True)
    table, where = folder / "million.parquet", folder / "million.index"
    if not table.is_file():
        enumerate_to(table)
    built = folder / "million-built.json"
    if not built.is_file():
        # From nothing, so that the time is that of a whole build.
        for rest in folder.glob("million.index*"):
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
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
    facts["batches"] = _batches(index, vectors, queries, true, places)
    facts["public"] = [_public(index, vectors, row_of), _public(index, vectors, row_of, _selective(index))]
    facts["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return facts


def enumerate_to(path: Path) -> None:
    """A million charge-neutral compositions as a table of ids and formulas."""
    symbols = tuple(one for one in SYMBOLS[:83] if one not in RARE_OR_RADIOACTIVE)
    found = enumerate_neutral(symbols, N).materials.formulas.astype(str)
    with atomic_write(path) as unfinished:
        pl.DataFrame({"id": [f"e{row}" for row in range(len(found))], "formula": found}).write_parquet(unfinished)


def _build(table: Path, where: Path) -> dict[str, float]:
    """Wall time of ``matscout index build``, and the largest sum of the memory of all its processes."""
    start, peak = time.perf_counter(), 0
    command = [sys.executable, "-m", "matscout", "index", "build", str(table), "-o", str(where), "--with", NAME]
    # As a user has it, whatever this process was told of threads.
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    running = psutil.Popen([*command, "--no-cache"], env=free)
    while running.poll() is None:
        peak = max(peak, _memory(running))
        time.sleep(0.5)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    return {"build_seconds": time.perf_counter() - start, "build_peak_gib": peak / 2**30}


def _memory(process: psutil.Process) -> int:
    """Bytes of a process and all that it has begun; what they share counts for each."""
    found = 0
    with suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                found += one.memory_info().rss
    return found


def _all(index: Index) -> tuple[list[str], Floats]:
    """Ids and vectors of the index, [n, d]."""
    column = index.about.vectors[NAME].column
    table = index.rows("id IS NOT NULL", ["id", column])
    return table["id"].to_list(), np.ascontiguousarray(table[column].to_numpy(), dtype=np.float32)


def _queries(index: Index, ids: Sequence[str], vectors: Floats) -> Floats:
    """Half are materials of the index, half measured thermoelectrics that mostly are not."""
    rng = np.random.default_rng(0)
    inside = vectors[rng.choice(len(ids), ASKED // 2, replace=False)]
    asked = _measured(ASKED - len(inside))
    return np.concatenate([inside, np.stack([query_from(index, one).vectors[NAME] for one in asked])])


def _measured(count: int) -> list[str]:
    """Formulas of measured thermoelectrics, drawn once."""
    formulas = pl.read_csv(data_folder() / "thermoelectrics" / "estm.csv.gz")["formula"].unique(maintain_order=True)
    return formulas.sample(count, seed=0).to_list()


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
    index: Index, vectors: Floats, queries: Floats, true: Sequence[Any], places: Callable[[Found], Any]
) -> list[dict[str, Any]]:
    """Milliseconds for each query where many are asked at once, and the share of the true neighbours found."""

    def of_index(asked: Floats, *, exact: bool = False) -> list[NDArray[np.int64]]:
        return [places(one) for one in index.nearest_of_each(NAME, asked, NEAREST, exact=exact)]

    ways: tuple[tuple[str, Callable[[Floats], Sequence[Any]], int], ...] = (
        ("matscout", of_index, len(queries)),
        ("matscout, exact", lambda asked: of_index(asked, exact=True), BATCH),
        ("brute force (NumPy)", lambda asked: [_top(one) for one in asked @ vectors.T], len(queries)),
    )
    return [_batch(name, ask, queries[:count], true[:count]) for name, ask, count in ways]


def _batch(name: str, ask: Callable[[Floats], Sequence[Any]], queries: Floats, true: Sequence[Any]) -> dict[str, Any]:
    """One way to ask many at once."""
    taken, shares = [], []
    for first in range(0, len(queries), BATCH):
        asked, expected = queries[first : first + BATCH], true[first : first + BATCH]
        start = time.perf_counter()
        told = ask(asked)
        taken.append(1e3 * (time.perf_counter() - start) / len(asked))
        shares += [len(np.intersect1d(one, best)) / NEAREST for one, best in zip(told, expected, strict=True)]
    p50, p95 = np.quantile(taken, [0.5, 0.95])
    recall = float(np.mean(shares))
    return {"name": name, "queries": len(queries), "p50": float(p50), "p95": float(p95), "recall": recall}


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


def _public(index: Index, vectors: Floats, row_of: Mapping[str, int], where: str = "") -> dict[str, Any]:
    """``matscout.search_index`` of formulas, half of the index: vector, search, and reasons for 100 hits."""
    rng = np.random.default_rng(1)
    names = list(row_of)
    inside = [names[row] for row in rng.choice(len(names), ASKED // 2, replace=False)]
    formulas = index.rows(f"id IN ({', '.join(map(quoted, inside))})", ["formula"])["formula"].to_list()
    formulas += _measured(ASKED - len(inside))
    allowed = np.array([row_of[name] for name in index.rows(where or "id IS NOT NULL", ["id"])["id"].to_list()])
    allowed_vectors = vectors[allowed]
    for one in formulas[:5]:
        matscout.search_index(index, one, count=NEAREST, where=where)
    taken, told = [], []
    for one in formulas:
        start = time.perf_counter()
        told.append(matscout.search_index(index, one, count=NEAREST, where=where).table["id"].to_list())
        taken.append(1e3 * (time.perf_counter() - start))
    # Only now: brute force between two searches would sweep the processor's caches.
    shares = []
    for one, found in zip(formulas, told, strict=True):
        best = allowed[_top(allowed_vectors @ query_from(index, one).vectors[NAME])]
        shares.append(len(np.intersect1d([row_of[name] for name in found], best)) / NEAREST)
    p50, p95 = np.quantile(taken, [0.5, 0.95])
    return {
        "condition": where,
        "share": len(allowed) / len(row_of),
        "queries": len(formulas),
        "p50": float(p50),
        "p95": float(p95),
        "recall": float(np.mean(shares)),
    }


def _selective(index: Index) -> str:
    """A condition that about one in a hundred materials meets."""
    shares = {condition: index.count(condition) / len(index) for condition in CONDITIONS}
    return min(shares, key=lambda condition: abs(np.log(max(shares[condition], 1e-9) / 0.01)))


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    lines, batches = ("\n".join(map(_line, facts[name])) for name in ("rows", "batches"))
    stored = ", ".join(f"{share:.1%} of the nearest {count}" for count, share in facts["stored_recall"].items())
    whole, selective = facts["public"]
    goals = "\n".join(
        f"| {words} | {found:{form}} | {sign} {goal:g} | {'yes' if met else '**no**'} |"
        for words, found, form, sign, goal, met in _goals(facts)
    )
    return f"""## One million materials

{facts["materials"]:,} enumerated charge-neutral compositions, vectors by `{NAME}` ({facts["dimension"]} components,
cosine), {facts["processors"]} processors; {facts["disk"] / 1e6:,.0f} MB on disk; the index says of itself that it finds
{stored}. Built from a table of formulas. Queries: half materials of the index, half measured thermoelectrics; the
nearest {NEAREST}.

| | found | goal | met |
|---|--:|--:|---|
{goals}

`search_index` takes a formula and finds its vector, the {NEAREST} nearest, and what they have in common with it: p50
{whole["p50"]:.1f} ms, with `{selective["condition"]}` ({selective["share"]:.2%} of all) {selective["p50"]:.1f} ms. What
of it is search, beside others, from the vector of the query on:

| one query | p50, ms | p95, ms | recall@{NEAREST} | queries |
|---|--:|--:|--:|--:|
{lines}

| {BATCH} queries at once, for each | p50, ms | p95, ms | recall@{NEAREST} | queries |
|---|--:|--:|--:|--:|
{batches}

Memory of this measuring process, which holds all vectors for brute force and FAISS: {facts["peak_gib"]:.1f} GiB."""


def _line(row: Mapping[str, Any]) -> str:
    return f"| {row['name']} | {row['p50']:.1f} | {row['p95']:.1f} | {row['recall']:.4f} | {row['queries']} |"


def _goals(facts: Mapping[str, Any]) -> list[tuple[str, float, str, str, float, bool]]:
    """What the project asks of itself: words, what was found and how to write it, the goal, whether it is met."""
    whole, selective = facts["public"]
    minutes, memory = facts["build_seconds"] / 60, facts["build_peak_gib"]
    asked = (
        ("`search_index`, p95, ms", whole["p95"], ".1f", "<", 20.0),
        ("its recall", whole["recall"], ".4f", ">=", 0.98),
        ("`search_index` under a condition, p95, ms", selective["p95"], ".1f", "<", 50.0),
        ("its recall", selective["recall"], ".4f", ">=", 0.98),
        ("build, minutes", minutes, ".1f", "<", 15.0),
        ("build, memory of all its processes, GiB", memory, ".1f", "<", 8.0),
    )
    return [
        (words, found, form, sign, goal, found >= goal if sign == ">=" else found < goal)
        for words, found, form, sign, goal in asked
    ]
