"""What turns artefacts of older versions into those of today."""

from __future__ import annotations

from typing import Any

import numpy as np

from matscout.predict.base import State


def with_blocks(stored: State) -> State:
    """Version 1 to 2: a Gaussian process has one kernel for each block of columns, and features tell the blocks."""
    origins = {
        f"{name.removesuffix('medians')}origins": np.zeros(len(medians), dtype=np.int64)
        for name, medians in stored.arrays.items()
        if name.endswith("/medians")
    }
    return State(_one_part(stored.spec), {**stored.arrays, **origins})


def _one_part(spec: Any) -> Any:
    """Every process in a part of ``spec.json`` sees all columns in one block, as it did."""
    if isinstance(spec, list):
        return [_one_part(item) for item in spec]
    if not isinstance(spec, dict):
        return spec
    inner = {name: _one_part(item) for name, item in spec.items()}
    kernel = inner.get("kernel")
    if isinstance(kernel, dict):
        numbers = dict(kernel)
        inner |= {"kernel": {"noise": numbers.pop("noise"), "parts": [numbers]}, "blocks": None}
    return inner
