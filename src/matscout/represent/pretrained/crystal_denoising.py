"""Vector of a crystal from Site-Net trained to recover masked elements and strain, without labels."""

from __future__ import annotations

from typing import ClassVar

from matscout.represent.pretrained.crystal_network import CrystalNetwork


class CrystalDenoising(CrystalNetwork):
    """Of the ways to learn without labels that were tried, the one that tells most; its card says on what."""

    shipped: ClassVar[str | None] = "crystal-denoising"
