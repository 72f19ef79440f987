"""Artefact of pretraining as arrays: what it was trained of and with, its weights, and encoders that need no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from matscout import registry
from matscout.data.array_files import read_array
from matscout.data.guards import guarded
from matscout.data.json_texts import parse_json
from matscout.data.materials import Materials
from matscout.data.stated_digests import digest_of_file, require_digests
from matscout.errors import ArtefactError
from matscout.extras import require
from matscout.represent.array_encoder import FAMILY, ArrayEncoder
from matscout.represent.array_layers import ModuleWeights
from matscout.represent.base import Needs
from matscout.represent.seen import are_seen, marks
from matscout.represent.stored_module import StoredModule

FORMAT = "matscout pretrained encoders"
FORMAT_VERSION = 1
"""Version of the layout of the folder."""
FILES = ("weights.safetensors", "seen.npy")
"""Files whose digests ``spec.json`` states."""


@dataclass(frozen=True, eq=False)
class StoredNetwork:
    """Encoders and objective of an artefact as plain data.

    Parameters
    ----------
    encoders
        Name in the experiment -> encoder.
    objective
        What they learned from.
    weights
        Name in the file -> array.
    seen
        uint64 [N], ascending: marks of the materials that were trained on or validated with.
    facts
        What ``spec.json`` says of the training: experiment, data digest, seed, metrics, versions.
    digest
        SHA-256 of ``spec.json``, which holds those of the other files.
    """

    encoders: Mapping[str, StoredModule]
    objective: StoredModule
    weights: Mapping[str, NDArray[Any]]
    seen: NDArray[np.uint64]
    facts: Mapping[str, Any]
    digest: str
    _made: dict[str, ArrayEncoder] = field(default_factory=dict, repr=False)

    def seen_among(self, materials: Materials) -> NDArray[np.bool_]:
        """Which materials have a composition that was seen in pretraining, bool [n]."""
        return are_seen(marks(materials.compositions), self.seen)

    def needs(self) -> dict[str, Needs]:
        """Name in the experiment -> what the encoder reads."""
        return {name: needs_of(module.name) for name, module in self.encoders.items()}

    def encoder(self, name: str) -> ArrayEncoder:
        """The encoder called so in the experiment, ready to encode.

        Raises
        ------
        ArtefactError
            If its weights do not fit.
        MissingExtraError
            If it comes from another package without a form that needs no torch, and torch is not installed.
        """
        if name not in self._made:
            module, weights = self.encoders[name], ModuleWeights(self.weights, f"encoders.{name}.")
            with guarded(
                f"weights of {module.name} do not match this version of matscout", "train again", ArtefactError
            ):
                self._made[name] = array_encoder(module, weights)
        return self._made[name]


def has_array_form(name: str) -> bool:
    """Whether an encoder of this name encodes without torch."""
    return any(plug_in.name == name for plug_in in registry.plug_ins(FAMILY))


def needs_of(name: str) -> Needs:
    """What an encoder of this name reads.

    Raises
    ------
    MissingExtraError
        If it has no form on arrays, and torch is not installed.
    """
    if not has_array_form(name):
        require("torch", extra="torch")
    return registry.load_class(FAMILY if has_array_form(name) else "encoders", name).needs  # type: ignore[no-any-return]


def array_encoder(module: StoredModule, weights: ModuleWeights) -> ArrayEncoder:
    """The forward pass of an encoder: on arrays, or by torch where a package brings none on arrays."""
    if has_array_form(module.name):
        made: ArrayEncoder = registry.load_class(FAMILY, module.name)(module.settings, weights)
        return made
    require("torch", extra="torch")
    from matscout.represent.torch_inference import encoder_by_torch

    return encoder_by_torch(module, weights)


def read_network(folder: str | Path) -> StoredNetwork:
    """Read what ``matscout pretrain`` wrote to ``RUN_DIR/artefact``.

    Raises
    ------
    ArtefactError
        If the folder is missing, not such an artefact, from a newer matscout, or damaged.
    """
    folder = Path(folder)
    spec = read_spec(folder)
    require_digests(spec, folder, *FILES)
    advice = f"it was written by matscout {str(spec.get('matscout'))[:20]}: install that version, or train again"
    with guarded(f"{folder} does not match this version of matscout", advice, ArtefactError):
        return StoredNetwork(
            {name: StoredModule(entry["name"], entry["settings"]) for name, entry in spec["encoders"].items()},
            StoredModule(spec["objective"]["name"], spec["objective"]["settings"]),
            load_file(folder / "weights.safetensors"),
            _read_seen(folder / "seen.npy"),
            dict(spec["facts"]),
            digest_of_file(folder / "spec.json"),
        )


def _read_seen(path: Path) -> NDArray[np.uint64]:
    with path.open("rb") as file:
        seen = read_array(file, path.stat().st_size)
    if seen.dtype != np.uint64 or seen.ndim != 1 or (seen[1:] <= seen[:-1]).any():
        raise ValueError(f"{path.name} contains no ascending marks of materials")
    return seen


def read_spec(folder: Path) -> dict[str, Any]:
    """What ``spec.json`` of an artefact says: plug-ins, facts and digests.

    Raises
    ------
    ArtefactError
        If it is missing, damaged, of something else, or from a newer matscout.
    """
    path = folder / "spec.json"
    if not path.is_file():
        raise ArtefactError(
            f"{folder} contains no pretrained encoders (no spec.json); `matscout pretrain ... -o RUN_DIR` writes "
            "them to RUN_DIR/artefact"
        )
    with guarded(f"{path} is damaged, or was not written by pretraining", "copy it again", ArtefactError):
        spec = dict(parse_json(path.read_text(encoding="utf-8")))
        written_by, form = spec["format_version"], spec["format"]
        if type(written_by) is not int or written_by < 1:
            raise ValueError(f"its version is {written_by!r}")
    if form != FORMAT:
        raise ArtefactError(f"{folder} holds {str(form)[:80]!r}, expected {FORMAT!r}")
    if written_by > FORMAT_VERSION:
        raise ArtefactError(
            f"{folder} was written by a newer matscout (format version {written_by}, this one reads up to "
            f"{FORMAT_VERSION}): pip install --upgrade matscout"
        )
    if not isinstance(spec.get("sha256"), dict) or not set(FILES) <= set(spec["sha256"]):
        raise ArtefactError(f"{path} is damaged: it states no digests of {' and '.join(FILES)}; copy it again")
    return spec
