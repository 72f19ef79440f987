"""A fitted substitution model as files: ``spec.json``, ``weights.safetensors`` and ``seen.npy``, beside a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from matscout.data.guards import guarded
from matscout.data.json_texts import parse_json
from matscout.data.stated_digests import digest_of_file, require_digests
from matscout.errors import ArtefactError
from matscout.generate.templates.model import SubstitutionModel
from matscout.generate.templates.prototype_table import PrototypeTable
from matscout.generate.templates.ranker import Ranker
from matscout.generate.templates.volumes import VolumeModel
from matscout.predict.states import State, Stored, values_of

SHIPPED = Path(__file__).parents[1] / "weights" / "substitution"
"""The model that comes with matscout."""
FORMAT = "matscout substitution model"
FILES = ("weights.safetensors", "seen.npy")

_SMALLER = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}
"""Types in the file of what is wider in memory."""


@dataclass(frozen=True, eq=False)
class ShippedSubstitution(Stored):
    """All that is stored of it.

    Parameters
    ----------
    table
        Averages of known crystals.
    likeness
        float64 [118, 118], S of the elements.
    volumes
        Volume per atom of compositions.
    ranker
        For proposals of the table.
    pool_ranker
        For proposals of a pool of crystals.
    """

    table: PrototypeTable
    likeness: NDArray[np.float64]
    volumes: VolumeModel
    ranker: Ranker
    pool_ranker: Ranker

    @cached_property
    def model(self) -> SubstitutionModel:
        """As it proposes prototypes."""
        return SubstitutionModel(self.table, self.likeness, self.volumes, self.ranker)


def write_substitution(
    stored: ShippedSubstitution, seen: NDArray[np.uint64], facts: Mapping[str, Any], folder: Path
) -> None:
    """Write it to a folder.

    Parameters
    ----------
    stored
        The model.
    seen
        uint64 [N], ascending marks of the formulas that it has seen.
    facts
        What is said about the training.
    folder
        Made if it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: _small(array) for name, array in stored.state().arrays.items()}
    save_file(arrays, folder / FILES[0])
    np.save(folder / FILES[1], seen)
    spec = {"format": FORMAT, "facts": dict(facts), "digests": {name: digest_of_file(folder / name) for name in FILES}}
    (folder / "spec.json").write_text(json.dumps(spec, indent=1) + "\n", encoding="utf-8")


@cache
def read_substitution(folder: Path = SHIPPED) -> ShippedSubstitution:
    """Read it from a folder, once for each process.

    Raises
    ------
    ArtefactError
        If the folder is missing, not such a model, or damaged.
    """
    path = folder / "spec.json"
    if not path.is_file():
        raise ArtefactError(f"{folder} contains no substitution model: spec.json is missing; reinstall matscout")
    spec = parse_json(path.read_text(encoding="utf-8"))
    if not isinstance(spec, dict) or spec.get("format") != FORMAT:
        raise ArtefactError(f"{folder} contains no substitution model: spec.json is of something else")
    require_digests(spec, folder, *FILES)
    with guarded(f"{folder} does not match this version of matscout", "install matscout again", ArtefactError):
        return _read(load_file(folder / FILES[0]))


def _read(arrays: Mapping[str, NDArray[Any]]) -> ShippedSubstitution:
    """Shapes of the specification follow from the names of arrays."""
    spec: dict[str, Any] = {name: {} for name in ("table", "volumes", "ranker", "pool_ranker")}
    for name in ("volumes", "ranker", "pool_ranker"):
        spec[name]["trees"] = {}
    whole = {name: _wide(name, array) for name, array in arrays.items()}
    return ShippedSubstitution(**values_of(ShippedSubstitution.stored_fields(), State(spec, whole)))


def _small(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array.astype(_SMALLER.get(array.dtype, array.dtype)))


def _wide(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """The type in memory: only nodes of trees are kept in single width."""
    if name.endswith(("feature", "threshold", "right")):
        return array
    wide = {np.dtype(small): large for large, small in _SMALLER.items()}
    return array.astype(wide.get(array.dtype, array.dtype))
