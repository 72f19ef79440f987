"""MPtrj, on which CHGNet and SevenNet-0 were trained: relaxations of the Materials Project of September 2022.

Energies, forces, stresses and magnetic moments (PBE, PBE+U) of 1,580,395 structures of 146,000 materials (B. Deng et
al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3).
"""

from __future__ import annotations

ELEMENTS = (*range(1, 84), *range(89, 95))
"""Atomic numbers of its 89 elements: up to plutonium, without polonium, astatine, radon, francium, radium."""

SUMMARY = "MPtrj: 1,580,395 structures of 146,000 materials, PBE and PBE+U, from relaxations of the Materials Project"
"""What it is, in a few words."""
