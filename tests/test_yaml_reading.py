"""YAML as people write it, and as nobody does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matscout.errors import UsageError, shortened
from matscout.workflow.funnel_plan import FunnelPlan
from matscout.yaml_reading import parse_yaml, read_yaml, yaml_text

LAYERS = "set:\n  x0: &a0 [l,l,l,l,l,l,l,l,l]\n" + "".join(
    f"  x{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)
)
PLAN = "labels: {file: x.csv}\ngoal: max\nstages: [{similarity: {like: PbTe}}]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plan.yaml"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LAYERS + "labels: *a8\ngoal: max\nstages: []\n", "refers to another part; write it out"),
        (LAYERS + "labels: {file: x.csv}\ngoal: *a8\nstages: []\n", "write it out"),
        (PLAN.replace("PbTe", "&l [*l]"), "write it out"),
        (PLAN.replace("{file: x.csv}", "&a {file: *a}"), "write it out"),
        ("<<: 5\n", "is not valid YAML|no '<<'"),
        ("[" * 20_000, "lists are nested more than 40 deep"),
        ("a: " + "{a: " * 3000, "lists are nested more than 40 deep"),
        (PLAN + "set: {a: 1, a: 2}\n", "'a' occurs twice"),
        ("? [a,b]\n: x\n", "is not a name"),
        ("? {a: b}\n: x\n", "is not a name"),
        ("a: 1\n---\nb: 2\n", "is not valid YAML"),
        ("labels: !!python/object/apply:os.system ['true']\n", "is not valid YAML"),
        ("\xff\x00", "is not valid YAML"),
        (PLAN.replace("max", "9" * 5000), "is not valid YAML"),
    ],
)
def test_what_cannot_be_a_plan_is_refused_in_few_words(text: str, words: str, path: Path) -> None:
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match=words) as raised:
        FunnelPlan.read(path)
    assert len(str(raised.value)) < 600


def test_messages_do_not_repeat_what_is_long(path: Path) -> None:
    for told in ("[" + "x, " * 10_000 + "x]", "'" + "x" * 100_000 + "'"):
        path.write_text(PLAN.replace("{file: x.csv}", told), encoding="utf-8")
        with pytest.raises(UsageError, match="labels is") as raised:
            FunnelPlan.read(path)
        assert len(str(raised.value)) < 250


def test_many_names_take_no_time_of_their_own(path: Path) -> None:
    path.write_text("define:\n" + "".join(f"  k{i}: x\n" for i in range(20_000)), encoding="utf-8")
    found = read_yaml(path)
    assert isinstance(found, dict)
    assert len(found["define"]) == 20_000


def test_large_files_are_no_plans(path: Path) -> None:
    path.write_text("# " + "x" * 2_000_000, encoding="utf-8")
    with pytest.raises(UsageError, match="has more than 1 MB"):
        read_yaml(path)


@pytest.mark.parametrize("value", ["x" * 1000, ["x" * 1000] * 1000, {"a": ["b"] * 1000}, 10**50, None])
def test_values_are_shortened(value: object) -> None:
    assert len(shortened(value)) <= 80
    assert shortened("PbTe") == "'PbTe'"


WORDS = [
    "no",
    "on",
    "y",
    "1:20",
    "0o17",
    "017",
    "1e3",
    "1_000",
    "0x1f",
    "2026-01-02",
    "~",
    "null",
    ".inf",
    "<<",
    "=",
    "",
]


BROKEN = ["\x85", "a\x85b", " \u2028 ", "\u2029", "a\r\nb", "\n", "\ufeff"]


@pytest.mark.parametrize("text", [*WORDS, *BROKEN])
def test_what_looks_like_something_else_stays_a_text(text: str) -> None:
    assert parse_yaml(yaml_text({"a": text, text: [text]})) == {"a": text, text: [text]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("1:20", "1:20"),
        ("017", "017"),
        ("1e3", 1000.0),
        ("2026-01-02", "2026-01-02"),
        ("-0", 0),
    ],
)
def test_version_1_2_is_read(text: str, value: object) -> None:
    found = parse_yaml(f"a: {text}")
    assert found == {"a": value}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_what_is_written_is_read_back(values: object) -> None:
    found = parse_yaml(yaml_text(values))
    assert json.dumps(found) == json.dumps(values)


@pytest.mark.parametrize("values", [{"a": float("inf")}, [float("nan")]])
def test_what_yaml_has_no_word_for_is_not_written(values: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        yaml_text(values)
