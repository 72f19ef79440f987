"""Public implementations of our representations of structures: each turns a pymatgen structure into a vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Featurize = Callable[[Any], Sequence[float]]

SPREAD = ("mean", "std_dev", "minimum", "maximum")
WARD = ("minimum", "maximum", "range", "mean", "avg_dev")


@dataclass(frozen=True)
class Rival:
    """A public implementation of one of our representations.

    Parameters
    ----------
    name
        Who made it, and what it is called there.
    make
        Gives what turns a pymatgen structure into a vector.
    columns
        Which of our columns it gives.
    settings
        Of our representation, where they must differ from the default to mean the same.
    """

    name: str
    make: Callable[[], Featurize]
    columns: slice = field(default_factory=lambda: slice(None))
    settings: dict[str, Any] = field(default_factory=dict)


def _matminer_sites(featurizer: Any, statistics: Sequence[str]) -> Featurize:
    from matminer.featurizers.structure.sites import SiteStatsFingerprint  # noqa: PLC0415

    return SiteStatsFingerprint(featurizer, stats=statistics).featurize  # type: ignore[no-any-return]


def xrd() -> Featurize:
    """The powder pattern."""
    from matminer.featurizers.structure.misc import XRDPowderPattern  # noqa: PLC0415

    return XRDPowderPattern().featurize  # type: ignore[no-any-return]


def orbital_field_matrix() -> Featurize:
    """On a copy, because it changes the structure."""
    from matminer.featurizers.structure.matrix import OrbitalFieldMatrix  # noqa: PLC0415

    featurizer = OrbitalFieldMatrix()
    return lambda structure: featurizer.featurize(structure.copy())  # type: ignore[no-any-return]


def voronoi() -> Featurize:
    """With our statistics."""
    from matminer.featurizers.site.fingerprint import VoronoiFingerprint  # noqa: PLC0415

    return _matminer_sites(VoronoiFingerprint(), SPREAD)


def crystal_nn() -> Featurize:
    """With our statistics."""
    from matminer.featurizers.site.fingerprint import CrystalNNFingerprint  # noqa: PLC0415

    return _matminer_sites(CrystalNNFingerprint.from_preset("ops"), SPREAD)


def order_parameters() -> Featurize:
    """With our statistics."""
    from matminer.featurizers.site.fingerprint import OPSiteFingerprint  # noqa: PLC0415

    return _matminer_sites(OPSiteFingerprint(), SPREAD)


def bond_orientational() -> Featurize:
    """With our statistics."""
    from matminer.featurizers.site.bonding import BondOrientationalParameter  # noqa: PLC0415

    return _matminer_sites(BondOrientationalParameter(), WARD)


def heterogeneity() -> Featurize:
    """As it is."""
    from matminer.featurizers.structure.bonding import StructuralHeterogeneity  # noqa: PLC0415

    return StructuralHeterogeneity().featurize  # type: ignore[no-any-return]


def packing() -> Featurize:
    """As it is."""
    from matminer.featurizers.structure.order import MaximumPackingEfficiency  # noqa: PLC0415

    return MaximumPackingEfficiency().featurize  # type: ignore[no-any-return]


def ordering() -> Featurize:
    """As it is."""
    from matminer.featurizers.structure.order import ChemicalOrdering  # noqa: PLC0415

    return ChemicalOrdering().featurize  # type: ignore[no-any-return]


def density() -> Featurize:
    """As it is: density, volume per atom, packing fraction."""
    from matminer.featurizers.structure.order import DensityFeatures  # noqa: PLC0415

    return DensityFeatures().featurize  # type: ignore[no-any-return]


def radial_distribution() -> Featurize:
    """Per site, as it should be: matminer's grows with the number of sites."""
    from matminer.featurizers.structure.rdf import RadialDistributionFunction  # noqa: PLC0415

    featurizer = RadialDistributionFunction(cutoff=10.0, bin_size=0.1)
    return lambda structure: np.asarray(featurizer.featurize(structure)) / len(structure)


def site_statistics() -> Featurize:
    """Differences to the neighbours, properties of the sites, and signed differences added to these."""
    from matminer.featurizers.site.chemical import LocalPropertyDifference, SiteElementalProperty  # noqa: PLC0415
    from matminer.featurizers.structure.sites import SiteStatsFingerprint  # noqa: PLC0415
    from matminer.featurizers.utils.stats import PropertyStats  # noqa: PLC0415
    from matminer.utils.data import MagpieData  # noqa: PLC0415

    from matscout.crystal.tables import own_table  # noqa: PLC0415

    data, names = MagpieData(impute_nan=False), own_table("magpie").properties
    sites = (
        LocalPropertyDifference(data, properties=names),
        SiteElementalProperty(data, properties=names),
        LocalPropertyDifference(data, properties=names, signed=True),
    )
    makers = [SiteStatsFingerprint(maker, stats=None) for maker in sites]

    def featurize(structure: Any) -> Sequence[float]:
        difference, own, signed = (np.array(maker.featurize(structure)) for maker in makers)
        rows = np.vstack([difference, own, own + signed])
        return [PropertyStats.calc_stat(values, name) for values in rows for name in WARD]

    return featurize


def coulomb_matrix() -> Featurize:
    """Eigenvalues by absolute value, lengths in Å, filled up with zeros."""
    from matminer.featurizers.structure.matrix import ANG_TO_BOHR, CoulombMatrix  # noqa: PLC0415

    matrix = CoulombMatrix(flatten=False)

    def featurize(structure: Any) -> Sequence[float]:
        (found,) = matrix.featurize(structure)
        own = np.diag(np.diag(found))
        values = np.linalg.eigvalsh((found - own) * ANG_TO_BOHR + own)
        return np.pad(values[np.argsort(-np.abs(values))], (0, 50 - len(values)))

    return featurize


def _dscribe(descriptor: Any, **options: Any) -> Featurize:
    from pymatgen.io.ase import AseAtomsAdaptor  # noqa: PLC0415

    return lambda structure: descriptor.create(AseAtomsAdaptor.get_atoms(structure), **options)


def sine_matrix() -> Featurize:
    """Eigenvalues."""
    from dscribe.descriptors import SineMatrix  # noqa: PLC0415

    return _dscribe(SineMatrix(n_atoms_max=50, permutation="eigenspectrum"))


def ewald_matrix() -> Featurize:
    """Eigenvalues, as converged as ours."""
    from dscribe.descriptors import EwaldSumMatrix  # noqa: PLC0415

    return _dscribe(EwaldSumMatrix(n_atoms_max=50, permutation="eigenspectrum"), accuracy=1e-9)


def soap() -> Featurize:
    """The same call that ours makes."""
    from dscribe.descriptors import SOAP  # noqa: PLC0415

    settings = {"r_cut": 6, "n_max": 3, "l_max": 2, "sigma": 0.5, "species": range(1, 95)}
    return _dscribe(SOAP(**settings, periodic=True, average="outer", compression={"mode": "mu1nu1"}))


def many_body_tensor() -> Featurize:
    """With our kinds of elements in place of elements."""
    from dscribe.descriptors import MBTR  # noqa: PLC0415
    from pymatgen.io.ase import AseAtomsAdaptor  # noqa: PLC0415

    from matscout.represent.descriptors.mbtr import kinds  # noqa: PLC0415

    descriptor = MBTR(
        geometry={"function": "inverse_distance"},
        grid={"min": 0.1, "max": 1.1, "n": 21, "sigma": 0.05},
        weighting={"function": "exp", "r_cut": 6.0, "threshold": 1e-3},
        normalization="n_atoms",
        species=range(1, 13),
        periodic=True,
    )

    def featurize(structure: Any) -> Sequence[float]:
        atoms = AseAtomsAdaptor.get_atoms(structure)
        atoms.numbers = kinds()[atoms.numbers - 1] + 1
        return descriptor.create(atoms)

    return featurize


def nearest_distances(structure: Any) -> np.ndarray:
    """Distances to the 12 nearest neighbours of each site as the public CGCNN finds them, beyond 8 Å if need be."""
    radius = 8.0
    while True:
        found = structure.get_all_neighbors(radius)
        if min(len(neighbours) for neighbours in found) >= 12:
            return np.concatenate([sorted(one.nn_distance for one in neighbours)[:12] for neighbours in found])
        radius *= 1.5
