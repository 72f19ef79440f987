"""Remarks are texts with a code; the codes of the package are a catalogue without repetitions."""

from __future__ import annotations

import ast
import copy
import json
import pickle
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

import matscout
from matscout.remarks import Remark, as_json, codes, from_json, worded

PACKAGE = Path(matscout.__file__).parent
RESTORING = {PACKAGE / "remarks.py", PACKAGE / "workflow" / "records.py"}
"""They make remarks again whose codes were stored."""


def remarks_of(path: Path) -> list[ast.expr]:
    """What each call of Remark in a file has for a code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [call.args[0] for call in calls if call.func.id == "Remark"]


def test_codes_are_unique_words_with_hyphens() -> None:
    sources = sorted(set(PACKAGE.rglob("*.py")) - RESTORING)
    found = [code for path in sources for code in remarks_of(path)]
    assert len(found) > 10
    assert all(isinstance(code, ast.Constant) and isinstance(code.value, str) for code in found)
    values = [code.value for code in found if isinstance(code, ast.Constant)]
    assert [code for code in values if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", str(code))] == []
    assert [code for code, count in Counter(values).items() if count > 1] == []


def test_it_is_its_text_in_everything_but_the_code() -> None:
    remark = Remark("few-rows", "There are few rows.")
    assert remark == "There are few rows."
    assert hash(remark) == hash("There are few rows.")
    assert " ".join([remark, f"{remark}"]) == "There are few rows. There are few rows."
    assert json.loads(json.dumps([remark])) == ["There are few rows."]
    assert type(str(remark)) is str
    assert yaml.safe_load(yaml.safe_dump([str(remark)])) == [remark]


@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.copy, copy.deepcopy])
def test_copies_keep_the_code(again) -> None:
    found = again(Remark("few-rows", "There are few rows."))
    assert (found.code, found) == ("few-rows", "There are few rows.")
    assert isinstance(found, Remark)


def test_it_cannot_be_changed() -> None:
    remark = Remark("few-rows", "There are few rows.")
    with pytest.raises(AttributeError):
        remark.code = "other"
    assert remark.code == "few-rows"


@pytest.mark.parametrize("text", ["Plain.", Remark("few-rows", "There are few rows.")])
def test_as_json_it_keeps_the_code(text) -> None:
    again = from_json(json.loads(json.dumps(as_json(text))))
    assert (again, type(again), codes([again])) == (text, type(text), codes([text]))
    assert codes([worded(text, "Other words.")]) == codes([text])


def test_texts_have_no_code() -> None:
    assert codes(["a", Remark("few-rows", "b"), "c", Remark("no-rows", "d")]) == ["few-rows", "no-rows"]
