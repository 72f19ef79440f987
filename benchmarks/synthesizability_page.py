"""The page of ``benchmarks/synthesizability.py``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Found = Mapping[str, Any]

RECALLS = ("0.0937", "0.01", "0.05", "0.1", "0.2")

TEXT = """# Known and unlabelled perovskites

`python benchmarks/synthesizability.py`, {date}, matscout {version}, {made} of {wanted} cells. 943 of 12,907 ABX3 \
structures are in the ICSD; the others are unlabelled, not impossible. *Recall at a share* is the share of held-out \
known rows that stand above all but this share of the held-out unlabelled rows; ties are in random order. The *area* \
is the ROC-AUC of known against unlabelled rows, a lower bound of that against rows that cannot be made. There are no \
negatives, so no accuracy, precision or F1. The label says that a database lists a structure as made: a score ranks, \
and proves nothing.

## Published split

The 94 known rows that the authors held out (one is .011) against a fifth of the unlabelled rows, drawn {draws} \
times; mean ± standard deviation over draws, brackets are the mean 90 % bootstrap interval over formulas. *New* are \
the known rows whose formula no known training row has (73 of 94), against unlabelled rows of which the same holds. \
The published score (doi:10.1038/s41524-022-00757-z) is that of 100 networks, pretrained on other structures; it has \
seen the unlabelled rows in training and stands here on the same rows.

{published}

## Folds by formula

Five folds, all structures of a composition in one; ± over folds. The published score has seen these rows and is not \
compared here.

{folds}

Columns: *composition* is Magpie, *composition and structure* adds the 41 columns of `structure-basic`, which do not \
depend on the choice of the cell: cells of 20 sites are 29 % of the known rows and 9 % of the others, which a model \
must not learn. By composition alone all structures of a formula are the same, so unlabelled structures of a test \
formula are left out of training there. `nnpu` assumes that .15 of the unlabelled rows are of the class. \
`element-popularity` and `known-systems` are trivial rivals: the sum of log-odds of the elements, and the number of \
known formulas with the elements of a row or all but one of them. There are no energies in this table, so the distance \
from the hull is not among the rivals.
"""


def page(made: Sequence[Found], date: str, version: str, draws: int, wanted: int) -> str:
    """All of it."""
    parts = {
        protocol: _table([one for one in made if one["protocol"] == protocol])
        for protocol in ("published split", "folds by formula")
    }
    return TEXT.format(
        date=date,
        version=version,
        made=len(made),
        wanted=wanted,
        draws=draws,
        published=parts["published split"],
        folds=parts["folds by formula"],
    )


def _table(made: Sequence[Found]) -> str:
    heads = ("learner", "columns", "area", *(f"recall at {share}" for share in RECALLS), "new, 0.0937", "area, new")
    lines = [f"| {' | '.join([*heads, 'CPU s'])} |", f"|---|---|{'--:|' * (len(heads) - 1)}"]
    ways = list(dict.fromkeys((one["columns"], one["learner"]) for one in made))
    for columns, learner in ways:
        same = [one for one in made if (one["columns"], one["learner"]) == (columns, learner)]
        recalls = [_spread(one["recall"][share] for one in same) for share in RECALLS]
        low, high = (np.mean([one[end] for one in same]) for end in ("area_low", "area_high"))
        cells = [
            learner,
            columns,
            f"{_spread(one['area'] for one in same)} ({_short(low)} to {_short(high)})",
            *recalls,
            _spread(one["new"] for one in same),
            _spread(one["area_new"] for one in same),
            f"{np.mean([one['seconds'] for one in same]):.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(values: Iterable[float]) -> str:
    numbers = list(values)
    return f"{_short(np.mean(numbers))} ± {_short(np.std(numbers, ddof=1))}" if len(numbers) > 1 else _short(numbers[0])


def _short(value: Any) -> str:
    return f"{value:.3f}".removeprefix("0")
