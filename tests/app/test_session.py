"""What every command takes, and how a run ends for a program that reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import polars
import pytest
import typer

from matscout.app import session
from matscout.app.cli import app, run
from matscout.app.common_options import OPTIONS

FLAGS = ("--json", "--quiet", "-q", "--verbose", "-v", "--log-file", "--plugin")
KEYS = ["schema", "matscout", "command", "exit_code", "error", "partly", "remarks", "results"]


def _commands(group: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*names, name))
        else:
            yield (*names, name), command


COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "gaps.csv"
    formulas = ("GaAs", "InP", "CdTe", "Si", "AlAs", "ZnTe", "ZnO", "GaN", "InAs", "InSb", "AlP", "GaP")
    path.write_text("formula,gap (eV)\n" + "".join(f"{one},{place}.5\n" for place, one in enumerate(formulas)))
    return path


def _document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document = json.loads(capsys.readouterr().out)
    assert list(document) == KEYS
    assert {"lines", "tables"} <= set(document["results"])
    return document


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_takes_the_common_options(names: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    flags = [flag for parameter in COMMANDS[names].params for flag in parameter.opts]
    assert set(FLAGS) <= set(flags)
    assert len(flags) == len(set(flags))
    assert run([*names, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(flag in shown for flag in FLAGS)


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_a_command_that_is_given_nothing_or_nonsense_still_gives_a_document(
    names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run([*names, "--no-such-option", "--json"])
    assert code == 2
    assert _document(capsys)["error"]["kind"] == "UsageError"


def test_a_document_holds_lines_tables_and_remarks(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(table), "--json"]) == 0
    shown = _document(capsys)
    assert (shown["command"], shown["exit_code"], shown["error"]) == ("check", 0, None)
    assert shown["results"]["lines"][0] == "gaps.csv: 12 of 12 rows can be used, 0 cannot"
    assert shown["results"]["tables"][0]["rows"][0]["max"] == 11.5


def test_errors_are_in_the_document_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path / "nothing.csv"), "--json"]) == 1
    shown = _document(capsys)
    assert shown["error"]["kind"] == "InputError"
    assert "nothing.csv" in shown["error"]["message"]


def test_a_part_ends_with_3(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = str(tmp_path / "model")
    assert run(["fit", str(table), "--model", "gp", "--fast", "-o", model]) == 0
    capsys.readouterr()
    assert run(["predict", model, "GaAs", "Xx2", "--level", "0.5", "--json"]) == 3
    shown = _document(capsys)
    assert shown["partly"] == ["1 row could not be predicted"]
    assert [row["problem"] is None for row in shown["results"]["predictions"]] == [True, False]
    assert run(["predict", model, "GaAs", "--level", "0.5"]) == 0


def test_quiet_leaves_remarks_out(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--model", "dummy", "-o", str(tmp_path / "model")]
    assert run(["fit", str(table), *options, "-q"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "learned from 12 rows" in shown.out
    assert run(["fit", str(table), *options, "-q", "-v"]) == 2
    assert "contradict" in capsys.readouterr().err


def test_verbose_tells_times(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", str(table), "--model", "dummy", "-o", str(tmp_path / "model"), "-v"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)


def test_a_log_holds_times_and_levels(table: Path, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "matscout.log"
    for file in (table, tmp_path / "nothing.csv"):
        run(["check", str(file), "--log-file", str(log), "--json"])
    lines = [line.split(" ", 2) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {level for _, level, _ in lines} == {"INFO", "ERROR"}
    assert all(datetime.fromisoformat(time).tzinfo is not None for time, _, _ in lines)
    assert lines[-1][2].startswith("there is no file or folder")


def test_a_log_that_cannot_be_written_is_refused(table: Path, tmp_path: Path) -> None:
    assert run(["check", str(table), "--log-file", str(tmp_path)]) == 1


def test_values_are_plain() -> None:
    frame = polars.DataFrame({"a": [1.0, float("nan")], "b": ["x", None]})
    assert session.plain(frame) == [{"a": 1.0, "b": "x"}, {"a": None, "b": None}]
    assert session.plain({"x": np.float64(2.5), "y": (Path("a"), np.arange(2)), "z": True}) == {
        "x": 2.5,
        "y": ["a", [0, 1]],
        "z": True,
    }
    assert [session._value(cell) for cell in ("", "True", "1,234", "-0.5", "1e-3", "+3", "GaAs", "12 rows")] == [
        *(None, True, 1234, -0.5, 0.001, 3),
        *("GaAs", "12 rows"),
    ]


def test_options_are_those_that_are_documented() -> None:
    assert set(OPTIONS) == {"as_json", "quiet", "verbose", "log_file", "plugin"}


def test_an_earlier_result_is_replaced_only_if_it_is_said(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, answers = tmp_path / "model", [False, True]
    fit = ["fit", str(table), "--model", "dummy", "-o", str(place)]
    assert run(fit) == 0
    before = (place / "made.json").stat().st_mtime_ns
    assert run(fit) == 2
    assert f"{place} already exists: add --overwrite to replace it" in " ".join(capsys.readouterr().err.split())
    assert (place / "made.json").stat().st_mtime_ns == before
    assert run([*fit, "--overwrite"]) == 0
    assert (place / "made.json").stat().st_mtime_ns > before
    monkeypatch.setattr(session, "may_replace", lambda path: answers.pop(0))
    monkeypatch.setattr("matscout.app.cli.may_replace", session.may_replace)
    assert [run(fit), run(fit)] == [2, 0]


def test_files_too_are_replaced_only_if_it_is_said(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "vectors.parquet"
    embed = ["embed", str(table), "--with", "magpie", "-o", str(out)]
    assert [run(embed), run(embed), run([*embed, "--overwrite"])] == [0, 2, 0]


def test_commands_that_write_take_overwrite() -> None:
    flags = {name: {flag for one in command.params for flag in one.opts} for name, command in COMMANDS.items()}
    assert {name for name, known in flags.items() if "--overwrite" in known} == {
        name for name, known in flags.items() if known & {"-o", "--out", "--save", "--oof", "--table"}
    }
    assert ("fit",) in {name for name, known in flags.items() if "--overwrite" in known}
