"""As composition-donor, trained without any formula of matscout's benchmarks; for measuring only."""

from __future__ import annotations

from matscout.represent.donor_representation import DonorRepresentation


class CompositionDonorStrict(DonorRepresentation):
    """No formula of an evaluation task of this project was seen, matched on atomic fractions."""

    shipped = "composition-donor-strict"
