from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import matscout
from matscout.telemetry import OFF, turn_off

REPORTING = r"^\s*(?:import|from) (?:ray|mlflow|wandb|transformers|huggingface_hub|lancedb)\b"


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OFF:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DO_NOT_TRACK", "0")
    turn_off()
    assert {name: os.environ[name] for name in OFF} == {**OFF, "DO_NOT_TRACK": "0"}


def test_reports_are_off_wherever_such_a_package_is_imported() -> None:
    root = Path(matscout.__path__[0])
    importing = [path for path in root.rglob("*.py") if re.search(REPORTING, path.read_text("utf-8"), re.MULTILINE)]
    assert len(importing) > 3
    for path in importing:
        near = [path, path.parent / "__init__.py", path.parent / "storage.py"]
        assert any("telemetry.turn_off()" in one.read_text("utf-8") for one in near if one.is_file()), path


def test_the_package_of_language_models_turns_reports_off() -> None:
    program = "import os, matscout.represent.language; print(os.environ['HF_HUB_DISABLE_TELEMETRY'])"
    environment = {name: value for name, value in os.environ.items() if name not in OFF}
    found = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout == "1\n"
