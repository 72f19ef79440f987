"""SevenNet-l3i5 (7net-l3i5), trained on MPtrj; its energies hold no corrections (needs sevenn).

Y. Park et al., J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190. The weights are in the package.
"""

from __future__ import annotations

from typing import ClassVar

from matscout.simulate.sevennet_force_field import SevennetForceField


class SevennetL3i5(SevennetForceField):
    """Five interactions with spherical harmonics up to l = 3: the most accurate and the slowest of those built in."""

    title: ClassVar[str] = "SevenNet-l3i5"
    checkpoint: ClassVar[str] = "7net-l3i5"
    folder: ClassVar[str] = "SevenNet_l3i5"
