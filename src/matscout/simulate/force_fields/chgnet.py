"""CHGNet 0.3.0, trained on MPtrj; its energies hold the corrections of the Materials Project (needs chgnet).

B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3; data:
doi:10.6084/m9.figshare.23713842. The weights are in the package, which states the licence BSD 3-Clause.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs
from matscout.simulate import mptrj
from matscout.simulate.chgnet_network import CUTOFF, SITES_AT_ONCE, WEIGHTS, chgnet
from matscout.simulate.energy_schemes import EnergyScheme
from matscout.simulate.force_field import PairForceField, WeightsFile

Floats = NDArray[np.float64]

EMBEDDED = 94
"""The network has a vector for each element up to plutonium, whether it was trained on it or not."""


class Chgnet(PairForceField):
    """Energies agree with entries of the Materials Project that hold the corrections of 2020: add none."""

    title: ClassVar[str] = "CHGNet 0.3.0"
    scheme: EnergyScheme = "corrected-mp2020"
    trained_on = f"{mptrj.SUMMARY}, energies with the corrections of 2020"
    licence = "BSD-3-Clause"
    precision = "single"
    cutoff = CUTOFF
    elements = mptrj.ELEMENTS
    computes = tuple(range(1, EMBEDDED + 1))
    sites_at_once: ClassVar[int] = SITES_AT_ONCE
    packages: ClassVar[tuple[str, ...]] = ("chgnet",)
    extra: ClassVar[str] = "chgnet"

    @property
    def weights(self) -> WeightsFile:
        """Version and digest of its weights."""
        package = find_spec("chgnet")
        assert package is not None
        assert package.origin is not None
        (path,) = (Path(package.origin).parent / "pretrained" / WEIGHTS).glob("*.pth.tar")
        return WeightsFile.of(WEIGHTS, path)

    def slopes(self, crystals: Crystals, pairs: Pairs) -> tuple[Floats, Floats]:
        """By the network, in single precision."""
        return chgnet().slopes(crystals, pairs)

    def sites(self, crystals: Crystals) -> tuple[Floats, Floats]:
        """Features [s, 64] and energies of the cells [n], eV."""
        features, energies = chgnet().sites(crystals)
        return features, np.bincount(crystals.owners, energies, minlength=len(crystals)).astype(np.float64)
