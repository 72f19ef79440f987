"""The result page in Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from goals import MODEL, goals, ratio, rmse_ratio

Record = dict[str, Any]
TREES, GP, DUMMY = "extratrees-magpie", "gp", "dummy"


def page(facts: dict[str, Any]) -> str:
    """The whole page."""
    records: list[Record] = facts["tasks"]
    regression = [record for record in records if record["task"] == "regression"]
    parts = [
        _head(facts),
        _goals(records),
        _errors("Errors on random or official folds", [r for r in regression if r["kind"] == "random"]),
        _errors("Errors with whole papers left out", [r for r in regression if r["kind"] == "grouped"]),
        _intervals([record for record in regression if record["kind"] != "learning"]),
        _classes([record for record in records if record["task"] == "classification"]),
        _learning([record for record in records if record["kind"] == "learning"]),
        _time(records),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(facts: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    files = "\n".join(f"- `{file}` sha256 {digest[:16]}…" for file, digest in sorted(facts["files"].items()))
    missing = f"\n\n**Not finished: {', '.join(facts['unfinished'])}.**" if facts["unfinished"] else ""
    return f"""# The main job, measured

Made by `python benchmarks/run.py` on {facts["date"]} ({facts["machine"]}; {versions}); all numbers in one run of one
code (logic of `data`, `represent`, `predict`: sha256 {facts["code"][:16]}…), from formulas alone, seed {facts["seed"]},
{facts["level"]:.0%} intervals. Scores are pooled over all out-of-fold rows; ± is the standard deviation over folds.
*Best tree* is the lowest error among four: our `extratrees-magpie` and scikit-learn's plain ExtraTrees on
the same columns, each with the mean and the median over trees; ratios are against the best of the four, and so are the
tests (corrected t over folds, Wilcoxon over rows). The GP learns from at most 3,000 rows. Bold is the best of a row
among what was run here.

{files}{missing}"""


def _goals(records: list[Record]) -> str:
    marks = {True: "yes", False: "**no**", None: "not run"}
    rows = [[goal.wanted, goal.found, marks[goal.met]] for goal in goals(records)]
    return "## Goals\n\n" + _table(["goal", "found", "met"], rows)


def _errors(title: str, records: list[Record]) -> str:
    if not records:
        return ""
    columns = [MODEL, *records[0]["trees"], GP, DUMMY]
    maes, squares = [], []
    for record in records:
        published = "; ".join(f"{number['value']} ({number['who']})" for number in record["published"]) or "-"
        errors = _bold_least(_row(record, "mae"))
        errors[0] += f" ± {_number(record['fold_spread'][MODEL])}"
        p_values = " / ".join(_p(record[f"best_tree_over_{pairs}"]["p_value"]) for pairs in ("folds", "rows"))
        n = str(record["n"])
        maes.append([record["name"], record["unit"], n, *errors, published, f"{ratio(record):.3f}", p_values])
        squares.append([record["name"], n, *_bold_least(_row(record, "rmse")), f"{rmse_ratio(record):.3f}"])
    parts = [
        f"## {title}\n\nMAE:",
        _table(["task", "unit", "n", *columns, "best published", "MAE ratio", "p folds / rows"], maes),
        "RMSE:",
        _table(["task", "n", *columns, "RMSE ratio"], squares),
    ]
    return "\n\n".join(parts)


def _row(record: Record, error: str) -> list[float]:
    scores = record["scores"]
    trees = [errors[error] for errors in record["trees"].values()]
    return [scores[MODEL][error], *trees, scores[GP][error], scores[DUMMY][error]]


def _bold_least(values: list[float]) -> list[str]:
    return [f"**{_number(value)}**" if value == min(values) else _number(value) for value in values]


def _intervals(records: list[Record]) -> str:
    if not records:
        return ""
    rows = []
    for record in records:
        for name in (MODEL, TREES, GP):
            scores = record["scores"][name]
            off = abs(scores["coverage"] - 0.9) > scores["coverage_tolerance"]
            covered = f"{100 * scores['coverage']:.1f}"
            rows.append(
                [
                    record["name"] if name == MODEL else "",
                    name,
                    f"**{covered}**" if off else covered,
                    f"{100 * scores['coverage_tolerance']:.1f}",
                    f"{100 * scores['worst_group_coverage']:.0f}",
                    _number(scores["width"]),
                    _number(scores["winkler"]),
                ]
            )
    header = ["task", "model", "coverage %", "tolerance ±", "worst tenth %", "width", "Winkler"]
    return (
        "## Intervals at 90 %\n\nBold: outside the tolerance. Worst tenth: lowest coverage among ten equal groups by "
        "predicted standard deviation.\n\n" + _table(header, rows)
    )


def _classes(records: list[Record]) -> str:
    if not records:
        return ""
    keys = ["roc_auc", "balanced_accuracy", "f1", "log_loss", "brier", "coverage", "width"]
    rows = []
    for record in records:
        for name, scores in record["scores"].items():
            values = [f"{scores[key]:.4f}" for key in keys]
            rows.append([record["name"] if name == MODEL else "", str(record["n"]), name, *values])
        peer = record["peer"]
        values = [f"{peer['roc_auc']:.4f}", f"{peer['balanced_accuracy']:.4f}", *["-"] * 5]
        rows.append(["", str(record["n"]), "scikit-learn ExtraTrees", *values])
        for number in record["published"]:
            rows.append(
                ["", str(record["n"]), f"published: {number['who']}", "-", f"{number['value']:.4f}", *["-"] * 5]
            )
    header = ["task", "n", "model", "ROC-AUC", "balanced accuracy", "F1", "log loss", "Brier", "sets cover", "set size"]
    note = "The matbench board's ROC-AUC is made from hard labels, so it equals the balanced accuracy and stands there."
    return f"## Classes\n\n{note}\n\n" + _table(header, rows)


def _learning(records: list[Record]) -> str:
    if not records:
        return ""
    parts = ["## Few labels\n\nMAE (± standard deviation over the draws) on the same held-out fifth."]
    for record in records:
        curve = record["learning"]
        rows = [
            [name, *[f"{_number(m)} ± {_number(s)}" for m, s in zip(means, curve["spread"][name], strict=True)]]
            for name, means in curve["mae"].items()
        ]
        header = [f"{record['name']} ({record['unit']})", *[f"{size} labels" for size in curve["labels"]]]
        parts.append(_table(header, rows))
    return "\n\n".join(parts)


def _time(records: list[Record]) -> str:
    if not records:
        return ""
    names = (MODEL, TREES, GP, DUMMY)
    rows = [
        [record["name"], str(record["n"]), *[f"{record['seconds_per_fit'][name]:.1f}" for name in names]]
        for record in records
    ]
    return "## Seconds for one fit and its predictions\n\n" + _table(["task", "n", *names], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _number(value: float) -> str:
    """Three significant digits or so, without exponents for the sizes that occur."""
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"


def _p(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.1e}" if value < 0.001 else f"{value:.3f}"
