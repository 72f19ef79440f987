"""What crystal structures are worth with few labels, in one command: ``python benchmarks/structures.py``.

Four parts: "models" (`auto` with and without structures, with and without a donor, beside forests), for which a donor
is trained first, from those labels of ``scripts/make_donor_table.py`` whose formulas are in no task; "families" (one
forest on each descriptor alone); "fidelities" (few gaps of one functional beside many of another); and "simulated"
(moduli with what a force field computes). Every cell is stored under ``benchmarks/cells`` as it finishes, the fewest
labels first, and a killed run goes on where it was. Draw k is the same whatever the number of draws, so ``--draws 4``
is the beginning of ``--draws 12``. The tables in ``benchmarks/results`` hold what is finished, here or in an earlier
run of the same code on the same data."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from jobs import CELLS, HERE, RESULTS, Job, chosen, fail_if, run
from kept import with_kept
from results import PACKAGES, circumstances, write
from structure_donor import RUN, TrainingJob
from structure_families import SIZES as FAMILY_SIZES
from structure_families import family_record, judging_jobs, vector_jobs
from structure_sides import Side, can_simulate, fidelity_sides, side_record, simulated_sides
from structure_study import MODEL, Task, record, tasks
from structure_tables import page
from structure_tasks import DRAWS, PROPERTIES, SIZES

from matscout.evaluation.cells import ModelSettings
from matscout.evaluation.evaluating import pretraining_overlap

LABELS = HERE.parent / "donor" / "donor-strict.parquet"
PARTS = ("models", "families", "fidelities", "simulated")
FAMILY_DRAWS = 4
Wanted = TypeVar("Wanted", Task, Side)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", default=PARTS, choices=PARTS, metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--tasks", nargs="+", default=["*"], metavar="NAME", help="such as 'band-gap-50-labels*'")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help=f"of the labels (default {DRAWS})")
    parser.add_argument("--donor-labels", type=Path, default=LABELS, metavar="FILE", help=f"default {LABELS}")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cells made at the same time (processes)")
    parser.add_argument("--list", action="store_true", help="only say what is there and what is missing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    failed = [failure for name in options.part for failure in MAKERS[name](options)]
    if options.list:
        return
    facts = circumstances([task.structures for task in model_tasks(options.draws)], (*PACKAGES, "torch"))
    for path in write(
        RESULTS / "structures", with_kept(facts | {"parts": finished(options)}, RESULTS / "structures.json"), page
    ):
        print(path)
    fail_if(failed)


def model_tasks(draws: int) -> list[Task]:
    """All tasks of the part "models"."""
    return tasks(PROPERTIES, SIZES, draws)


def family_tasks(draws: int) -> list[Task]:
    """Those on which descriptors are judged: unseen formulas, two numbers of labels."""
    return [task for task in tasks(PROPERTIES, FAMILY_SIZES, min(draws, FAMILY_DRAWS)) if task.kind == "few"]


def make_donor(options: argparse.Namespace) -> list[str]:
    """The donor that knows no formula of the tasks, unless it is there."""
    if RUN.finished:
        return []
    if not options.donor_labels.is_file():
        raise SystemExit(
            f"there is no {options.donor_labels}: make it with scripts/make_donor_table.py, or name another"
        )
    print("donor to train: 1", flush=True)
    return _work([TrainingJob(options.donor_labels, [one.load() for one in PROPERTIES])], options)


def make_models(options: argparse.Namespace) -> list[str]:
    """The donor, then `auto` and the forests."""
    fail_if(make_donor(options))
    jobs = []
    for task in chosen(model_tasks(options.draws), options.tasks):
        missing = list(task.jobs(CELLS))
        print(f"{task.name}: {len(missing)} cells missing", flush=True)
        jobs += missing
    return _work(jobs, options)


def make_families(options: argparse.Namespace) -> list[str]:
    """The vectors of every descriptor, then a forest on each."""
    wanted = chosen(family_tasks(options.draws), options.tasks)
    vectors = list(vector_jobs(wanted, CELLS))
    print(f"vectors to make: {len(vectors)}", flush=True)
    failed = _work(vectors, options)
    judging = list(judging_jobs(wanted, CELLS))
    print(f"forests to grow: {len(judging)}", flush=True)
    return failed + _work(judging, options)


def make_fidelities(options: argparse.Namespace) -> list[str]:
    """Few gaps of one functional beside many of another."""
    return _make_sides(fidelity_sides(options.draws), options)


def make_simulated(options: argparse.Namespace) -> list[str]:
    """Moduli, with and without simulations."""
    if not can_simulate():
        print("simulated: left out, since no force field is installed (pip install 'matscout[mlff]')", flush=True)
        return []
    return _make_sides(simulated_sides(options.draws), options)


def _make_sides(sides: Sequence[Side], options: argparse.Namespace) -> list[str]:
    jobs = [job for side in chosen(sides, options.tasks) for job in side.jobs(CELLS)]
    print(f"cells missing: {len(jobs)}", flush=True)
    return _work(jobs, options)


MAKERS = {
    "models": make_models,
    "families": make_families,
    "fidelities": make_fidelities,
    "simulated": make_simulated,
}


def finished(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of everything that is stored, whatever was made this time."""
    return {
        "models": _part(model_tasks(options.draws), lambda task: _with_seen(task, record(task, CELLS))),
        "families": _part(family_tasks(options.draws), lambda task: family_record(task, CELLS)),
        "fidelities": _part(fidelity_sides(options.draws), lambda side: side_record(side, CELLS)),
        "simulated": _part(simulated_sides(options.draws), lambda side: side_record(side, CELLS)),
    }


def _part(wanted: Iterable[Wanted], recorded: Callable[[Wanted], dict[str, Any] | None]) -> dict[str, Any]:
    """Records of the finished tasks, and what was wanted."""
    records = {task.name: (task, recorded(task)) for task in wanted}
    return {
        "tasks": [found for _, found in records.values() if found is not None],
        "unfinished": [name for name, (_, found) in records.items() if found is None],
        "wanted": [{"name": name, "goal": task.goal} for name, (task, _) in records.items()],
    }


def _with_seen(task: Task, found: dict[str, Any] | None) -> dict[str, Any] | None:
    """The record with the number of rows whose formula the donor was trained on."""
    if found is None:
        return None
    dataset = task.structures.load()
    return found | {
        "seen": pretraining_overlap(dataset, dataset.target().name, [ModelSettings(MODEL)])["donor-for-structures"].rows
    }


def _work(jobs: Sequence[Job], options: argparse.Namespace) -> list[str]:
    return [] if options.list else run(jobs, CELLS, options.jobs)


if __name__ == "__main__":
    main()
