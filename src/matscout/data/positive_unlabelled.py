"""Positive and unlabelled rows: materials that are known to have something, and others of which nobody knows.

A database lists materials as made; nobody lists those that cannot be made. So one class is known, and the other rows
are *unlabelled*: never a no.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matscout.counting import counted
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.missing import tidy
from matscout.data.repeats import material_keys
from matscout.errors import InputError, RowProblem, UsageError
from matscout.remarks import Remark, codes

BLANK = "blank"
"""What names the blank cells."""

UNLABELLED = "unlabelled"
"""The class of the rows without a label; its values are 0, those of known rows 1."""

FEWEST_KNOWN = 20
"""Known rows that are needed: recall of fewer says next to nothing."""

SHOWN = 5
"""Rows that a sentence names."""


@dataclass(frozen=True)
class UnlabelledCells:
    """Which cells of a column are unlabelled, and which are known to be positive.

    Parameters
    ----------
    unlabelled
        What stands in the cells of unlabelled rows; "blank" for nothing.
    positive
        What stands in those of known rows; None for the only other value.
    class_prior
        The share of the unlabelled rows that are positive in truth, as the user states it; None if nobody knows.

    Raises
    ------
    UsageError
        If the share is not between 0 and 1, or both values are the same.
    """

    unlabelled: str
    positive: str | None = None
    class_prior: float | None = None

    def __post_init__(self) -> None:
        if self.class_prior is not None and not 0 < self.class_prior < 1:
            raise UsageError(f"--class-prior is a share between 0 and 1; got {self.class_prior:g}")
        if self.positive is not None and plain_cell(self.positive) == plain_cell(self.unlabelled):
            raise UsageError(f"--positive and --unlabelled are both {self.positive!r}; name two different values")

    @classmethod
    def asked(
        cls, unlabelled: object = None, positive: object = None, class_prior: float | None = None
    ) -> UnlabelledCells | None:
        """From arguments of public functions; None where nothing is unlabelled.

        Raises
        ------
        UsageError
            If only the others are given.
        """
        if unlabelled is None:
            for name, value in (("positive", positive), ("class-prior", class_prior)):
                if value is not None:
                    raise UsageError(
                        f"--{name} is for rows of which some are unlabelled: name these with --unlabelled=VALUE, or "
                        "--unlabelled=blank for blank cells"
                    )
            return None
        return cls(str(unlabelled), None if positive is None else str(positive), class_prior)

    def target(self, name: str, cells: Sequence[str], blank: NDArray[np.bool_]) -> tuple[Target, int]:
        """The target that n cells make, and in how many rows something else stands, which has no label.

        Parameters
        ----------
        name
            Of the target.
        cells
            n texts.
        blank
            bool [n], True where nothing stands.

        Raises
        ------
        InputError
            If no row is unlabelled, or none is known.
        UsageError
            If several values could be the known one.
        """
        plain = np.array([plain_cell(cell) for cell in cells], dtype=np.str_)
        unlabelled = blank if self.unlabelled == BLANK else ~blank & (plain == plain_cell(self.unlabelled))
        if not unlabelled.any():
            raise InputError(
                f"no row of {name!r} is {self.unlabelled}: it holds {_contents(cells, blank)}; name the value of the "
                "unlabelled rows (--unlabelled=VALUE), or blank for blank cells"
            )
        others = Counter(plain[~blank & ~unlabelled].tolist())
        chosen = self._chosen(name, others)
        known = ~blank & ~unlabelled & (plain == chosen)
        if not known.any():
            raise InputError(f"no row of {name!r} is {self.positive}: it holds {_contents(cells, blank)}")
        written = tidy(cells[int(np.flatnonzero(known)[0])])
        values = np.select([known, unlabelled], [1.0, 0.0], np.nan)
        target = Target(
            name,
            values,
            task=POSITIVE_UNLABELLED,
            classes=(UNLABELLED, written),
            class_prior=self.class_prior,
        )
        return target, int((~known & ~unlabelled & ~blank).sum())

    def _chosen(self, name: str, others: Counter[str]) -> str:
        if self.positive is not None:
            return plain_cell(self.positive)
        if not others:
            raise InputError(f"every row of {name!r} is unlabelled ({self.unlabelled}): no known row is there")
        if len(others) > 1:
            there = ", ".join(f"{value} ({count:,})" for value, count in others.most_common(SHOWN))
            raise UsageError(
                f"beside unlabelled rows ({self.unlabelled}), {name!r} holds {there}: name the known "
                "class with --positive=VALUE; rows with the others are then not used"
            )
        return next(iter(others))


def plain_cell(text: str) -> str:
    """What is the same for ``1``, ``1.0`` and `` 1 ``, or for ``Yes`` and ``yes``."""
    folded = tidy(text).casefold()
    try:
        return _digits(float(folded))
    except ValueError:
        return folded


def _digits(value: float) -> str:
    """All digits of a number: codes such as 1234567 and 1234568 are two values."""
    return repr(float(value)).removesuffix(".0")


def with_unlabelled(dataset: Dataset, cells: UnlabelledCells, name: str | None = None) -> Dataset:
    """The same data with a target of classes, or of 0 and 1, read as known and unlabelled rows.

    Raises
    ------
    InputError, UsageError
        As :meth:`UnlabelledCells.target` and :func:`settled`.
    """
    chosen = dataset.target(name)
    texts = [
        "" if not known else chosen.classes[int(value)] if chosen.classes else _digits(value)
        for value, known in zip(chosen.values, chosen.known, strict=True)
    ]
    target, others = cells.target(chosen.name, texts, ~chosen.known)
    remarks = (*dataset.provenance.remarks, *known_remarks(target, others, chosen.name))
    changed = replace(
        dataset,
        targets={**dataset.targets, chosen.name: target},
        provenance=replace(dataset.provenance, remarks=remarks),
    )
    return settled(changed, chosen.name)


def settled(dataset: Dataset, name: str) -> Dataset:
    """The same data without unlabelled rows whose material is known in another row; its problems name them.

    Raises
    ------
    InputError
        If fewer than 20 rows are known, or none is unlabelled.
    """
    target = dataset.target(name)
    keys = material_keys(dataset.materials)
    known_in = {key: row for row, key in reversed(list(enumerate(keys))) if target.values[row] == 1.0}
    twice = [row for row, key in enumerate(keys) if target.values[row] == 0.0 and key in known_in]
    numbers, formulas = dataset.numbering, dataset.materials.formulas
    problems = [
        RowProblem(
            int(numbers[row]),
            str(formulas[row]),
            f"is unlabelled, and the same material is {target.classes[1]!r} in row {numbers[known_in[keys[row]]]}",
            "the known row is used; delete one of the two",
        )
        for row in twice
    ]
    kept = np.setdiff1d(np.arange(len(dataset)), twice)
    remarks = tuple(one for one in dataset.provenance.remarks if not twice or codes([one]) != ["rows-used"])
    if twice:
        text = (
            f"{name}: {counted(len(twice), 'unlabelled row repeats', 'unlabelled rows repeat')} a known material; the "
            "known rows are used."
        )
        remarks = (*remarks, Remark("known-and-unlabelled", text))
    cut = replace(
        dataset[kept] if twice else dataset,
        problems=(*dataset.problems, *problems),
        provenance=replace(dataset.provenance, remarks=remarks),
    )
    require_known(cut.target(name))
    return cut


def perhaps_unlabelled(dataset: Dataset, name: str) -> tuple[Remark, ...]:
    """A question where materials are 1 in one row and 0 in another: perhaps 0 means that nobody knows."""
    target = dataset.targets.get(name)
    if target is None or target.unit is not None or not _is_zero_or_one(target):
        return ()
    keys, values = np.array([hash(key) for key in material_keys(dataset.materials)]), target.values
    n = len(np.intersect1d(keys[values == 1.0], keys[values == 0.0]))
    if not n:
        return ()
    zero, one = target.classes or ("0", "1")
    text = (
        f"{name}: {counted(n, 'material is', 'materials are')} {one} in one row and {zero} in another. If {zero} only "
        f"means that nobody knows, such as not listed in a database, state it: --unlabelled={zero}."
    )
    return (Remark("perhaps-unlabelled", text),)


def _is_zero_or_one(target: Target) -> bool:
    named = not target.classes or {plain_cell(one) for one in target.classes} == {"0", "1"}
    return named and np.array_equal(np.unique(target.values[target.known]), [0.0, 1.0])


def require_known(target: Target) -> None:
    """Refuse a target of which too little is known.

    Raises
    ------
    InputError
        If fewer than 20 rows are known, or none is unlabelled.
    """
    n_known, n_unlabelled = int((target.values == 1.0).sum()), int((target.values == 0.0).sum())
    if n_known < FEWEST_KNOWN:
        raise InputError(
            f"{counted(n_known, 'row')} of {target.name!r} are known to be {target.classes[1]!r}; at least "
            f"{FEWEST_KNOWN} are needed, since the recall of fewer says next to nothing: add known materials"
        )
    if not n_unlabelled:
        raise InputError(
            f"no row of {target.name!r} is unlabelled: add materials of which it is not known, such as hypothetical "
            "ones of a database"
        )


def known_remarks(target: Target, others: int, column: str) -> tuple[Remark, ...]:
    """How many rows are known and unlabelled, and in how many (``others``) another value stands."""
    known, unlabelled = int((target.values == 1.0).sum()), int((target.values == 0.0).sum())
    text = (
        f"Target {target.name!r}: {known:,} known ({target.classes[1]}) and {counted(unlabelled, 'unlabelled row')} "
        f"from column {column!r}; unlabelled is not a no."
    )
    more = f"Target {target.name!r}: {counted(others, 'row holds', 'rows hold')} another value and cannot be used."
    remark = Remark("known-and-unlabelled-rows", text)
    return (remark, Remark("neither-known-nor-unlabelled", more)) if others else (remark,)


def _contents(cells: Sequence[str], blank: NDArray[np.bool_]) -> str:
    counts = Counter(tidy(cell) for cell, empty in zip(cells, blank, strict=True) if not empty)
    shown = [f"{value} ({count:,})" for value, count in counts.most_common(SHOWN)]
    more = [f"{len(counts) - SHOWN:,} other values"] if len(counts) > SHOWN else []
    return ", ".join([*shown, *more, *([f"{int(blank.sum()):,} blank cells"] if blank.any() else [])])
