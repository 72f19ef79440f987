"""What a pretrained donor is worth, in one command: ``python benchmarks/donors.py``.

Three parts: "models" (the main job's tasks and few labels of them, with the donor, without it, and from it alone),
"donors" (what of a donor carries: each is trained here from a part of the labels made by
``scripts/make_donor_table.py``), and "rates" (formulas per second). Every cell is stored under ``benchmarks/cells`` as
it finishes, the few labels first, and a killed run goes on where it was. The tables in ``benchmarks/results`` hold what
is finished.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from donor_records import models_part, require_donor
from donor_tables import page
from donor_tasks import CONTEST, DRAWS, benchmarks
from jobs import CELLS, RESULTS, Job, chosen, fail_if, model_jobs, run
from peers import PEER
from results import PACKAGES, circumstances, write

PARTS = ("models", "donors", "rates")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", nargs="+", default=PARTS, choices=PARTS, metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--tasks", nargs="+", default=["*"], metavar="NAME", help="names or patterns such as 'estm-*'")
    parser.add_argument("--draws", type=int, default=DRAWS, metavar="N", help=f"of the few labels (default {DRAWS})")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cells made at the same time (processes)")
    parser.add_argument("--list", action="store_true", help="only say what is there and what is missing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    require_donor()
    everything = benchmarks(options.draws)
    failed: list[str] = []
    if "models" in options.part:
        jobs: list[Job] = []
        for benchmark in chosen(everything, options.tasks):
            missing = list(model_jobs(benchmark, CONTEST, CELLS, (*CONTEST.names, PEER.name)))
            print(f"{benchmark.name}: {len(benchmark.load())} rows, {len(missing)} cells missing", flush=True)
            jobs += missing
        if not options.list:
            failed += run(jobs, CELLS, options.jobs)
    if options.list:
        return
    facts = circumstances(everything, (*PACKAGES, "torch")) | {"parts": {"models": models_part(everything, CELLS)}}
    for path in write(RESULTS / "donors", facts, page):
        print(path)
    fail_if(failed)


if __name__ == "__main__":
    main()
