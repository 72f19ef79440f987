"""The page about donors in Markdown: goals, errors with and without the donor, what carries, rates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from donor_goals import donor_goals
from donor_study import FORMULAS_PER_SECOND
from donor_tasks import ALONE, MODEL, SIZES, WITHOUT
from goals import Goal, Record, ratio, rmse_ratio
from tables import best_published, bold_least, classes, files, goal_table, intervals, number, p_value, table, versions

from matscout.evaluation.metrics import geometric_mean
from matscout.evaluation.statistics import wilcoxon_test

MODELS = (MODEL, WITHOUT, ALONE)


def page(facts: dict[str, Any]) -> str:
    """The whole page, of the parts that are there."""
    made = [
        text for name, section in SECTIONS.items() if name in facts["parts"] for text in section(facts["parts"][name])
    ]
    return "\n\n".join(part for part in [_head(facts), *made] if part) + "\n"


def _head(facts: dict[str, Any]) -> str:
    packages = versions(facts)
    return f"""# Donors, measured

Made by `python benchmarks/donors.py`, last on {facts["date"]}, part by part: what other runs of this code with these
versions and data made stays ({facts["machine"]}; {packages}); code (logic and tables
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
        "### Goals\n\n" + goal_table(donor_goals(records, part["wanted"])),
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


PART_NAMES = {"vector": "embedding", "properties": "predicted properties", "all": "both"}


def _donors(part: dict[str, Any]) -> list[str]:
    """Donors of different sizes and properties, and which of their columns to use."""
    labels = ", ".join(f"`{name}` sha256 {digest[:16]}…" for name, digest in part["labels"].items())
    missing = f"\n\n**Not finished: {', '.join(part['unfinished'])}.**" if part["unfinished"] else ""
    header = ["donor", "formulas", "properties", "epochs", "minutes", "validation loss", *PART_NAMES.values()]
    rows = [_donor_row(donor) for donor in part["donors"]]
    return [
        f"""## What carries

Donors trained by `matscout pretrain composition_donor` on parts of {labels}: random formulas, a smaller sample being
part of a larger one (properties with fewer than 100 labels in it are left out). The last three share their formulas,
those with a formation energy, and differ in what they learn of these. Each had as many epochs (1 to 100) as
{part["minutes"]:g} minutes of one thread allow at {FORMULAS_PER_SECOND:,} formulas/s, so that each learning rate came
to its end; what it took stands in the table. Validation losses are those of different tasks and formulas, so they do
not compare.
The judge is one forest, scikit-learn's ExtraTrees on Magpie, ionic statistics and the donor's columns; the numbers are
its MAE divided by its MAE without the donor's columns (each with the better of mean and median over trees), as
geometric mean over {", ".join(part["tasks"])}, {part["draws"]} draws each. ± is the standard deviation over the draws
of that mean, p is Wilcoxon's over them. The networks are frozen.{missing}""",
        table(header, rows) if rows else "",
        *_by_task(part),
    ]


def _donor_row(donor: dict[str, Any]) -> list[str]:
    facts = [donor["name"], f"{donor['formulas']:,}", str(donor["properties"]), str(donor["epochs"])]
    facts += [f"{donor['minutes']:.1f}", number(donor["validation_loss"])]
    return [*facts, *(_carried(donor["parts"][part]) for part in PART_NAMES)]


def _carried(by_task: dict[str, dict[str, list[float]]]) -> str:
    """Geometric mean over tasks of the ratio of errors, its spread over draws, and its p."""
    with_donor, without = (np.array([errors[key] for errors in by_task.values()]) for key in ("with", "without"))
    mean = geometric_mean((with_donor.mean(axis=1) / without.mean(axis=1)).tolist())
    draws = np.log(with_donor / without).mean(axis=0)
    if len(draws) < 2:
        return f"{mean:.3f}"
    p = wilcoxon_test(draws, np.zeros_like(draws)).p_value
    return f"{mean:.3f} ± {np.exp(draws).std(ddof=1):.3f} (p {p_value(p)})"


def _by_task(part: dict[str, Any]) -> list[str]:
    """MAE ratios of each task, with both kinds of columns."""
    if not part["donors"]:
        return []
    rows = [
        [
            donor["name"],
            *(f"{np.mean(e['with']) / np.mean(e['without']):.3f}" for e in donor["parts"]["all"].values()),
        ]
        for donor in part["donors"]
    ]
    return ["Task by task, with embedding and predicted properties:", table(["donor", *part["tasks"]], rows)]


def _tuning(part: dict[str, Any]) -> list[str]:
    """The shipped donor frozen and fine-tuned."""
    missing = f"\n\n**Not finished: {', '.join(part['unfinished'])}.**" if part["unfinished"] else ""
    rows = [
        [
            one["name"],
            _carried(one["errors"]),
            *(f"{np.mean(e['with']) / np.mean(e['without']):.3f}" for e in one["errors"].values()),
        ]
        for one in part["contestants"]
    ]
    return [
        f"""## Frozen or fine-tuned

The shipped `composition-donor-strict` and few labels. Each network is five, one for each inner fold, which stops it
early; the better of their mean and median is judged. "All weights" first trains the new head at a learning rate of
0.002, then everything at 0.0003; learning rates were chosen on two other draws of the first task. Numbers are MAE
divided by that of scikit-learn's ExtraTrees on Magpie and ionic statistics: geometric mean over the tasks ± its
standard deviation over {part["draws"]} draws (p of Wilcoxon's test over them), then task by task.{missing}""",
        table(["what learns", "all tasks", *part["tasks"]], rows),
    ]


def _encoders(part: dict[str, Any]) -> list[str]:
    """Ours beside the published ones."""
    missing = f"\n\n**Not finished: {', '.join(part['unfinished'])}.**" if part["unfinished"] else ""
    names = list(part["settings"])
    rows = [
        [
            record["task"],
            record["unit"],
            *(_mean_and_spread(record["errors"][name]) for name in names),
            *(number(record[name]) for name in ("crabnet", "roost", "random_forest")),
            *(f"{np.mean(record['errors'][name]) / record['crabnet']:.3f}" for name in names),
        ]
        for record in part["tasks"]
    ]
    settings = "; ".join(
        f"{name} {one['width']} wide, {one['layers']} layers" for name, one in part["settings"].items()
    )
    within = sum(min(np.mean(errors) for errors in r["errors"].values()) <= 1.1 * r["crabnet"] for r in part["tasks"])
    goal = Goal("CrabNet's published MAE reproduced within 10 % on three tasks", f"{within} tasks", within >= 3)
    return [
        f"""## Our encoders beside the published ones

Trained from random weights on the training part of CrabNet's own splits, stopped by the validation part, MAE on the
test part; mean ± standard deviation over {part["seeds"]} seeds. Settings: {settings}. Published, one
run each: {part["source"]} (its test parts are a few rows shorter: formulas that it could not read).{missing}""",
        table(
            ["task", "unit", *names, "CrabNet", "Roost", "random forest", *(f"{name} / CrabNet" for name in names)],
            rows,
        ),
        goal_table([goal]),
    ]


def _mean_and_spread(values: Sequence[float]) -> str:
    spread = f" ± {number(float(np.std(values, ddof=1)))}" if len(values) > 1 else ""
    return number(float(np.mean(values))) + spread


def _rates(part: dict[str, Any]) -> list[str]:
    """Training beside CrabNet, and embedding."""
    peer = (
        f"CrabNet {part['crabnet']} from PyPI: of its wheel only the network can be used (its training module cannot "
        "be imported, and its table of element vectors is missing; Mat2Vec's stand in its place), so both networks "
        "learn in the same loop: forward, absolute error, backward, AdamW, single precision."
        if part["crabnet"]
        else "CrabNet was not installed (`pip install --no-deps crabnet==1.0.1`), so ours stands alone."
    )
    header = ["what", "parameters", "formulas", "per CPU second"]
    training, embedding = (
        [[rate["what"], f"{rate['parameters']:,}", f"{rate['n']:,}", f"{rate['per_second']:,.0f}"] for rate in rates]
        for rates in (part["training"], part["embedding"])
    )
    slowest = min(rate["per_second"] for rate in part["embedding"])
    goal = Goal("embedding end to end from strings >= 10,000 compositions/s", f"{slowest:,.0f}", slowest >= 10_000)
    return [
        f"""## Rates on one thread

CPU seconds, median of three rounds. {peer} Rows: {part["rows"]:,} formulas of `{part["labels"]}` with a formation
energy, the only property learned here, in batches of {part["batch"]}.""",
        table(header, training),
        table(header, embedding),
        goal_table([goal]),
    ]


SECTIONS: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    "models": _models,
    "donors": _donors,
    "tuning": _tuning,
    "encoders": _encoders,
    "rates": _rates,
}
"""In the order of the page."""
