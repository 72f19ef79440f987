"""Which step and which part of a step is begun first, and that parts give what the whole gives."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from matscout.store import Store
from matscout.workflow.graph import Workflow
from matscout.workflow.jobs import Schedule, StepJob, make_part_of, make_step_of, parts_of
from matscout.workflow.running import StepEvent, WorkflowRun
from matscout.workflow.steps.evaluate import EvaluateStep
from matscout.workflow.steps.read import ReadStep


@dataclass
class Processes:
    """Stand in for processes: work is done when it is asked for, by what the test says."""

    answers: dict[Callable[..., Any], Callable[[StepJob], Any]]
    begun: list[tuple[str, int | None]] = field(default_factory=list)

    def submit(self, function: Callable[..., Any], job: StepJob) -> Future[Any]:
        self.begun.append((job.name, job.part))
        future: Future[Any] = Future()
        try:
            future.set_result(self.answers[function](job))
        except Exception as error:
            future.set_exception(error)
        return future


def job(name: str, kind: Any) -> StepJob:
    return StepJob(name, kind, {}, "key", Path("store"), Path(), Path("progress"), 0.0)


def ended(schedule: Schedule) -> list[StepJob]:
    steps = []
    while schedule.is_busy:
        steps += [one for one, _ in schedule.step(0.1)]
    return steps


def test_the_most_urgent_is_begun_first_and_parts_before_their_step() -> None:
    processes = Processes({parts_of: lambda _: ["a", "b"], make_part_of: lambda _: 2.0, make_step_of: lambda _: None})
    schedule = Schedule(processes.submit, 2)
    schedule.add(job("read", ReadStep(file=Path("x.csv"))), urgency=0)
    schedule.add(job("quality", EvaluateStep()), urgency=3)
    steps = ended(schedule)
    assert processes.begun == [("quality", None), ("read", None), ("quality", 0), ("quality", 1), ("quality", None)]
    assert {one.name: one.seconds_of_parts for one in steps} == {"read": 0.0, "quality": 4.0}


def test_of_two_that_are_as_urgent_a_whole_step_is_begun_before_parts() -> None:
    processes = Processes({parts_of: lambda _: ["a", "b"], make_part_of: lambda _: 2.0, make_step_of: lambda _: None})
    schedule = Schedule(processes.submit, 2)
    schedule.add(job("learning-curve", EvaluateStep()), urgency=1)
    list(schedule.step(0.1))
    schedule.add(job("shortlist", ReadStep(file=Path("x.csv"))), urgency=1)
    ended(schedule)
    assert processes.begun[1:3] == [("shortlist", None), ("learning-curve", 0)]


def test_one_process_makes_a_step_at_once() -> None:
    processes = Processes({make_step_of: lambda _: None})
    schedule = Schedule(processes.submit, 1)
    schedule.add(job("quality", EvaluateStep()), urgency=0)
    ended(schedule)
    assert processes.begun == [("quality", None)]


def test_a_part_that_fails_is_the_failure_of_its_step() -> None:
    def fail(_: StepJob) -> float:
        raise ValueError("no")

    schedule = Schedule(Processes({parts_of: lambda _: ["a"], make_part_of: fail}).submit, 2)
    schedule.add(job("quality", EvaluateStep()), urgency=0)
    results = [result for _ in range(2) for _, result in schedule.step(0.1)]
    with pytest.raises(ValueError, match="no"):
        results[0]()


def test_parts_in_processes_give_what_one_process_gives(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = [f"{a}{b},{i + j / 2}" for i, a in enumerate(("Li", "Na", "K", "Rb", "Cs")) for j, b in enumerate("FIH")]
    rows += [f"{a}{b},{5 + i + j / 2}" for i, a in enumerate(("Mg", "Ca", "Sr", "Ba")) for j, b in enumerate("OS")]
    table.write_text("formula,value\n" + "\n".join(rows) + "\n")
    description = {
        "labels": {"read": {"file": "t.csv", "target": ["value"]}},
        "quality": {"evaluate": {"model": ["dummy", "trees=magpie"], "level": 0.8}},
    }
    workflow = Workflow.of({"workflow": 1, "steps": description}, folder=tmp_path)
    seen: list[StepEvent] = []
    parted = WorkflowRun(workflow, Store(tmp_path / "a"), processes=2, events=seen.append).result("quality")
    whole = WorkflowRun(workflow, Store(tmp_path / "b"), processes=0).result("quality")
    assert parted.asked.scores == whole.asked.scores
    assert any(event.step == "quality" and event.state == "done" for event in seen)
