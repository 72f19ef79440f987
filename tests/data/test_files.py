"""Files and folders are written whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matscout.data.files import atomic_folder, atomic_write, write_text_whole


def test_text_is_written_with_plain_newlines_and_parents(tmp_path):
    path = write_text_whole(tmp_path / "new folder" / "a.txt", "Å\nb\n")
    assert path.read_bytes() == "Å\nb\n".encode()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = write_text_whole(tmp_path / "a.txt", "old")
    with pytest.raises(KeyboardInterrupt), atomic_write(path) as unfinished:
        unfinished.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_the_temporary_file_keeps_the_ending(tmp_path):
    with atomic_write(tmp_path / "table.csv.gz") as unfinished:
        assert unfinished.name == "table.csv.gz"
        unfinished.write_bytes(b"x")
    assert (tmp_path / "table.csv.gz").read_bytes() == b"x"


def test_a_folder_replaces_the_old_one_whole(tmp_path):
    for content in ("old", "new"):
        with atomic_folder(tmp_path / "model") as unfinished:
            (unfinished / content).write_text(content, encoding="utf-8")
    assert [entry.name for entry in (tmp_path / "model").iterdir()] == ["new"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_a_failed_folder_leaves_the_old_one(tmp_path):
    with atomic_folder(tmp_path / "model") as unfinished:
        (unfinished / "spec.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="stop"), atomic_folder(tmp_path / "model") as unfinished:
        (unfinished / "spec.json").write_text("{", encoding="utf-8")
        raise ValueError("stop")
    assert (tmp_path / "model" / "spec.json").read_text(encoding="utf-8") == "{}"
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_a_full_disk_is_an_error_of_the_system_whoever_writes(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left on device") as told, atomic_write(tmp_path / "a.parquet"):
        raise RuntimeError("parquet: underlying IO error: No space left on device (os error 28)")
    assert told.value.filename == str(tmp_path / "a.parquet")
    with pytest.raises(RuntimeError, match="something else"), atomic_write(tmp_path / "a.parquet"):
        raise RuntimeError("something else")
    assert not list(tmp_path.iterdir())


KILLED = """
import os, sys
from pathlib import Path
from matscout.data.files import atomic_folder, atomic_write
with atomic_folder(Path(sys.argv[1])) as folder, atomic_write(Path(sys.argv[2])) as file:
    (folder / "half.csv").write_text("half")
    file.write_text("half")
    os._exit(9)
"""


@pytest.mark.skipif(os.name != "posix", reason="whether a process lives is asked on POSIX only")
def test_what_a_killed_run_left_is_removed_by_the_next_one(tmp_path):
    places = tmp_path / "found", tmp_path / "table.csv"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", KILLED, *map(str, places)], check=False)
    assert len(list(tmp_path.iterdir())) == 2
    assert all(left.name.startswith(".") for left in tmp_path.iterdir())
    with atomic_folder(places[0]) as folder, atomic_write(places[1]) as file:
        (folder / "whole.csv").write_text("whole")
        file.write_text("whole")
    assert sorted(tmp_path.iterdir()) == sorted(places)


def test_what_others_are_at_work_on_stays(tmp_path):
    path = tmp_path / "table.csv"
    strange = [
        tmp_path / name for name in (".table.csv.notes", ".other.csv.x-1.abcdefgh", ".table.csv.elsewhere-1.abcdefgh")
    ]
    for one in strange:
        one.mkdir()
    with atomic_write(path) as file:
        file.write_text("one")
        with atomic_write(path) as other:
            other.write_text("two")
        assert file.read_text() == "one"
    assert all(one.is_dir() for one in strange)
    os.utime(strange[2], (0, 0))
    with atomic_write(path) as file:
        file.write_text("three")
    assert [one.is_dir() for one in strange] == [True, True, False]
