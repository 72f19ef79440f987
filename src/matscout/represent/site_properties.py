"""The nine numbers by which Site-Net and Deep InfoMax know what is on a site, as a table of the elements."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.tables import own_table

SCALES = (0.1, 0.1, 1.0, 1.0, 1.0, 10.0, 10.0, 0.001)
"""Factors to the eight properties of the table ``sites`` (the authors'); oxidation states stay as they are."""

SIZE = len(SCALES) + 1


@cache
def site_properties() -> NDArray[np.float32]:
    """Eight scaled properties of each element [119, 8], NaN where unknown; the last row, a hidden element, is 0."""
    values = own_table("sites").values * np.array(SCALES)
    table = np.concatenate([values, np.zeros((1, len(SCALES)))]).astype(np.float32)
    table.flags.writeable = False
    return table


@cache
def described_elements() -> NDArray[np.bool_]:
    """Elements of which the table knows everything, bool [118]."""
    described = ~np.isnan(site_properties()[:-1]).any(axis=1)
    described.flags.writeable = False
    return np.asarray(described)
