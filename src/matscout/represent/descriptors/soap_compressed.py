"""Smooth overlap of atomic positions (SOAP), atoms weighted by element properties, statistics over sites."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.atoms import ase_atoms
from matscout.crystal.crystals import Crystals
from matscout.extras import require
from matscout.represent.atoms import HEAVIEST, AtomsRepresentation
from matscout.represent.element_weights import WEIGHTS, element_weights

Floats = NDArray[np.float64]

STATISTICS = ("mean", "deviation")


class SoapCompressed(AtomsRepresentation):
    """J. P. Darby et al., npj Comput. Mater. 8, 166 (2022), doi:10.1038/s41524-022-00847-y ("mu2"), with DScribe.

    In the density around a site each atom, that of the site among them, has a property of its element as height: its
    electronegativity, covalent radius or number of valence electrons. The power spectra of these three densities stand
    for those of all pairs of elements; mean and standard deviation over the sites. The spectrum of a property is blank
    where that of an element is not known (electronegativity of most noble gases).

    Parameters
    ----------
    cutoff
        Å.
    radial, angular
        Number of radial functions (spherical Gaussian orbitals) and highest degree of the spherical harmonics.
    width
        Of the Gaussians in place of atoms, Å.
    """

    intensive: ClassVar[bool] = True

    def __init__(self, cutoff: float = 6.0, radial: int = 4, angular: int = 4, width: float = 0.5) -> None:
        self.cutoff = cutoff
        self.radial = radial
        self.angular = angular
        self.width = width

    @property
    def columns(self) -> tuple[str, ...]:
        """``"<statistic> <property> l <degree> n <radial function> <radial function>"``."""
        functions = range(1, self.radial + 1)
        return tuple(
            f"{statistic} {weight} l {degree} n {n} {other}"
            for weight in WEIGHTS
            for statistic in STATISTICS
            for degree in range(self.angular + 1)
            for n in functions
            for other in functions[n - 1 :]
        )

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 300].

        Raises
        ------
        MissingExtraError
            If DScribe is not installed.
        """
        require(*self.packages, extra=self.extra)
        atoms = [ase_atoms(crystals, row) for row in range(len(crystals))]
        vectors = np.empty((len(crystals), len(WEIGHTS), self.dim // len(WEIGHTS)))
        for place, heights in enumerate(element_weights().T):
            maker = self._maker(heights)
            for row, crystal in enumerate(atoms):
                sites = maker.create(crystal)
                vectors[row, place] = np.concatenate([sites.mean(axis=0), sites.std(axis=0)])
            unknown = np.isnan(heights[crystals.atomic_numbers - 1])
            vectors[crystals.owners[crystals.site_of_species[unknown]], place] = np.nan
        return vectors.reshape(len(crystals), self.dim)

    def _maker(self, heights: Floats) -> Any:
        """DScribe's object for one property of the elements, [118]; what is not known counts nothing."""
        from dscribe.descriptors import SOAP

        weights = dict(enumerate(np.nan_to_num(heights[:HEAVIEST]).tolist(), start=1))
        return SOAP(
            species=list(weights), periodic=True, compression={"mode": "mu2", "species_weighting": weights},
            r_cut=self.cutoff, n_max=self.radial, l_max=self.angular, sigma=self.width,
        )  # fmt: skip
