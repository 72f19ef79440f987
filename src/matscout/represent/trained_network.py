"""What representations by trained networks share: where the weights are, what they saw, which encoder it is."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from matscout.data.json_texts import parse_json
from matscout.data.materials import Materials
from matscout.errors import ArtefactError
from matscout.extras import require
from matscout.registry import name_of, plug_ins
from matscout.represent.base import Representation
from matscout.represent.shipped import FOR_MEASURING, WEIGHTS, how_to_get, measuring_folder
from matscout.store import key_of

if TYPE_CHECKING:
    from matscout.represent.artefact import Pretrained
    from matscout.represent.trainable import Encoder


TRAINED_WITH = ("encoders", "objectives")
"""Families of plug-ins that an artefact is built of again."""


class TrainedNetwork(Representation):
    """The encoder of compositions, or that of structures (``needs``), of an artefact of ``matscout pretrain``.

    Parameters
    ----------
    weights
        Folder of the artefact (``RUN/artefact``); None for those that come with matscout, where a subclass names some.
    """

    packages: ClassVar[tuple[str, ...]] = ("torch", "safetensors")
    extra: ClassVar[str] = "torch"
    shipped: ClassVar[str | None] = None
    """Name of the folder of weights (:mod:`matscout.represent.shipped`)."""
    made_by: ClassVar[str] = ""
    """What of ``matscout pretrain`` makes such weights."""

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
            own = f"weights of your own: {name_of(cls)}=RUN/artefact, after matscout pretrain {cls.made_by}"
            return super().missing() or own
        there = (_shipped(cls.shipped) / "spec.json").is_file()
        return super().missing() or ("" if there else how_to_get(cls.shipped))

    def pretrained(self) -> Pretrained:
        """The artefact, read once.

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        ArtefactError
            If there are no weights, or they are damaged or not of such an encoder.
        """
        if self._given is not None:
            return self._given
        require(*self.packages, extra=self.extra)
        if self.weights is None and self.missing():
            own = "" if self.shipped is None else f"; or train your own, matscout pretrain {self.made_by}"
            raise ArtefactError(f"{self.name} needs {self.missing()}{own}")
        spec = self.folder / "spec.json"
        pretrained = _read(self.folder, spec.stat().st_mtime_ns if spec.is_file() else 0)
        self._require_such(pretrained, self.folder)
        return pretrained

    @property
    def folder(self) -> Path:
        """Where the weights are read from."""
        return _shipped(str(self.shipped)) if self.weights is None else Path(self.weights)

    def _require_such(self, pretrained: Pretrained, folder: Path) -> None:
        """Refuse what was made of something else."""
        needs = [encoder.needs for encoder in pretrained.encoders.values()]
        if needs.count(self.needs) != 1:
            kinds = {"composition": "compositions", "structure": "crystal structures"}
            raise ArtefactError(f"{folder} holds encoders of {', '.join(needs)}, expected one of {kinds[self.needs]}")

    @property
    def encoder(self) -> Encoder:
        """The one of the artefact that encodes what this representation is of."""
        return next(one for one in self.pretrained().encoders.values() if one.needs == self.needs)

    @property
    def version(self) -> str:
        """Digest of weights of one's own."""
        return "" if self.weights is None and self._given is None else self.pretrained().digest

    def seen(self, materials: Materials) -> NDArray[np.bool_]:
        """Which materials have a composition that was trained on, bool [n]."""
        return self.pretrained().seen_among(materials)

    @property
    def modules(self) -> tuple[str, ...]:
        """Its own, and those of the plug-ins that the weights were trained with."""
        if self._given is not None:
            built = (*self._given.encoders.values(), self._given.objective)
            return (type(self).__module__, *sorted({type(one).__module__ for one in built}))
        return (type(self).__module__, *sorted(_modules_named(self._spec)))

    @property
    def origin(self) -> str:
        """As of others, and of the weights that come with matscout."""
        shipped = self.weights is None and self._given is None and self._spec is not None
        return key_of(super().origin, self.folder / "spec.json") if shipped else super().origin

    @property
    def _spec(self) -> dict[str, Any] | None:
        """What the artefact says of itself; None where there is none, or it is damaged."""
        path = self.folder / "spec.json"
        if not path.is_file():
            return None
        with suppress(ValueError):  # Whoever reads the weights says that they are damaged.
            spec: dict[str, Any] = parse_json(path.read_text(encoding="utf-8"))
            return spec
        return None


def _shipped(name: str) -> Path:
    return (measuring_folder() if name in FOR_MEASURING else WEIGHTS) / name


def _modules_named(spec: object) -> set[str]:
    """Modules of the plug-ins whose names stand anywhere in what an artefact says of itself."""
    if isinstance(spec, str):
        known = [plug_in for family in TRAINED_WITH for plug_in in plug_ins(family)]
        return {plug_in.target.partition(":")[0] for plug_in in known if plug_in.name == spec}
    within = spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ()
    return {module for one in within for module in _modules_named(one)}


@lru_cache(maxsize=4)
def _read(folder: Path, written: int) -> Pretrained:
    """``written`` makes a folder that was written anew be read anew."""
    from matscout.represent.artefact import load_pretrained

    return load_pretrained(folder)
