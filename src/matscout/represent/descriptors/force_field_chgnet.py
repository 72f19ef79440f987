"""Atom features and energy of CHGNet 0.3.0, trained on DFT energies of the Materials Project (needs chgnet).

Trained on nine tenths of MPtrj: energies, forces, stresses and magnetic moments (PBE, PBE+U) of 1,580,395 structures of
146,000 materials, from all relaxations in the Materials Project of September 2022. B. Deng et al., Nat. Mach. Intell.
5, 1031 (2023), doi:10.1038/s42256-023-00716-3; data: doi:10.6084/m9.figshare.23713842. The weights are in the package.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from functools import lru_cache
from importlib import import_module
from io import StringIO
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.represent.chgnet_graph import bond_graph
from matscout.represent.crystals import Crystals
from matscout.represent.force_field_representation import ForceFieldRepresentation, SiteFeatures
from matscout.represent.neighbours import Pairs, pairs_within

Floats = NDArray[np.float64]

WEIGHTS = "0.3.0"

CUTOFF, BOND_CUTOFF = 6.0, 3.0
"""Å; how far atoms see each other, and how long the bonds are between which there are angles."""


class ForceFieldChgnet(ForceFieldRepresentation):
    """The 64 features of an atom after the last convolution, from which the site energies are read out.

    Not defined, as in the package, for a crystal with an atom that has no other one within 6 Å. Where bonds lie in a
    line, single precision knows their angle to 4e-5 only: turned crystals may differ by as much, as in the package.
    """

    tolerance: ClassVar[float] = 1e-4
    title = "CHGNet"
    packages: ClassVar[tuple[str, ...]] = ("chgnet",)
    extra = "chgnet"
    sites_at_once = 100

    @property
    def width(self) -> int:
        """Number of features of an atom."""
        return 64

    def site_features(self, crystals: Crystals) -> SiteFeatures:
        """All crystals in one graph."""
        pairs = pairs_within(crystals, CUTOFF)
        features, energies = _network().of_sites(_graph(crystals, pairs))
        alone = np.diff(pairs.offsets) == 0
        features[alone], energies[alone] = np.nan, np.nan
        totals = np.bincount(crystals.owners, energies, minlength=len(crystals))
        return SiteFeatures(features, totals / np.diff(crystals.offsets))


class _Network:
    """CHGNet, keeping the features that it reads energies from: the package gives out their sum only."""

    def __init__(self) -> None:
        with redirect_stdout(StringIO()):
            network = import_module("chgnet.model.model").CHGNet.load(
                model_name=WEIGHTS, use_device="cpu", verbose=False
            )
        self._network = network.requires_grad_(False)
        self._network.mlp.register_forward_pre_hook(self._keep)
        self._kept: Any = None

    def _keep(self, layer: Any, arguments: tuple[Any, ...]) -> None:
        (self._kept,) = arguments

    def of_sites(self, graph: Any) -> tuple[Floats, Floats]:
        """Features [s, 64] and energies [s], eV."""
        found = self._network.predict_graph(graph, task="e", return_site_energies=True)
        return self._kept.numpy().astype(np.float64), found["site_energies"].astype(np.float64)


@lru_cache(maxsize=1)
def _network() -> _Network:
    """The network, read once."""
    return _Network()


def _graph(crystals: Crystals, pairs: Pairs) -> Any:
    """All crystals as one graph of the package.

    It computes the vector of a pair from places in the cell, the lattice, and the cell that the other site is in, for
    one lattice. Here all places and the lattice are those of nothing, and the vector itself stands for the other cell:
    crystals of different lattices share a graph, and the vectors lose no digits.
    """
    torch = import_module("torch")
    found = bond_graph(pairs, BOND_CUTOFF)
    numbers = {
        "atomic_number": crystals.atomic_numbers,
        "atom_graph": found.ends,
        "directed2undirected": found.bonds,
        "undirected2directed": found.pairs,
        "bond_graph": found.angles,
    }
    return import_module("chgnet.graph.crystalgraph").CrystalGraph(
        **{name: torch.from_numpy(values.astype(np.int32)) for name, values in numbers.items()},
        atom_frac_coord=torch.zeros(len(crystals.fractional), 3),
        lattice=torch.eye(3),
        neighbor_image=torch.from_numpy(pairs.vectors.astype(np.float32)),
        atom_graph_cutoff=CUTOFF,
        bond_graph_cutoff=BOND_CUTOFF,
    )
