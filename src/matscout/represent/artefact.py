"""Artefact of pretraining: encoders and objective as a folder of JSON, weights, marks of what was seen, and a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file, save
from torch import Tensor, nn

from matscout import registry
from matscout.data.array_files import read_array
from matscout.data.files import atomic_folder, write_text_whole
from matscout.data.guards import guarded
from matscout.data.json_texts import parse_json
from matscout.data.materials import Materials
from matscout.data.stated_digests import digest_of_file, require_digests, with_digests
from matscout.errors import ArtefactError, UsageError
from matscout.represent.seen import are_seen, marks
from matscout.represent.trainable import Encoder, Objective

FORMAT = "matscout pretrained encoders"
FORMAT_VERSION = 1
"""Version of the layout of the folder."""
FILES = ("weights.safetensors", "seen.npy")
"""Files whose digests ``spec.json`` states."""


@dataclass(frozen=True, eq=False)
class Pretrained:
    """Encoders and objective as they were trained.

    Parameters
    ----------
    encoders
        Name in the experiment -> encoder, in evaluation mode.
    objective
        With its heads, in evaluation mode.
    seen
        uint64 [N], ascending: marks of the materials that were trained on or validated with.
    facts
        What ``spec.json`` says of the training: experiment, data digest, seed, metrics, versions.
    digest
        SHA-256 of ``spec.json``, which holds those of the other files.
    """

    encoders: Mapping[str, Encoder]
    objective: Objective
    seen: NDArray[np.uint64]
    facts: Mapping[str, Any]
    digest: str

    def seen_among(self, materials: Materials) -> NDArray[np.bool_]:
        """Which materials have a composition that was seen in pretraining, bool [n]."""
        return are_seen(marks(materials.compositions), self.seen)


def as_modules(encoders: Mapping[str, Encoder], objective: Objective) -> nn.ModuleDict:
    """Encoders and objective as one module, so that every weight has one name in files."""
    return nn.ModuleDict({"encoders": nn.ModuleDict(dict(encoders)), "objective": objective})


def save_pretrained(
    folder: Path,
    *,
    plug_ins: Mapping[str, Any],
    weights: Mapping[str, Tensor],
    seen: NDArray[np.uint64],
    facts: Mapping[str, Any],
    card: str,
) -> Path:
    """Write ``spec.json``, ``weights.safetensors``, ``seen.npy`` and ``card.md`` to ``folder``, whole or not at all.

    Parameters
    ----------
    plug_ins
        ``{"encoders": {name: {"name", "settings"}}, "objective": {"name", "settings"}}``, from :func:`described`.
    weights
        State of :func:`as_modules`.
    seen
        Marks of the materials, in any order.
    facts
        JSON values; see :class:`Pretrained`.
    card
        Text of ``card.md``.
    """
    with atomic_folder(folder) as unfinished:
        (unfinished / "weights.safetensors").write_bytes(save(dict(weights)))
        np.save(unfinished / "seen.npy", np.unique(seen), allow_pickle=False)
        spec = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "matscout": version("matscout"),
            **plug_ins,
            "facts": facts,
        }
        text = json.dumps(with_digests(spec, unfinished, *FILES), indent=1, ensure_ascii=False, allow_nan=False)
        write_text_whole(unfinished / "spec.json", text + "\n")
        write_text_whole(unfinished / "card.md", card)
    return folder


def described(
    encoder_names: Mapping[str, str], encoders: Mapping[str, Encoder], objective_name: str, objective: Objective
) -> dict[str, Any]:
    """What is needed to build the modules again: plug-in names and settings."""
    return {
        "encoders": {
            name: {"name": encoder_names[name], "settings": dict(encoder.settings)}
            for name, encoder in encoders.items()
        },
        "objective": {"name": objective_name, "settings": dict(objective.settings)},
    }


def load_pretrained(folder: str | Path) -> Pretrained:
    """Read what :func:`save_pretrained` wrote.

    Raises
    ------
    ArtefactError
        If the folder is missing, not such an artefact, from a newer matscout, damaged, or needs a plug-in that is
        not there.
    """
    folder = Path(folder)
    spec = read_spec(folder)
    require_digests(spec, folder, *FILES)
    advice = f"it was written by matscout {str(spec.get('matscout'))[:20]}: install that version, or train again"
    try:
        with guarded(f"{folder} does not fit this matscout", advice, ArtefactError):
            encoders = {name: _build("encoders", entry) for name, entry in spec["encoders"].items()}
            objective = _build("objectives", spec["objective"])
            module = as_modules(encoders, objective)
            module.load_state_dict(load_file(folder / "weights.safetensors"))
            seen = _read_seen(folder / "seen.npy")
            facts = dict(spec["facts"])
    except UsageError as error:
        raise ArtefactError(f"{folder} needs a plug-in that is not installed: {error}") from error
    module.eval().requires_grad_(False)
    return Pretrained(encoders, objective, seen, facts, digest_of_file(folder / "spec.json"))


def _read_seen(path: Path) -> NDArray[np.uint64]:
    with path.open("rb") as file:
        seen = read_array(file, path.stat().st_size)
    if seen.dtype != np.uint64 or seen.ndim != 1 or (seen[1:] <= seen[:-1]).any():
        raise ValueError(f"{path.name} holds no ascending marks of materials")
    return seen


def _build(family: str, entry: Mapping[str, Any]) -> Any:
    return registry.load_class(family, entry["name"])(**entry["settings"])


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
            f"{folder} holds no pretrained encoders (no spec.json); `matscout pretrain ... -o RUN_DIR` writes them to "
            "RUN_DIR/artefact"
        )
    with guarded(f"{path} is damaged, or not written by pretraining", "copy it again", ArtefactError):
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
