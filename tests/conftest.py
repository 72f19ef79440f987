"""Shared fixtures."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars
import pytest
from hypothesis import settings
from pymatgen.symmetry.groups import SpaceGroup
from tests.skips import pytest_addoption, pytest_sessionfinish, pytest_terminal_summary

from matscout import registry

# The suites of contracts are part of the package; what they assert is told as in tests.
pytest.register_assert_rewrite("matscout.testing")

__all__ = ["pytest_addoption", "pytest_sessionfinish", "pytest_terminal_summary"]

if TYPE_CHECKING:
    from matscout.represent.pretraining.configuration import Experiment

# Examples are judged by what they show; how long one takes depends on what else the machine does.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

TESTS = Path(__file__).parent
DATA_FOLDER = TESTS.parent / "benchmarks" / "data_folder.py"

SMALL = (
    "encoders.composition.width=16",
    "encoders.composition.layers=1",
    "loader.batch_size=32",
    "loader.validation_share=0.2",
    "trainer.epochs=3",
    "trainer.precision=32-true",
)
"""What makes the experiment composition_donor a matter of a second."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The pages of docs first: each takes as long as hundreds of tests, and at the end others would wait for them."""
    items.sort(key=lambda item: item.path.name != "test_docs.py")


@pytest.fixture(autouse=True, scope="session")
def cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests keep stays out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("cache"))
        patch.setenv("XDG_CACHE_HOME", folder)
        patch.setenv("WIN_PD_OVERRIDE_LOCAL_APPDATA", folder)
        # Steps run in the process of the test: to start others takes seconds. test_running.py starts them.
        patch.setenv("MATSCOUT_PROCESSES", "0")
        yield


@pytest.fixture(autouse=True, scope="session")
def groups_of_many_tests() -> tuple[SpaceGroup, ...]:
    """Held here, as pymatgen takes half a second to make each, and forgets a group with its last structure."""
    return tuple(SpaceGroup(symbol) for symbol in ("Fm-3m", "Fd-3m", "F-43m"))


@pytest.fixture(scope="module")
def few_trees() -> Iterator[None]:
    """Forests of few trees, for files of tests that ask for it: what is written matters there, not how good it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matscout.predict.models.trees.Trees.n_trees", (20, 20))
        patch.setattr("matscout.predict.models.auto.Auto.fast_trees", (20, 10))
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    folder: Path = runpy.run_path(str(DATA_FOLDER))["data_folder"]()
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}: set MATSCOUT_DATA to the shared data folder")
    return folder


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of made-up compounds with properties, some of them unknown."""
    from matscout.testing.objectives import write_labels

    return write_labels(tmp_path_factory.mktemp("corpus") / "labels.parquet")


@pytest.fixture(scope="session")
def small_overrides(labelled: Path) -> list[str]:
    """What makes composition_donor a small experiment on that table."""
    return [f"data.labels={labelled}", *SMALL]


@pytest.fixture(scope="session")
def small_experiment(small_overrides: list[str]) -> Callable[..., Experiment]:
    """That experiment, with more values changed."""
    from matscout.represent.pretraining.configuration import read_experiment

    return lambda *overrides: read_experiment("composition_donor", [*small_overrides, *overrides])


@pytest.fixture(scope="session")
def finished_run(small_experiment: Callable[..., Experiment], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of that experiment."""
    from matscout.represent.pretraining.training import pretrain

    folder = tmp_path_factory.mktemp("finished") / "run"
    pretrain(small_experiment(), folder)
    return folder


@pytest.fixture(scope="session")
def polysrl_artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefact of polysrl, 8 wide, that learned a little from 40 random structures."""
    from tests.represent.corpora.test_crystal_structures import write
    from tests.represent.crystals_at_hand import random_structures

    from matscout.represent.pretraining.configuration import read_experiment
    from matscout.represent.pretraining.training import pretrain

    folder = tmp_path_factory.mktemp("polysrl")
    structures = write(folder, random_structures(40))
    small = ("encoders.composition.width=8", "encoders.structure.width=8", "trainer.epochs=1")
    return pretrain(read_experiment("polysrl", [f"data.structures={structures}", *small]), folder / "run").artefact


@pytest.fixture(scope="session")
def hinting_weights(
    labelled: Path, small_experiment: Callable[..., Experiment], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder of weights, as comes with matscout, whose donor knows gap, stability and synthesis, each very little."""
    from matscout.represent.pretraining.training import pretrain

    gap, metal = polars.col("PBE band gap (eV)"), polars.col("metal")
    added = {"energy above hull (eV/atom)": gap / 10, "synthesised (1)": metal}
    folder = tmp_path_factory.mktemp("hinting")
    polars.read_parquet(labelled).with_columns(**added).write_parquet(folder / "labels.parquet")
    pretrain(small_experiment(f"data.labels={folder / 'labels.parquet'}"), folder / "run")
    shutil.copytree(folder / "run" / "artefact", folder / "weights" / "composition-donor-full")
    return folder / "weights"


@pytest.fixture(autouse=True, scope="session")
def catalogue() -> None:
    """List all plug-ins before a test puts ``benchmarks`` on the path for a while, where there are more of them."""
    for family in registry.FAMILIES:
        registry.plug_ins(family)
