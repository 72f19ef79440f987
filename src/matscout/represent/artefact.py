"""Artefact of pretraining: encoders and objective as a folder of JSON, weights, marks of what was seen, and a card.

Here they are modules of torch, to be trained, saved and trained further; vectors are made of
:class:`~matscout.represent.stored_network.StoredNetwork`, which needs no torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file, save
from torch import Tensor, nn

from matscout import registry
from matscout.data.files import atomic_folder, write_text_whole
from matscout.data.guards import guarded
from matscout.data.materials import Materials
from matscout.data.stated_digests import with_digests
from matscout.errors import ArtefactError, UsageError
from matscout.represent.array_encoder import ArrayEncoder
from matscout.represent.array_layers import ModuleWeights
from matscout.represent.seen import are_seen, marks
from matscout.represent.stored_module import StoredModule
from matscout.represent.stored_network import (
    FILES,
    FORMAT,
    FORMAT_VERSION,
    StoredNetwork,
    array_encoder,
    read_network,
)
from matscout.represent.trainable import Encoder, Objective


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

    @cached_property
    def stored(self) -> StoredNetwork:
        """The same as arrays, as they are now."""
        return StoredNetwork(
            {name: _module(encoder) for name, encoder in self.encoders.items()},
            _module(self.objective),
            _arrays(as_modules(self.encoders, self.objective)),
            self.seen,
            self.facts,
            self.digest,
        )


def array_form(encoder: Encoder) -> ArrayEncoder:
    """What encodes with the weights that an encoder has now, without gradients."""
    return array_encoder(_module(encoder), ModuleWeights(_arrays(encoder)))


def _module(module: Encoder | Objective) -> StoredModule:
    return StoredModule(registry.name_of(type(module)), module.settings)


def _arrays(module: nn.Module) -> dict[str, NDArray[Any]]:
    return {name: weight.detach().cpu().numpy().copy() for name, weight in module.state_dict().items()}


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
    stored, advice = read_network(folder), "install the version that wrote it, or train again"
    try:
        with guarded(f"{folder} does not match this version of matscout", advice, ArtefactError):
            encoders = {name: _build("encoders", module) for name, module in stored.encoders.items()}
            objective = _build("objectives", stored.objective)
            module = as_modules(encoders, objective)
            module.load_state_dict(load_file(Path(folder) / "weights.safetensors"))
    except UsageError as error:
        raise ArtefactError(f"{folder} needs a plug-in that is not installed: {error}") from error
    module.eval().requires_grad_(False)
    return Pretrained(encoders, objective, stored.seen, stored.facts, stored.digest)


def _build(family: str, module: StoredModule) -> Any:
    return registry.load_class(family, module.name)(**module.settings)
