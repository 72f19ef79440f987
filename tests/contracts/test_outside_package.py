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
from matscout.testing.protocols import ProtocolContract
from matscout.testing.representations import RepresentationContract
from matscout.testing.steps import StepContract


class TestMine(RepresentationContract):
    package = "outside_package"


class TestMyModels(ModelContract):
    package = "outside_package"


class TestMyProtocols(ProtocolContract):
    package = "outside_package"


class TestMySteps(StepContract):
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
PROTOCOL = '''
"""Every other labelled row, and the rest."""

import numpy as np

from matscout.evaluation.base import Protocol, Split


class EveryOther(Protocol):
    """Two folds."""

    settings = "2 folds"

    def splits(self, dataset, target, seed):
        rows = np.flatnonzero(dataset.targets[target].known)
        even, odd = rows[::2], rows[1::2]
        yield Split("even", odd, even)
        yield Split("odd", even, odd)
'''
OVERLAPPING = PROTOCOL.replace('Split("odd", even, odd)', 'Split("odd", rows, odd)')
"""What is tested was learned from."""
STEP = '''
"""The first labelled rows."""

from dataclasses import dataclass
from typing import Annotated

from matscout.workflow.kind import Input, StepKind


@dataclass(frozen=True, kw_only=True)
class FirstRowsStep(StepKind):
    """Keep the first rows.

    Parameters
    ----------
    labels
        Labelled rows.
    count
        How many.
    """

    labels: Annotated[str, Input("Dataset")] = ""
    count: int = 10

    output = "Dataset"

    def run(self, inputs, work):
        return inputs["labels"][: self.count]

    def summary(self, result):
        return f"{len(result)} rows"
'''
UNKNOWN_NOUN = STEP.replace('output = "Dataset"', 'output = "Rows"')
"""It gives something that no workflow knows."""
ENTRY_POINTS = """
[matscout.representations]
outside-elements = outside_package.elements:Elements

[matscout.models]
outside-median = outside_package.median:Median

[matscout.protocols]
outside-every-other = outside_package.every_other:EveryOther

[matscout.steps]
outside-first-rows = outside_package.first_rows:FirstRowsStep
"""


HONEST_FILES = {"elements": HONEST, "median": MODEL, "every_other": PROTOCOL, "first_rows": STEP}


def ran(folder: Path, **broken: str) -> subprocess.CompletedProcess[str]:
    """Pytest's run of the suites in a package that is installed in ``folder``, some of whose files are other ones."""
    package, metadata = folder / "outside_package", folder / "outside_package-1.dist-info"
    package.mkdir()
    metadata.mkdir()
    files = {
        package / "__init__.py": "",
        **{package / f"{name}.py": text for name, text in {**HONEST_FILES, **broken}.items()},
        metadata / "METADATA": "Metadata-Version: 2.1\nName: outside-package\nVersion: 1\n",
        metadata / "entry_points.txt": ENTRY_POINTS,
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
    return {line.split("::")[2].split("[")[0].split(" ")[0] for line in lines}


def test_what_keeps_the_promises_passes(tmp_path: Path) -> None:
    done = ran(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_batch_and_order_do_not_matter[outside-elements] " in f"{done.stdout} ".replace("\n", " ")
    assert "test_numbers_come_with_intervals[outside-median]" in done.stdout
    assert "test_it_says_what_it_does[outside-every-other-classification]" in done.stdout
    assert "test_its_schema_has_all_settings[outside-first-rows]" in done.stdout
    assert not any(f"[{name}" in done.stdout for name in ("magpie", "dummy", "kfold", "read"))


@pytest.mark.parametrize(
    ("files", "broken"),
    [
        ({"elements": OF_THE_BATCH}, {"test_batch_and_order_do_not_matter"}),
        ({"median": PROMISE_BROKEN}, {"test_a_model_that_looks_at_no_material_knows_no_more_than_the_labels"}),
        (
            {"every_other": OVERLAPPING, "first_rows": UNKNOWN_NOUN},
            {"test_splits_are_disjoint_and_over_labelled_rows", "test_its_nouns_are_known"},
        ),
    ],
    ids=["representation", "model", "protocol and step"],
)
def test_a_broken_promise_is_found(files: dict[str, str], broken: set[str], tmp_path: Path) -> None:
    assert broken <= failed(ran(tmp_path, **files))
