"""How a run ends that nobody foresaw, and on terminals that cannot show every letter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matscout.app import cli
from matscout.app.faults import words_of_fault


class PanicException(BaseException):
    """As libraries in Rust raise it."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "gaps.csv"
    path.write_text("formula,gap\nNaCl,8.5\nKCl,8.1\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("error", [RecursionError("deep"), PanicException("panicked"), KeyError("x"), ValueError()])
@pytest.mark.parametrize("debug", [False, True])
def test_any_error_ends_in_one_paragraph(error, debug, table, monkeypatch, capsys) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("matscout.app.commands.check._read", fail)
    arguments = ["check", str(table), "--target", "gap"]
    assert cli.run(["--debug", *arguments] if debug else arguments) == cli.FAULT
    shown = capsys.readouterr().err
    assert ("Traceback" in shown) == debug
    last = shown.splitlines()[-1]
    assert last.startswith(
        f"matscout: an internal error of matscout stopped this run with {table}: {type(error).__name__}"
    )
    assert f"matscout --debug check {table} --target gap" in last


def test_words_of_an_error_are_cut_and_on_one_line() -> None:
    words = words_of_fault(ValueError("long\nstory " * 10_000), ["check", "x" * 5000, "\0"])
    assert "\n" not in words
    assert words.count("story") < 40


def test_memory_is_told_apart() -> None:
    assert "memory" in words_of_fault(MemoryError(), ["check"])
    assert "fault" not in words_of_fault(MemoryError(), ["check"])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_letters_that_cannot_be_shown_end_no_run(encoding: str, tmp_path: Path) -> None:
    source = tmp_path / "µ.csv"
    source.write_text("formula,α (µV/K),gap,note\nNaCl,1,2,→\nKCl,2,3,Кальций\nLiF,2,3,≤\n", encoding="utf-8")
    command = [sys.executable, "-m", "matscout", "check", str(source)]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    ended = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "gap" in ended.stdout.decode(encoding)
    assert "Traceback" not in ended.stderr.decode(encoding)
