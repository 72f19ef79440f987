"""Workflows in other forms."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from tests.workflow.test_graph import TEXT, values

from matscout import Workflow
from matscout.app.cli import run
from matscout.workflow.exporting import as_svg
from matscout.workflow.schema import workflow_schema
from matscout.yaml_reading import parse_yaml


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "workflow.yaml"
    found.write_text(TEXT, encoding="utf-8")
    return found


def test_the_schema_takes_what_is_right_and_refuses_the_rest() -> None:
    checker = jsonschema.Draft202012Validator(workflow_schema())
    checker.check_schema(workflow_schema())
    written = Workflow.of(values()).values()
    assert list(checker.iter_errors(written)) == []
    for wrong in (
        {**written, "steps": {"gap": {"fitt": {}}}},
        {**written, "steps": {"gap": {"fit": {"modle": "gp"}}}},
        {**written, "steps": {"Gap": {"fit": {}}}},
        {**written, "workflow": 2},
    ):
        assert list(checker.iter_errors(wrong))


def test_the_schema_says_what_links_to_what() -> None:
    kinds = {
        name: one["properties"][name]
        for one in workflow_schema()["properties"]["steps"]["additionalProperties"]["oneOf"]
        for name in one["properties"]
    }
    assert kinds["fit"]["properties"]["labels"]["x-input"] == "Dataset"
    assert kinds["fit"]["x-output"] == "Model"
    assert kinds["read"]["properties"]["file"]["x-file"] is True
    assert kinds["rank"]["properties"]["candidates"]["x-input"] == "Candidates"


def test_a_picture_has_a_box_for_each_step(path: Path) -> None:
    workflow = Workflow.read(path)
    drawn = ElementTree.fromstring(as_svg(workflow))
    names = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert set(workflow.steps) <= set(names)
    links = sum(len(workflow.inputs(name)) for name in workflow.steps)
    arrows = [one for one in drawn.iter("{http://www.w3.org/2000/svg}path") if one.get("marker-end")]
    assert len(arrows) == links


def test_the_command_shows_and_writes(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["workflow", "check", str(path)]) == 1
    assert "there is no file or folder" in capsys.readouterr().err
    (path.parent / "gaps.csv").write_text("formula,band gap,doi\nZnS,3.6,a\n", encoding="utf-8")
    assert run(["workflow", "check", str(path)]) == 0
    assert "7 steps, results of report" in capsys.readouterr().out
    assert run(["workflow", "show", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "Absorbers without lead" in shown
    assert "candidates, model" in shown or "near, gap" in shown
    assert run(["workflow", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == workflow_schema()
    assert run(["workflow", "export", str(path), "--as", "yaml"]) == 0
    again = parse_yaml(capsys.readouterr().out)
    assert Workflow.of(again).text() == Workflow.read(path).text()
    assert run(["workflow", "export", str(path), "--as", "commands"]) == 0
    assert f"matscout run {path} -o" in capsys.readouterr().out
