"""As auto-strict, from the donor's columns alone: what pretraining is worth without descriptors (needs torch)."""

from __future__ import annotations

from matscout.predict.column_sets import DONATED_ONLY
from matscout.predict.models.auto_strict import AutoStrict


class DonorAlone(AutoStrict):
    """For measuring: no descriptor, only the vector and the predicted properties of the donor."""

    menu = DONATED_ONLY
