"""What a result is stored by: the digest of all that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matscout.code_digest import digest_of_code, digest_of_outside_code
from matscout.data.reading_settings import ReadingSettings
from matscout.evaluation.code import PREDICTING
from matscout.predict.origins import library_versions
from matscout.settings.fields import fields_of
from matscout.settings.writing import to_plain
from matscout.store import key_of
from matscout.workflow.graph import Workflow
from matscout.workflow.kind import StepKind, files_of, inputs_of, kind_name, named_steps
from matscout.workflow.referenced import referenced_files


def step_keys(workflow: Workflow, given: Mapping[str, Any] | None = None) -> dict[str, str | None]:
    """Key of each step, in the order of the steps.

    Where a step stands, what it is called and what a file lies in make no difference; the name of a file does, since
    results tell it.

    Parameters
    ----------
    workflow
        The steps.
    given
        Steps whose results came from elsewhere: they and all below have no key.
    """
    keys: dict[str, str | None] = {}
    for name, kind in workflow.steps.items():
        inputs = {field: [keys[one] for one in others] for field, others in named_steps(kind).items()}
        open_ended = name in (given or {}) or any(key is None for one in inputs.values() for key in one)
        keys[name] = None if open_ended else _key(kind, inputs, workflow.folder)
    return keys


def _key(kind: StepKind, inputs: Mapping[str, list[str | None]], folder: Path) -> str:
    links = {one.field.info.key for one in inputs_of(type(kind)).values()}
    settings = {name: value for name, value in to_plain(kind).items() if name not in links}
    files = files_of(type(kind))
    keys = {field.name: field.info.key for field in fields_of(type(kind))}
    for name in files:
        settings[keys[name]] = _digest(getattr(kind, name), folder)
    settings |= _structures(kind, folder)
    modules = (type(kind).__module__, *(PREDICTING if kind.predicts else ()))
    outside = digest_of_outside_code()
    return key_of(
        *(["plug-ins", outside] if outside else []),
        "step",
        kind_name(kind),
        settings,
        dict(inputs),
        digest_of_code(*modules),
        library_versions(),
        kind.origin(folder),
    )


def _structures(kind: StepKind, folder: Path) -> dict[str, Any]:
    """What is read besides files that settings name as such: structures beside a table."""
    if not isinstance(kind, ReadingSettings):
        return {}
    beside = {} if kind.structure is None else {"structure": _digest(kind.structure, folder)}
    named = [getattr(kind, name) for name in files_of(type(kind))]
    tables = [folder / path for path in named if path is not None]
    named_in_cells = [path for table in tables for path in referenced_files(table, kind.sheet)]
    return beside | {"named in cells": named_in_cells}


def _digest(path: Any, folder: Path) -> Any:
    """Of a file or folder, of several, of what is no path."""
    if isinstance(path, tuple):
        return [_digest(one, folder) for one in path]
    if path is None:
        return None
    place = folder / path
    return [Path(path).name, place] if place.exists() else str(path)
