"""Shared fixtures."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DATA_FOLDER = Path(__file__).parents[1] / "benchmarks" / "data_folder.py"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    folder: Path = runpy.run_path(str(DATA_FOLDER))["data_folder"]()
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}: set MATSCOUT_DATA to the shared data folder")
    return folder
