"""What representations by trained networks share: where the weights are, what they saw, which encoder it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    from matscout.represent.array_encoder import ArrayEncoder
    from matscout.represent.artefact import Pretrained
    from matscout.represent.stored_network import StoredNetwork
    from matscout.represent.trainable import Encoder


ENCODING = ("inference", "encoders")
"""Families of plug-ins of which the first that has one of a name encodes."""


class TrainedNetwork(Representation):
    """The encoder of compositions, or that of structures (``needs``), of an artefact of ``matscout pretrain``.

    Vectors are made on NumPy arrays (:attr:`array_encoder`), with torch installed or without; whoever trains the
    encoder further takes it as a module of torch (:attr:`encoder`).

    Parameters
    ----------
    weights
        Folder of the artefact (``RUN/artefact``); None for those that come with matscout, where a subclass names some.
    """

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

    def stored(self) -> StoredNetwork:
        """The artefact as arrays, read once.

        Raises
        ------
        MissingExtraError
            If a package is not installed that this representation needs.
        ArtefactError
            If there are no weights, or they are damaged or not of such an encoder.
        """
        if self._given is not None:
            return self._given.stored
        require(*self.packages, extra=self.extra)
        if self.weights is None and self.missing():
            own = "" if self.shipped is None else f"; or train your own, matscout pretrain {self.made_by}"
            raise ArtefactError(f"{self.name} needs {self.missing()}{own}")
        stored = _read(self.folder, _written(self.folder))
        self._require_such(stored, self.folder)
        return stored

    def pretrained(self) -> Pretrained:
        """The artefact as modules of torch, to be trained further; read once.

        Raises
        ------
        MissingExtraError
            If torch is not installed.
        ArtefactError
            As :meth:`stored`.
        """
        if self._given is not None:
            return self._given
        require("torch", extra="torch")
        self.stored()
        return _read_modules(self.folder, _written(self.folder))

    @property
    def folder(self) -> Path:
        """Where the weights are read from."""
        return _shipped(str(self.shipped)) if self.weights is None else Path(self.weights)

    def _require_such(self, stored: StoredNetwork, folder: Path) -> None:
        """Refuse what was made of something else."""
        needs = [*stored.needs().values()]
        if needs.count(self.needs) != 1:
            kinds = {"composition": "compositions", "structure": "crystal structures"}
            raise ArtefactError(
                f"{folder} contains encoders of {', '.join(needs)}, expected one of {kinds[self.needs]}"
            )

    @property
    def array_encoder(self) -> ArrayEncoder:
        """The one of the artefact that encodes what this representation is of, on arrays."""
        stored = self.stored()
        return stored.encoder(next(name for name, needs in stored.needs().items() if needs == self.needs))

    @property
    def encoder(self) -> Encoder:
        """The same as a module of torch."""
        return next(one for one in self.pretrained().encoders.values() if one.needs == self.needs)

    @property
    def version(self) -> str:
        """Digest of weights of one's own."""
        return "" if self.weights is None and self._given is None else self.stored().digest

    @property
    def taught(self) -> tuple[str, ...]:
        """The properties that the network learned; none where it learned without labels."""
        tasks: Sequence[Mapping[str, str]] = self.stored().objective.settings.get("tasks", ())
        return tuple(task["name"].removesuffix(" (1)") for task in tasks)

    def seen(self, materials: Materials) -> NDArray[np.bool_]:
        """Which materials have a composition that was trained on, bool [n]."""
        return self.stored().seen_among(materials)

    @property
    def modules(self) -> tuple[str, ...]:
        """Its own, and those of the plug-ins that encode."""
        if self._given is not None:
            stored = self._given.stored
            named = modules_named([[one.name, one.settings] for one in stored.encoders.values()])
        else:
            named = modules_named((self._spec or {}).get("encoders"))
        return (type(self).__module__, *sorted(named))

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


def modules_named(spec: object) -> set[str]:
    """Modules of the encoders whose names stand anywhere in this: those on arrays, if there are any."""
    if isinstance(spec, str):
        encoding = [plug_in for family in ENCODING for plug_in in plug_ins(family) if plug_in.name == spec]
        return {plug_in.target.partition(":")[0] for plug_in in encoding[:1]}
    within = spec.values() if isinstance(spec, Mapping) else spec if isinstance(spec, list) else ()
    return {module for one in within for module in modules_named(one)}


def _written(folder: Path) -> int:
    """When an artefact was written; one that was written anew is read anew."""
    spec = folder / "spec.json"
    return spec.stat().st_mtime_ns if spec.is_file() else 0


@lru_cache(maxsize=4)
def _read(folder: Path, written: int) -> StoredNetwork:
    from matscout.represent.stored_network import read_network

    return read_network(folder)


@lru_cache(maxsize=4)
def _read_modules(folder: Path, written: int) -> Pretrained:
    from matscout.represent.artefact import load_pretrained

    return load_pretrained(folder)
