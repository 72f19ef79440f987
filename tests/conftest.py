"""Shared fixtures; the one place that knows where the shared data lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    folder = Path(os.environ.get("MATSCOUT_DATA", DEFAULT_DATA))
    if not folder.is_dir():
        pytest.skip(f"no data at {folder}: set MATSCOUT_DATA to the shared data folder")
    return folder
