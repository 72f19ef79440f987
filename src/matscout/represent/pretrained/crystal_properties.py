"""Vector of a crystal from Site-Net trained on DFT energies, gaps, Fermi energies and magnetisations."""

from __future__ import annotations

from typing import ClassVar

from matscout.represent.pretrained.crystal_network import CrystalNetwork


class CrystalProperties(CrystalNetwork):
    """Not free of labels: its card says of which properties, and on which crystals."""

    shipped: ClassVar[str | None] = "crystal-properties"
