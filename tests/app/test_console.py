from __future__ import annotations

import pytest

from matscout.app.console import duration, events_display, note, progress_display, say, show_problems, show_table
from matscout.errors import RowProblem
from matscout.workflow.running import StepEvent


def test_results_and_remarks_go_to_different_streams(capsys: pytest.CaptureFixture[str]) -> None:
    say("a result [bold]as it is[/bold]")
    note("a remark")
    shown = capsys.readouterr()
    assert shown.out == "a result [bold]as it is[/bold]\n"
    assert shown.err == "a remark\n"


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    say("x" * 500)
    assert capsys.readouterr().out == "x" * 500 + "\n"


def test_table_shows_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("name", "value"), [("sigma [S/m]", "-1.5"), ("[red]", "")])
    shown = capsys.readouterr().out
    assert "sigma [S/m]" in shown
    assert "[red]" in shown


def test_long_lists_of_problems_are_cut_with_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [RowProblem(row, "Xx", "no element", "mend it", dropped=row < 3) for row in range(1, 16)]
    show_problems(problems)
    shown = capsys.readouterr().err
    assert shown.count("\n") == 11
    assert "left out: row 1: 'Xx': no element; mend it" in shown
    assert "remark: row 3" in shown
    assert "5 more" in shown


def test_rows_that_are_left_out_come_before_remarks(capsys: pytest.CaptureFixture[str]) -> None:
    remarks = [RowProblem(row, "x", "was read", "nothing", dropped=False) for row in range(1, 11)]
    show_problems([*remarks, RowProblem(11, "y", "is none", "write one")], limit=3)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "  left out: row 11: 'y': is none; write one"
    assert lines[1].startswith("  remark: row 1:")
    assert lines[-1].startswith("  ... and 8 more")


def test_progress_is_one_line_for_each_step_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_display() as progress:
        for done in range(3):
            progress("fitting [a]", done, 3)
        progress("ranking", 1, 1)
    assert capsys.readouterr().err == "fitting [a] ...\nranking ...\n"


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress_display() as progress:
        progress("fitting [a]", 1, 3)
        progress("fitting [a]", 3, 3)
    assert "fitting [a]" in capsys.readouterr().err


def test_steps_off_a_terminal_say_how_long_they_took_and_how_far_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forty folds are no forty lines."""
    clock = [0.0]
    monkeypatch.setattr("matscout.app.console.time.monotonic", lambda: clock[0])
    with events_display() as sink:
        for done in range(41):
            sink(StepEvent("quality", "running", f"auto, fold {done}", done, 40))
            clock[0] += 1.0
        sink(StepEvent("quality", "done", seconds=41.0, words="0.4 eV"))
        sink(StepEvent("back-test", "done", seconds=2.0, words="a result of many words " * 9))
        sink(StepEvent("back-test", "done", seconds=0.3))
    assert capsys.readouterr().err.splitlines() == [
        "  quality: 20 of 40 done, about 20 s left",
        "quality: 0.4 eV, 41.0 s",
        "back-test: 2.0 s",
    ]


@pytest.mark.parametrize(("seconds", "words"), [(0.0, "0 s"), (41, "45 s"), (100, "2 min"), (9000, "2.5 h")])
def test_durations_are_rounded_as_estimates_are(seconds: float, words: str) -> None:
    assert duration(seconds) == words
