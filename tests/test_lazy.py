"""What rooms offer: one list each, imported on first use, and nothing heavy before."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

from matscout.lazy import lazily, offered

ROOMS = ("", "data", "crystal", "represent", "predict", "generate", "discover", "evaluation", "workflow")


def names_of(room: str) -> tuple[str, dict[str, str]]:
    package = importlib.import_module(f"matscout.{room}".rstrip("."))
    assert package.__file__ is not None
    return package.__name__, offered(package.__file__)


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_is_there_and_none_hides_a_module(room: str) -> None:
    name, names = names_of(room)
    package = importlib.import_module(name)
    assert names
    assert set(names) <= set(dir(package))
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not modules & set(names), "importing the module would put it in the place of what is offered"
    for one, place in names.items():
        value = getattr(package, one)
        assert value is getattr(importlib.import_module(place), one)
        assert value.__doc__
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        package.nonsense  # noqa: B018 - asked for, in vain


def test_nothing_is_imported_before_it_is_used() -> None:
    code = "import sys, matscout.predict, matscout.discover; print('numpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_only_imports_for_type_checkers_are_offered(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text(
        "import os\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from json import dumps as dumps, loads\n"
        "if os:\n    from math import pi\n",
        encoding="utf-8",
    )
    assert offered(str(tmp_path / "__init__.py")) == {"dumps": "json", "loads": "json"}
    get, listed = lazily(__name__, {"dumps": "json"})
    assert get("dumps")([1]) == "[1]"
    assert "dumps" in listed()
