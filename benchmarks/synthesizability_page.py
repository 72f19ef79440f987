"""The page of ``benchmarks/synthesizability.py``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from synthesizability_shortlists import FIRST

from matscout.predict.shipped_likeness import shipped_likeness

Found = Mapping[str, Any]

RECALLS = ("0.0937", "0.01", "0.05", "0.1", "0.2")

TEXT = """# Known and unlabelled materials

`python benchmarks/synthesizability.py`, {date}, matscout {version}, {made} of {wanted} cells. *Recall at a share* \
is the share of held-out known rows that stand above all but this share of the held-out unlabelled rows; ties are in \
random order. The *area* is the ROC-AUC of known against unlabelled rows, a lower bound of that against rows that \
cannot be made. There are no negatives, so no accuracy, precision or F1. The label says that a database lists a \
structure as made: a score ranks, and proves nothing.

# Perovskites

943 of 12,907 ABX3 structures are in the ICSD; the others are unlabelled, not impossible.

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
known formulas with the elements of a row or all but one of them. There are no energies in this table, so the \
distance from the hull is not among the rivals.

# Crystals of the Materials Project

35,714 crystals of `mp_structures` with a label and an energy above the hull (offline, of the set itself); 61 % are \
known. Protocols: random rows, whole formulas, whole chemical systems (the first of five folds), and entries \
up to 2013 against later ones. *boosted* is boosted trees on known against unlabelled rows, *naive* the default of \
`known-likeness`. *Two ranks*: learned without the energy, then its rank plus half the rank of minus the hull \
distance, as in the model that comes with matscout. Brackets are 90 % bootstrap intervals over chemical systems (of \
the first fold). `created_at` is the date of an entry, not of a synthesis: 97 % of the entries of 2011 are known, 24 \
% of 2015.

{mp}

By system the goals are an area of .86 without energy and .90 with it; by date more than the hull alone, aim .80, \
and a recall of .40 at a tenth. By date what learns the energy together with the rest does no better than the energy \
alone: among entries up to 2013 the unlabelled ones are few and unstable, so the energy is nearly all that it \
learns. Two ranks keep both.

# What became known after 2020

Of the materials that were unlabelled in 2020, {became} are known in a later list (and more were struck off it than \
that: the labels are noisy). Each stands among 5,000 others that are still unlabelled; learned from compositions and \
the labels of 2020, without these rows. *Kept*: the share of the others that must be kept to hold 80 and 90 % of \
those that became known. With so few rows, differences below .05 mean nothing. *formula known*: another structure of \
the formula was known in 2020.

{later}

# The first of a shortlist

`scout --fast` on two bundled examples. *Without*: its first {first}. *With*: the first {first} among the three tenths \
of the shortlist that are most like known materials. *Made* and *calculated*: tables that come with matscout hold the \
composition; *seen*: it was in the training data of `known-likeness`, so that its place may be remembered.

{shortlists}

Among band gaps likeness does not raise the share of known compositions, and costs chance of the goal; among \
thermoelectrics it raises that share and costs nearly a quarter of the predicted value. So it stays a column, and is \
no filter unless a share is stated.

# Speed

`known-likeness` scores {speed:,.0f} formulas a second of one core from their Magpie vectors (goal 100,000).
"""


def page(made: Sequence[Sequence[Found]], date: str, version: str, draws: int, wanted: int) -> str:
    """All of it, from the cells on perovskites, on crystals, and on what became known."""
    perovskites, crystals, later, shortlists = made
    parts = {
        protocol: _table([one for one in perovskites if one["protocol"] == protocol])
        for protocol in ("published split", "folds by formula")
    }
    return TEXT.format(
        date=date,
        version=version,
        made=sum(map(len, made)),
        wanted=wanted,
        draws=draws,
        published=parts["published split"],
        folds=parts["folds by formula"],
        mp=_mp_table(crystals),
        later=_later_table(later),
        became=later[0]["n_known"] if later else 46,
        first=FIRST,
        shortlists=_shortlist_table(shortlists),
        speed=speed(),
    )


def speed(n: int = 100_000) -> float:
    """Formulas that the shipped model scores in a second of processor time, from vectors."""
    learner, vectors = shipped_likeness().parts["composition"].learner, np.random.default_rng(0).random((n, 132))
    learner.score(vectors[:1000])
    start = time.process_time()
    learner.score(vectors)
    return n / (time.process_time() - start)


def _shortlist_table(made: Sequence[Found]) -> str:
    heads = ("example", "goal", f"first {FIRST}", "made", "calculated", "seen", "likeness", "predicted", "chance")
    lines = [f"| {' | '.join(heads)} |", f"|---|---|---|{'--:|' * (len(heads) - 3)}"]
    for one in made:
        for way in ("without", "with"):
            own = one[way]
            shares = [f"{own[name]:.0%}" for name in ("made", "calculated", "seen")]
            numbers = [f"{own['likeness']:.0f} %", f"{own['predicted']:.4g}", f"{own['chance']:.2f}"]
            lines.append(f"| {' | '.join([one['example'], one['goal'], way, *shares, *numbers])} |")
    return "\n".join(lines)


def _mp_table(made: Sequence[Found]) -> str:
    """A line for each way and protocol, means over the folds."""
    heads = ("protocol", "learner", "columns", "area", "recall at 0.1", "0.01", "0.05", "0.2", "test rows", "CPU s")
    lines = [f"| {' | '.join(heads)} |", f"|---|---|---|{'--:|' * (len(heads) - 3)}"]
    for protocol, learner, columns in dict.fromkeys((one["protocol"], one["learner"], one["columns"]) for one in made):
        own = [one for one in made if (one["protocol"], one["learner"], one["columns"]) == (protocol, learner, columns)]
        first = own[0]
        shares = [_short(np.mean([one["recall"][share] for one in own])) for share in ("0.1", "0.01", "0.05", "0.2")]
        cells = [
            protocol,
            learner,
            columns,
            _with_ends(_short(np.mean([one["area"] for one in own])), first, "area"),
            _with_ends(shares[0], first, "recall"),
            *shares[1:],
            f"{sum(one['n_known'] + one['n_unlabelled'] for one in own):,}",
            f"{np.mean([one['seconds'] for one in own]):.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _with_ends(value: str, found: Found, name: str) -> str:
    return f"{value} ({_short(found[f'{name}_low'])} to {_short(found[f'{name}_high'])})"


def _later_table(made: Sequence[Found]) -> str:
    heads = ("learner", "training rows", "area", "recall at 0.1", "0.2", "kept for 80 %", "kept for 90 %")
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    for one in made:
        cells = [
            one["learner"],
            f"{one['n_train']:,}" if one["n_train"] else "all",
            _with_ends(_short(one["area"]), one, "area"),
            *(_short(one["recall"][share]) for share in ("0.1", "0.2")),
            *(f"{one['kept'][share]:.0%}" for share in ("0.8", "0.9")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


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
