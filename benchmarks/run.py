"""The main job's benchmark in one command: ``python benchmarks/run.py``.

Every cell (task, model, split) is stored under ``benchmarks/cells`` as it finishes, under a name made from data,
settings and code; a killed run goes on where it was, and other code makes other cells. The tables in
``benchmarks/results`` hold the tasks whose cells are all there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from jobs import CELLS, RESULTS, chosen, fail_if, missing_jobs, run
from peers import PEER
from results import write_main_job
from tasks import BENCHMARKS, MAIN_JOB


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    everything = (*MAIN_JOB.names, PEER.name)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=["*"], metavar="NAME", help="names or patterns such as 'estm-*'")
    parser.add_argument("--models", nargs="+", default=everything, choices=everything, metavar="NAME")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="cells made at the same time (processes)")
    parser.add_argument("--list", action="store_true", help="only say what is there and what is missing")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    jobs = missing_jobs(chosen(BENCHMARKS, options.tasks), MAIN_JOB, options.models, CELLS)
    if options.list:
        return
    failed = run(jobs, CELLS, options.jobs)
    for path in write_main_job(BENCHMARKS, CELLS, RESULTS):
        print(path)
    fail_if(failed)


if __name__ == "__main__":
    main()
