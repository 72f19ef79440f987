"""A scout that was killed goes on where it was, and says so."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.workflow.test_scouting import frame

from matscout.evaluation.cells import KIND
from matscout.store import Store
from matscout.workflow.resuming import StoredWork


def test_the_labels_alone_are_not_worth_a_word() -> None:
    assert not StoredWork(1, 10, 0).sentence
    assert StoredWork(4, 10, 0).sentence == "continuing: 4 of 10 steps are in the store"
    assert StoredWork(3, 10, 1).sentence == "continuing: 3 of 10 steps and 1 fit are in the store"


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a group of processes")
def test_a_killed_scout_goes_on_where_it_was(tmp_path: Path) -> None:
    frame().select("formula", "gap (eV)").write_csv(tmp_path / "labels.csv")
    options = ["--target", "gap", "--goal", "max", "--model", "gp", "--fast", "--n-candidates", "100", "-o", "out"]
    command = [sys.executable, "-m", "matscout", "scout", "labels.csv", *options]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "MATSCOUT_PROCESSES": "2"}
    store = Store(tmp_path / "cache" / "matscout" / "store")
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while process.poll() is None and not store.entries(KIND):
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.stderr is not None
        assert "continuing" not in process.stderr.read()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    kept = len(store.entries(KIND))
    again = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert again.returncode == 0, again.stderr
    (sentence,) = [line for line in again.stderr.splitlines() if line.startswith("continuing")]
    steps, of, fits = map(int, re.findall(r"\d+", sentence))
    assert 2 <= steps < of == 9
    assert fits == kept >= 1
    assert (tmp_path / "out" / "report.html").exists()
