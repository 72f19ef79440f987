"""Indexes that are killed, written by two, out of space or damaged; what is no condition: tests/discover/index."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from filelock import FileLock

from matscout.app.cli import run
from matscout.discover.index import approximate
from matscout.discover.index.store import Index
from matscout.errors import InputError
from matscout.workflow.collections import collection_of
from matscout.workflow.embedding import EmbedOptions
from matscout.workflow.indexing import add_to_index, search_index, staging
from matscout.workflow.label_settings import MaterialSettings

ELEMENTS = [
    "Li",
    "Na",
    "K",
    "Mg",
    "Ca",
    "Al",
    "Ga",
    "Ti",
    "Fe",
    "Cu",
    "Zn",
    "O",
    "S",
    "F",
    "Cl",
    "N",
    "Se",
    "Te",
    "Sb",
    "Sn",
]


def table(path: Path, n: int, seed: int) -> Path:
    """Formulas with ids that no other seed has."""
    rng = np.random.default_rng(seed)
    rows = [
        "".join(f"{x}{amount}" for x, amount in zip(rng.choice(ELEMENTS, 3, False), rng.integers(1, 9, 3), strict=True))
        for _ in range(n)
    ]
    pl.DataFrame({"id": [f"{seed}-{row}" for row in range(n)], "formula": rows}).write_csv(path)
    return path


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "matscout", *map(str, words)]


def finished(*words: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command(*words), capture_output=True, text=True, timeout=120, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def built(where: Path, source: Path) -> Path:
    assert run(["index", "build", str(source), "-o", str(where), "--with", "magpie"]) == 0
    return where


def killed_after(seconds: float, *words: object) -> None:
    """The command and all its children, gone without a chance to tidy up."""
    process = subprocess.Popen(command(*words), stdout=-3, stderr=-3, start_new_session=True)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_a_killed_build_leaves_no_half_index_and_goes_on(tmp_path: Path) -> None:
    source, where = table(tmp_path / "a.csv", 30_000, 1), tmp_path / "a.index"
    for seconds in (2.0, 3.0, 4.0, 5.0, 6.0):
        killed_after(seconds, "index", "build", source, "-o", where, "--with", "magpie")
        if where.exists():
            assert len(Index.open(where)) == 30_000
    assert len(Index.open(built(where, source))) == 30_000


@pytest.mark.slow
def test_a_killed_add_leaves_what_was_committed(tmp_path: Path) -> None:
    where = built(tmp_path / "a.index", table(tmp_path / "a.csv", 200, 1))
    more = table(tmp_path / "b.csv", 30_000, 2)
    for seconds in (2.0, 3.0, 4.0, 5.0, 6.0, 7.0):
        killed_after(seconds, "index", "add", where, more)
        index = Index.open(where)
        assert len(index) in (200, 30_200)
        assert index.count("starts_with(id, '1-')") == 200
    assert finished("index", "add", where, more).returncode == 0
    assert len(Index.open(where)) == 30_200


@pytest.mark.slow
def test_of_two_writers_none_loses_what_it_said_it_wrote(tmp_path: Path) -> None:
    where = built(tmp_path / "a.index", table(tmp_path / "a.csv", 200, 1))
    sources = [table(tmp_path / f"{seed}.csv", 3000, seed) for seed in (2, 3)]
    running = [
        subprocess.Popen(command("index", "add", where, source), stdout=-3, stderr=subprocess.PIPE)
        for source in sources
    ]
    told = [process.communicate(timeout=120)[1].decode() for process in running]
    index = Index.open(where)
    assert index.count("starts_with(id, '1-')") == 200
    for process, seed, said in zip(running, (2, 3), told, strict=True):
        assert "Traceback" not in said, said
        assert index.count(f"starts_with(id, '{seed}-')") == (3000 if process.returncode == 0 else 0)
    assert any(process.returncode == 0 for process in running)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_told_and_leaves_the_index_as_it_was(
    small_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = built(small_disk / "a.index", table(tmp_path / "a.csv", 100, 1))
    assert run(["index", "add", str(where), str(table(tmp_path / "b.csv", 8000, 2))]) == 1
    assert "No space left on device" in " ".join(capsys.readouterr().err.split())
    assert len(Index.open(where)) == 100


def test_a_damaged_index_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = built(tmp_path / "a.index", table(tmp_path / "a.csv", 100, 1))
    for path in (where / "materials.lance").rglob("*.lance"):
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert run(["search", str(where), "--like", "PbTe"]) == 1
    assert f"{where} is damaged or cannot be reached" in " ".join(capsys.readouterr().err.split())


def test_a_garbled_list_of_versions_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = built(tmp_path / "a.index", table(tmp_path / "a.csv", 100, 1))
    for path in (where / "materials.lance" / "_versions").iterdir():
        path.write_bytes(os.urandom(path.stat().st_size))
    assert run(["search", str(where), "--like", "PbTe"]) == 1
    assert f"{where} is damaged" in " ".join(capsys.readouterr().err.split())


def test_the_same_rows_are_not_written_by_two_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, where = table(tmp_path / "a.csv", 100, 1), tmp_path / "a.index"
    staged = staging(str(where), collection_of(source, MaterialSettings()))
    with FileLock(staged.with_suffix(".lock")):
        assert run(["index", "build", str(source), "-o", str(where), "--with", "magpie"]) == 2
    assert "another matscout is writing the same materials" in " ".join(capsys.readouterr().err.split())
    built(where, source)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.index", "a.workflow.yaml"]


def test_a_late_writer_counts_its_own_and_sources_of_both_are_remembered(tmp_path: Path) -> None:
    where = built(tmp_path / "a.index", table(tmp_path / "a.csv", 20, 1))
    late, latest = Index.open(where), Index.open(where)
    assert run(["index", "add", str(where), str(table(tmp_path / "b.csv", 15, 2))]) == 0
    added = add_to_index(late, collection_of(table(tmp_path / "c.csv", 20, 3), MaterialSettings()), EmbedOptions())
    assert (added.new, added.written.rows, len(added.index)) == (20, 20, 55)
    assert latest.delete("id = '1-3'") == 1
    assert [Path(one).name for one in Index.open(where).about.sources] == ["a.csv", "b.csv", "c.csv"]


def test_random_bytes_are_damage_and_no_fault_of_a_condition(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = built(tmp_path / "a.index", table(tmp_path / "a.csv", 100, 1))
    for path in (where / "materials.lance").rglob("*.lance"):
        path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size))
    assert run(["search", str(where), "--like", "PbTe"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"{where} is damaged or cannot be reached" in said
    assert "condition" not in said


def test_a_graph_that_was_not_finished_is_made_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approximate, "FROM", 300)
    where, more = built(tmp_path / "a.index", table(tmp_path / "a.csv", 280, 1)), table(tmp_path / "b.csv", 25, 2)
    with monkeypatch.context() as killed:
        killed.setattr(Index, "index_facts", lambda index: os.kill(os.getpid(), signal.SIGINT))
        assert run(["index", "add", str(where), str(more)]) == 130
    assert run(["index", "info", str(where)]) == 0
    assert "approximate, not measured" in " ".join(capsys.readouterr().out.split())
    assert run(["index", "add", str(where), str(more)]) == 0
    index = Index.open(where)
    assert len(index) == 305
    assert set(index.about.vectors["magpie"].recall) == {10, 100}
    assert len(index._materials.list_indices()) > 1


def test_no_room_for_the_graph_is_told_and_the_materials_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approximate, "FROM", 300)
    where, more = built(tmp_path / "a.index", table(tmp_path / "a.csv", 280, 1)), table(tmp_path / "b.csv", 25, 2)

    def full(table: object, column: str, *, config: object) -> None:
        raise RuntimeError("lance error: LanceError(IO): No space left on device (os error 28)")

    with monkeypatch.context() as crowded:
        crowded.setattr("lancedb.table.LanceTable.create_index", full)
        assert run(["index", "add", str(where), str(more)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"{where} cannot be written to (No space left on device" in said
    assert len(Index.open(where)) == 305


def test_a_rebuild_by_address_that_is_killed_leaves_no_mixed_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing can be put in its place at once, as on object storage."""
    where, first, second = (tmp_path / name for name in ("a.index", "a.csv", "b.csv"))
    address = f"file://{where}"
    words = ["-o", address, "--with", "magpie"]
    assert run(["index", "build", str(table(first, 20, 1)), *words]) == 0
    with monkeypatch.context() as killed:
        killed.setattr("matscout.discover.index.store._write_about", lambda *_: os.kill(os.getpid(), signal.SIGINT))
        assert run(["index", "build", str(table(second, 30, 2)), *words]) == 130
    with pytest.raises(InputError, match="is not an index; build one"):
        Index.open(address)
    assert run(["index", "build", str(second), *words]) == 0
    assert len(Index.open(address)) == 30


def test_an_index_of_one_composition_is_searched_and_added_to(tmp_path: Path) -> None:
    pl.DataFrame({"id": ["a", "b"], "formula": ["SiO2", "Si2O4"]}).write_csv(tmp_path / "a.csv")
    where = built(tmp_path / "a.index", tmp_path / "a.csv")
    found = search_index(where, "SiO2").table
    assert found["id"].to_list() == ["a", "b"]
    np.testing.assert_allclose(found["similarity"].to_numpy(), 1.0, atol=1e-6)
    assert finished("index", "add", where, table(tmp_path / "b.csv", 3, 2)).returncode == 0
    assert len(Index.open(where)) == 5
