"""What robocrystallographer says of crystals, some seconds for each (needs robocrys)."""

from __future__ import annotations

import warnings

from matscout.data.structures import Structures
from matscout.extras import require

FAILURES = (ValueError, RuntimeError, KeyError, IndexError, TypeError, AttributeError, ZeroDivisionError)
"""What it ends in with crystals that it cannot make sense of."""


def paragraph(structures: Structures, row: int) -> str | None:
    """Its description of one crystal (A. M. Ganose and A. Jain, doi:10.1557/mrc.2019.94); None where it fails.

    Raises
    ------
    MissingExtraError
        If robocrys is not installed.
    """
    require("robocrys", extra="robocrys")
    from robocrys import StructureCondenser, StructureDescriber

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            condensed = StructureCondenser().condense_structure(structures.to_pymatgen(row))
            return str(StructureDescriber().describe(condensed))
    except FAILURES:
        return None
