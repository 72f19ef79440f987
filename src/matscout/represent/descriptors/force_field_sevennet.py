"""Atom features and energy of SevenNet-0, trained on DFT energies of the Materials Project (needs sevenn).

Trained on MPtrj: energies, forces and stresses (PBE, PBE+U) of 1,580,395 structures of 146,000 materials, from all
relaxations in the Materials Project of September 2022. Y. Park et al., J. Chem. Theory Comput. 20, 4857 (2024),
doi:10.1021/acs.jctc.4c00190; data: doi:10.6084/m9.figshare.23713842. The weights, of 11 July 2024, are in the package.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from matscout.crystal.crystals import Crystals
from matscout.represent.atom_feature_representation import AtomFeatureRepresentation, AtomFeatures
from matscout.simulate.sevennet_network import SITES_AT_ONCE, WIDTH, sevennet


class ForceFieldSevennet(AtomFeatureRepresentation):
    """The 128 scalar node features after the fifth interaction, from which the atomic energies are read out."""

    title = "SevenNet-0"
    packages: ClassVar[tuple[str, ...]] = ("sevenn",)
    extra = "sevennet"
    sites_at_once = SITES_AT_ONCE

    @property
    def width(self) -> int:
        """Number of features of an atom."""
        return WIDTH

    def site_features(self, crystals: Crystals) -> AtomFeatures:
        """All crystals in one graph."""
        features, energies = sevennet().sites(crystals)
        return AtomFeatures(features, energies / np.diff(crystals.offsets))
