"""What a pretrained donor is worth, in one command: ``python benchmarks/donors.py``.

Five parts: "models" (the main job's tasks and few labels of them, with the donor, without it, and from it alone),
"donors" (what of a donor carries: each is trained here from a part of the labels made by
``scripts/make_donor_table.py``), "tuning" (frozen or fine-tuned), "encoders" (ours beside the published CrabNet and
Roost), and "rates" (formulas per second). Every cell is stored under ``benchmarks/cells`` as it finishes, the few
labels first, and a killed run goes on where it was. The tables in ``benchmarks/results`` hold what is finished, here or
in an earlier run of the same code on the same data.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from donor_fine_tuning import tuning_jobs, tuning_part
from donor_records import models_part, require_donor
from donor_study import Budget, donors_part, judging_jobs, training_jobs
from donor_tables import page
from donor_tasks import CONTEST, DRAWS, benchmarks, judges
from encoder_study import encoder_jobs, encoders_part
from jobs import CELLS, HERE, RESULTS, Job, chosen, fail_if, missing_jobs, run
from kept import with_kept
from peers import PEER
from rates import RatesJob, rates_part
from results import PACKAGES, circumstances, write

LABELS = HERE.parent / "donor" / "donor-strict.parquet"
PARTS = ("models", "donors", "tuning", "encoders", "rates")
NEED_LABELS = {"donors", "rates"}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", default=PARTS, choices=PARTS, metavar="NAME", help=", ".join(PARTS))
    parser.add_argument(
        "--tasks", nargs="+", default=["*"], metavar="NAME", help="of models: such as 'estm-*-50-labels'"
    )
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help=f"of the few labels (default {DRAWS})")
    parser.add_argument("--donor-labels", type=Path, default=LABELS, metavar="FILE", help=f"default {LABELS}")
    parser.add_argument("--donor-minutes", type=float, default=15.0, metavar="M", help="for each donor (default 15)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cells made at the same time (processes)")
    parser.add_argument("--list", action="store_true", help="only say what is there and what is missing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    require_donor()
    if NEED_LABELS & set(options.part) and not options.donor_labels.is_file():
        raise SystemExit(
            f"there is no {options.donor_labels}: make it with scripts/make_donor_table.py, or name another"
        )
    failed = [failure for name in options.part for failure in MAKERS[name](options)]
    if options.list:
        return
    everything = benchmarks(options.draws)
    facts = circumstances(everything, (*PACKAGES, "torch")) | {"parts": finished_parts(options)}
    for path in write(RESULTS / "donors", with_kept(facts, RESULTS / "donors.json"), page):
        print(path)
    fail_if(failed)


def make_models(options: argparse.Namespace) -> list[str]:
    """With the donor, without it, and from it alone."""
    wanted = chosen(benchmarks(options.draws), options.tasks)
    return _work(missing_jobs(wanted, CONTEST, (*CONTEST.names, PEER.name), CELLS), options)


def make_donors(options: argparse.Namespace) -> list[str]:
    """Train what is not trained yet, then judge it."""
    budget = _budget(options)
    training = list(training_jobs(budget, CELLS))
    print(f"donors to train: {len(training)}", flush=True)
    failed = _work(training, options)
    judging = list(judging_jobs(judges(options.draws), budget, CELLS))
    print(f"cells that judge donors: {len(judging)} missing", flush=True)
    return failed + _work(judging, options)


def make_tuning(options: argparse.Namespace) -> list[str]:
    """The shipped donor frozen and fine-tuned."""
    jobs = list(tuning_jobs(judges(options.draws), CELLS))
    print(f"cells of fine-tuning: {len(jobs)} missing", flush=True)
    return _work(jobs, options)


def make_encoders(options: argparse.Namespace) -> list[str]:
    """Our encoders on the published splits."""
    jobs = list(encoder_jobs(CELLS))
    print(f"encoders to train: {len(jobs)}", flush=True)
    return _work(jobs, options)


def make_rates(options: argparse.Namespace) -> list[str]:
    """Formulas per second."""
    job = RatesJob(options.donor_labels)
    there = job.path(CELLS).is_file()
    print(f"rates: {'measured' if there else 'missing'}", flush=True)
    return [] if there else _work([job], options)


MAKERS = {
    "models": make_models,
    "donors": make_donors,
    "tuning": make_tuning,
    "encoders": make_encoders,
    "rates": make_rates,
}


def finished_parts(options: argparse.Namespace) -> dict[str, Any]:
    """The figures of everything that is stored, whatever was made this time."""
    parts: dict[str, Any] = {"models": models_part(benchmarks(options.draws), CELLS)}
    if options.donor_labels.is_file():
        parts["donors"] = donors_part(judges(options.draws), _budget(options), CELLS)
        parts["rates"] = rates_part(options.donor_labels, CELLS)
    parts["tuning"] = tuning_part(judges(options.draws), CELLS)
    parts["encoders"] = encoders_part(CELLS)
    content = {"models": "tasks", "donors": "donors", "tuning": "contestants", "encoders": "tasks", "rates": "training"}
    return {name: part for name, part in parts.items() if part.get(content[name])}


def _budget(options: argparse.Namespace) -> Budget:
    return Budget(options.donor_labels, options.donor_minutes)


def _work(jobs: Sequence[Job], options: argparse.Namespace) -> list[str]:
    return [] if options.list else run(jobs, CELLS, options.jobs)


if __name__ == "__main__":
    main()
