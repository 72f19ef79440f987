"""Smooth overlap of atomic positions (SOAP): the density of each element with that of all atoms, mean over sites."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.atoms import ase_atoms
from matscout.crystal.crystals import Crystals
from matscout.data.elements import SYMBOLS
from matscout.errors import UsageError
from matscout.extras import require
from matscout.represent.atoms import HEAVIEST, AtomsRepresentation

Floats = NDArray[np.float64]

COMPRESSIONS = ("mu1nu1", "crossover")


class Soap(AtomsRepresentation):
    """A. P. Bartók et al., Phys. Rev. B 87, 184115 (2013), doi:10.1103/PhysRevB.87.184115, with DScribe.

    The power spectrum of each site, compressed as J. P. Darby et al. do (doi:10.1038/s41524-022-00847-y), so that it
    grows with the number of elements and not with its square; then the mean over sites. Each element of the periodic
    table has its block, zero for those that a crystal lacks. The site itself is part of the density.

    Parameters
    ----------
    compression
        "mu1nu1": the density of an element times that of all atoms; "crossover": times itself, which leaves room for
        more functions and does not tell which element is beside which.
    cutoff
        Å.
    radial, angular
        Number of radial functions (spherical Gaussian orbitals) and highest degree of the spherical harmonics.
    width
        Of the Gaussians in place of atoms, Å.
    """

    intensive: ClassVar[bool] = True

    def __init__(
        self,
        compression: str = "mu1nu1",
        cutoff: float = 6.0,
        radial: int = 3,
        angular: int = 2,
        width: float = 0.5,
    ) -> None:
        self.compression = compression
        self.cutoff = cutoff
        self.radial = radial
        self.angular = angular
        self.width = width

    @property
    def columns(self) -> tuple[str, ...]:
        """``"<element> l <degree> n <radial function> <radial function of the other density>"``."""
        if self.compression not in COMPRESSIONS:
            raise UsageError(f"soap has no compression {self.compression!r}; there are {', '.join(COMPRESSIONS)}")
        functions = range(1, self.radial + 1)
        pairs = [(n, other) for n in functions for other in functions if self.compression == "mu1nu1" or other >= n]
        return tuple(
            f"{symbol} l {degree} n {n} {other}"
            for symbol in SYMBOLS[:HEAVIEST]
            for degree in range(self.angular + 1)
            for n, other in pairs
        )

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 2538]; with "crossover" [n, 1692].

        Raises
        ------
        MissingExtraError
            If DScribe is not installed.
        """
        require(*self.packages, extra=self.extra)
        from dscribe.descriptors import SOAP

        maker = SOAP(
            species=range(1, HEAVIEST + 1), periodic=True, average="outer", compression={"mode": self.compression},
            r_cut=self.cutoff, n_max=self.radial, l_max=self.angular, sigma=self.width,
        )  # fmt: skip
        vectors = np.full((len(crystals), self.dim), np.nan)
        for row in range(len(crystals)):
            vectors[row] = maker.create(ase_atoms(crystals, row))
        return vectors
