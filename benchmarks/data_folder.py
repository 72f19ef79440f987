"""Where the shared data lie, for tests and benchmarks: the one place that knows a default."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """The folder named by ``MATSCOUT_DATA``, or ``shared/data`` beside the repository."""
    return Path(os.environ.get("MATSCOUT_DATA") or Path(__file__).parents[2] / "shared" / "data")
