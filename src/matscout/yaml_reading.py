"""YAML that people write: as version 1.2 reads it, without what unfolds to more than is written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from matscout.data.guards import guarded
from matscout.errors import UsageError, shortened

MOST_BYTES = 1_000_000
DEEPEST = 40
"""Lists and mappings within one another."""
BREAKS = "\r\x85\u2028\u2029"


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """``NO`` is nitrogen monoxide, ``1:2`` a range, ``017`` and a date are texts."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}
    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """As PyYAML, whose aliases can make a few lines as large as memory, or hold themselves."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(
                None, None, f"*{shortened(event.anchor)} refers to another part; write it out", event.start_mark
            )
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.composer.ComposerError(
                None, None, f"lists are nested more than {DEEPEST} deep", self.peek_event().start_mark
            )
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """As PyYAML, which of two equal names takes the last one in silence."""
        names = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str | int | float | None):
                raise yaml.constructor.ConstructorError(None, None, f"{shortened(name)} is not a name", key.start_mark)
            if name in names:
                raise yaml.constructor.ConstructorError(None, None, f"{shortened(name)} occurs twice", node.start_mark)
            names.add(name)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Quotes what either version of YAML would take for something else than a text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Values that occur twice are written twice: files with aliases are refused."""
        return True

    def represent_str(self, data: str) -> Any:
        """As PyYAML, whose single quotes lose the breaks of lines that have other signs than a line feed."""
        style = '"' if any(mark in data for mark in BREAKS) else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)
for _tag, _pattern, _first in (
    ("bool", "true|True|false|False", "tTfF"),
    ("int", "[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    for _kind in (_Loader, _Dumper):
        _kind.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))
for _kind in (_Loader, _Dumper):
    _kind.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:~|null|)$"), ["~", "n", ""])


def read_yaml(path: Path) -> object:
    """The values in a YAML file.

    Raises
    ------
    UsageError
        If it  is not valid YAML, is large, has aliases or is nested deeply.
    """
    if path.stat().st_size > MOST_BYTES:
        raise UsageError(f"{path} has more than {MOST_BYTES // 1_000_000} MB; expected a few lines of YAML")
    with guarded(f"{path} is not valid YAML", "correct it there", UsageError):
        return _values(path.read_text(encoding="utf-8"))


def parse_yaml(text: str, name: str = "the text") -> object:
    """The values in a text, which messages call by its ``name``; errors as :func:`read_yaml`."""
    if len(text) > MOST_BYTES:
        raise UsageError(f"{name} has more than {MOST_BYTES // 1_000_000} MB; expected a few lines of YAML")
    with guarded(f"{name} is not valid YAML", "correct it there", UsageError):
        return _values(text)


def yaml_text(values: object) -> str:
    """Values of JSON as YAML, which :func:`parse_yaml` reads as equal values; names stay in their order.

    Raises
    ------
    ValueError
        If a number is not finite, for which YAML that is read here has no word, or a value is none of JSON.
    """
    json.dumps(values, allow_nan=False)
    written: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return written


def _values(text: str) -> object:
    return yaml.load(text, Loader=_Loader)
