"""Atom features and energy of SevenNet-0, trained on DFT energies of the Materials Project (needs sevenn).

Trained on MPtrj: energies, forces and stresses (PBE, PBE+U) of 1,580,395 structures of 146,000 materials, from all
relaxations in the Materials Project of September 2022. Y. Park et al., J. Chem. Theory Comput. 20, 4857 (2024),
doi:10.1021/acs.jctc.4c00190; data: doi:10.6084/m9.figshare.23713842. The weights, of 11 July 2024, are in the package.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import Pairs, pairs_within
from matscout.represent.force_field_representation import ForceFieldRepresentation, SiteFeatures

WEIGHTS = "7net-0_11jul2024"

CUTOFF = 5.0
"""Å; its messages come from so far."""

READOUT = "reduce_input_to_hidden"
"""The layer that takes the last node features."""


class ForceFieldSevennet(ForceFieldRepresentation):
    """The 128 scalar node features after the fifth interaction, from which the atomic energies are read out."""

    title = "SevenNet-0"
    packages: ClassVar[tuple[str, ...]] = ("sevenn",)
    extra = "sevennet"
    sites_at_once = 16

    @property
    def width(self) -> int:
        """Number of features of an atom."""
        return 128

    def site_features(self, crystals: Crystals) -> SiteFeatures:
        """All crystals in one graph."""
        found = _network()(_graph(crystals, pairs_within(crystals, CUTOFF)))
        energies = found["inferred_total_energy"].numpy().astype(np.float64) / np.diff(crystals.offsets)
        return SiteFeatures(found["before_readout"].numpy().astype(np.float64), energies)


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


@lru_cache(maxsize=1)
def _network() -> Any:
    """The network without the layer that derives forces, read once."""
    with warnings.catch_warnings():
        # TorchScript, with which e3nn compiles its layers, is deprecated in torch 2.13.
        warnings.simplefilter("ignore", DeprecationWarning)
        network = import_module("sevenn.util").load_checkpoint(WEIGHTS).build_model()
    network.delete_module_by_key("force_output")
    network.key_grad = None
    network.set_is_batch_data(True)
    dict(network.named_children())[READOUT].register_forward_pre_hook(_keep)
    return network.eval().requires_grad_(False)


def _keep(layer: Any, arguments: tuple[Any, ...]) -> None:
    """Keep the features: the layer writes its result in their place."""
    (data,) = arguments
    data["before_readout"] = data["x"]
