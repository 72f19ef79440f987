"""The result page in Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from goals import MODEL, Goal, goals, ratio, rmse_ratio

Record = dict[str, Any]
TREES, GP, DUMMY = "extratrees-magpie", "gp", "dummy"


def page(facts: dict[str, Any]) -> str:
    """The whole page."""
    records: list[Record] = facts["tasks"]
    regression = [record for record in records if record["task"] == "regression"]
    parts = [
        _head(facts),
        "## Goals\n\n" + goal_table(goals(records)),
        _errors("Errors on random or official folds", [r for r in regression if r["kind"] == "random"]),
        _errors("Errors with whole papers left out", [r for r in regression if r["kind"] == "grouped"]),
        intervals([record for record in regression if record["kind"] != "learning"]),
        classes([record for record in records if record["task"] == "classification"]),
        _learning([record for record in records if record["kind"] == "learning"]),
        _time(records),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(facts: dict[str, Any]) -> str:
    missing = f"\n\n**Not finished: {', '.join(facts['unfinished'])}.**" if facts["unfinished"] else ""
    packages = versions(facts)
    return f"""# The main job, measured

Made by `python benchmarks/run.py` on {facts["date"]} ({facts["machine"]}; {packages}); all numbers in one run of one
code (logic of `data`, `represent`, `predict`: sha256 {facts["code"][:16]}…), from formulas alone, seed {facts["seed"]},
{facts["level"]:.0%} intervals. Scores are pooled over all out-of-fold rows; ± is the standard deviation over folds.
*Best tree* is the lowest error among four: our `extratrees-magpie` and scikit-learn's plain ExtraTrees on
the same columns, each with the mean and the median over trees; ratios are against the best of the four, and so are the
tests (corrected t over folds, Wilcoxon over rows). The GP learns from at most 3,000 rows. Bold is the best of a row
among what was run here.

{files(facts)}{missing}"""


def versions(facts: dict[str, Any]) -> str:
    """Packages with their versions."""
    return ", ".join(f"{name} {number}" for name, number in facts["versions"].items())


def files(facts: dict[str, Any]) -> str:
    """Data files with their digests."""
    return "\n".join(f"- `{file}` sha256 {digest[:16]}…" for file, digest in sorted(facts["files"].items()))


def goal_table(found: Sequence[Goal]) -> str:
    """What was wanted and what came of it."""
    marks = {True: "yes", False: "**no**", None: "not run"}
    rows = [[goal.wanted, goal.found, marks[goal.met]] for goal in found]
    return table(["goal", "found", "met"], rows)


def _errors(title: str, records: list[Record]) -> str:
    if not records:
        return ""
    columns = [MODEL, *records[0]["trees"], GP, DUMMY]
    maes, squares = [], []
    for record in records:
        published = best_published(record)
        errors = bold_least(_row(record, "mae"))
        errors[0] += f" ± {number(record['fold_spread'][MODEL])}"
        p_values = " / ".join(p_value(record[f"best_tree_over_{pairs}"]["p_value"]) for pairs in ("folds", "rows"))
        n = str(record["n"])
        maes.append([record["name"], record["unit"], n, *errors, published, f"{ratio(record):.3f}", p_values])
        squares.append([record["name"], n, *bold_least(_row(record, "rmse")), f"{rmse_ratio(record):.3f}"])
    parts = [
        f"## {title}\n\nMAE:",
        table(["task", "unit", "n", *columns, "best published", "MAE ratio", "p folds / rows"], maes),
        "RMSE:",
        table(["task", "n", *columns, "RMSE ratio"], squares),
    ]
    return "\n\n".join(parts)


def best_published(record: Record) -> str:
    """Published numbers with their origin."""
    return "; ".join(f"{known['value']} ({known['who']})" for known in record["published"]) or "-"


def _row(record: Record, error: str) -> list[float]:
    scores = record["scores"]
    trees = [errors[error] for errors in record["trees"].values()]
    return [scores[MODEL][error], *trees, scores[GP][error], scores[DUMMY][error]]


def bold_least(values: list[float]) -> list[str]:
    """Numbers, the least in bold."""
    return [f"**{number(value)}**" if value == min(values) else number(value) for value in values]


def intervals(records: list[Record], models: Sequence[str] = (MODEL, TREES, GP)) -> str:
    """Coverage and width of the intervals of some models."""
    if not records:
        return ""
    rows = []
    for record in records:
        for name in models:
            scores = record["scores"][name]
            off = abs(scores["coverage"] - 0.9) > scores["coverage_tolerance"]
            covered = f"{100 * scores['coverage']:.1f}"
            rows.append(
                [
                    record["name"] if name == models[0] else "",
                    name,
                    f"**{covered}**" if off else covered,
                    f"{100 * scores['coverage_tolerance']:.1f}",
                    f"{100 * scores['worst_group_coverage']:.0f}",
                    number(scores["width"]),
                    number(scores["winkler"]),
                ]
            )
    header = ["task", "model", "coverage %", "tolerance ±", "worst tenth %", "width", "Winkler"]
    return (
        "## Intervals at 90 %\n\nBold: outside the tolerance. Worst tenth: lowest coverage among ten equal groups by "
        "predicted standard deviation.\n\n" + table(header, rows)
    )


def classes(records: list[Record]) -> str:
    """Scores of classifiers."""
    if not records:
        return ""
    keys = ["roc_auc", "balanced_accuracy", "f1", "log_loss", "brier", "coverage", "width"]
    rows = []
    for record in records:
        for at, (name, scores) in enumerate(record["scores"].items()):
            values = [f"{scores[key]:.4f}" for key in keys]
            rows.append(["" if at else record["name"], str(record["n"]), name, *values])
        peer = record["peer"]
        values = [f"{peer['roc_auc']:.4f}", f"{peer['balanced_accuracy']:.4f}", *["-"] * 5]
        rows.append(["", str(record["n"]), "scikit-learn ExtraTrees", *values])
        for known in record["published"]:
            rows.append(["", str(record["n"]), f"published: {known['who']}", "-", f"{known['value']:.4f}", *["-"] * 5])
    header = ["task", "n", "model", "ROC-AUC", "balanced accuracy", "F1", "log loss", "Brier", "sets cover", "set size"]
    note = "The matbench board's ROC-AUC is made from hard labels, so it equals the balanced accuracy and stands there."
    return f"## Classes\n\n{note}\n\n" + table(header, rows)


def _learning(records: list[Record]) -> str:
    if not records:
        return ""
    parts = ["## Few labels\n\nMAE (± standard deviation over the draws) on the same held-out fifth."]
    for record in records:
        curve = record["learning"]
        rows = [
            [name, *[f"{number(m)} ± {number(s)}" for m, s in zip(means, curve["spread"][name], strict=True)]]
            for name, means in curve["mae"].items()
        ]
        header = [f"{record['name']} ({record['unit']})", *[f"{size} labels" for size in curve["labels"]]]
        parts.append(table(header, rows))
    return "\n\n".join(parts)


def _time(records: list[Record]) -> str:
    if not records:
        return ""
    names = (MODEL, TREES, GP, DUMMY)
    rows = [
        [record["name"], str(record["n"]), *[f"{record['seconds_per_fit'][name]:.1f}" for name in names]]
        for record in records
    ]
    return "## Seconds for one fit and its predictions\n\n" + table(["task", "n", *names], rows)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def number(value: float) -> str:
    """Three significant digits or so, without exponents for the sizes that occur."""
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"


def p_value(value: float | None) -> str:
    """Three digits; a dash where the test had nothing to say."""
    return "-" if value is None or math.isnan(value) else f"{value:.1e}" if value < 0.001 else f"{value:.3f}"
