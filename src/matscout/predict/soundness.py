"""Whether what a saved model says of its labelled materials can be true, before code relies on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.compositions import Compositions
from matscout.data.elements import N_ELEMENTS
from matscout.data.reactions.column_store import Reactions


def require_sound_compositions(known: Compositions) -> None:
    """Refuse compositions whose entries do not fit together.

    Raises
    ------
    ValueError
        If offsets do not ascend from 0 to the number of entries, entries name no element, or amounts are none.
    """
    _require_places("elements", known.elements.astype(np.int64) - 1, N_ELEMENTS, len(known.amounts))
    _require_offsets(known.offsets, len(known.elements))
    if known.amounts.dtype != np.float64 or not (np.isfinite(known.amounts) & (known.amounts > 0)).all():
        raise ValueError("amounts of elements are positive numbers")


def require_sound_reactions(known: Reactions) -> None:
    """Refuse reactions whose entries do not fit together.

    Raises
    ------
    ValueError
        If offsets do not ascend from 0 to the number of entries, or entries name no molecule or part.
    """
    _require_places("molecules", known.members, len(known.molecules), len(known.members))
    _require_places("parts", known.places, len(known.parts), len(known.members))
    _require_offsets(known.offsets, len(known.members))


def _require_offsets(offsets: NDArray[Any], entries: int) -> None:
    ascending = offsets.ndim == 1 and offsets.dtype.kind == "i" and len(offsets) > 1 and (np.diff(offsets) >= 0).all()
    if not ascending or offsets[0] != 0 or offsets[-1] != entries:
        raise ValueError("rows do not begin and end with their entries")


def _require_places(what: str, places: NDArray[Any], n: int, entries: int) -> None:
    if places.ndim != 1 or places.dtype.kind not in "iu" or len(places) != entries:
        raise ValueError(f"{what} are not a list of {entries} whole numbers")
    if len(places) and not 0 <= places.min() <= places.max() < n:
        raise ValueError(f"{what} are numbered to {n}, {places.max()} is named")
