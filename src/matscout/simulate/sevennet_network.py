"""SevenNet: what it says about the atoms of many crystals at once, and how energies change with pairs of them."""

from __future__ import annotations

import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within

Floats = NDArray[np.float64]

WEIGHTS = "7net-0_11jul2024"
"""Of SevenNet-0."""

CUTOFF = 5.0
"""Å; its messages come from so far."""

READOUT = "reduce_input_to_hidden"
"""The layer that takes the last node features."""

SITES_AT_ONCE = 16
"""Crystals go through the network together until they have so many sites: then it is fastest on a processor."""

WIDTH = 128
"""Scalar features of an atom after the last interaction, from which its energy is read out."""


class SevennetNetwork:
    """The network without the layer that derives forces, keeping the features that it reads energies from.

    Parameters
    ----------
    weights
        Which ones of the package.
    """

    def __init__(self, weights: str = WEIGHTS) -> None:
        with warnings.catch_warnings():
            # TorchScript, with which e3nn compiles its layers, is deprecated in torch 2.13.
            warnings.simplefilter("ignore", DeprecationWarning)
            network = import_module("sevenn.util").load_checkpoint(weights).build_model()
        network.delete_module_by_key("force_output")
        network.key_grad = None
        network.set_is_batch_data(True)
        dict(network.named_children())[READOUT].register_forward_pre_hook(_keep)
        self._network = network.eval().requires_grad_(False)

    def sites(self, crystals: Crystals) -> tuple[Floats, Floats]:
        """Features of all sites [s, 128], and the energy of each cell, eV, [n]."""
        outputs = self._network(_graph(crystals, pairs_within(crystals, CUTOFF)))
        energies = outputs["inferred_total_energy"].numpy().astype(np.float64)
        return outputs["before_readout"].numpy().astype(np.float64), energies

    def slopes(self, crystals: Crystals, pairs: Pairs) -> tuple[Floats, Floats]:
        """Energy of each cell [n] (eV), and its derivatives by the vectors of the pairs within 5 Å [p, 3] (eV/Å)."""
        graph = _graph(crystals, pairs)
        graph["edge_vec"].requires_grad_()
        energies = self._network(dict(graph))["inferred_total_energy"]
        energies.sum().backward()
        totals = energies.detach().numpy().astype(np.float64).reshape(len(crystals))
        return totals, graph["edge_vec"].grad.numpy().astype(np.float64)


@lru_cache(maxsize=2)
def sevennet(weights: str = WEIGHTS) -> SevennetNetwork:
    """The network, read once."""
    return SevennetNetwork(weights)


def _keep(layer: Any, arguments: tuple[Any, ...]) -> None:
    """Keep the features: the layer writes its result in their place."""
    (data,) = arguments
    data["before_readout"] = data["x"]


def _graph(crystals: Crystals, pairs: Pairs) -> dict[str, Any]:
    """What the network reads, of all crystals as of one batch."""
    arrays: dict[str, NDArray[Any]] = {
        "atomic_numbers": crystals.atomic_numbers,
        "edge_index": np.stack([pairs.first, pairs.second]),
        "edge_vec": pairs.vectors.astype(np.float32),
        "batch": crystals.owners,
    }
    from_numpy = import_module("torch").from_numpy
    return {name: from_numpy(array) for name, array in arrays.items()}
