"""What an earlier run measured stays in the table when its cells are gone, if code, versions and data were these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAME = ("code", "versions", "files", "seed", "level")


def with_kept(facts: dict[str, Any], path: Path) -> dict[str, Any]:
    """``facts``, and below it those parts of the table at ``path``, and tasks of parts, that were not made this time.

    A part that says which tasks are "wanted" holds a list of "tasks" by name and the names of those "unfinished".
    """
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if any(earlier.get(name) != facts[name] for name in SAME):
        return facts
    made, kept = facts["parts"], earlier["parts"]
    both = {name: _joined(made[name], kept[name]) for name in made.keys() & kept.keys()}
    return facts | {"parts": {**kept, **made, **both}}


def _joined(made: Mapping[str, Any], kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tasks of both; where both have one, that of more draws, and of as many this time's."""
    if "wanted" not in made:
        return made
    found: dict[str, Any] = {}
    for task in (*kept["tasks"], *made["tasks"]):
        known = found.get(task["name"], task)
        found[task["name"]] = known if known.get("draws", 0) > task.get("draws", 0) else task
    wanted = [task["name"] for task in made["wanted"]]
    return {
        **made,
        "tasks": [found[name] for name in wanted if name in found],
        "unfinished": [name for name in wanted if name not in found],
    }
