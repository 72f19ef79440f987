"""Vector and predicted properties of a network trained on many properties of all public formulas."""

from __future__ import annotations

from matscout.represent.donor_representation import DonorRepresentation


class CompositionDonor(DonorRepresentation):
    """For use: trained on all formulas. To measure how good it is, take ``composition-donor-strict``."""

    shipped = "composition-donor-full"
