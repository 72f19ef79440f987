"""The page about donors in Markdown: goals, errors with and without the donor, what carries, rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from donor_goals import donor_goals
from donor_tasks import ALONE, MODEL, SIZES, WITHOUT
from goals import Record, ratio, rmse_ratio
from tables import best_published, bold_least, classes, files, goal_table, intervals, number, p_value, table, versions

from matscout.evaluation.metrics import geometric_mean
from matscout.evaluation.statistics import wilcoxon_test

MODELS = (MODEL, WITHOUT, ALONE)


def page(facts: dict[str, Any]) -> str:
    """The whole page, of the parts that are there."""
    models, donors, rates = (facts["parts"].get(name) for name in ("models", "donors", "rates"))
    parts = [_head(facts), *(_models(models) if models else []), *(_donors(donors) if donors else [])]
    return "\n\n".join([part for part in [*parts, *(_rates(rates) if rates else [])] if part]) + "\n"


def _head(facts: dict[str, Any]) -> str:
    packages = versions(facts)
    return f"""# Donors, measured

Made by `python benchmarks/donors.py` on {facts["date"]} ({facts["machine"]}; {packages}); code (logic and tables
of `data`, `represent` and `predict`, the donor's weights among them): sha256 {facts["code"][:16]}…;
from formulas alone, seed {facts["seed"]}.

{files(facts)}"""


def _models(part: dict[str, Any]) -> list[str]:
    records: list[Record] = part["tasks"]
    regression = [record for record in records if record["task"] == "regression"]
    by_kind = {
        kind: [r for r in regression if r["kind"] == kind] for kind in ("random", "grouped", "few", "few-grouped")
    }
    few = [
        text
        for size in SIZES
        for kind, how in (("few", "random draws"), ("few-grouped", "by paper"))
        for text in _errors(
            f"{size} labels, {how}", [r for r in by_kind[kind] if r["name"].endswith(f"-{size}-labels")]
        )
    ]
    return [
        _donor(part),
        "## Goals\n\n" + goal_table(donor_goals(records, part["wanted"])).partition("\n\n")[2],
        *few,
        *_errors("Full size, random or official folds", by_kind["random"]),
        *_errors("Full size, whole papers left out", by_kind["grouped"]),
        intervals([*by_kind["random"], *by_kind["grouped"]], MODELS[:2]),
        classes([record for record in records if record["task"] == "classification"]),
        _seconds(records),
    ]


def _with_labels(records: Sequence[Record], size: int) -> list[Record]:
    return [record for record in records if record["name"].endswith(f"-{size}-labels")]


def _donor(part: dict[str, Any]) -> str:
    donor = part["donor"]
    seen = sum(record["seen"] for record in part["tasks"])
    rows = sum(record["n"] for record in part["tasks"])
    missing = f"\n\n**Not finished: {', '.join(part['unfinished'])}.**" if part["unfinished"] else ""
    return f"""## With a donor and without

`{MODEL}` learns from descriptors and from `{donor["name"]}` ({donor["data"]}, {donor["epochs"]} epochs,
weights sha256 {donor["weights"][:16]}…), `{WITHOUT}` from descriptors alone, `{ALONE}` from the donor's columns alone.
Of the {rows:,} rows of the tasks below the donor has seen {seen}.
*Best tree* is the lowest error among four: our `extratrees-magpie` and scikit-learn's plain ExtraTrees, each with the
mean and the median over trees. Few labels: {part["few_labels"]}. ± is the standard deviation over folds or draws; MAE
and RMSE are pooled over all test rows. p compares with and without the donor: for full size Nadeau and Bengio's t over
folds, for few labels Wilcoxon's test over the draws (which share rows, so read a small p as "most draws agree").
Bold is the best of a row.{missing}"""


def _errors(title: str, records: Sequence[Record]) -> list[str]:
    """MAE and RMSE of one kind of tasks."""
    if not records:
        return []
    header = ["task", "unit", "n", *MODELS, "best tree", "best published", *(f"{name} / tree" for name in MODELS), "p"]
    rows = [_error_row(record) for record in records]
    means = [f"{geometric_mean([ratio(record, name) for record in records]):.3f}" for name in MODELS]
    rows.append(["geometric mean", *[""] * (len(header) - 5), *means, ""])
    squares = [
        [
            record["name"],
            *bold_least([record["scores"][name]["rmse"] for name in MODELS]),
            f"{rmse_ratio(record, MODEL):.3f}",
        ]
        for record in records
    ]
    return [
        f"### {title}\n\nMAE:",
        table(header, rows),
        "RMSE:",
        table(["task", *MODELS, f"{MODEL} / best tree"], squares),
    ]


def _error_row(record: Record) -> list[str]:
    tree = record["trees"][record["best_tree"]]["mae"]
    errors = bold_least([*(record["scores"][name]["mae"] for name in MODELS), tree])
    errors[0] += f" ± {number(record['fold_spread'][MODEL])}"
    ratios = [f"{ratio(record, name):.3f}" for name in MODELS]
    published = best_published(record)
    return [record["name"], record["unit"], str(record["n"]), *errors, published, *ratios, p_value(_p(record))]


def _p(record: Record) -> float | None:
    """Of the difference that the donor makes."""
    if not record["kind"].startswith("few"):
        return record["tests"][WITHOUT]["over_folds"]["p_value"]
    with_donor, without = (np.array(record["fold_errors"][name]) for name in (MODEL, WITHOUT))
    return wilcoxon_test(with_donor, without).p_value if len(without) > 1 else None


def _seconds(records: Sequence[Record]) -> str:
    names = list(MODELS)
    rows = [
        [record["name"], str(record["n"]), *[f"{record['seconds_per_fit'][name]:.1f}" for name in names]]
        for record in records
    ]
    return "### Seconds for one fit and its predictions\n\n" + table(["task", "n", *names], rows)


def _donors(part: dict[str, Any]) -> list[str]:
    return []


def _rates(part: dict[str, Any]) -> list[str]:
    return []
