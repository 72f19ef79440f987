"""CHGNet 0.3.0: what it says about the atoms of many crystals at once, and how energies change with pairs of them."""

from __future__ import annotations

from contextlib import redirect_stdout
from functools import lru_cache
from importlib import import_module
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.simulate.chgnet_graph import bond_graph

Floats = NDArray[np.float64]

WEIGHTS = "0.3.0"

CUTOFF, BOND_CUTOFF = 6.0, 3.0
"""Å; how far atoms see each other, and how long the bonds are between which there are angles."""

SITES_AT_ONCE = 100
"""Crystals go through the network together until they have so many sites: then it is fastest on a processor."""

WIDTH = 64
"""Features of an atom after the last convolution, from which its energy is read out."""


class ChgnetNetwork:
    """The network, keeping the features that it reads energies from: the package gives out their sum only."""

    def __init__(self) -> None:
        with redirect_stdout(StringIO()):
            network = import_module("chgnet.model.model").CHGNet.load(
                model_name=WEIGHTS, use_device="cpu", verbose=False
            )
        self._network = network.requires_grad_(False).eval()
        self._network.mlp.register_forward_pre_hook(self._keep)
        self._kept: Any = None

    def _keep(self, layer: Any, arguments: tuple[Any, ...]) -> None:
        (self._kept,) = arguments

    def sites(self, crystals: Crystals) -> tuple[Floats, Floats]:
        """Features [s, 64] and energies [s] (eV) of all sites; NaN for those that have no other one within 6 Å."""
        pairs = pairs_within(crystals, CUTOFF)
        (energies,) = self._answer(_graph(crystals, pairs))["site_energies"]
        features, energies = self._kept.numpy().astype(np.float64), energies.numpy().astype(np.float64)
        alone = np.diff(pairs.offsets) == 0
        features[alone], energies[alone] = np.nan, np.nan
        return features, energies

    def energies(self, crystals: Crystals) -> Floats:
        """Energy of each cell, eV, [n]; NaN where a site has no other one within 6 Å."""
        return np.concatenate([_totals(part, self.sites(part)[1]) for part in crystals.in_parts(SITES_AT_ONCE)])

    def slopes(self, crystals: Crystals, pairs: Pairs) -> tuple[Floats, Floats]:
        """Energy of each cell [n] (eV), and its derivatives by the vectors of the pairs within 6 Å [p, 3] (eV/Å)."""
        graph = _graph(crystals, pairs)
        graph.neighbor_image.requires_grad_()
        answer = self._answer(graph)
        answer["e"].sum().backward()
        (energies,) = answer["site_energies"]
        totals = _totals(crystals, energies.detach().numpy().astype(np.float64))
        return totals, graph.neighbor_image.grad.numpy().astype(np.float64)

    def _answer(self, graph: Any) -> Any:
        """The energy of a graph is that of all its atoms: the package divides it by their number."""
        answer = self._network.forward([graph], task="e", return_site_energies=True)
        return {**answer, "e": answer["e"] * len(graph.atomic_number)}


@lru_cache(maxsize=1)
def chgnet() -> ChgnetNetwork:
    """The network, read once."""
    return ChgnetNetwork()


def _totals(crystals: Crystals, values: Floats) -> Floats:
    return np.bincount(crystals.owners, values, minlength=len(crystals)).astype(np.float64)


def _graph(crystals: Crystals, pairs: Pairs) -> Any:
    """All crystals as one graph of the package.

    It computes the vector of a pair from places in the cell, the lattice, and the cell that the other site is in, for
    one lattice. Here all places and the lattice are those of nothing, and the vector itself stands for the other cell:
    crystals of different lattices share a graph, and the vectors lose no digits.
    """
    torch = import_module("torch")
    graph = bond_graph(pairs, BOND_CUTOFF)
    numbers = {
        "atomic_number": crystals.atomic_numbers,
        "atom_graph": graph.ends,
        "directed2undirected": graph.bonds,
        "undirected2directed": graph.pairs,
        "bond_graph": graph.angles,
    }
    return import_module("chgnet.graph.crystalgraph").CrystalGraph(
        **{name: torch.from_numpy(values.astype(np.int32)) for name, values in numbers.items()},
        atom_frac_coord=torch.zeros(len(crystals.fractional), 3),
        lattice=torch.eye(3),
        neighbor_image=torch.from_numpy(pairs.vectors.astype(np.float32)),
        atom_graph_cutoff=CUTOFF,
        bond_graph_cutoff=BOND_CUTOFF,
    )
