"""The batch unchanged, for objectives that learn from labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from matscout.represent.trainable import View


class AsGiven(View):
    """One batch, called ``as-given``."""

    def __call__(self, batch: Any, generator: torch.Generator) -> Mapping[str, Any]:
        """``{"as-given": batch}``."""
        return {"as-given": batch}
