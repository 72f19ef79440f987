"""The guide to the benchmarks names every page, and only commands and folders that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")


def test_every_page_has_a_line() -> None:
    linked = set(re.findall(r"\(results/([^)]+)\)", GUIDE))
    results = ROOT / "benchmarks" / "results"
    pages = {path.relative_to(results).as_posix() for path in (*results.glob("*.md"), *results.glob("*/README.md"))}
    assert linked == pages


def test_every_command_and_option_is_there() -> None:
    commands = re.findall(r"`(?:\.venv/bin/python )?(benchmarks/\w+\.py)([^`]*)`", GUIDE)
    assert len(commands) > 20
    for script, rest in commands:
        source = (ROOT / script).read_text(encoding="utf-8")
        for option in re.findall(r"--[a-z-]+", rest):
            assert f'"{option}"' in source, f"{script} has no {option}"


def test_scripts_that_make_data_are_there() -> None:
    named = re.findall(r"`scripts/(\w+\.py)`", GUIDE)
    assert named
    assert all((ROOT / "scripts" / name).is_file() for name in named)
