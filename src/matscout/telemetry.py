"""Optional packages that report how they are used do not do so from here."""

from __future__ import annotations

import os

OFF = {
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "WANDB_ERROR_REPORTING": "false",
}
"""Environment variables that they read when they are imported, and what turns reports off."""


def turn_off() -> None:
    """To be called before such a package is imported; what the user has set stays."""
    for name, value in OFF.items():
        os.environ.setdefault(name, value)
