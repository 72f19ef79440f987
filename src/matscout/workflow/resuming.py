"""What a run that was stopped left in the store: whole steps, and single fits of steps that have parts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from matscout.counting import counted, part_of
from matscout.progress import WorkPart
from matscout.store import Store
from matscout.workflow.graph import Workflow
from matscout.workflow.jobs import StepJob
from matscout.workflow.keys import step_keys
from matscout.workflow.kind import named_steps
from matscout.workflow.result_files import stored_steps
from matscout.workflow.running import WorkflowRun


@dataclass(frozen=True)
class StoredWork:
    """How much of a run is stored: steps, of how many, and fits of the other steps."""

    steps: int
    of: int
    fits: int

    @property
    def sentence(self) -> str:
        """``"continuing: 4 of 9 steps and 7 fits are in the store"``; "" where there is no more than the labels."""
        if self.steps <= 1 and not self.fits:
            return ""
        fits = f" and {counted(self.fits, 'fit')}" if self.fits else ""
        return f"continuing: {part_of(self.steps, self.of, 'step')}{fits} are in the store"


def stored_work(run: WorkflowRun) -> StoredWork:
    """What earlier runs have left of a run; steps that this one has made do not count."""
    steps = run.workflow.steps
    if run.store is None:
        return StoredWork(0, len(steps), 0)
    at_hand = stored_steps(run.workflow, run.store)
    earlier = [name for name in at_hand if name not in run.outcomes or run.outcomes[name].state == "from store"]
    # Parts rest on results: where all of these are new, so are the parts, and to look for them takes time.
    fits = sum(part.is_kept() for part in _parts(run.workflow, run.store, set(at_hand))) if earlier else 0
    return StoredWork(len(earlier), len(steps), fits)


def _parts(workflow: Workflow, store: Store, at_hand: set[str]) -> Iterator[WorkPart]:
    """Parts of the steps that are not stored and whose inputs are."""
    keys = step_keys(workflow)
    for name, kind in workflow.steps.items():
        if name in at_hand or not kind.divides or not set(workflow.inputs(name)) <= at_hand:
            continue
        inputs = {one: tuple(str(keys[other]) for other in others) for one, others in named_steps(kind).items()}
        with tempfile.TemporaryDirectory(prefix="matscout-run-") as scratch:
            place = Path(scratch)
            job = StepJob(name, kind, inputs, str(keys[name]), store.folder, workflow.folder, place / "progress", 0.0)
            yield from kind.parts(job.results(), job.work(place))
