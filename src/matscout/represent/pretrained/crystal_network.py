"""Vector of a crystal in a network that you trained yourself, with or without labels (needs torch)."""

from __future__ import annotations

from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.materials import Materials
from matscout.errors import ArtefactError
from matscout.extras import require
from matscout.registry import load_class, plug_ins
from matscout.represent.crystals import Crystals
from matscout.represent.graphs import FARTHEST, lonely
from matscout.represent.shipped import WEIGHTS
from matscout.represent.structure_representation import StructureRepresentation

if TYPE_CHECKING:
    from matscout.represent.artefact import Pretrained
    from matscout.represent.crystal_store import CrystalStore

CRYSTALS_AT_ONCE = 64


class CrystalNetwork(StructureRepresentation):
    """Any encoder of crystals, trained by any objective: ``crystal-network=RUN/artefact``.

    ``matscout pretrain deep_infomax data.structures=FILE -o RUN`` makes such weights (doi:10.1039/D4DD00202D), and so
    do ``crystal_denoising``, ``crystal_twins`` and ``crystal_properties``. Sites are described and surrounded as in
    that run, and cells with more sites than it took are left out with the reason.

    Parameters
    ----------
    weights
        Folder of the artefact; None for weights that come with matscout, where a subclass names some.
    """

    takes_disorder: ClassVar[bool] = False
    intensive: ClassVar[bool] = True
    tolerance: ClassVar[float] = 1e-4
    packages: ClassVar[tuple[str, ...]] = ("torch", "safetensors")
    extra: ClassVar[str] = "torch"
    shipped: ClassVar[str | None] = None
    """Name of the folder in ``matscout/represent/weights``."""

    def __init__(self, weights: str | None = None) -> None:
        self.weights = weights
        self._given: Pretrained | None = None

    @classmethod
    def of(cls, pretrained: Pretrained) -> Self:
        """With a network that is in memory."""
        made = cls()
        made._given = pretrained
        return made

    @classmethod
    def missing(cls) -> str:
        """What must be installed or given before it can be used by its name alone, "" if nothing."""
        if cls.shipped is None:
            return super().missing() or (
                "weights of your own: crystal-network=RUN/artefact, after matscout pretrain deep_infomax "
                "data.structures=FILE -o RUN"
            )
        there = (WEIGHTS / cls.shipped / "spec.json").is_file()
        return super().missing() or ("" if there else "a released matscout, with its weights")

    def pretrained(self) -> Pretrained:
        """The network, read once.

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        ArtefactError
            If there are no weights, or they are damaged or not of an encoder of crystals.
        """
        if self._given is not None:
            return self._given
        require(*self.packages, extra=self.extra)
        if self.weights is None and self.missing():
            raise ArtefactError(f"{self.name} needs {self.missing()}")
        folder = WEIGHTS / str(self.shipped) if self.weights is None else Path(self.weights)
        spec = folder / "spec.json"
        return _read(folder, spec.stat().st_mtime_ns if spec.is_file() else 0)

    @property
    def version(self) -> str:
        """Digest of weights of one's own."""
        return "" if self.weights is None and self._given is None else self.pretrained().digest

    @property
    def columns(self) -> tuple[str, ...]:
        """``"crystal-network 1"`` ..."""
        (encoder,) = self.pretrained().encoders.values()
        return tuple(f"{self.name} {place}" for place in range(1, encoder.width + 1))

    def seen(self, materials: Materials) -> NDArray[np.bool_]:
        """Which materials have a composition that was trained on, bool [n]."""
        return self.pretrained().seen_among(materials)

    def vectors(self, crystals: Crystals) -> NDArray[np.float64]:
        """Vectors [n, width]."""
        import torch

        (encoder,) = self.pretrained().encoders.values()
        store = self.store(crystals)
        starts = range(0, len(crystals), CRYSTALS_AT_ONCE)
        with torch.inference_mode():
            parts = [
                encoder(store.batch(np.arange(start, min(start + CRYSTALS_AT_ONCE, len(crystals))))).crystal.numpy()
                for start in starts
            ]
        return np.concatenate([np.zeros((0, encoder.width)), *parts])

    def store(self, crystals: Crystals) -> CrystalStore:
        """Crystals as the network sees them."""
        from matscout.represent.crystal_store import CrystalStore

        return CrystalStore.from_crystals(crystals, self._data["surroundings"], self._data["number"])

    def unknown_elements(self) -> NDArray[np.bool_]:
        """Those without all nine features, [118]."""
        (encoder,) = self.pretrained().encoders.values()
        return np.asarray(~encoder.listed.numpy())

    @property
    def _data(self) -> Any:
        chosen = self.pretrained().facts["experiment"]["data"]
        parameters = signature(load_class("corpora", chosen["name"])).parameters
        told = {name: chosen.get(name, one.default) for name, one in parameters.items()}
        if not {"surroundings", "number", "most_sites"} <= set(told):
            raise ArtefactError(
                f"{self.weights or self.name} was trained on {chosen['name']}, which does not say what a site sees"
            )
        return told

    def _reasons(self, crystals: Crystals) -> list[tuple[str, str] | None]:
        most, reasons = self._data["most_sites"], super()._reasons(crystals)
        sites = np.diff(crystals.offsets)
        for site in np.flatnonzero(lonely(crystals)):
            row = crystals.owners[site]
            reasons[row] = reasons[row] or (
                f"its atom {crystals.site_name(int(site))} has no other one within {FARTHEST:g} Å",
                "give a crystal, not a molecule or an atom in a box",
            )
        for row in np.flatnonzero(sites > most):
            reasons[row] = reasons[row] or (
                f"its cell has {sites[row]} sites, and {self.name} learned from at most {most}",
                "give the primitive cell (--cell primitive), or use structure-basic",
            )
        return reasons


def network_named(weights: str) -> CrystalNetwork:
    """The network of a representation with weights (its name), or of a folder written by ``matscout pretrain``.

    Raises
    ------
    MissingExtraError
        If torch is not installed.
    ArtefactError
        If the weights are missing, damaged, or not of a network of crystals.
    """
    named = weights in {one.name for one in plug_ins("representations")}
    made = load_class("representations", weights)() if named else CrystalNetwork(weights)
    if not isinstance(made, CrystalNetwork):
        raise ArtefactError(f"{weights} is no network of crystals; name the folder of one (RUN/artefact)")
    made.pretrained()
    return made


@lru_cache(maxsize=4)
def _read(folder: Path, written: int) -> Pretrained:
    """``written`` makes a folder that was written anew be read anew."""
    from matscout.represent.artefact import load_pretrained

    pretrained = load_pretrained(folder)
    needs = [encoder.needs for encoder in pretrained.encoders.values()]
    if needs != ["structure"]:
        raise ArtefactError(f"{folder} holds encoders of {', '.join(needs)}, expected one of crystal structures")
    return pretrained
