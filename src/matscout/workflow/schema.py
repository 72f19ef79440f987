"""The JSON schema of a workflow, made from the settings of all kinds of steps."""

from __future__ import annotations

from typing import Any

from matscout.registry import plug_ins
from matscout.settings.writing import json_schema
from matscout.workflow.graph import MOST_STEPS, VERSION, step_kind
from matscout.workflow.kind import NOUNS, StepKind, files_of, inputs_of


def workflow_schema() -> dict[str, Any]:
    """JSON schema (2020-12) of ``workflow.yaml``: each step is a mapping of one kind to its settings.

    ``x-input`` is the noun of the step that a setting names, ``x-file`` marks names of files, ``x-output`` is what a
    kind gives, ``x-nouns`` says what nouns are.
    """
    kinds = {plug_in.name: kind_schema(plug_in.name) for plug_in in plug_ins("steps")}
    steps = [
        {"type": "object", "properties": {name: one}, "required": [name], "additionalProperties": False}
        for name, one in kinds.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "workflow of matscout",
        "type": "object",
        "required": ["workflow", "steps"],
        "additionalProperties": False,
        "properties": {
            "workflow": {"const": VERSION},
            "title": {"type": "string"},
            "view": {"type": "object"},
            "steps": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": MOST_STEPS,
                "propertyNames": {"pattern": "^[a-z][a-z0-9-]{0,39}$"},
                "additionalProperties": {"oneOf": steps},
            },
        },
        "x-nouns": dict(NOUNS),
    }


def kind_schema(name: str) -> dict[str, Any]:
    """The schema of the settings of one kind."""
    kind: type[StepKind] = step_kind(name)
    schema = json_schema(kind)
    for one in inputs_of(kind).values():
        key = one.field.info.key
        schema["properties"][key]["x-input"] = one.noun
        schema["required"] = [other for other in schema["required"] if other != key or one.field.required]
    keys = {field: field.replace("_", "-") for field in files_of(kind)}
    for key in keys.values():
        schema["properties"][key]["x-file"] = True
    return schema | {"x-output": kind.output, "x-information": kind.information}
