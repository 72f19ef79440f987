"""What is written is read back: as YAML, as a command line; and the schema accepts what is accepted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from tests.settings.records import Reading, Step, Work

from matscout.mentions import speaking_to
from matscout.settings.checking import SettingsError, check_settings
from matscout.settings.command_options import with_options
from matscout.settings.writing import json_schema, to_command_line, to_plain
from matscout.yaml_reading import parse_yaml, yaml_text

LETTERS = st.characters(codec="ascii", categories=["L", "N"])
NAMES = st.text(LETTERS, min_size=1, max_size=8)
COLUMNS = st.text(st.characters(categories=["L", "N", "S", "P"]), min_size=1, max_size=8).filter(
    lambda text: not text.startswith("-") and "=" not in text
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SHARES = st.floats(min_value=0, max_value=1)

RECORDS = st.builds(
    Reading,
    file=NAMES.map(Path),
    target=st.lists(COLUMNS, max_size=3).map(tuple),
    context=st.lists(COLUMNS, max_size=3).map(tuple),
    unit=st.dictionaries(COLUMNS, COLUMNS, max_size=3),
    exclude=st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    sizes=st.lists(st.integers(1, 1000), max_size=3).map(tuple),
    count=st.integers(1, 100),
    level=SHARES.filter(lambda share: 0 < share < 1),
    max_bad=SHARES,
    temperature=st.none() | NUMBERS.map(abs),
    alloys=st.sampled_from([None, "wt%", "at%"]),
    sheet=st.none() | COLUMNS,
    fast=st.booleans(),
    cache=st.booleans(),
    weights=st.dictionaries(COLUMNS, NUMBERS, max_size=3),
)
STEPS = st.builds(Step, model=NAMES, keep=st.none() | st.integers(1, 9))
WORKS = st.builds(
    Work, first=STEPS, steps=st.dictionaries(NAMES, STEPS, max_size=3), others=st.lists(STEPS, max_size=3).map(tuple)
)


@given(record=RECORDS | WORKS, complete=st.booleans())
def test_a_file_says_what_the_record_says(record: Reading | Work, complete: bool) -> None:
    plain = to_plain(record, complete=complete)
    assert check_settings(type(record), parse_yaml(yaml_text(plain))) == record
    assert check_settings(type(record), json.loads(json.dumps(plain))) == record


def test_only_what_differs_is_written() -> None:
    assert to_plain(Reading(Path("a.csv"))) == {"file": "a.csv"}
    assert to_plain(Reading(Path("a.csv"), max_bad=0.5, temperature=3.0)) == {
        "file": "a.csv",
        "max-bad": 0.5,
        "at": 3.0,
    }
    assert to_command_line(Reading(Path("a.csv"), cache=False, fast=True)) == ["a.csv", "--fast", "--no-cache"]
    assert len(to_plain(Reading(Path("a.csv")), complete=True)) == 15


app = typer.Typer(pretty_exceptions_enable=False)
received: list[Reading] = []


@app.command()
@with_options
def take(*, reading: Reading, out: Annotated[Path, typer.Option("-o")] = Path("out")) -> None:
    """Take it."""
    received.append(reading)


def typed(words: list[str]) -> Reading:
    received.clear()
    app(args=words, standalone_mode=False)
    (found,) = received
    return found


@given(record=RECORDS)
def test_a_command_line_says_what_the_record_says(record: Reading) -> None:
    assert typed(to_command_line(record)) == record


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 200) | SHARES | st.sampled_from(["wt%", "a", "", "A, B"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from([key for key in to_plain(Reading(Path("a")), complete=True) if key != "file"]), VALUES)
def test_the_schema_accepts_what_is_accepted(key: str, value: Any) -> None:
    values = {"file": "a.csv", key: value}
    valid = jsonschema.Draft202012Validator(json_schema(Reading)).is_valid(values)
    try:
        check_settings(Reading, values)
        taken = True
    except SettingsError:
        taken = False
    # A text that is blank, or of commas, says more than a schema can.
    if "" not in _texts(value) and "A, B" not in _texts(value):
        assert valid == taken, value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for one in inner for text in _texts(one)]


def test_the_schema_describes_every_setting() -> None:
    told = json_schema(Reading)
    jsonschema.Draft202012Validator.check_schema(told)
    jsonschema.Draft202012Validator.check_schema(json_schema(Work))
    assert told["properties"]["file"]["description"] == "A table, see read, e.g. `gaps.csv`."
    assert told["properties"]["context"]["description"] == "Columns."
    assert told["properties"]["max-bad"]["description"] == "Share of bad rows."
    assert told["properties"]["at"] == {
        "anyOf": [{"type": "number"}, {"type": "null"}],
        "description": "Of the experiment.",
        "x-unit": "K",
        "default": None,
    }
    assert told["properties"]["exclude"]["default"] == ["Cd", "Pb"]
    assert told["required"] == ["file"]
    assert jsonschema.Draft202012Validator(json_schema(Work)).is_valid({"first": {"model": "a"}, "others": []})
    assert not jsonschema.Draft202012Validator(json_schema(Work)).is_valid({"first": {"modle": "a"}})


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["a", "--level", "2"], "--level is 2.0; expected a number between 0 and 1"),
        (
            ["a", "--sizes", "0"],
            "--sizes is '0'; expected a whole number from 1, or a list of whole numbers from 1",
        ),
        (["a", "--unit", "eV"], "--unit 'eV' is not of the form COL=UNIT"),
        (["a", "--weights", "gap=large"], "--weights gap is 'large'; expected a number"),
        (["a", "--target", " "], "--target is [' ']; expected a text, or a list of texts"),
    ],
)
def test_wrong_options_are_told_by_their_names(words: list[str], reason: str) -> None:
    with speaking_to("command line"), pytest.raises(Exception, match="--") as told:
        typed(words)
    with speaking_to("command line"):
        assert str(told.value) == reason


def test_what_goes_on_no_command_line_is_refused() -> None:
    with pytest.raises(ValueError, match="first cannot be given on a command line"):
        to_command_line(Work(Step("a")))


def test_two_records_with_one_name_are_refused() -> None:
    def twice(*, one: Step, other: Step) -> None:
        """Takes them."""

    with pytest.raises(TypeError, match="twice has two settings called keep, model"):
        with_options(twice)
