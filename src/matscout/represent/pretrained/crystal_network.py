"""Vector of a crystal from a network that you trained yourself, with or without labels."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.crystal.graphs import FARTHEST, lonely
from matscout.errors import ArtefactError
from matscout.registry import load_class, plug_ins
from matscout.represent.structure_representation import StructureRepresentation
from matscout.represent.trained_network import TrainedNetwork

if TYPE_CHECKING:
    from matscout.represent.array_encoder import CrystalArrayEncoder
    from matscout.represent.crystal_store import CrystalStore


class CrystalNetwork(TrainedNetwork, StructureRepresentation):
    """Any encoder of crystals, trained by any objective: ``crystal-network=RUN/artefact``.

    ``matscout pretrain deep_infomax data.structures=FILE -o RUN`` makes such weights (doi:10.1039/D4DD00202D), and so
    do ``crystal_denoising``, ``crystal_twins`` and ``crystal_properties``. Sites are described and surrounded as in
    that run, and cells with more sites than it took are left out with the reason.
    """

    takes_slabs: ClassVar[bool] = True
    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    tolerance: ClassVar[float] = 1e-4
    made_by: ClassVar[str] = "deep_infomax data.structures=FILE -o RUN"

    @property
    def columns(self) -> tuple[str, ...]:
        """``"crystal-network 1"`` ..."""
        return tuple(f"{self.name} {place}" for place in range(1, self.array_encoder.width + 1))

    @property
    def array_encoder(self) -> CrystalArrayEncoder:
        """The encoder of crystals on arrays."""
        return cast("CrystalArrayEncoder", super().array_encoder)

    def vectors(self, crystals: Crystals) -> NDArray[np.float64]:
        """Vectors [n, width]."""
        return self.array_encoder.encode(self.store(crystals))

    def store(self, crystals: Crystals) -> CrystalStore:
        """Crystals as the network sees them."""
        from matscout.represent.crystal_store import CrystalStore

        return CrystalStore.from_crystals(crystals, self._data["surroundings"], self._data["number"])

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those without all nine features, [118]."""
        return np.asarray(~self.array_encoder.listed)

    @property
    def _data(self) -> Any:
        chosen = self.stored().facts["experiment"]["data"]
        parameters = signature(load_class("corpora", chosen["name"])).parameters
        settings = {name: chosen.get(name, one.default) for name, one in parameters.items()}
        if not {"surroundings", "number", "most_sites"} <= set(settings):
            raise ArtefactError(
                f"{self.weights or self.name} was trained on {chosen['name']}, which does not state what a site sees"
            )
        return settings

    def _reasons(self, crystals: Crystals) -> list[tuple[str, str] | None]:
        most, reasons = self._data["most_sites"], super()._reasons(crystals)
        for row in np.flatnonzero(~crystals.periodic) if self._data["surroundings"] == "supercell" else ():
            reasons[row] = reasons[row] or (
                f"it is periodic along {crystals.pbc[row].sum()} of 3 axes, but {self.name} was trained on supercells",
                "use a network of nearest neighbours, or a representation for slabs, such as site-contrasts",
            )
        sites = np.diff(crystals.offsets)
        for site in np.flatnonzero(lonely(crystals)):
            row = crystals.owners[site]
            reasons[row] = reasons[row] or (
                f"its atom {crystals.site_name(int(site))} has no other atom within {FARTHEST:g} Å",
                "give a crystal, not a molecule or an atom in a box",
            )
        for row in np.flatnonzero(sites > most):
            reasons[row] = reasons[row] or (
                f"its cell has {sites[row]} sites, but {self.name} was trained on at most {most}",
                "give the primitive cell (--cell primitive), or use structure-basic",
            )
        return reasons


def network_named(weights: str) -> CrystalNetwork:
    """The network of a representation with weights (its name), or of a folder written by ``matscout pretrain``.

    Raises
    ------
    ArtefactError
        If the weights are missing, damaged, or not of a network of crystals.
    """
    named = weights in {one.name for one in plug_ins("representations")}
    made = load_class("representations", weights)() if named else CrystalNetwork(weights)
    if not isinstance(made, CrystalNetwork):
        raise ArtefactError(f"{weights} is not a network of crystals; name the folder of one (RUN/artefact)")
    made.stored()
    return made
