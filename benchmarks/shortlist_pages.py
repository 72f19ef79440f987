"""The page of ``benchmarks/shortlists.py``."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shortlist_blocks import GP, TREES, Block, Contender, Found, Spread, blocks, is_taught, precision, tested
from shortlist_goals import goals
from shortlist_scores import brier, brier_of_rate, calibration_error
from shortlist_tasks import BY_NAME
from tables import table

from matscout.discover.acquisition import order_for

OTHERS = (Contender(TREES, "value"), Contender(GP, "ei"))
"""Those whose chances and widths stand beside ours."""
KNOWN = " †"
ABOUT = """Each draw takes labels, fits each model once (`fast`), and puts the candidates in every order that matscout
has. *The best* are the best 5 % of the candidates of a draw by measured value (for a value as the goal: the closest).
± is the standard error over draws. With *random* splits labels and candidates are drawn at random; with *family* splits
whole papers (ESTM) or k-means clusters of Magpie's vectors (elsewhere; 40 for each table), with about half of the rows,
are held out, and the models are told of the families of their labels. The chance in question is that a candidate
belongs to the best 5 % of all rows of the task, whose bound only the judge knows; *better* is that it beats the best
label. Widths are those of 90 % intervals over the labels' spread (their 95 % less their 5 % quantile), after log10
where the labels are judged by factors (positive values over three decades; an end at or below zero counts as
1e-12 of the smallest label there, so widths of several spreads mean: down to nothing). *nearest-label* takes the value
of the most similar label for the prediction. *At random* is what is expected of a list in random order. *Seen* are
candidates whose formula, with other properties mostly, the donor of our model was trained on. Of tasks with † it has
learned this very property of these very materials (superconducting Tc, moduli): they are shown, and left out of goals
and means; `--ours auto-without-donor` judges the model that has no donor."""


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    found = blocks(facts["cells"], facts["ours"])
    parts = [_head(facts), _goals(found, facts["ours"]), *(part for block in found for part in _of_block(block))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(facts: dict[str, Any]) -> str:
    codes = ", ".join(f"{count} by {code}…" for code, count in facts["codes"].items()) or "none"
    data = "; ".join(f"`{file}` {digest}…" for file, digest in facts["data"].items())
    missing = "\n".join(f"- {line}" for line in facts["missing"])
    return f"""# Shortlists, judged as shortlists

Command: `python benchmarks/shortlists.py`. {facts["date"]}, {facts["machine"]}; {facts["versions"]}; code sha256
{facts["code"]}…; data sha256 {data}. Cells by the code that made them: {codes}.

{ABOUT}

{"**Missing of what was asked for:**" + chr(10) + chr(10) + missing if missing else "Nothing is missing."}"""


def _title(block: Block) -> str:
    return f"{block.split} split, {block.labels} labels"


def _goals(found: Sequence[Block], ours: str) -> str:
    marks = {True: "yes", False: "**no**", None: "not enough draws"}
    rows = [
        [_title(block), goal.wanted, goal.order, goal.found, marks[goal.met]]
        for block in found
        for goal in goals(block)
    ]
    return "## Goals\n\n" + table(["where", f"wanted of `{ours}`", "order", "found", "met"], rows)


def _of_block(block: Block) -> Iterable[str]:
    yield f"## {_title(block)[0].upper()}{_title(block)[1:]}"
    yield _tasks(block)
    for k in (20, 10):
        yield f"Share of the best among the first {k}:\n\n" + _lists(block, precision(k), _chance)
    yield (
        "What the first 20 hold more than those of trees by predicted value, paired over draws (p of the t test):\n\n"
        + _paired(block)
    )
    yield "Share of all the best that stands in the first 50:\n\n" + _recalled(block)
    yield _calibration(block, "top", "to be among the best 5 % of the task")
    yield _calibration(block, "better", "to beat the best label")
    yield _widths(block)


def _tasks(block: Block) -> str:
    rows = []
    for task in block.tasks:
        cells = block.any_cells(task)
        n, best = (Spread.of(cell[name] for cell in cells).mean for name in ("n", "best"))
        beyond = Spread.of(cell["beyond"] for cell in cells).mean
        seen = [cell["seen"] for cell in block.cells(task, block.ours) if "seen" in cell]
        told = f"{100 * Spread.of(seen).mean:.0f} %" if seen else "-"
        counts = [str(len(cells)), f"{n:.0f}", f"{best:.1f}", f"{beyond:.1f}", told]
        rows.append([_name(block, task), BY_NAME[task].wanted, *counts])
    header = ["task", "goal", "draws", "candidates", "the best", "better than the best label", "seen by the donor"]
    return table(header, rows)


def _name(block: Block, task: str) -> str:
    return task + KNOWN * is_taught(block.ours, task)


def _chance(block: Block, task: str) -> float:
    return block.chance(task).mean


def _lists(block: Block, read: Callable[[Found], float], at_random: Callable[[Block, str], float]) -> str:
    found = {task: [block.spread(task, who, read) for who in block.contenders] for task in block.tasks}
    return _beside_chance(block, found, {task: at_random(block, task) for task in block.tasks})


def _beside_chance(block: Block, found: dict[str, list[Spread | None]], at_random: dict[str, float]) -> str:
    """A line for each task, and of several one with the mean over tasks, where all have a number."""
    rows = [[_name(block, task), f"{at_random[task]:.3f}", *_bold(spreads, max)] for task, spreads in found.items()]
    if len(block.judged) > 1:
        means = [_mean_over_tasks(column) for column in zip(*(found[task] for task in block.judged), strict=True)]
        chance = sum(at_random[task] for task in block.judged) / len(block.judged)
        rows.append(["mean", f"{chance:.3f}", *_bold(means, max, 3)])
    return table(["task", "at random", *(who.name for who in block.contenders)], rows)


def _mean_over_tasks(found: Sequence[Spread | None]) -> Spread | None:
    there = [one.mean for one in found if one]
    return Spread(sum(there) / len(there), math.nan, 1) if len(there) == len(found) else None


def _paired(block: Block) -> str:
    rows = []
    for task in block.tasks:
        pairs = [list(block.pairs(task, who, precision(20)).values()) for who in block.own]
        rows.append([_name(block, task), *(_difference(one) if one else "-" for one in pairs)])
    if len(block.judged) > 1:
        means = [block.pairs_of_all(who, precision(20)) for who in block.own]
        rows.append(["mean", *(_difference(one) if one else "-" for one in means)])
    return table(["task", *(who.name for who in block.own)], rows)


def _difference(found: list[float]) -> str:
    """Mean, standard error, and p of the paired t test."""
    spread, p = Spread.of(found), tested(found).p_value
    if math.isnan(p):
        return f"{spread.mean:+.3f}"
    return f"{spread.mean:+.3f} ± {spread.error:.3f} ({p:.2f})"


def _recalled(block: Block) -> str:
    found, at_random = {}, {}
    for task in block.tasks:
        cells = block.any_cells(task)
        at_random[task] = Spread.of(min(50, cell["n"]) / cell["n"] for cell in cells).mean
        best = {cell["rows"]: cell["best"] for draws in block.tasks[task].values() for cell in draws.values()}
        hits = [block.values(task, who, lambda listed: float(listed["first50"])) for who in block.contenders]
        shares = [[count / best[rows] for (_, rows), count in one.items()] for one in hits]
        found[task] = [Spread.of(one) if one else None for one in shares]
    return _beside_chance(block, found, at_random)


def _calibration(block: Block, event: str, words: str) -> str:
    judged = (block.ours, TREES, GP)
    whole = [[_name(block, task), *_errors(block, task, event)] for task in block.tasks]
    header = ["task", *(f"ECE {name}" for name in judged), *(f"Brier {name}" for name in judged), "Brier of the rate"]
    first = [[_name(block, task), *_kept(block, [task], event)] for task in block.tasks]
    if len(block.judged) > 1:
        first.append(["mean", *_kept(block, block.judged, event, 3)])
    return "\n\n".join(
        [
            f"Chance {words}: expected calibration error over ten bins and Brier score, pooled over draws.",
            table(header, whole),
            "The same of the first 20: mean chance that was stated -> share that came true.",
            table(["task", f"{block.ours} by default", *(who.name for who in [*block.own, *OTHERS])], first),
        ]
    )


def _errors(block: Block, task: str, event: str) -> list[str]:
    counts = [block.counts(task, model, event) for model in (block.ours, TREES, GP)]
    eces, briers = (
        _bold([Spread(measure(one), math.nan, 1) if one else None for one in counts], min, digits)
        for measure, digits in ((calibration_error, 3), (brier, 4))
    )
    rate = next((f"{brier_of_rate(one):.4f}" for one in counts if one), "-")
    return [*eces, *briers, rate]


def _kept(block: Block, tasks: Sequence[str], event: str, digits: int = 2) -> list[str]:
    """Of the default order of each task, then of every contender, the means over tasks."""
    pairs = [_pooled(block, task, _by_default(block, task), event) for task in tasks]
    others = ([_pooled(block, task, who, event) for task in tasks] for who in [*block.own, *OTHERS])
    return [_stated_and_true(column, digits) for column in (pairs, *others)]


def _by_default(block: Block, task: str) -> Contender:
    return Contender(block.ours, order_for("auto", BY_NAME[task].goal))


def _stated_and_true(pairs: Sequence[tuple[float, float] | None], digits: int) -> str:
    """Means; a dash where one is missing."""
    there = [pair for pair in pairs if pair]
    if len(there) < len(pairs):
        return "-"
    return " -> ".join(f"{sum(side) / len(there):.{digits}f}" for side in zip(*there, strict=True))


def _pooled(block: Block, task: str, who: Contender, event: str) -> tuple[float, float] | None:
    """The mean chance that was stated of what stands first, and the share that came true; None without draws."""
    found = [cell["orders"][who.order][event] for cell in block.cells(task, who.model) if who.order in cell["orders"]]
    n = sum(one["n"] for one in found)
    return (sum(one["chances"] for one in found) / n, sum(one["hits"] for one in found) / n) if n else None


def _widths(block: Block) -> str:
    rows = []
    for task in block.tasks:
        widths = [block.spread(task, who, lambda one: float(one["width"])) for who in [*block.own, *OTHERS]]
        inside = [block.spread(task, who, lambda one: float(one["inside"])) for who in [*block.own, *OTHERS]]
        told = [
            f"{width} ({100 * share.mean:.0f} %)" if share else "-"
            for width, share in zip(_bold(widths, min), inside, strict=True)
        ]
        cells = block.cells(task, block.ours)
        every = "-"
        if cells:
            width, share = (Spread.of(cell[name] for cell in cells).mean for name in ("width", "inside"))
            every = f"{width:.2f} ({100 * share:.0f} %)"
        rows.append([_name(block, task), _scale(cells), *told, every])
    header = ["task", "scale", *(who.name for who in [*block.own, *OTHERS]), f"{block.ours}, all candidates"]
    return "Median width of the first 20, in spreads (and the share that is inside):\n\n" + table(header, rows)


def _scale(cells: Sequence[Found]) -> str:
    """Which scale the draws have."""
    count = sum(cell["logarithmic"] for cell in cells)
    return "" if not count else "log" if count == len(cells) else f"log in {count} of {len(cells)} draws"


def _bold(found: Sequence[Spread | None], best: Callable[[Iterable[float]], float], digits: int = 2) -> list[str]:
    """Numbers, the best in bold; a dash where there is none."""
    there = [one.mean for one in found if one]
    wanted = best(there) if there else math.nan
    told = [one.told(digits) if one else "-" for one in found]
    return [f"**{text}**" if one and one.mean == wanted else text for one, text in zip(found, told, strict=True)]
