"""Copies of crystals with masked elements, strain, blurred distances and cut bonds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import torch
from torch import Tensor

from matscout.data.elements import N_ELEMENTS
from matscout.errors import UsageError
from matscout.represent.base import Needs
from matscout.represent.crystal_batches import Answers, CrystalBatch
from matscout.represent.trainable import View

SHORTEST = 0.1
"""Å; blurred distances are at least so long."""


class DisturbedCrystals(View):
    """``copy 1`` and so on, each disturbed in its own way; what was done is told in ``answers``.

    Hidden elements and blurred bonds are those of Crystal Twins (R. Magar et al., npj Comput. Mater. 8, 231 (2022),
    doi:10.1038/s41524-022-00921-5). Sites that are alike are disturbed alike. Oxidation states of what is not hidden
    stay, and often tell the charge of what is.

    Parameters
    ----------
    copies
        How many of each crystal.
    hidden
        Share of the distinct sites whose element is hidden; of a crystal never all.
    strain
        Standard deviation of the logarithm of a factor to all lengths of a crystal.
    blur
        Å, standard deviation of a change of each distance.
    cut
        Share of the neighbours that are not seen; of a site never all.

    Raises
    ------
    UsageError
        If there are no copies, shares are not within 0..1, or spreads are below 0.
    """

    needs: ClassVar[Needs | None] = "structure"

    def __init__(
        self, copies: int = 1, *, hidden: float = 0.15, strain: float = 0.03, blur: float = 0.0, cut: float = 0.0
    ) -> None:
        if copies < 1 or not (0 <= hidden < 1 and 0 <= cut < 1) or min(strain, blur) < 0:
            raise UsageError(
                "view disturbed-crystals makes at least one copy, with view.hidden and view.cut from 0 to below "
                f"1, and view.strain and view.blur not below 0; got copies={copies}, hidden={hidden:g}, cut={cut:g}, "
                f"strain={strain:g}, blur={blur:g}"
            )
        self.copies, self.hidden, self.strain, self.blur, self.cut = copies, hidden, strain, blur, cut

    def __call__(self, batch: CrystalBatch, generator: torch.Generator) -> Mapping[str, CrystalBatch]:
        """``{"copy 1": ..., ...}``."""
        return {f"copy {number}": self._disturbed(batch, generator) for number in range(1, self.copies + 1)}

    def _disturbed(self, batch: CrystalBatch, generator: torch.Generator) -> CrystalBatch:
        device = batch.row_offsets.device
        hidden = torch.rand(len(batch.row_species), generator=generator).to(device) < self.hidden
        seen = batch.over_rows((~hidden).float()) > 0
        hidden &= seen[batch.row_crystals]
        strain = (self.strain > 0) * torch.randn(len(batch), generator=generator).to(device)
        places = batch.places
        distances = places.distances * (self.strain * strain).exp()[batch.row_crystals][places.rows]
        if self.blur > 0:
            blurred = distances + self.blur * torch.randn(len(distances), generator=generator).to(device)
            # In a supercell a site sees itself, at no distance.
            distances = torch.where(distances > 0, blurred.clamp_min(SHORTEST), distances)
        shares = self._some(batch, generator) if self.cut > 0 else places.shares
        changed = replace(
            batch,
            elements=torch.cat([batch.elements, batch.elements.new_tensor([N_ELEMENTS])]),
            states=torch.cat([batch.states, batch.states.new_zeros(1)]),
            places=replace(places, distances=distances, shares=shares),
            answers=Answers(torch.where(hidden, batch.elements[batch.row_species], -1), strain),
        )
        assert batch.site_rows is not None
        nothing = len(batch.elements)
        return changed.with_species(torch.where(hidden[batch.site_rows], nothing, batch.site_species))

    def _some(self, batch: CrystalBatch, generator: torch.Generator) -> Tensor:
        """The shares of neighbours, with some of them 0."""
        places = batch.places
        kept = torch.rand(len(places.shares), generator=generator).to(places.shares.device) >= self.cut
        shares = places.shares * kept
        totals = batch.over_places(shares)[places.rows]
        return torch.where(totals > 0, shares / totals.clamp_min(torch.finfo(shares.dtype).tiny), places.shares)
