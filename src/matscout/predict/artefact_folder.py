"""The folder of a saved model: JSON, arrays and a card, whole or not at all, without pickles."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.array_files import read_arrays
from matscout.data.files import atomic_folder
from matscout.data.guards import guarded
from matscout.data.json_texts import parse_json
from matscout.data.stated_digests import require_digests, with_digests
from matscout.errors import ArtefactError, UsageError
from matscout.made import write_made
from matscout.predict.card import Card
from matscout.predict.states import State

ARTEFACT_VERSION = 4
"""Version of the layout of the folder; a change needs an entry in ``UPGRADES`` and a new golden artefact."""

_SUB_FOLDER = re.compile(r"[\w\-]+")

Spec = dict[str, Any]


def save_state(folder: Path, model: State, card: Card | None, notes: Sequence[str], seed: int) -> Path:
    """Write one fitted model to ``folder`` (``spec.json``, ``arrays.npz``, ``card.md``, ``made.json``), whole or
    not at all.

    An older artefact at ``folder`` is replaced.

    Raises
    ------
    UsageError
        If ``folder`` holds something else than an artefact.
    """
    refuse_to_overwrite(folder)
    with atomic_folder(folder) as unfinished:
        write_state(unfinished, model, card, notes)
        write_made(unfinished, seed)
    return folder


def write_state(folder: Path, model: State, card: Card | None, notes: Sequence[str]) -> None:
    """Write the files of one fitted model to an empty folder."""
    spec = {
        "artefact_version": ARTEFACT_VERSION,
        "kind": "model",
        "matscout": version("matscout"),
        "card": None if card is None else card.to_json(),
        "model": model.spec,
    }
    np.savez_compressed(folder / "arrays.npz", allow_pickle=False, **dict(model.arrays))
    write_json(folder / "spec.json", with_digests(spec, folder, "arrays.npz"))
    unknown = f"# {model.spec['plug_in']}\n\nFitted without matscout.fit: the source of its data is not recorded.\n"
    text = unknown if card is None else card.to_markdown(notes)
    (folder / "card.md").write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, spec: Mapping[str, Any]) -> None:
    """Write a ``spec.json``."""
    text = json.dumps(spec, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def refuse_to_overwrite(folder: Path) -> None:
    """Refuse a place that holds something else than an artefact, with a :class:`~matscout.errors.UsageError`."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "spec.json").is_file():
        raise UsageError(f"{folder} exists but is not a saved model: name another folder, or empty this one")
    if folder.is_file():
        raise UsageError(f"{folder} is a file; a model is saved to a folder: name another place")


def models_in(folder: Path) -> Path:
    """The folder of models that scout wrote into ``folder``; else ``folder`` itself."""
    inner = folder / "model"
    return inner if not (folder / "spec.json").exists() and (inner / "spec.json").is_file() else folder


def read_spec(folder: Path) -> Spec:
    """What ``spec.json`` says, of a model or of several.

    Raises
    ------
    ArtefactError
        If the folder is no artefact, is damaged, or was written by a newer matscout.
    """
    path = folder / "spec.json"
    if not path.is_file():
        raise ArtefactError(
            f"{folder} is not a saved model: it has no spec.json (matscout fit ... -o FOLDER writes one)"
        )
    with guarded(f"{path} is damaged, or was not written by matscout", "save the model again", ArtefactError):
        spec = parse_json(path.read_text(encoding="utf-8"))
        written_by, kind = spec["artefact_version"], spec["kind"]
        if type(written_by) is not int or written_by < 1 or not isinstance(kind, str):
            raise ValueError(f"its version is {written_by!r}, its kind {kind!r}")
    if written_by > ARTEFACT_VERSION:
        raise ArtefactError(
            f"{folder} was written by a newer matscout (artefact version {written_by}, this one reads up to "
            f"{ARTEFACT_VERSION}): pip install --upgrade matscout"
        )
    if kind not in {"model", "models"}:
        raise ArtefactError(f"{folder} contains a {kind[:80]}, not a model")
    require_digests(spec, folder, "arrays.npz")
    if kind == "models" and not _are_places(spec.get("targets")):
        raise ArtefactError(f"{path} is damaged: it does not name sub-folders of {folder}; save the models again")
    return dict(spec)


def _are_places(targets: object) -> bool:
    """Whether these are targets and the names of sub-folders, none of which leads to another place."""
    if not isinstance(targets, dict) or not targets:
        return False
    return all(isinstance(name, str) and _SUB_FOLDER.fullmatch(name) for name in targets.values())


def read_model_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a model, or :class:`~matscout.errors.ArtefactError` if they are damaged."""
    path = folder / "arrays.npz"
    if not path.exists():
        raise ArtefactError(f"{folder} is damaged: arrays.npz is missing; copy the whole folder again")
    with guarded(f"{path} is damaged", "copy it again, or fit the model again", ArtefactError):
        return read_arrays(path)
