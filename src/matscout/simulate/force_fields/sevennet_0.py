"""SevenNet-0 of 11 July 2024 (7net-0), trained on MPtrj; its energies hold no corrections (needs sevenn).

Y. Park et al., J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190. The weights are in the package.
"""

from __future__ import annotations

from typing import ClassVar

from matscout.simulate.sevennet_force_field import SevennetForceField
from matscout.simulate.sevennet_network import WEIGHTS


class Sevennet0(SevennetForceField):
    """Five interactions with spherical harmonics up to l = 2; several times as slow as CHGNet, and more accurate."""

    title: ClassVar[str] = "SevenNet-0"
    checkpoint: ClassVar[str] = WEIGHTS
    folder: ClassVar[str] = "SevenNet_0__11Jul2024"
