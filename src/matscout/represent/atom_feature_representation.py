"""What all representations from force fields have in common, those of the atom features before the energy above all."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.site_pooling import SitePooling
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.extras import require
from matscout.represent.base import Embedding
from matscout.represent.structure_representation import StructureRepresentation
from matscout.simulate import mptrj

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AtomFeatures:
    """What a force field says about n crystals with s sites.

    Parameters
    ----------
    features
        float64 [s, d], of the atoms, the last ones before the energy is read out. NaN where there are none.
    energies
        float64 [n], eV/atom.
    """

    features: Floats
    energies: Floats


class LearntFromEnergies(StructureRepresentation):
    """A vector that a force field makes: it is defined for ordered crystals of the elements it was trained on."""

    takes_disorder: ClassVar[bool] = False
    title: ClassVar[str]
    """Name of the force field."""

    @property
    def elements(self) -> tuple[int, ...] | None:
        """Atomic numbers of the elements on which it was trained; None if that is not known."""
        return mptrj.ELEMENTS

    def represent(self, materials: Materials) -> Embedding:
        """Vectors of all materials whose structure has one.

        Raises
        ------
        MissingExtraError
            If the package of the force field is not installed.
        UsageError
            If the materials have no structures.
        """
        require(*self.packages, extra=self.extra)
        return super().represent(materials)

    def seen(self, materials: Materials) -> NDArray[np.bool_]:
        """All of them, [n]: the packages do not say what was trained on, and most known crystals were among it."""
        return np.ones(len(materials), dtype=np.bool_)

    def _reasons(self, crystals: Crystals) -> list[tuple[str, str] | None]:
        """As of all structures; elements that it was not trained on come last."""
        reasons = super()._reasons(crystals)
        if self.elements is None:
            return reasons
        strange = ~np.isin(crystals.atomic_numbers, self.elements)
        owners = crystals.owners[crystals.site_of_species]
        for row in np.unique(owners[strange]):
            symbols = [SYMBOLS[number - 1] for number in np.unique(crystals.atomic_numbers[strange & (owners == row)])]
            reasons[row] = reasons[row] or (
                f"{self.title} was not trained on {', '.join(symbols)}",
                "remove this row, or use structure-basic",
            )
        return reasons


class AtomFeatureRepresentation(LearntFromEnergies):
    """Mean and standard deviation of the atom features over the sites, and the predicted energy per atom.

    Such vectors are learnt from energies: on formation energies and what follows from them they know the answers to
    nearly all crystals of the Materials Project.
    """

    takes_slabs: ClassVar[bool] = True
    intensive: ClassVar[bool] = True
    tolerance: ClassVar[float] = 1e-5
    sites_at_once: ClassVar[int]
    """Crystals go through the network together until they have so many sites: then it is fastest on a processor."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Number d of features of an atom."""

    @property
    def columns(self) -> tuple[str, ...]:
        """``"mean CHGNet feature 1"`` ..., ``"deviation CHGNet feature 1"`` ..., ``"CHGNet energy (eV/atom)"``."""
        numbered = [f"{self.title} feature {place}" for place in range(1, self.width + 1)]
        means, deviations = (tuple(f"{statistic} {name}" for name in numbered) for statistic in ("mean", "deviation"))
        return (*means, *deviations, f"{self.title} energy (eV/atom)")

    @abstractmethod
    def site_features(self, crystals: Crystals) -> AtomFeatures:
        """Features and energies of a few crystals, of elements that it knows."""

    def vectors(self, crystals: Crystals) -> Floats:
        """Vectors [n, 2 d + 1]."""
        parts = [self._pooled(part) for part in crystals.in_parts(self.sites_at_once)]
        return np.concatenate([*parts, np.zeros((0, self.dim))])

    def _pooled(self, crystals: Crystals) -> Floats:
        sites = self.site_features(crystals)
        pool = SitePooling.of(crystals)
        pooled = [statistic(column) for statistic in (pool.mean, pool.deviation) for column in sites.features.T]
        return np.stack([*pooled, sites.energies], axis=1)
