"""Atom features and energy of CHGNet 0.3.0, trained on DFT energies of the Materials Project (needs chgnet).

Trained on nine tenths of MPtrj: energies, forces, stresses and magnetic moments (PBE, PBE+U) of 1,580,395 structures of
146,000 materials, from all relaxations in the Materials Project of September 2022. B. Deng et al., Nat. Mach. Intell.
5, 1031 (2023), doi:10.1038/s42256-023-00716-3; data: doi:10.6084/m9.figshare.23713842. The weights are in the package.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.represent.atom_feature_representation import AtomFeatureRepresentation, AtomFeatures
from matscout.simulate.chgnet_network import SITES_AT_ONCE, WIDTH, chgnet


class ForceFieldChgnet(AtomFeatureRepresentation):
    """The 64 features of an atom after the last convolution, from which the site energies are read out.

    Not defined, as in the package, for a crystal with an atom that has no other one within 6 Å. Where bonds lie in a
    line, single precision knows their angle to 4e-5 only: turned crystals may differ by as much, as in the package.
    """

    tolerance: ClassVar[float] = 1e-4
    title = "CHGNet"
    packages: ClassVar[tuple[str, ...]] = ("chgnet",)
    extra = "chgnet"
    sites_at_once = SITES_AT_ONCE

    @property
    def width(self) -> int:
        """Number of features of an atom."""
        return WIDTH

    def site_features(self, crystals: Crystals) -> AtomFeatures:
        """All crystals in one graph."""
        features, energies = chgnet().sites(crystals)
        totals = np.bincount(crystals.owners, energies, minlength=len(crystals))
        return AtomFeatures(features, totals / np.diff(crystals.offsets))
