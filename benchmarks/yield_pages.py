"""The page of ``benchmarks/yields.py``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import yield_baseline
import yield_rival
from yield_cells import ABLATIONS, CLME
from yield_tasks import CURVED
from yield_uncertainty import MODEL, SIZES, pooled

from matscout.evaluation.metrics import coverage_tolerance
from matscout.evaluation.statistics import corrected_t_test

PUBLISHED = {
    ("buchwald-hartwig", "random"): "Yield-BERT .94 to .96, MPNN of Kwon et al. .959 (second hand, not looked up)",
    ("buchwald-hartwig", "Test1"): "Yield-BERT .84",
    ("buchwald-hartwig", "Test2"): "Yield-BERT .84",
    ("buchwald-hartwig", "Test3"): "Yield-BERT .74",
    ("buchwald-hartwig", "Test4"): "Yield-BERT .54",
    ("suzuki", "random"): "Yield-BERT .81 to .86",
}
"""R2 of others, as this project's notes hold them."""
TESTS = ("Test1", "Test2", "Test3", "Test4")
CURVED_SPLITS = dict(zip(("buchwald-hartwig", "suzuki"), CURVED, strict=True))
BERT = (0.84, 0.84, 0.74, 0.54)
FIRST = "trees=reaction-one-hot"
"""What knows who takes part, beside which the others stand."""
GOAL_RANDOM, GOAL_TESTS = 0.955, 0.76
PRIVATE = (
    ("Mordred", 15.99, 21.08, 0.168),
    ("Yield-BERT", 16.52, 21.12, 0.172),
    ("YieldGNN", 15.27, 19.82, 0.216),
    ("MPNN", 16.31, 20.86, 0.188),
    ("UAM", 14.76, 19.33, 0.262),
    ("UAM without heteroscedastic loss", 15.08, None, None),
    ("UAM without load balancing", 14.80, None, None),
    ("UAM without mixture of experts", 15.12, None, None),
    ("UAM without SMILES", 14.97, None, None),
    ("UAM without graphs", 15.06, None, None),
    ("UAM without descriptors", 15.83, None, None),
)
"""MAE, RMSE and R2 of papers/000, chapter 11, on amide couplings that are not public."""


COLUMNS = (
    "part", "of", "kind", "split", "model", "mae", "rmse", "r2", "coverage", "width", "in_domain", "n_train", "n_test",
    "seconds",
)  # fmt: skip


def page(facts: dict[str, Any]) -> str:
    """As Markdown."""
    table = pl.DataFrame([{name: cell[name] for name in COLUMNS} for cell in facts["cells"]])
    table = table.with_columns(pl.col("seconds").list.sum())
    published = table.filter(pl.col("part") == "published")
    parts = [
        "# Yields of reactions, measured",
        f"Command: `python benchmarks/yields.py`. {facts['date']}, {facts['machine']}; {facts['versions']}; code "
        f"sha256 {facts['code'][:16]}…; data {_digests(facts['data'])}.",
        *_unfinished(len(facts["cells"]), facts["wanted"]),
        _made_by(facts["codes"]),
        "Errors in percent yield, mean over the splits, with their standard deviation. *Inside* is the share of the "
        "test rows inside the 90 % interval, *width* its mean width, *like* the share of the test rows that the model "
        "takes for ones like its training rows; seconds are of one core, fit and prediction together. *Beside "
        "one-hot*: MAE over that of `trees=reaction-one-hot` on the same splits, and p of Nadeau and Bengio's "
        "corrected t test. "
        "`reaction-one-hot` and `reaction-random` know which molecules are there and nothing of what they are: what a "
        "description adds is the distance from them (Chuang and Keiser 2018). Where a component is new, `mean of the "
        "rest` is the mean of the labels that agree in all others: it knows nothing of what is new. Of "
        "Buchwald-Hartwig ligand, additive, base and halide are read, and not the product, which follows from the "
        "halide. Amide couplings are learned and tested reagent by reagent, as published. *By additive*: the model "
        "is told that reactions of one additive belong together (`--groups`), so that it is judged, and its intervals "
        "are made, as if each additive were new; Tests 1 to 4 ask for new ones. Models that take long stand on the "
        "last three random splits, since trees were worked on with an eye on the first. `chemprop` is one network of "
        "its defaults, 50 epochs, of which a tenth of the rows chooses the best; `uam/whole` is the nearest to it.",
        *_sections(published.filter(~pl.col("model").is_in(ABLATIONS)), facts["titles"]),
        *_goals(table),
        *_parts_of_uam(published.filter(pl.col("model").is_in(ABLATIONS))),
        *_left_out(table.filter(pl.col("part") == "left-out")),
        *_curve(table.filter(pl.col("part") == "curve"), facts["titles"]),
        *_pretraining(table.filter(pl.col("part") == "pretraining")),
        *_doubts(facts["cells"], facts["titles"]),
    ]
    return "\n\n".join(parts) + "\n"


def _parts_of_uam(table: pl.DataFrame) -> Iterable[str]:
    """Ours without one of its parts, and what the paper found so, of other data."""
    parts = [
        "## What each part of `uam` is worth",
        "Published: amide couplings that are not public (papers/000, chapter 11), whose errors compare with nothing "
        "here. Ours: Buchwald-Hartwig, random splits, with fast settings (50 epochs, one network that predicts), and "
        "MAE less that of the whole on the same splits, with p of Nadeau and Bengio's corrected t test.",
        _private(),
    ]
    if len(table):
        parts.append(_without(table))
    yield "\n\n".join(parts)


def _without(table: pl.DataFrame) -> str:
    lines = ["| model | splits | MAE | RMSE | R2 | MAE less that of the whole |", "|---|--:|--:|--:|--:|--:|"]
    for model in table["model"].unique(maintain_order=True):
        own = table.filter(pl.col("model") == model)
        errors = f"{_spread(own['mae'], '.2f')} | {_spread(own['rmse'], '.2f')} | {_spread(own['r2'], '.3f')}"
        more, p = _paired(table, model, ABLATIONS[0])
        told = "" if model == ABLATIONS[0] or more is None else f"{more[0] - more[1]:+.2f}{p}"
        lines.append(f"| `{model}` | {len(own)} | {errors} | {told} |")
    return "\n".join(lines)


def _paired(table: pl.DataFrame, model: str, first: str) -> tuple[tuple[float, float] | None, str]:
    """MAE of a model and of another over the splits that both have, and p in brackets where there are several."""
    both = table.filter(pl.col("model") == model).join(table.filter(pl.col("model") == first), on="split")
    if not len(both):
        return None, ""
    share = float((both["n_test"] / both["n_train"]).mean())
    test = corrected_t_test(both["mae"].to_numpy(), both["mae_right"].to_numpy(), share)
    told = f" (p {test.p_value:.2g})" if len(both) > 1 else ""
    return (float(both["mae"].mean()), float(both["mae_right"].mean())), told


def _private() -> str:
    """What the paper found with UAM, of other data."""
    rows = [
        f"| {name} | {mae} | {'' if rmse is None else rmse} | {'' if r2 is None else r2} |"
        for name, mae, rmse, r2 in PRIVATE
    ]
    return "\n".join(["| published | MAE | RMSE | R2 |", "|---|--:|--:|--:|", *rows])


def _unfinished(found: int, wanted: int) -> Iterable[str]:
    if found < wanted:
        yield f"**Unfinished**: {found:,} of {wanted:,} cells are there."


def _made_by(codes: dict[str, int]) -> str:
    """Which code the cells are of: they are made over days, and a change of one model leaves the others as they are."""
    told = ", ".join(f"{count} by {f'{code}…' if code else 'code before 2026-11-22'}" for code, count in codes.items())
    return f"Cells by the code (sha256) that made them: {told}."


def _digests(data: dict[str, str]) -> str:
    return ", ".join(f"{name} {digest}…" for name, digest in data.items())


def _sections(table: pl.DataFrame, titles: dict[str, str]) -> Iterable[str]:
    for (of, kind), part in table.group_by("of", "kind", maintain_order=True):
        heading = f"## {titles[str(of)]}, {kind if kind != 'random' else 'random splits'}"
        splits, n = part["split"].n_unique(), part["n_train"].max()
        told = f"{splits} split{'s' * (splits > 1)}, {n:,} rows to learn from, {part['n_test'].max():,} to test on."
        others = PUBLISHED.get((str(of), str(kind)))
        yield "\n\n".join([heading, told + (f" R2 elsewhere: {others}." if others else ""), _lines(part)])
        tried = [set(own["split"]) for _, own in part.group_by("model")]
        common = set.intersection(*tried)
        if common and len(common) < splits:
            yield "\n\n".join(
                [
                    f"Where all of them were tried ({', '.join(sorted(common))}):",
                    _lines(part.filter(pl.col("split").is_in(common))),
                ]
            )


def _lines(part: pl.DataFrame) -> str:
    lines = [
        "| model | splits | MAE | RMSE | R2 | beside one-hot | inside | width | like | s |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for model in part["model"].unique(maintain_order=True):
        own, (beside, p) = part.filter(pl.col("model") == model), _paired(part, model, FIRST)
        cells = [
            _spread(own["mae"], ".2f"),
            _spread(own["rmse"], ".2f"),
            _spread(own["r2"], ".3f"),
            "" if model == FIRST or beside is None else f"{beside[0] / beside[1]:.2f}{p}",
            _mean(own["coverage"], ".3f"),
            _mean(own["width"], ".1f"),
            _mean(own["in_domain"], ".2f"),
            f"{own['seconds'].mean():,.0f}",
        ]
        lines.append(f"| `{model}` | {len(own)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _mean(values: pl.Series, form: str) -> str:
    return "" if values.is_null().all() else f"{values.mean():{form}}"


def _spread(values: pl.Series, form: str) -> str:
    deviation = f" ± {values.std():{form}}" if len(values) > 1 else ""
    return f"{values.mean():{form}}{deviation}"


def _goals(table: pl.DataFrame) -> Iterable[str]:
    """Ours beside the goals, the best of each marked; ablations and chemprop are no candidates."""
    own = table.filter((pl.col("part") == "published") & (pl.col("of") == "buchwald-hartwig"))
    own = own.filter(~pl.col("model").is_in([*ABLATIONS, yield_rival.NAME, yield_baseline.NAME]))
    lines = ["| goal | model | splits | found | met |", "|---|---|--:|--:|---|"]
    for model in own["model"].unique(maintain_order=True):
        random = own.filter((pl.col("model") == model) & (pl.col("kind") == "random"))["r2"].mean()
        tests = [own.filter((pl.col("model") == model) & (pl.col("kind") == kind))["r2"] for kind in TESTS]
        inside = own.filter((pl.col("model") == model) & (pl.col("kind") == "random"))
        splits = len(inside)
        if random is not None and inside["coverage"].mean() is not None:
            found, allowed = inside["coverage"].mean(), coverage_tolerance(inside["n_test"][0], 0.9)
            told = f"{found:.3f} (by chance ± {allowed:.3f})"
            lines.append(
                f"| random, 90 % intervals hold 90 % | `{model}` | {splits} | {told} "
                f"| {_met(abs(found - 0.9) <= allowed)} |"
            )
        if random is not None:
            met = _met(random >= GOAL_RANDOM)
            lines.append(f"| random, R2 >= {GOAL_RANDOM} | `{model}` | {splits} | {random:.4f} | {met} |")
        if all(len(found) for found in tests):
            reached = [float(found[0]) for found in tests]
            better, mean = sum(ours > theirs for ours, theirs in zip(reached, BERT, strict=True)), sum(reached) / 4
            told = f"{mean:.3f} ({', '.join(f'{value:.2f}' for value in reached)}), better on {better}"
            met = _met(mean >= GOAL_TESTS and better >= 3)
            lines.append(
                f"| Tests 1-4, mean R2 >= {GOAL_TESTS}, three better than Yield-BERT | `{model}` | 4 | {told} | {met} |"
            )
    if len(lines) > 2:
        best = "The goals are met by the best of ours if any line of theirs says yes."
        yield "\n\n".join(["## Goals, Buchwald-Hartwig", best, "\n".join(lines)])


def _met(met: bool) -> str:
    return "yes" if met else "**no**"


def _left_out(table: pl.DataFrame) -> Iterable[str]:
    """Pooled over the reagents of each kind: mean absolute error, and R2 within a reagent in the median."""
    if not len(table):
        return
    kinds = table["kind"].unique(maintain_order=True).to_list()
    lines = [f"| model | {' | '.join(kinds)} |", f"|---|{'--:|' * len(kinds)}"]
    for model in table["model"].unique(maintain_order=True):
        cells = []
        for kind in kinds:
            own = table.filter((pl.col("model") == model) & (pl.col("kind") == kind))
            inside = _mean(own["coverage"], ".2f") or "no interval"
            cells.append(f"{own['mae'].mean():.2f}, {own['r2'].median():.2f}, {inside}" if len(own) else "")
        lines.append(f"| `{model}` | {' | '.join(cells)} |")
    yield "\n\n".join(
        [
            "## A reagent that was never seen",
            "Each left out once: mean of their MAE, median of their R2, share inside the 90 % interval (which is made "
            "for reactions like those learned, and promises nothing here).",
            "\n".join(lines),
        ]
    )


def _curve(table: pl.DataFrame, titles: dict[str, str]) -> Iterable[str]:
    for (of,), part in table.group_by("of", maintain_order=True):
        yield "\n\n".join(
            [
                f"## How many labels: {titles[str(of)]}",
                f"MAE over three draws, and R2, on the test rows of one random split ({CURVED_SPLITS[str(of)]}).",
                _by_labels(part),
                f"![MAE by number of labels](yields-labels-{of}.png)",
            ]
        )


def _pretraining(table: pl.DataFrame) -> Iterable[str]:
    if len(table):
        yield "\n\n".join(
            [
                "## What learning without yields is worth: amide couplings",
                "MAE over six draws, and R2, on a tenth of the products, with all reagents. `uam=clme` begins with "
                "encoders that have told the graph of each of 11,628 other amide couplings, but one in twenty, from "
                "its SMILES (USPTO; 3 of their products are among the 623 here). Fast settings.",
                _by_labels(table),
                _gain(table),
            ]
        )


def _gain(table: pl.DataFrame) -> str:
    """What the pretrained one errs less, draw by draw."""
    both = table.filter(pl.col("model") == MODEL).join(
        table.filter(pl.col("model") == CLME), on=["split", "n_train"], suffix="_clme"
    )
    told = []
    for (n,), own in both.group_by("n_train", maintain_order=True):
        less = own["mae"] - own["mae_clme"]
        if len(less) > 1:
            told.append(f"{n} labels {less.mean():+.2f} ± {less.std() / len(less) ** 0.5:.2f} ({len(less)} draws)")
    return f"Error of `{MODEL}` less that of `{CLME}`, ± the standard error: {'; '.join(told) or 'not there yet'}."


def _by_labels(part: pl.DataFrame) -> str:
    """A line for each model, a column for each number of labels."""
    counts: Sequence[int] = sorted(part["n_train"].unique().to_list())
    lines = [f"| model | {' | '.join(f'{n:,}' for n in counts)} |", f"|---|{'--:|' * len(counts)}"]
    for model in part["model"].unique(maintain_order=True):
        cells = []
        for n in counts:
            own = part.filter((pl.col("model") == model) & (pl.col("n_train") == n))
            cells.append(f"{_spread(own['mae'], '.1f')}; {own['r2'].mean():.2f}" if len(own) else "")
        lines.append(f"| `{model}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _doubts(cells: Sequence[dict[str, Any]], titles: dict[str, str]) -> Iterable[str]:
    """Calibration, error against sigma, noise against want of data."""
    kinds = pooled([cell for cell in cells if (cell["part"], cell["model"]) == ("published", MODEL)])
    if not kinds:
        return
    lines = [
        "| set | rows | nominal | before | after | Spearman: networks | told | RMSE, least to most sure tenth |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for (of, kind), one in kinds.items():
        shares = [", ".join(f"{value:.2f}" for value in one[name]) for name in ("levels", "before", "after")]
        by_sigma = ", ".join(f"{value:.1f}" for value in reversed(one["rmse by tenths"]))
        lines.append(
            f"| {titles[of]}, {kind} | {one['n']:,} | {' | '.join(shares)} | {one['spearman']:.2f} | "
            f"{one['spearman of said']:.2f} | {by_sigma} |"
        )
    yield "\n\n".join(
        [
            "## How sure `uam` is, and of what",
            "Means over splits. *Before*: the share of the test rows inside central intervals of a normal distribution "
            "with the networks' own variance (noise and disagreement together); *after*: inside the conformal "
            "intervals. Spearman's correlation is that of the absolute error with this sigma, and with the standard "
            "deviation that `predict` tells, which trees learn from it; tenths are by the latter.",
            "\n".join(lines),
            "![Calibration, error against sigma, and what the doubt is made of](yields-uncertainty.png)",
        ]
    )
    yield from _made_of(cells, titles)


def _made_of(cells: Sequence[dict[str, Any]], titles: dict[str, str]) -> Iterable[str]:
    lines = ["| set | labels | RMSE | noise (aleatoric) | want of data (epistemic) |", "|---|---|--:|--:|--:|"]
    for (of, kind), one in pooled(
        [cell for cell in cells if (cell["part"], cell["model"]) == ("curve", MODEL)]
    ).items():
        sizes = " | ".join(f"{one[name]:.1f}" for name in SIZES)
        lines.append(f"| {titles[of]} | {kind} | {sizes} |")
    if len(lines) > 2:
        yield "Root mean squares on the test rows, percent yield:\n\n" + "\n".join(lines)
    for cell in cells:
        if "repeats" in cell:
            found, said = cell["repeats"], cell["doubt"]
            yield (
                f"Repeats: {found['rows']} tested amide couplings were run more than once ({found['groups']} reactions "
                f"with their reagent). They scatter by {found['scatter']:.1f} percent yield (standard deviation within "
                f"a reaction; {found['low']:.1f} to {found['high']:.1f} in 95 % of the samples drawn from them with "
                f"replacement; in the median two of a reaction differ by {found['median']:.1f}). Tested without any of "
                "them, but with the same couplings by other reagents among the labels, their noise was taken for "
                f"{said['aleatoric']:.1f} and the want of data for {said['epistemic']:.1f}, and the error was "
                f"{said['rmse']:.1f} (RMSE)."
            )
