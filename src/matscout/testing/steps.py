"""What every kind of step must say of itself, whoever wrote it: what it takes, what it gives, what can be set."""

from __future__ import annotations

from typing import Any

from matscout.registry import plug_ins
from matscout.settings.fields import fields_of
from matscout.testing.contract import Contract
from matscout.workflow.graph import step_kind
from matscout.workflow.kind import NOUNS, StepKind, files_of, inputs_of, kind_name
from matscout.workflow.schema import kind_schema


class StepContract(Contract):
    """A kind of step is a frozen record of settings; what it takes is given by some kind."""

    family = "steps"

    def test_it_is_a_frozen_record_of_settings(self, name: str) -> None:
        kind = step_kind(name)
        parameters: Any = getattr(kind, "__dataclass_params__", None)
        assert issubclass(kind, StepKind)
        assert parameters is not None
        assert parameters.frozen
        assert kind_name(kind) == name

    def test_its_nouns_are_known(self, name: str) -> None:
        kind = step_kind(name)
        assert kind.output in NOUNS
        assert {one.noun for one in inputs_of(kind).values()} <= set(NOUNS)

    def test_what_it_takes_is_given_by_some_kind(self, name: str) -> None:
        given = {step_kind(one.name).output for one in plug_ins("steps")}
        assert {one.noun for one in inputs_of(step_kind(name)).values()} <= given

    def test_every_setting_says_what_it_is_for(self, name: str) -> None:
        for field in fields_of(step_kind(name)):
            assert field.info.help.endswith((".", "?")), field.name

    def test_its_schema_has_all_settings(self, name: str) -> None:
        kind, schema = step_kind(name), kind_schema(name)
        assert set(schema["properties"]) == {field.info.key for field in fields_of(kind)}
        assert all(schema["properties"][field.replace("_", "-")]["x-file"] for field in files_of(kind))
