"""What turns artefacts of older versions into those of today."""

from __future__ import annotations

from typing import Any

import numpy as np

from matscout.predict.states import State


def with_blocks(stored: State) -> State:
    """Version 1 to 2: a Gaussian process has one kernel for each block of columns, and features tell the blocks."""
    origins = {
        f"{name.removesuffix('medians')}origins": np.zeros(len(medians), dtype=np.int64)
        for name, medians in stored.arrays.items()
        if name.endswith("/medians")
    }
    return State(_one_part(stored.spec), {**stored.arrays, **origins})


HAIR = 1e-9
"""A share that is next to nothing."""


def with_stepwise_scores(stored: State) -> State:
    """Version 2 to 3: between two scores intervals are interpolated, and what ends predictions is called limits.

    Intervals used to be as wide as the larger of two neighbouring scores. Where each score stands twice, at the lower
    and at the upper end of its share, interpolation gives just that; more than 128 scores, 256 knots, are thinned to
    256 knots where a shape is made of them (:data:`matscout.predict.profiles.MOST_KNOTS`).
    """
    arrays = dict(stored.arrays)
    for name, shares in stored.arrays.items():
        values = f"{name.removesuffix('shares')}values"
        if not name.endswith("/shares") or values not in arrays:
            continue
        arrays[values] = np.repeat(arrays[values], 2)
        arrays[name] = np.column_stack([np.full(len(shares), HAIR), shares - HAIR]).ravel()
    return State(_with_limits(stored.spec), arrays)


def _with_limits(spec: Any) -> Any:
    """No value below 0 is a limit like any other."""
    if not isinstance(spec, dict):
        return spec
    inner = {name: _with_limits(item) for name, item in spec.items()}
    if "bounded_at_zero" in inner:
        inner["limits"] = [0.0 if inner.pop("bounded_at_zero") else None, None]
    if isinstance(inner.get("target"), dict) and "limits" in inner["target"]:
        # Predictions used to be moved into the limits of a yield at the very end.
        inner["limits"] = inner["target"]["limits"]
        if "stack" in inner:
            inner["stack"]["limits"] = inner["limits"]
    return inner


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
