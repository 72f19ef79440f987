"""Plug-ins of other packages: found by entry points, used by the names given there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLUG_IN = '''
import numpy as np
from matscout.represent.base import Embedding, Representation


class Ones(Representation):
    """One column of ones."""

    columns = ("one",)

    def represent(self, materials):
        return Embedding(np.ones((len(materials), 1)), np.arange(len(materials)), self.columns)
'''
USE = """
from matscout.registry import find, load_class
made = load_class("representations", "only-ones")()
print(made.name, "|", find("representations", "only-ones").summary, "|", load_class("models", "gp")().name)
"""


def test_a_plug_in_of_another_package_is_called_as_its_entry_point_says(tmp_path: Path) -> None:
    (tmp_path / "ones.py").write_text(PLUG_IN, encoding="utf-8")
    information = tmp_path / "ones-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: ones\nVersion: 1\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(
        "[matscout.representations]\nonly-ones = ones:Ones\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-c", USE], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "only-ones | from the package ones | gp"
