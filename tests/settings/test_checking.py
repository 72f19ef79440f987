"""Settings are checked as a whole: every mistake is told, by its path, in plain words."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from annotated_types import MinLen
from tests.settings.records import Reading, Step, Work

from matscout.errors import UsageError
from matscout.settings.checking import SettingsError, check_arguments, check_settings


def test_values_of_a_file_become_a_record() -> None:
    values = {
        "file": "a/b.csv",
        "target": "gap",
        "unit": {"gap": "eV"},
        "exclude": "As, Tl",
        "sizes": [10, 20],
        "count": 3,
        "level": 0.5,
        "max-bad": 1,
        "at": 300,
        "alloys": "wt%",
        "sheet": None,
        "cache": False,
    }
    found = check_settings(Reading, values)
    assert found == Reading(
        file=Path("a/b.csv"),
        target=("gap",),
        unit={"gap": "eV"},
        exclude=("As", "Tl"),
        sizes=(10, 20),
        count=3,
        level=0.5,
        max_bad=1.0,
        temperature=300.0,
        alloys="wt%",
        cache=False,
    )
    assert isinstance(found.max_bad, float)
    assert check_settings(Reading, {"file": "a", "max_bad": 0.1}).max_bad == 0.1
    assert check_settings(Reading, found) is found


WRONG = [
    ({"file": "a", "fiel": 1}, "labels has no 'fiel'; did you mean file?"),
    ({"file": "a", "max_bda": 1}, "labels has no 'max_bda'; did you mean max_bad?"),
    ({"file": "a", 5: 1}, "labels has no 5; choose from file, target, "),
    ({"file": "a", "max-bda": 1}, "labels has no 'max-bda'; did you mean max-bad?"),
    ({"file": "a", "max_bad": 2}, "labels.max_bad is 2; expected a number from 0 to 1"),
    ({}, "labels needs file"),
    ({"file": "a", "max-bad": 0, "max_bad": 0}, "labels names max_bad twice"),
    ({"file": ["a"]}, "labels.file is ['a']; expected the name of a file or folder"),
    ({"file": " "}, "labels.file is ' '; expected the name of a file or folder"),
    ({"file": "a", "target": [1]}, "labels.target is [1]; expected a text, or a list of texts"),
    ({"file": "a", "target": {"a": "b"}}, "expected a text, or a list of texts"),
    ({"file": "a", "target": ["a", ""]}, "expected a text, or a list of texts"),
    ({"file": "a", "unit": ["eV"]}, "labels.unit is ['eV']; expected names with texts"),
    ({"file": "a", "unit": {"a": 1}}, "labels.unit.a is 1; expected a text"),
    ({"file": "a", "weights": {"a": "1"}}, "labels.weights.a is '1'; expected a number"),
    (
        {"file": "a", "sizes": [0]},
        "labels.sizes is [0]; expected a whole number from 1, or a list of whole numbers from 1",
    ),
    ({"file": "a", "count": 1.5}, "labels.count is 1.5; expected a whole number from 1 to 100"),
    ({"file": "a", "count": "3"}, "labels.count is '3'; expected a whole number from 1 to 100"),
    ({"file": "a", "count": True}, "labels.count is True; expected a whole number from 1 to 100"),
    ({"file": "a", "count": 101}, "expected a whole number from 1 to 100"),
    ({"file": "a", "count": None}, "labels.count is None; expected a whole number from 1 to 100"),
    ({"file": "a", "level": 1}, "labels.level is 1; expected a number between 0 and 1"),
    ({"file": "a", "max-bad": -0.1}, "labels.max-bad is -0.1; expected a number from 0 to 1"),
    ({"file": "a", "at": "hot"}, "labels.at is 'hot'; expected a number or null"),
    ({"file": "a", "alloys": "mol%"}, "labels.alloys is 'mol%'; expected wt%, at% or null"),
    ({"file": "a", "fast": "yes"}, "labels.fast is 'yes'; expected true or false"),
    ({"file": "a", "fast": 1}, "labels.fast is 1; expected true or false"),
    ({"file": "a", "sizes": "10, x"}, "labels.sizes is '10, x'; expected a whole number from 1, or a list"),
    ("a.csv", "labels is 'a.csv'; expected names with values, as in 'keep: 100'"),
    (None, "labels is None; expected names with values"),
]


@pytest.mark.parametrize(("values", "words"), WRONG, ids=[words[:60] for _, words in WRONG])
def test_what_is_wrong_is_told_in_plain_words(values: object, words: str) -> None:
    with pytest.raises(SettingsError) as told:
        check_settings(Reading, values, "labels")
    assert words in str(told.value)
    assert len(told.value.problems) == 1


def test_all_mistakes_are_told_at_once_by_their_paths() -> None:
    values = {
        "first": {"modle": "gp"},
        "steps": {"gap": {"model": 5}, "near": {"model": "gp", "keep": 0}},
        "others": [{"model": "gp"}, {"model": ""}, 7],
    }
    with pytest.raises(SettingsError, match=r"^6 mistakes: first has no 'modle'; did you mean model\?; ") as told:
        check_settings(Work, values)
    assert [problem.path for problem in told.value.problems] == [
        "first",
        "first",
        "steps.gap.model",
        "steps.near.keep",
        "others.2.model",
        "others.3",
    ]
    again = pickle.loads(pickle.dumps(told.value))
    assert (str(again), again.problems) == (str(told.value), told.value.problems)


@dataclass(frozen=True)
class Full:
    """What must not be empty."""

    steps: Annotated[tuple[Step, ...], MinLen(1)]
    named: Annotated[Mapping[str, int], MinLen(1)]


def test_what_must_hold_something_is_not_empty() -> None:
    assert check_settings(Full, {"steps": [{"model": "a"}], "named": {"a": 1}}).named == {"a": 1}
    with pytest.raises(SettingsError, match=r"2 mistakes: steps is \[\]; .* named is \{\}; expected names with"):
        check_settings(Full, {"steps": [], "named": {}})


def test_records_within_a_record_are_records() -> None:
    found = check_settings(Work, {"first": {"model": "a"}, "steps": {"x": {"model": "b"}}, "others": [{"model": "c"}]})
    assert found == Work(Step("a"), {"x": Step("b")}, (Step("c"),))


def made(
    name: str,
    share: float = 0.5,
    *,
    like: str | Sequence[str] = (),
    kind: Literal["a", "b"] = "a",
    weights: Mapping[str, float] | None = None,
    sizes: tuple[int, ...] = (),
    array: np.ndarray | None = None,
    unknown: "OnlyForTypes | None" = None,  # type: ignore[name-defined]  # noqa: F821, UP037
) -> None:
    """What a plug-in takes."""


RIGHT: list[dict[str, Any]] = [
    {"name": "x"},
    {"name": "x", "share": 1, "like": "PbTe", "weights": {"a": 1}, "sizes": [1, 2]},
    {"name": "x", "like": ["PbTe", "GaAs"], "weights": None, "kind": "b"},
    {"name": "x", "like": ("PbTe",), "sizes": (1,), "array": 3, "unknown": {"whatever": 1}},
]


@pytest.mark.parametrize("values", RIGHT)
def test_arguments_that_fit_are_taken(values: dict[str, Any]) -> None:
    check_arguments(made, values, "the stage made")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "the stage made needs name"),
        ({"name": 5}, "name of the stage made is 5; expected a text"),
        ({"name": "x", "shrae": 1}, "the stage made has no 'shrae'; did you mean share?"),
        ({"name": "x", "share": "1"}, "share of the stage made is '1'; expected a number"),
        ({"name": "x", "like": [1]}, "like of the stage made is [1]; expected a text or a list of texts"),
        ({"name": "x", "kind": "c"}, "kind of the stage made is 'c'; expected a or b"),
        ({"name": "x", "weights": {"a": "b"}}, "expected names with numbers or null"),
        ({"name": "x", "sizes": 3}, "sizes of the stage made is 3; expected a list of whole numbers"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(values: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as told:
        check_arguments(made, values, "the stage made")
    assert words in str(told.value)


def test_first_arguments_may_be_none_of_the_user() -> None:
    check_arguments(made, {"share": 0.1}, "it", skip=1)
    with pytest.raises(SettingsError, match="it has no 'name'; choose from share, "):
        check_arguments(made, {"name": "x"}, "it", skip=1)
