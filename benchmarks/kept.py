"""What an earlier run measured stays in the table when its cells are gone, if code, versions and data were these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAME = ("code", "versions", "files", "seed", "level")


def with_kept(facts: dict[str, Any], path: Path) -> dict[str, Any]:
    """``facts``, and below it those tasks and parts of the table at ``path`` that were not made this time."""
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if any(earlier.get(name) != facts[name] for name in SAME):
        return facts
    kept, made = earlier["parts"], facts["parts"]
    parts = {**kept, **made, "models": _models(made.get("models"), kept.get("models"))}
    return facts | {"parts": {name: part for name, part in parts.items() if part}}


def _models(made: Mapping[str, Any] | None, kept: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The tasks of both, this time's where both have one."""
    if not made or not kept:
        return made or kept
    found = {task["name"]: task for tasks in (kept["tasks"], made["tasks"]) for task in tasks}
    wanted = [task["name"] for task in made["wanted"]]
    return {
        **made,
        "tasks": [found[name] for name in wanted if name in found],
        "unfinished": [name for name in wanted if name not in found],
    }
