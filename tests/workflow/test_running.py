"""Workflows are run: in this process and in others, once, and again without any work."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from matscout import Workflow, run_workflow
from matscout.app.cli import run
from matscout.errors import InputError, MatscoutError, UsageError
from matscout.store import Store
from matscout.workers import THREADS, pool_of_processes
from matscout.workflow.jobs import ABOUT, KIND
from matscout.workflow.keys import step_keys
from matscout.workflow.result_files import stored_steps
from matscout.workflow.running import CancelledError, StepEvent, WorkflowRun
from matscout.yaml_reading import parse_yaml

FORMULAS = ("GaAs", "NaCl", "MgO", "ZnS", "KBr", "CaO", "SiC", "GaN", "AlP", "InSb", "CdTe", "BaS", "SrO", "LiF")

TEXT = """
workflow: 1
steps:
  labels: {read: {file: gaps.csv, target: gap}}
  gap: {fit: {labels: labels, model: gp, fast: true}}
  width: {fit: {labels: labels, model: dummy, seed: 1}}
  models: {bundle: {models: [gap]}}
  others: {predict: {bundle: models, formulas: [ZnO, KCl, Ga0.5In0.5As]}}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a table and a workflow."""
    rows = [(formula, round(0.1 * place + len(formula), 3)) for place, formula in enumerate(FORMULAS * 2)]
    pl.DataFrame(rows, schema=["formula", "gap"], orient="row").write_csv(tmp_path / "gaps.csv")
    (tmp_path / "workflow.yaml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def started(place: Path, **options: Any) -> WorkflowRun:
    return WorkflowRun(Workflow.read(place / "workflow.yaml"), Store(place / "store"), **options)


def test_other_processes_give_what_this_one_gives(place: Path) -> None:
    here = WorkflowRun(Workflow.read(place / "workflow.yaml"), Store(place / "one"), processes=0)
    there = WorkflowRun(Workflow.read(place / "workflow.yaml"), Store(place / "two"), processes=2)
    first, second = here.result("others"), there.result("others")
    assert first.table.equals(second.table)
    assert {name: one.key for name, one in here.outcomes.items()} == {
        name: one.key for name, one in there.outcomes.items()
    }
    # Only what is needed was made.
    assert set(there.outcomes) == {"labels", "gap", "models", "others"}


def test_a_second_run_computes_nothing(place: Path) -> None:
    started(place, processes=2).results()
    seen: list[StepEvent] = []
    again = started(place, processes=2, events=seen.append)
    assert set(again.results()) == {"width", "others"}
    assert {event.state for event in seen} == {"from store"}
    about = json.loads((Store(place / "store").get_folder(KIND, str(again.outcomes["width"].key)) / ABOUT).read_text())  # type: ignore[operator]
    assert about["kind"] == "fit"
    assert about["seconds"] > 0


def test_what_is_wanted_anew_is_made_anew(place: Path) -> None:
    started(place, processes=0).results()
    workflow = Workflow.read(place / "workflow.yaml")
    again = started(place, processes=0, anew=frozenset(workflow.below("gap")))
    again.results()
    assert {name: one.state for name, one in again.outcomes.items()} == {
        "labels": "from store",
        "gap": "done",
        "models": "done",
        "others": "done",
        "width": "from store",
    }
    with pytest.raises(UsageError, match="there is no step 'gip'"):
        started(place, anew=frozenset({"gip"}))


def changed_keys(place: Path, change: Callable[[str], str], folder: Path | None = None) -> set[str]:
    """The steps whose keys differ after a change of the text."""
    values = parse_yaml(change(TEXT))
    before = step_keys(Workflow.read(place / "workflow.yaml"))
    after = step_keys(Workflow.of(values, folder=folder or place))
    return {name for name in before if before[name] not in after.values()}


def test_keys_tell_what_results_depend_on(place: Path) -> None:
    assert changed_keys(place, lambda text: text + "view: {gap: {x: 1, y: 2}}\n") == set()
    assert changed_keys(place, lambda text: text.replace("workflow: 1", "workflow: 1\ntitle: other")) == set()
    assert changed_keys(place, lambda text: text.replace("gap: {fit", "band: {fit").replace("[gap]", "[band]")) == set()
    assert changed_keys(place, lambda text: text.replace("model: gp, fast: true", "fast: true, model: gp")) == set()
    assert changed_keys(place, lambda text: text.replace("seed: 1", "seed: 2")) == {"width"}
    assert changed_keys(place, lambda text: text.replace("model: gp", "model: dummy")) == {"gap", "models", "others"}
    assert changed_keys(place, lambda text: text.replace("ZnO", "ZnSe")) == {"others"}
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "gaps.csv").write_bytes((place / "gaps.csv").read_bytes())
    assert changed_keys(place, str, elsewhere) == set()
    with (elsewhere / "gaps.csv").open("a", encoding="utf-8") as table:
        table.write("ZnTe,2.2\n")
    assert changed_keys(place, str, elsewhere) == {"labels", "gap", "width", "models", "others"}


CELL = "c\n1\n{a} 0 0\n0 {a} 0\n0 0 {a}\nNa Cl\n1 1\nDirect\n0 0 0\n.5 .5 .5\n"


def test_keys_depend_on_structures_that_a_table_names(tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    for name, side in (("one.vasp", 3.5), ("two.vasp", 3.6)):
        (tmp_path / "cells" / name).write_text(CELL.format(a=side), encoding="utf-8")
    (tmp_path / "named.csv").write_text("structure,gap\ncells/one.vasp,1\ncells/two.vasp,2\n", encoding="utf-8")
    (tmp_path / "beside.csv").write_text("id,formula,gap\none,NaCl,1\ntwo,NaCl,2\n", encoding="utf-8")
    steps = {
        "named": {"read": {"file": "named.csv", "structure": "structure", "target": "gap"}},
        "beside": {"read": {"file": "beside.csv", "structure": "cells", "target": "gap"}},
    }
    workflow = Workflow.of({"workflow": 1, "steps": steps}, folder=tmp_path)
    results = run_workflow(workflow)
    assert {name: int(one.materials.has_structure.sum()) for name, one in results.items()} == {"named": 2, "beside": 2}
    before = step_keys(workflow)
    # Described from elsewhere it is the same work.
    (tmp_path / "out").mkdir()
    there = Workflow.of(workflow.values(beside=tmp_path / "out"), folder=tmp_path / "out")
    assert there.values()["steps"]["beside"]["read"]["structure"] == "../cells"
    assert step_keys(there) == before
    (tmp_path / "cells" / "two.vasp").write_text(CELL.format(a=3.7), encoding="utf-8")
    after = step_keys(workflow)
    assert all(after[name] != before[name] for name in steps)


def test_events_are_data_and_may_cancel(place: Path) -> None:
    seen: list[StepEvent] = []

    def sink(event: StepEvent) -> None:
        seen.append(event)
        if event.step == "models":
            raise CancelledError("stopped by the user")

    for processes in (0, 2):
        seen.clear()
        stopped = started(place, processes=processes, events=sink)
        with pytest.raises(CancelledError):
            stopped.result("others")
        assert "gap" in stopped.outcomes
        assert "others" not in stopped.outcomes
    # What was finished is there.
    again = started(place, processes=0)
    again.result("others")
    assert again.outcomes["gap"].state == "from store"


@pytest.mark.parametrize("processes", [0, 2])
def test_what_a_step_raises_is_raised_and_told(place: Path, processes: int) -> None:
    (place / "gaps.csv").write_text("formula,gap\nxyz,1\nNaCl,2\n", encoding="utf-8")
    seen: list[StepEvent] = []
    with pytest.raises(MatscoutError, match=r"cannot be used|too few|at least"):
        started(place, processes=processes, events=seen.append).results()
    assert "failed" in {event.state for event in seen}


def test_a_missing_file_is_told(place: Path) -> None:
    (place / "gaps.csv").unlink()
    (place / "gap.csv").write_text("formula,gap\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"there is no file or folder .*gaps\.csv; did you mean gap\.csv"):
        started(place, processes=0).results()


def test_without_a_store_it_runs_all_the_same(place: Path) -> None:
    for processes in (0, 1):
        found = WorkflowRun(Workflow.read(place / "workflow.yaml"), None, processes=processes).result("others")
        assert found.table["formula"].to_list() == ["ZnO", "KCl", "Ga0.5In0.5As"]


def test_what_was_made_here_serves_other_processes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in THREADS:
        monkeypatch.setenv(name, "1")
    growing = WorkflowRun(Workflow.read(place / "workflow.yaml"), None, processes=2)
    growing.result("labels")
    assert growing.result("others").counts == "3 of 3 rows predicted"


def test_a_number_of_processes_that_is_none_is_told(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATSCOUT_PROCESSES", "two")
    with pytest.raises(UsageError, match="MATSCOUT_PROCESSES is 'two'; expected a whole number from 0"):
        started(place).results()


def test_a_run_grows_and_keeps_what_is_done(place: Path) -> None:
    values = parse_yaml(TEXT)
    assert isinstance(values, dict)
    some = {"workflow": 1, "steps": {"labels": values["steps"]["labels"]}}
    growing = WorkflowRun(Workflow.of(some, folder=place), Store(place / "store"), processes=0)
    labels = growing.result("labels")
    growing.grow(Workflow.read(place / "workflow.yaml"))
    assert growing.result("labels") is labels
    assert growing.result("others").counts == "3 of 3 rows predicted"


def test_processes_stay_for_later_steps_and_end_with_the_run_or_a_failure(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as there are steps at most, where none is divided; more are begun when more are needed."""
    counts: list[int] = []
    ended: list[int] = []

    @contextmanager
    def counted(count: int) -> Iterator[Any]:
        counts.append(count)
        with pool_of_processes(count) as submit:
            yield submit
        ended.append(count)

    monkeypatch.setattr("matscout.workflow.running.pool_of_processes", counted)
    going = started(place, processes=2)
    going.result("labels")
    going.result("gap")
    assert (counts, ended) == ([1], [])
    going.results()
    assert (counts, ended) == ([1, 2], [1])
    del going
    gc.collect()
    assert ended == [1, 2]
    (place / "gaps.csv").write_text("formula,gap\nxyz,1\nNaCl,2\n", encoding="utf-8")
    failing = started(place, processes=2)
    with pytest.raises(MatscoutError):
        failing.results()
    assert len(ended) == len(counts)


KILLED = """
import sys
from pathlib import Path
from matscout import Workflow
from matscout.store import Store
from matscout.workflow.running import WorkflowRun

place = Path(sys.argv[1])
run = WorkflowRun(Workflow.read(place / "workflow.yaml"), Store(place / "store"), processes=1)
run.events = lambda event: print(event.step, event.state, flush=True)
run.results()
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_a_killed_run_goes_on_where_it_was(place: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.split() == ["gap", "done"]:
                process.send_signal(signal.SIGKILL)
                break
    stored = stored_steps(Workflow.read(place / "workflow.yaml"), Store(place / "store"))
    assert {"labels", "gap"} <= set(stored)
    assert set(started(place, processes=0).results()) == {"width", "others"}


def test_the_command_python_and_a_script_give_equal_bytes(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    assert run(["run", "workflow.yaml", "-o", "one", "--processes", "2"]) == 0
    assert "5 of 5 steps ran" in " ".join(capsys.readouterr().err.split())
    run_workflow("workflow.yaml", "two")
    first = (place / "one" / "others" / "predictions.csv").read_bytes()
    assert first == (place / "two" / "others" / "predictions.csv").read_bytes()
    # What was written beside the results repeats them, from where it lies.
    assert run(["run", "one/workflow.yaml", "-o", "three", "--from", "labels"]) == 0
    assert first == (place / "three" / "others" / "predictions.csv").read_bytes()
    assert run(["workflow", "export", "workflow.yaml", "--as", "script", "-o", "again.py"]) == 0
    capsys.readouterr()
    finished = subprocess.run([sys.executable, "again.py"], capture_output=True, text=True, check=False, cwd=place)
    assert finished.returncode == 0, finished.stderr
    assert "others 3 of 3 rows predicted" in finished.stdout


def test_settings_are_changed_on_the_command_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(place / "workflow.yaml")
    assert run(["run", path, "-o", str(place / "out"), "--set", "gap.model=dummy"]) == 0
    assert "model: dummy" in (place / "out" / "workflow.yaml").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(["run", path, "-o", str(place / "out"), "--overwrite", "--set", "gap.modle=dummy"]) == 2
    assert "did you mean model" in capsys.readouterr().err
    (place / "workflow.yaml").write_text(TEXT.replace("target: gap", "target: gop"), encoding="utf-8")
    assert run(["run", path, "-o", str(place / "other")]) == 2
    told = capsys.readouterr().err
    assert "the step labels has failed" in told
    assert "there is no column 'gop'" in told
    assert not (place / "other").exists()
    assert run(["run", str(place / "workflow.yml"), "-o", str(place / "out"), "--overwrite"]) == 1
    assert "did you mean" in capsys.readouterr().err
