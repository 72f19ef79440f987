"""What ten million materials would cost: vectors made by one Ray worker and by two, two sizes each, extrapolated.

Every run is ``matscout embed --ray`` on a cluster of its own with so many processors. Two sizes tell what each million
costs from what a start costs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
from recommender_million import NAME, enumerate_to

from matscout.data.files import write_text_whole
from matscout.workers import processors

SIZES = (50_000, 250_000)
WORKERS = (1, 2)


def measure(folder: Path, options: Any) -> dict[str, Any]:
    """Seconds of each run."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "million.parquet"
    if not table.is_file():
        enumerate_to(table)
    rows = []
    for workers in WORKERS:
        for size in SIZES:
            path = folder / f"ten-{workers}-{size}.json"
            if not path.is_file():
                write_text_whole(path, json.dumps(_embedded(table, size, workers)))
            rows.append({"workers": workers, "size": size, "seconds": json.loads(path.read_text(encoding="utf-8"))})
    return {"rows": rows, "processors": processors()}


def _embedded(table: Path, size: int, workers: int) -> float:
    """Wall time of the command, without that of starting the cluster."""
    ray = Path(sys.executable).with_name("ray")
    subprocess.run([ray, "start", "--head", f"--num-cpus={workers}", "--disable-usage-stats"], check=True, stdout=-3)
    try:
        with tempfile.TemporaryDirectory() as place:
            source, out = Path(place) / "some.parquet", Path(place) / "vectors.parquet"
            pl.read_parquet(table).head(size).write_parquet(source)
            start = time.perf_counter()
            command = [sys.executable, "-m", "matscout", "embed", source, "--with", NAME, "-o", out]
            subprocess.run([*command, "--ray", "auto"], check=True)
            return time.perf_counter() - start
    finally:
        subprocess.run([ray, "stop", "--force"], check=True, stdout=-3)


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    seconds = {(row["workers"], row["size"]): row["seconds"] for row in facts["rows"]}
    small, large = SIZES
    lines = []
    for workers in WORKERS:
        each = (seconds[workers, large] - seconds[workers, small]) / (large - small) * 1e6
        lines.append(
            f"| {workers} | {seconds[workers, small]:.0f} | {seconds[workers, large]:.0f} | {each / 60:.1f} "
            f"| {10 * each / 3600:.2f} |"
        )
    heading = f"| workers | s of {small:,} | s of {large:,} | minutes for each million | hours of ten million |"
    return "\n\n".join(
        [
            "## Ten million, extrapolated",
            f"`matscout embed --with {NAME} --ray auto` of enumerated compositions on a cluster of so many processors; "
            "what each million costs is the slope between both sizes. The process that reads, hands out and writes "
            f"works beside them: {facts['processors']} processors for all. **The last column is an extrapolation**, of "
            "vectors alone: it has not been run, and indexing them is not in it.",
            f"{heading}\n|--:|--:|--:|--:|--:|\n" + "\n".join(lines),
        ]
    )
