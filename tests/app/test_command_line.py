"""Commands parsed back by the command line's own parser; calls run again by Python."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from matscout.app.cli import app
from matscout.app.commands.demo import DemoSettings
from matscout.app.common_options import OPTIONS
from matscout.app.front import python_call
from matscout.app.goal_settings import CandidateSources, CandidateStability, EarlierRound, LabelledFile, ResultFolder
from matscout.errors import UsageError
from matscout.settings.command_options import record_of
from matscout.settings.writing import command_of
from matscout.workflow.label_settings import LabelSettings
from matscout.workflow.learning_settings import GoalSettings, LearningSettings, RankSettings
from matscout.workflow.scout_settings import ScoutSettings

EVERYTHING = [
    "it's my data/gaps & more.xlsx", "--goal", "gap=-0.5:1", "--goal", "ZT=max", "-o", "new results",
    "--formula", "what it is", "--structure", "cif files", "--reaction", "what happens", "--sheet", "Sheet $1",
    "--unit", "gap=eV", "--unit", "T=°C", "--max-bad", "0.35",
    "--alloys", "wt%", "--decimal", ",", "--thousands",
    "--target", "ZT", "--context", "T <K>", "--context", 'the "route"',
    "--groups", "paper", "--error", "σ", "--metric", "rmse", "--scale", "log", "--fast", "--seed", "7",
    "--define", "zT=(1e-6*S)**2/kappa",
    "--model", "my model", "--use", "a folder",
    "--candidates", "shelf *.csv", "--n-candidates", "500",
    "--exclude", "Pb", "--must", "Te", "--set", "T <K>=300:900", "--order", "value", "--require", "new", "--batch", "0",
    "--level", "0.8", "--allow", "explosive", "--since", "round 1",
    "--references", "my phases.csv", "--with", "my.module:field", "--relax", "--keep-below", "0.05", "--own-hull",
    "--second-opinion", "7net-0",
]  # fmt: skip


def parsed(command: str, words: list[str]) -> typer.Context:
    group: Any = typer.main.get_command(app)
    top = group.make_context("matscout", [command, *words])
    context: typer.Context = group.commands[command].make_context(command, list(words), parent=top)
    return context


def command_of_scout(words: list[str]) -> list[str]:
    """What the report of a run would say, in words."""
    given = dict(parsed("scout", words).params)
    records = (
        LabelledFile,
        GoalSettings,
        ResultFolder,
        LabelSettings,
        LearningSettings,
        CandidateSources,
        RankSettings,
        CandidateStability,
        EarlierRound,
    )
    return shlex.split(command_of("scout", *(record_of(record, given) for record in records)))


@pytest.mark.parametrize(
    "words",
    [EVERYTHING, ["gaps.csv", "--goal", "max", "-o", "out"], ["gaps.csv", "--goal", "max", "-o", "out", "--seed", "0"]],
)
def test_a_command_parses_to_the_same_options(words: list[str]) -> None:
    program, verb, *again = command_of_scout(words)
    assert (program, verb) == ("matscout", "scout")
    assert parsed("scout", again).params == parsed("scout", words).params


def test_every_option_of_scout_is_among_those_tried() -> None:
    first = parsed("scout", EVERYTHING)
    tried = {name for name in first.params if first.get_parameter_source(name).name == "COMMANDLINE"}  # type: ignore[union-attr]
    # These exclude others; that they are told is tested beside what they exclude.
    assert set(first.params) - tried == {"simulate", "elements", "dope", "overwrite", *OPTIONS}


def test_usual_settings_are_not_spelled_out() -> None:
    assert command_of("demo", DemoSettings()) == "matscout demo"
    assert shlex.join(command_of_scout(["a b.csv", "--goal", "max", "--out", "out"])) == (
        "matscout scout 'a b.csv' --goal max -o out"
    )


def test_a_call_from_python_gives_the_same_arguments() -> None:
    asked = ScoutSettings(exclude=("Pb",), candidates=Path("shelf.csv"))
    call = python_call("scout", {"goals": "it's=max", "out": Path("here"), **asked.changed})
    assert call == (
        """matscout.scout(dataset, goals="it's=max", out='here', candidates='shelf.csv', exclude=('Pb',))"""
    )
    same = eval(call.removeprefix("matscout."), {"scout": lambda dataset, **named: named, "dataset": None})
    assert ScoutSettings.of({name: same[name] for name in ("candidates", "exclude")}).search == asked.search


@pytest.mark.parametrize(
    ("named", "words"),
    [({"modle": "gp"}, "no setting 'modle'; did you mean model"), ({"models": "here"}, "models is now called use")],
)
def test_settings_of_other_names_are_answered(named: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ScoutSettings.of(named)
