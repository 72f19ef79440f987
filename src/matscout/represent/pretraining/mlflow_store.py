"""MLflow's logger with metric names that MLflow accepts. Imported only where MLflow is installed and asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from lightning.pytorch.loggers import MLFlowLogger


def plain_name(name: str) -> str:
    """A name of what MLflow allows: ``MAE volume (Å³/atom)`` becomes ``MAE volume A3/atom``.

    Parameters
    ----------
    name
        Name of a metric, with a unit perhaps.
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^\w/. -]+", "", ascii_only)


class MlflowStore(MLFlowLogger):
    """Logs under plain names; Lightning's own logger warns of every name with a unit in brackets."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Store what was measured at a step."""
        super().log_metrics({plain_name(name): value for name, value in metrics.items()}, step)
