"""Artefact: a fitted model as a folder of JSON, arrays and a card, without pickles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout import registry
from matscout.data.array_files import read_arrays
from matscout.data.files import atomic_folder
from matscout.data.guards import guarded
from matscout.data.json_texts import parse_json
from matscout.data.materials import Materials
from matscout.data.stated_digests import require_digests, with_digests
from matscout.errors import ArtefactError, UsageError
from matscout.predict.base import AnyPredictions, Model
from matscout.predict.card import Card
from matscout.predict.states import State
from matscout.predict.upgrades import with_blocks, with_stepwise_scores

ARTEFACT_VERSION = 3
"""Version of the layout of the folder; a change needs an entry in ``UPGRADES`` and a new golden artefact."""

UPGRADES: dict[int, Callable[[State], State]] = {1: with_blocks, 2: with_stepwise_scores}
"""Version -> what turns the whole ``spec.json`` and its arrays of that version into those of the next."""

_SUB_FOLDER = re.compile(r"[\w\-]+")

Spec = dict[str, Any]


def save_model(model: Model, folder: Path) -> Path:
    """Write one fitted model to ``folder`` (``spec.json``, ``arrays.npz``, ``card.md``), whole or not at all.

    An older artefact at ``folder`` is replaced.

    Raises
    ------
    UsageError
        If ``folder`` holds something else than an artefact.
    """
    folder = Path(folder)
    _refuse_to_overwrite(folder)
    with atomic_folder(folder) as unfinished:
        _write(model, unfinished)
    return folder


def save_models(models: Mapping[str, Model], folder: Path) -> Path:
    """Write one model per target to sub-folders of ``folder``, with an index in ``spec.json``, whole or not at all.

    Raises
    ------
    UsageError
        If ``folder`` holds something else than an artefact.
    """
    folder = Path(folder)
    _refuse_to_overwrite(folder)
    places = {target: f"target-{position}" for position, target in enumerate(models, start=1)}
    with atomic_folder(folder) as unfinished:
        for target, model in models.items():
            (unfinished / places[target]).mkdir()
            _write(model, unfinished / places[target])
        spec = {"artefact_version": ARTEFACT_VERSION, "kind": "models", "targets": places}
        _write_json(unfinished / "spec.json", with_digests(spec, unfinished))
    return folder


def load(folder: str | Path) -> Model:
    """Read the one model that :func:`save_model` wrote.

    Raises
    ------
    ArtefactError
        If the folder is no artefact, is damaged, was written by a newer matscout, or holds several models.
    """
    folder = Path(folder)
    spec = _read_spec(folder)
    if spec["kind"] == "models":
        if len(spec["targets"]) == 1:
            return _load_one(folder / next(iter(spec["targets"].values())))
        raise ArtefactError(
            f"{folder} holds models for {', '.join(spec['targets'])}; name the sub-folder of one "
            f"({', '.join(spec['targets'].values())}), or use load_models in Python"
        )
    return _load_one(folder)


def load_models(folder: str | Path) -> dict[str, Model]:
    """Read all models of a folder, one or several: target -> model (folder name -> model if it has no card).

    Raises
    ------
    ArtefactError
        As :func:`load`.
    """
    folder = Path(folder)
    spec = _read_spec(folder)
    if spec["kind"] == "models":
        return {target: _load_one(folder / place) for target, place in spec["targets"].items()}
    model = _load_one(folder)
    return {folder.name if model.card is None else model.card.target: model}


def predict_with(
    models: Mapping[str, Model], materials: Materials, level: float, folder: str | Path
) -> dict[str, AnyPredictions]:
    """What models that were loaded from ``folder`` predict, by the names of their targets.

    Raises
    ------
    ArtefactError
        If one cannot predict: what was saved is whole, and yet no model.
    """
    with guarded(f"the model in {folder} cannot predict", "it may be damaged: fit it again", ArtefactError):
        return {name: model.predict(materials, level) for name, model in models.items()}


def _load_one(folder: Path) -> Model:
    spec = _read_spec(folder)
    if spec["kind"] == "models":
        raise ArtefactError(f"{folder} is damaged: it holds several models where one is expected; copy it again")
    return _restore(folder, State(spec, _read_arrays(folder)))


def _write(model: Model, folder: Path) -> None:
    state = model.state()
    spec = {
        "artefact_version": ARTEFACT_VERSION,
        "kind": "model",
        "plug_in": model.name,
        "model_version": model.version,
        "matscout": version("matscout"),
        "card": None if model.card is None else model.card.to_json(),
        "state": state.spec,
    }
    np.savez_compressed(folder / "arrays.npz", allow_pickle=False, **dict(state.arrays))
    _write_json(folder / "spec.json", with_digests(spec, folder, "arrays.npz"))
    unknown = f"# {model.name}\n\nFitted without matscout.fit: where its data came from was not recorded.\n"
    text = unknown if model.card is None else model.card.to_markdown(model.notes)
    (folder / "card.md").write_text(text, encoding="utf-8", newline="\n")


def _write_json(path: Path, spec: Mapping[str, Any]) -> None:
    text = json.dumps(spec, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _refuse_to_overwrite(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "spec.json").is_file():
        raise UsageError(f"{folder} exists and is not a saved model: name another folder, or empty this one")
    if folder.is_file():
        raise UsageError(f"{folder} is a file; a model is saved to a folder: name another place")


def _read_spec(folder: Path) -> Spec:
    path = folder / "spec.json"
    if not path.is_file():
        raise ArtefactError(
            f"{folder} is not a saved model: it holds no spec.json (matscout fit ... -o FOLDER makes one)"
        )
    with guarded(f"{path} is damaged, or not from matscout", "save the model again", ArtefactError):
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
        raise ArtefactError(f"{folder} holds a {kind[:80]}, not a model")
    require_digests(spec, folder, "arrays.npz")
    if kind == "models" and not _are_places(spec.get("targets")):
        raise ArtefactError(f"{path} is damaged: it does not name sub-folders of {folder}; save the models again")
    return dict(spec)


def _are_places(targets: object) -> bool:
    """Whether these are targets and the names of sub-folders, none of which leads to another place."""
    if not isinstance(targets, dict) or not targets:
        return False
    return all(isinstance(name, str) and _SUB_FOLDER.fullmatch(name) for name in targets.values())


def _read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    path = folder / "arrays.npz"
    if not path.exists():
        raise ArtefactError(f"{folder} is damaged: arrays.npz is missing; copy the whole folder again")
    with guarded(f"{path} is damaged", "copy it again, or fit the model again", ArtefactError):
        return read_arrays(path)


def _restore(folder: Path, stored: State) -> Model:
    try:
        with guarded(f"{folder} is damaged", "fit the model again", ArtefactError):
            return _restored(folder, stored)
    except UsageError as error:
        raise ArtefactError(f"{folder} needs a model that is not installed: {error}") from error


def _restored(folder: Path, stored: State) -> Model:
    for older in range(stored.spec["artefact_version"], ARTEFACT_VERSION):
        stored = UPGRADES[older](stored)
    spec = stored.spec
    maker = registry.load_class("models", spec["plug_in"])
    if spec["model_version"] != maker.version:
        raise ArtefactError(
            f"{folder} holds version {spec['model_version']} of the model {spec['plug_in']}, this matscout reads "
            f"version {maker.version}: fit the model again, or install matscout {spec['matscout']}"
        )
    model: Model = maker.from_state(State(spec["state"], stored.arrays))
    model.card = None if spec["card"] is None else Card.from_json(spec["card"])
    return model
