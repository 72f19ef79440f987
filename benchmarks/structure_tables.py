"""The page about few labels on structures in Markdown: goals, errors, intervals, descriptors alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from goals import Goal, Record
from structure_study import MODEL, WITHOUT
from tables import files, goal_table, number, p_value, table, versions

from matscout.evaluation.metrics import geometric_mean
from matscout.evaluation.statistics import wilcoxon_test

TOLD, UNTOLD = "structures", "formulas"
ENTRANTS = tuple(f"{model}, {told}" for told in (TOLD, UNTOLD) for model in (MODEL, WITHOUT))
HEADLINE = ENTRANTS[0]
KINDS = {"few": "tested on unseen formulas", "few-grouped": "tested on unseen chemical systems"}


def page(facts: dict[str, Any]) -> str:
    """The whole page, of the parts that are there."""
    parts = facts["parts"]
    made = [_head(facts), *_models(parts["models"])]
    made += _families(parts["families"])
    made += _sides("Few hybrid gaps and many cheaper ones", FIDELITIES, parts["fidelities"])
    made += _sides("A force field as calculator", SIMULATIONS, parts["simulated"])
    return "\n\n".join(part for part in made if part) + "\n"


def _head(facts: dict[str, Any]) -> str:
    return f"""# Few labels on structures, measured

Made by `python benchmarks/structures.py`, last on {facts["date"]}, part by part: what other runs of this code with
these versions and data made stays ({facts["machine"]}; {versions(facts)}); code (logic and tables
of `data`, `represent` and `predict`, the donor's weights among them): sha256 {facts["code"][:16]}…; seed
{facts["seed"]}, {facts["level"]:.0%} intervals.

{files(facts)}"""


def _models(part: dict[str, Any]) -> list[str]:
    records: list[Record] = part["tasks"]
    missing = f"\n\n**Not finished: {', '.join(part['unfinished'])}.**" if part["unfinished"] else ""
    return [
        f"""## `auto` with structures

`{HEADLINE}` learns from the structures, from their compositions and from a donor that was trained without their
formulas ({_seen(records)}); the other three lack the donor, the structures, or both. *Best tree* is the lowest error
among four forests on Magpie: our `extratrees-magpie` and scikit-learn's ExtraTrees, each with the mean and the median
over trees. *Published forest* is scikit-learn's ExtraTrees on orbital field matrix and XRD pattern, as in the Deep
InfoMax paper (the better of mean and median). Errors are MAE, the mean over the draws ± their standard deviation;
ratios are against the best tree; p is Wilcoxon's test of the draws against it (they share rows, so read a small p as
"most draws agree"). Data sets are cut to 5,000 rows that labels are drawn from and 2,000 that are tested, drawn at
random once.
The same labels and test rows for all in a line.{missing}""",
        "### Goals\n\n" + goal_table([*_ratio_goals(part), _coverage_goal(records)]),
        *(
            text
            for kind, how in KINDS.items()
            for text in _errors(how, [record for record in records if record["kind"] == kind])
        ),
        _intervals(records),
    ]


def _seen(records: Sequence[Record]) -> str:
    rows, seen = sum(record["n"] for record in records), sum(record["seen"] for record in records)
    return f"of {rows:,} rows of the tasks below it knows {seen:,}, written otherwise in its labels"


def ratio(record: Record, entrant: str = HEADLINE) -> float:
    """Mean MAE over the draws divided by that of the best tree."""
    return float(np.mean(record["models"][entrant]["errors"]) / np.mean(record["tree"]))


def _ratio_goals(part: dict[str, Any]) -> list[Goal]:
    """One for each property and number of labels that has a goal, finished or not."""
    found = {record["name"]: ratio(record) for record in part["tasks"]}
    return [
        Goal(
            f"{task['name']}: MAE / best tree MAE <= {task['goal']:.2f}",
            f"{found[task['name']]:.3f}" if task["name"] in found else "",
            found[task["name"]] <= task["goal"] if task["name"] in found else None,
        )
        for task in part["wanted"]
        if task["goal"] is not None
    ]


def _coverage_goal(records: Sequence[Record]) -> Goal:
    """Of unseen formulas, mean over the draws."""
    shares = {r["name"]: 100 * r["models"][HEADLINE]["coverage"] for r in records if r["kind"] == "few"}
    out = {name: share for name, share in shares.items() if not 87 <= share <= 93}
    found = ", ".join(f"{name} {share:.1f} %" for name, share in out.items()) or f"all {len(shares)} inside"
    return Goal("mean coverage of the 90 % intervals 87-93 %", found if shares else "", not out if shares else None)


def _errors(how: str, records: Sequence[Record]) -> list[str]:
    if not records:
        return []
    names = ["best tree", "published forest", *ENTRANTS]
    rows, ratios = [], []
    for record in records:
        errors = [record["tree"], record["published"], *(record["models"][name]["errors"] for name in ENTRANTS)]
        means = [float(np.mean(draws)) for draws in errors]
        told = [record["name"], record["unit"], str(record["draws"]), f"{record['tested']:.0f}"]
        rows.append([*told, *(_with_spread(draws, min(means)) for draws in errors)])
        ratios.append([record["name"], *(f"{mean / means[0]:.3f}" for mean in means[1:]), p_value(record["p_tree"])])
    means = [
        geometric_mean([float(np.mean(record["published"]) / np.mean(record["tree"])) for record in records]),
        *(geometric_mean([ratio(record, name) for record in records]) for name in ENTRANTS),
    ]
    ratios.append(["geometric mean", *(f"{mean:.3f}" for mean in means), ""])
    return [
        f"### {how.capitalize()}\n\nMAE:",
        table(["task", "unit", "draws", "tested", *names], rows),
        "Ratios:",
        table(["task", *names[1:], "p"], ratios),
    ]


def _with_spread(draws: Sequence[float], least: float) -> str:
    mean = float(np.mean(draws))
    spread = f" ± {number(float(np.std(draws, ddof=1)))}" if len(draws) > 1 else ""
    return (f"**{number(mean)}**" if mean == least else number(mean)) + spread


def _intervals(records: Sequence[Record]) -> str:
    """Coverage, width and interval score with structures and from formulas."""
    shown = (HEADLINE, f"{MODEL}, {UNTOLD}")
    rows = []
    for record in records:
        for name in shown:
            one = record["models"][name]
            figures = [f"{100 * one['coverage']:.1f}", number(one["width"]), number(one["winkler"])]
            rows.append([record["name"] if name == HEADLINE else "", name, *figures, f"{one['seconds']:.0f}"])
    header = ["task", "model", "coverage %", "width", "Winkler", "seconds to fit and predict"]
    return "### Intervals at 90 %, means over the draws\n\n" + table(header, rows) if rows else ""


def _families(part: dict[str, Any]) -> list[str]:
    """What each descriptor is worth alone."""
    records: list[Record] = part["tasks"]
    missing = f"\n\n**Not finished: {', '.join(part['unfinished'])}.**" if part["unfinished"] else ""
    if not records:
        return []
    names = [name for name in records[0]["errors"] if name != "magpie"]
    ratios = {
        name: [float(np.mean(r["errors"][name]) / np.mean(r["errors"]["magpie"])) for r in records] for name in names
    }
    ordered = sorted(names, key=lambda name: geometric_mean(ratios[name]))
    rows = [
        [f"`{name}`", f"{geometric_mean(ratios[name]):.3f}", *(f"{r:.3f}" for r in ratios[name])] for name in ordered
    ]
    draws = len(records[0]["errors"]["magpie"])
    return [
        f"""## Each descriptor alone

scikit-learn's ExtraTrees (400 trees, the better of mean and median over them) on the columns of one descriptor: mean
MAE over {draws} draws divided by that of the same forest on Magpie, lowest geometric mean first.{missing}""",
        table(["columns", "all tasks", *(record["name"] for record in records)], rows),
    ]


FIDELITIES = """`auto-without-donor` on structures learns few HSE gaps (eV); errors on HSE gaps of unseen formulas."""
SIMULATIONS = """`auto-without-donor` on structures, and the same with the columns of `force-field-response` (moduli and
vibrations by CHGNet, which has seen energies and forces of most of these crystals, but no modulus)."""


def _sides(title: str, told: str, part: dict[str, Any]) -> list[str]:
    """One way of telling beside the other."""
    records: list[Record] = part["tasks"]
    if not records:
        return []
    missing = f"\n\n**Not finished: {', '.join(part['unfinished'])}.**" if part["unfinished"] else ""
    rows = []
    for record in records:
        plain = record["ways"][next(iter(record["ways"]))]["errors"]
        for label, figures in record["ways"].items():
            errors = figures["errors"]
            p = (
                wilcoxon_test(np.array(errors), np.array(plain)).p_value
                if len(errors) > 1 and errors != plain
                else None
            )
            rows.append(
                [
                    record["name"] if errors is plain else "",
                    label,
                    _with_spread(errors, float("nan")),
                    f"{np.mean(errors) / np.mean(plain):.3f}",
                    "" if errors is plain else p_value(p),
                    f"{100 * figures['coverage']:.1f}",
                    str(len(errors)),
                ]
            )
    header = ["task", "what is told", "MAE", "ratio", "p", "coverage %", "draws"]
    return [f"## {title}\n\n{told} p is Wilcoxon's test of the draws.{missing}", table(header, rows)]
