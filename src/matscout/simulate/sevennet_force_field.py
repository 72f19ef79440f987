"""What the force fields of SevenNet have in common."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs
from matscout.simulate import mptrj
from matscout.simulate.energy_schemes import EnergyScheme
from matscout.simulate.force_field import PairForceField, WeightsFile
from matscout.simulate.sevennet_network import CUTOFF, SITES_AT_ONCE, sevennet

Floats = NDArray[np.float64]


class SevennetForceField(PairForceField):
    """Energies are those of PBE and PBE+U: the corrections of the Materials Project come on top."""

    scheme: EnergyScheme = "uncorrected-pbe"
    trained_on = f"{mptrj.SUMMARY}, energies without corrections"
    licence = "MIT by the package (the Matbench Discovery board states GPL-3.0)"
    precision = "single"
    cutoff = CUTOFF
    elements = mptrj.ELEMENTS
    computes = mptrj.ELEMENTS
    sites_at_once: ClassVar[int] = SITES_AT_ONCE
    packages: ClassVar[tuple[str, ...]] = ("sevenn",)
    extra: ClassVar[str] = "sevennet"
    checkpoint: ClassVar[str]
    """What the package calls the weights."""
    folder: ClassVar[str]
    """Where they lie in the package."""

    @property
    def weights(self) -> WeightsFile:
        """Version and digest of its weights."""
        package = find_spec("sevenn")
        assert package is not None
        assert package.origin is not None
        (path,) = (Path(package.origin).parent / "pretrained_potentials" / self.folder).glob("*.pth")
        return WeightsFile.of(self.checkpoint, path)

    def slopes(self, crystals: Crystals, pairs: Pairs) -> tuple[Floats, Floats]:
        """By the network, in single precision."""
        return sevennet(self.checkpoint).slopes(crystals, pairs)

    def sites(self, crystals: Crystals) -> tuple[Floats, Floats]:
        """Features [s, w] and energies of the cells [n], eV."""
        features, energies = sevennet(self.checkpoint).sites(crystals)
        return features, energies.reshape(len(crystals))
