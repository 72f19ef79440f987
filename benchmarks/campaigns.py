"""Strategies on public tables: ``python benchmarks/campaigns.py``.

Each task is a pool of materials of which 8 random ones are measured, then 12 batches of 8; 20 campaigns, all
strategies from the same first rows. Campaigns are kept in ``benchmarks/cells/campaigns``, and a killed run goes on.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from data_folder import data_folder

import matscout
from matscout.discover.strategy_comparison import CHANCE, StrategyComparison
from matscout.store import Store
from matscout.workflow.contest_settings import ContestSettings
from matscout.workflow.strategy_contest import StrategyContest

HERE = Path(__file__).parent
PAGE, CELLS = HERE / "results" / "campaigns.md", HERE / "cells" / "campaigns"
STRATEGIES = ("trees", "trees:order=ei", "gp", "greedy", "explore", "random")


@dataclass(frozen=True)
class Task:
    """A pool and what is looked for in it."""

    name: str
    path: str
    goal: str
    rows: Callable[[pl.DataFrame], pl.DataFrame]


def _estm(table: pl.DataFrame) -> pl.DataFrame:
    return table.group_by("formula", maintain_order=True).agg(pl.col("ZT").cast(pl.Float64).max().alias("y"))


def _gap(table: pl.DataFrame) -> pl.DataFrame:
    return table.select("formula", pl.col("target").cast(pl.Float64).alias("y"))


def _bulk(table: pl.DataFrame) -> pl.DataFrame:
    columns = pl.col("formula_pretty").alias("formula"), pl.col("bulk_modulus_vrh_GPa").cast(pl.Float64).alias("y")
    return table.select(columns).filter(pl.col("y") > 0).group_by("formula", maintain_order=True).agg(pl.col("y").max())


def _perovskite(table: pl.DataFrame) -> pl.DataFrame:
    heat = pl.col("heat_all").cast(pl.Float64, strict=False).alias("y")
    return table.select("formula", heat).drop_nulls().group_by("formula", maintain_order=True).agg(pl.col("y").min())


TASKS = (
    Task("estm-zt", "thermoelectrics/estm.csv.gz", "max", _estm),
    Task("expt_gap-1.34-eV", "matbench/expt_gap.csv.gz", "1.33:1.35", _gap),
    Task("mp_elasticity-bulk-modulus", "mp_elasticity/structures.csv.gz", "max", _bulk),
    Task("perov_5-heat", "perov_5/structures.csv.gz", "min", _perovskite),
)


def played(task: Task, strategies: tuple[str, ...], runs: int) -> tuple[StrategyComparison, str]:
    """All campaigns of a task, and the digest of its table."""
    path = data_folder() / task.path
    table = task.rows(pl.read_csv(path, infer_schema=False))
    dataset = matscout.read(table, target="y")
    contest = StrategyContest.of(dataset, task.goal, ContestSettings(strategies=strategies, runs=runs))

    def progress(step: str, done: int, total: int) -> None:
        print(f"{task.name}: {step}, {done} of {total}", flush=True)

    return contest.play(Store(CELLS), progress), hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def page(results: dict[str, tuple[StrategyComparison, str]], runs: int) -> str:
    """The tables."""
    lines = [
        "# Campaigns, measured",
        "",
        f"Made by `python benchmarks/campaigns.py` on {datetime.now(UTC):%Y-%m-%d}. {runs} campaigns of each strategy",
        "on at most 1,000 materials of each table: 8 random rows, then 12 batches of 8. Wanted: the best 1 %, or rows",
        "within the range. Intervals: 90 %, bootstrap over the campaigns; p: Wilcoxon, paired by the first rows.",
        "",
    ]
    for task in TASKS:
        if task.name in results:
            result, digest = results[task.name]
            lines += [f"## {task.name}", "", f"`{task.path}` sha256 {digest}…. {result.title}. {result.verdict}", ""]
            lines += _table(result)
    return "\n".join(lines) + "\n"


def _table(result: StrategyComparison) -> list[str]:
    heads = ["strategy", "share found", "times chance", "AF at 50 %", "AF at 80 %", "first hit (quartiles)"]
    heads += ["p chance", "p first", "s a batch"]
    lines = [f"| {' | '.join(heads)} |", "|---|" + "--:|" * (len(heads) - 1)]
    for row in result.to_frame().to_dicts():
        if row["strategy"] == CHANCE:
            lines.append(f"| chance, exact | {row['share found']:.3f} |" + " |" * (len(heads) - 2))
            continue
        cells = [
            row["strategy"],
            f"{row['share found']:.3f} ({row['share found, 5 %']:.3f}-{row['share found, 95 %']:.3f})",
            f"{row['times chance']:.1f}",
            _number(row["acceleration at 50%"]),
            _number(row["acceleration at 80%"]),
            f"{_number(row['first hit, median'], 'never')} ({row['first hit, quartiles']})",
            f"{row['p against chance']:.2g}",
            "" if row["p against the first"] is None else f"{row['p against the first']:.2g}",
            f"{row['seconds a batch']:.2g}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _number(value: float | None, otherwise: str = "-") -> str:
    return otherwise if value is None or np.isnan(value) else f"{value:.3g}"


def main() -> None:
    """Play what is missing, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strategies", nargs="+", default=STRATEGIES)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--tasks", nargs="+", default=[task.name for task in TASKS])
    options = parser.parse_args()
    results = {}
    for task in TASKS:
        if task.name in options.tasks:
            results[task.name] = played(task, tuple(options.strategies), options.runs)
            PAGE.write_text(page(results, options.runs), encoding="utf-8")


if __name__ == "__main__":
    main()
