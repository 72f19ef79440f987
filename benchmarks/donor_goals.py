"""The goals of the donor, each with what was found."""

from __future__ import annotations

from collections.abc import Sequence

from donor_tasks import MODEL, SIZES, WITHOUT
from goals import Goal, Record, at_most, ratio

from matscout.evaluation.metrics import geometric_mean


def donor_goals(records: Sequence[Record], wanted: Sequence[Record]) -> list[Goal]:
    """All goals.

    Parameters
    ----------
    records
        The finished tasks.
    wanted
        Name and kind of all tasks, finished or not.
    """
    by_name = {record["name"]: record for record in records}
    return [
        at_most(by_name, "expt_gap", 0.29, "eV", MODEL),
        at_most(by_name, "expt_gap", 0.28, "eV (stretch)", MODEL),
        at_most(by_name, "dielectric", 0.31, "", MODEL),
        *(mean_ratio(f"{size} labels, random", 0.90, *_with(records, wanted, "few", size)) for size in SIZES),
        mean_ratio("full size, by paper", 0.96, *_with(records, wanted, "grouped")),
        mean_ratio("full size, by paper (stretch)", 0.90, *_with(records, wanted, "grouped")),
        *(mean_ratio(f"{size} labels, by paper", 0.96, *_with(records, wanted, "few-grouped", size)) for size in SIZES),
    ]


def mean_ratio(what: str, limit: float, done: Sequence[Record], n_wanted: int) -> Goal:
    """Geometric mean over the tasks that are ``done``; it is judged when all of them are."""
    text = f"{what}: geometric mean of MAE / best tree MAE <= {limit:.2f} ({len(done)} of {n_wanted} tasks)"
    if not done:
        return Goal(text, "", None)
    ours, without = (geometric_mean([ratio(record, model) for record in done]) for model in (MODEL, WITHOUT))
    found = f"{ours:.3f} (without the donor {without:.3f})"
    return Goal(text, found, ours <= limit) if len(done) == n_wanted else Goal(text, f"so far {found}", None)


def _with(
    records: Sequence[Record], wanted: Sequence[Record], kind: str, size: int | None = None
) -> tuple[list[Record], int]:
    """The finished tasks of one kind and number of labels, and how many there are in all."""
    ending = "" if size is None else f"-{size}-labels"
    found, all_of_them = (
        [entry for entry in entries if entry["kind"] == kind and entry["name"].endswith(ending)]
        for entries in (records, wanted)
    )
    return found, len(all_of_them)
