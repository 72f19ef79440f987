"""Every kind of step, those of other packages too, says what it takes and gives."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Any

import pytest

from matscout.registry import plug_ins
from matscout.settings.fields import fields_of
from matscout.workflow.graph import step_kind
from matscout.workflow.kind import NOUNS, StepKind, files_of, inputs_of, kind_name
from matscout.workflow.schema import kind_schema

NAMES = [plug_in.name for plug_in in plug_ins("steps")]


@pytest.mark.parametrize("name", NAMES)
class TestEveryKind:
    def test_it_is_a_frozen_record_of_settings(self, name: str) -> None:
        kind: Any = step_kind(name)
        assert issubclass(kind, StepKind)
        assert is_dataclass(kind)
        assert kind.__dataclass_params__.frozen
        assert kind_name(kind) == name

    def test_its_nouns_are_known(self, name: str) -> None:
        kind = step_kind(name)
        assert kind.output in NOUNS
        assert {one.noun for one in inputs_of(kind).values()} <= set(NOUNS)

    def test_every_setting_says_what_it_is_for(self, name: str) -> None:
        for field in fields_of(step_kind(name)):
            assert field.info.help.endswith((".", "?")), field.name

    def test_its_schema_has_all_settings(self, name: str) -> None:
        kind, schema = step_kind(name), kind_schema(name)
        assert set(schema["properties"]) == {field.info.key for field in fields_of(kind)}
        assert all(schema["properties"][field.replace("_", "-")]["x-file"] for field in files_of(kind))


def test_each_noun_that_is_taken_is_given() -> None:
    given = {step_kind(name).output for name in NAMES}
    taken = {one.noun for name in NAMES for one in inputs_of(step_kind(name)).values()}
    assert taken <= given
    assert given <= set(NOUNS)
