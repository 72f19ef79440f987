"""One notation for settings, worded for who reads it."""

from __future__ import annotations

from inspect import signature

import pytest

import matscout
from matscout.app.cli import run
from matscout.errors import RowProblem, UsageError
from matscout.mentions import ARGUMENTS, speaking_to, worded
from matscout.workflow.scout_settings import ScoutSettings

WORDED = {
    "name it (--target)": ("name it (--target)", "name it (target=)"),
    "take --scale=linear.": ("take --scale linear.", "take --scale linear."),
    "say --max-bad=0.3, or more": ("say --max-bad 0.3, or more", "say max_bad=0.3, or more"),
    "--formula='my column' a": ("--formula 'my column' a", "formula='my column' a"),
    "(--unit='gap=eV')": ("(--unit 'gap=eV')", "(units={'gap': 'eV'})"),
    "(--set=T=VALUE)": ("(--set T=VALUE)", "(settings={'T': VALUE})"),
    "(--decimal=. or --decimal=,)": ("(--decimal . or --decimal ,)", "(decimal='.' or decimal=',')"),
    "--structure=COL|DIR; --must=none": ("--structure COL|DIR; --must none", "structure=COL|DIR; must=()"),
    "--reaction=a --reaction='b c' (those": ("--reaction a --reaction 'b c' (those", "reaction=['a', 'b c'] (those"),
    "pip install --upgrade x": ("pip install --upgrade x", "pip install --upgrade x"),
}


@pytest.mark.parametrize("message", WORDED)
def test_settings_are_named_as_the_reader_gives_them(message: str) -> None:
    flag, argument = WORDED[message]
    assert str(UsageError(message)) == worded(message) == argument
    assert str(RowProblem(1, "", "", message)).endswith(argument)
    with speaking_to("command line"):
        assert str(UsageError(message)) == flag
        assert worded(flag) == flag
    assert worded(argument) == argument


def test_arguments_are_those_of_public_functions() -> None:
    functions = [getattr(matscout, name) for name in matscout.__all__ if callable(getattr(matscout, name))]
    known = {name for function in functions for name in signature(function).parameters}
    assert set(ARGUMENTS.values()) <= known | set(signature(ScoutSettings).parameters)


def test_the_command_line_speaks_of_flags(capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("formula,a,b\nNaCl,1,2\nKBr,2,3\nLiF,4,3\n")
    assert run(["fit", str(table), "--out", str(tmp_path / "m")]) == 2
    assert "name it (--target)" in capsys.readouterr().err
    with pytest.raises(UsageError, match=r"name it \(target=\)"):
        matscout.read(table)
