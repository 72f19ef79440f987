"""Vector of a crystal from Site-Net trained by Deep InfoMax, without labels."""

from __future__ import annotations

from typing import ClassVar

from matscout.represent.pretrained.crystal_network import CrystalNetwork


class DeepInfomaxRepresentation(CrystalNetwork):
    """M. Moran et al., doi:10.1039/D4DD00202D, trained anew; its card says on what, and how far it got."""

    shipped: ClassVar[str | None] = "deep-infomax"
