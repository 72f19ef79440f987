"""The suites check what another package brings by entry points, and fail where it breaks a promise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HONEST = '''
"""Number of elements."""

import numpy as np

from matscout.represent.base import Embedding, Representation


class Elements(Representation):
    """How many elements a composition has."""

    @property
    def columns(self):
        return ("number of elements",)

    def represent(self, materials):
        counts = np.diff(materials.compositions.offsets).astype(float)
        return Embedding(counts[:, None], np.arange(len(materials)), self.columns)
'''
OF_THE_BATCH = HONEST.replace("counts[:, None]", "counts[:, None] / max(counts.max(initial=1.0), 1.0)")
"""A vector depends on what else is in the batch."""
SUITES = """
from matscout.testing.models import ModelContract
from matscout.testing.representations import RepresentationContract


class TestMine(RepresentationContract):
    package = "outside_package"


class TestMyModels(ModelContract):
    package = "outside_package"
"""
MODEL = '''
"""The median of the labels, from outside."""

from matscout.predict.models.dummy import Dummy


class Median(Dummy):
    """As dummy, in another package."""
'''
PROMISE_BROKEN = MODEL.replace(
    '    """As dummy, in another package."""\n',
    '    """As dummy, but it says that it looks at the materials."""\n\n    blind = False\n',
)
ENTRY_POINTS = """
[matscout.representations]
outside-elements = outside_package.elements:Elements

[matscout.models]
outside-median = outside_package.median:Median
"""


def ran(folder: Path, elements: str, model: str) -> subprocess.CompletedProcess[str]:
    """Pytest's run of the suites in a package that is installed in ``folder``."""
    package, told = folder / "outside_package", folder / "outside_package-1.dist-info"
    package.mkdir()
    told.mkdir()
    files = {
        package / "__init__.py": "",
        package / "elements.py": elements,
        package / "median.py": model,
        told / "METADATA": "Metadata-Version: 2.1\nName: outside-package\nVersion: 1\n",
        told / "entry_points.txt": ENTRY_POINTS,
        folder / "pytest.ini": "[pytest]\nmarkers = slow: takes long\n",
        folder / "test_mine.py": SUITES,
    }
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    paths = [str(folder), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    asked = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-c", "pytest.ini", "test_mine.py"]
    return subprocess.run(asked, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


def failed(done: subprocess.CompletedProcess[str]) -> set[str]:
    lines = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    return {line.split("::")[2].split("[")[0] for line in lines}


def test_what_keeps_the_promises_passes(tmp_path: Path) -> None:
    done = ran(tmp_path, HONEST, MODEL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_batch_and_order_do_not_matter[outside-elements] " in f"{done.stdout} ".replace("\n", " ")
    assert "test_numbers_come_with_intervals[outside-median]" in done.stdout
    assert "[magpie]" not in done.stdout
    assert "[dummy]" not in done.stdout


@pytest.mark.parametrize(
    ("elements", "model", "broken"),
    [
        (OF_THE_BATCH, MODEL, "test_batch_and_order_do_not_matter"),
        (HONEST, PROMISE_BROKEN, "test_a_model_that_looks_at_no_material_knows_no_more_than_the_labels"),
    ],
    ids=["representation", "model"],
)
def test_a_broken_promise_is_found(elements: str, model: str, broken: str, tmp_path: Path) -> None:
    assert broken in failed(ran(tmp_path, elements, model))
