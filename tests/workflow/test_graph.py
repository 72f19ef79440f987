"""Workflows as people write them, rightly and wrongly."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.errors import UsageError
from matscout.workflow.graph import Workflow
from matscout.workflow.kind import named_steps
from matscout.yaml_reading import parse_yaml

TEXT = """
workflow: 1
title: Absorbers without lead
steps:
  labels:    {read: {file: gaps.csv, target: band gap, unit: {band gap: eV}, groups: doi}}
  gap:       {fit: {labels: labels, target: band gap, model: auto, fast: true}}
  quality:   {evaluate: {labels: labels, target: band gap, model: auto, fast: true}}
  field:     {generate: {labels: labels, elements: [Cu, Zn, Sn, S, Se], exclude: [Cd, Pb], count: 2000}}
  near:      {sift: {candidates: field, by: {similarity: {like: [Cu2ZnSnS4]}}, keep: 500, reason: near what works}}
  shortlist: {rank: {candidates: near, models: [gap], goal: 'band gap=1.1:1.6', batch: 4}}
  report:    {report: {shortlist: shortlist, quality: quality}}
view: {gap: {x: 200, y: 40}}
"""
"""As in the specification of the platform."""


def values(text: str = TEXT) -> dict[str, Any]:
    found = parse_yaml(text)
    assert isinstance(found, dict)
    return found


def test_what_is_not_named_is_the_nearest_that_gives_it() -> None:
    workflow = Workflow.of(values())
    assert named_steps(workflow.steps["near"])["labels"] == ("labels",)
    assert named_steps(workflow.steps["shortlist"])["labels"] == ("labels",)
    assert named_steps(workflow.steps["report"]) == {
        "shortlist": ("shortlist",),
        "quality": ("quality",),
        "models": ("gap",),
        "labels": ("labels",),
        "learning_curves": (),
        "back_tests": (),
        "rounds": (),
    }
    assert workflow.final == ("report",)
    assert workflow.above(["near"]) == ("labels", "field", "near")
    assert workflow.below("field") == ("field", "near", "shortlist", "report")


def test_it_is_read_back_as_it_was_written() -> None:
    workflow = Workflow.of(values())
    again = Workflow.of(parse_yaml(workflow.text()))
    assert dict(again.steps) == dict(workflow.steps)
    assert again.view == workflow.view
    assert again.title == workflow.title
    assert again.text() == workflow.text()


@given(st.randoms())
def test_the_order_of_the_steps_makes_no_difference(chance: random.Random) -> None:
    shuffled = values()
    names = list(shuffled["steps"])
    chance.shuffle(names)
    shuffled["steps"] = {name: shuffled["steps"][name] for name in names}
    assert dict(Workflow.of(shuffled).steps) == dict(Workflow.of(values()).steps)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{fit:", "{fitt:", "steps.gap: 'fitt' is not one of the steps; did you mean fit"),
        ("fast: true}}\n  quality", "fats: true}}\n  quality", "steps.gap.fit has no 'fats'; did you mean fast?"),
        ("count: 2000", "count: many", "steps.field.generate.count is 'many'; expected a whole number from 1"),
        ("candidates: near", "candidates: nera", "names 'nera', but there is no such step; did you mean near?"),
        (
            "candidates: near",
            "candidates: labels",
            "takes a Candidates (materials that might be made), but labels",
        ),
        ("models: [gap]", "models: [quality]", "shortlist.rank.models takes a Model"),
        ("workflow: 1", "workflow: 2", "a workflow of version 2, but this matscout reads version 1"),
        ("workflow: 1", "workflow: one", "workflow is 'one'; expected a whole number"),
        ("  gap: ", "  Gap: ", "'Gap' is not a valid name of a step"),
        ("{similarity: {like: [Cu2ZnSnS4]}}", "{similar: {}}", "did you mean similarity"),
        ("{similarity: {like: [Cu2ZnSnS4]}}", "{similarity: {}}", "similarity needs like"),
        ("keep: 500", "keep: null", "the stage similarity ranks: state how many to keep"),
        ("file: gaps.csv, ", "", "steps.labels.read needs file"),
        ("{read: {file: gaps.csv", "{read: {fil: gaps.csv", "did you mean file"),
        ("goal: 'band gap=1.1:1.6'", "goal: []", "goal is []"),
        ("  gap:       {fit: {", "  gap:       {fit: {}, evaluate: {", "expected one kind with its settings"),
    ],
)
def test_mistakes_are_told_with_what_is_expected(old: str, new: str, words: str) -> None:
    assert old in TEXT
    with pytest.raises(UsageError) as raised:
        Workflow.of(values(TEXT.replace(old, new)))
    assert words in str(raised.value)


def test_all_mistakes_are_told_at_once() -> None:
    text = TEXT.replace("{fit:", "{fitt:").replace("count: 2000", "count: many")
    with pytest.raises(UsageError, match=r"2 mistakes: .*fitt.*many"):
        Workflow.of(values(text))


def test_steps_that_wait_for_each_other_are_refused() -> None:
    circle = "{sift: {candidates: near, labels: labels, by: {rule: {}}}}"
    text = TEXT.replace("candidates: field", "labels: labels, candidates: other")
    text = text.replace("  near:", f"  other:     {circle}\n  near:")
    with pytest.raises(UsageError, match="the steps other -> near -> other wait for each other"):
        Workflow.of(values(text))


def test_what_nobody_gives_is_told() -> None:
    with pytest.raises(UsageError, match=r"steps\.gap\.fit needs labels: a step that makes a Dataset"):
        Workflow.of({"workflow": 1, "steps": {"gap": {"fit": {}}}})


def test_there_are_not_too_many_steps() -> None:
    steps = {f"s{place}": {"read": {"file": "a.csv"}} for place in range(201)}
    with pytest.raises(UsageError, match="201 steps; at most 200 are allowed"):
        Workflow.of({"workflow": 1, "steps": steps})


def test_settings_are_changed_for_a_run(tmp_path: Path) -> None:
    path = tmp_path / "workflow.yaml"
    path.write_text(TEXT, encoding="utf-8")
    changed = Workflow.read(path, ["gap.model=gp", "field.exclude=[Pb]"]).values()["steps"]
    assert changed["gap"]["fit"]["model"] == "gp"
    assert changed["field"]["generate"]["exclude"] == ["Pb"]
    for change, words in (
        ("gap=gp", "STEP.SETTING=VALUE"),
        ("gop.model=gp", "did you mean gap"),
        ("gap.mod=gp", "'mod'"),
    ):
        with pytest.raises(UsageError, match=words):
            Workflow.read(path, [change])


def test_paths_lead_to_the_same_files_from_elsewhere(tmp_path: Path) -> None:
    for name in ("gaps.csv", "liked.csv"):
        (tmp_path / name).write_text("formula\nZnS\n", encoding="utf-8")
    (tmp_path / "net").mkdir()
    text = TEXT.replace("like: [Cu2ZnSnS4]", "like: [liked.csv, ZnS]").replace("model: auto", "model: fine-tuned=net")
    there = tmp_path / "results" / "one"
    moved = Workflow.of(values(text), folder=tmp_path).values(beside=there)["steps"]
    assert moved["labels"]["read"]["file"] == "../../gaps.csv"
    assert moved["near"]["sift"]["by"] == {"similarity": {"like": ["../../liked.csv", "ZnS"]}}
    assert moved["gap"]["fit"]["model"] == "fine-tuned=../../net"
    back = Workflow.of({"workflow": 1, "steps": moved}, folder=there).values(beside=tmp_path)["steps"]
    assert back["labels"]["read"]["file"] == "gaps.csv"
