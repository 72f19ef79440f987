"""Artefact: a fitted model as a folder of JSON, arrays and a card, without pickles."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from matscout import registry
from matscout.data.files import atomic_folder
from matscout.errors import ArtefactError, UsageError
from matscout.predict.base import Model
from matscout.predict.card import Card
from matscout.predict.states import State
from matscout.predict.upgrades import with_blocks, with_stepwise_scores

ARTEFACT_VERSION = 3
"""Version of the layout of the folder; a change needs an entry in ``UPGRADES`` and a new golden artefact."""

UPGRADES: dict[int, Callable[[State], State]] = {1: with_blocks, 2: with_stepwise_scores}
"""Version -> what turns the whole ``spec.json`` and its arrays of that version into those of the next."""

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
        _write_json(
            unfinished / "spec.json", {"artefact_version": ARTEFACT_VERSION, "kind": "models", "targets": places}
        )
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
            return load(folder / next(iter(spec["targets"].values())))
        raise ArtefactError(
            f"{folder} holds models for {', '.join(spec['targets'])}; name the sub-folder of one "
            f"({', '.join(spec['targets'].values())}), or use load_models in Python"
        )
    return _restore(folder, State(spec, _read_arrays(folder)))


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
        return {target: load(folder / place) for target, place in spec["targets"].items()}
    model = load(folder)
    return {folder.name if model.card is None else model.card.target: model}


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
    _write_json(folder / "spec.json", spec)
    np.savez_compressed(folder / "arrays.npz", allow_pickle=False, **dict(state.arrays))
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
    try:
        spec = json.loads(path.read_text(encoding="utf-8"))
        written_by, kind = int(spec["artefact_version"]), spec["kind"]
    except (ValueError, KeyError, TypeError) as error:
        raise ArtefactError(f"{path} is damaged, or not from matscout ({error}); save the model again") from error
    if written_by > ARTEFACT_VERSION:
        raise ArtefactError(
            f"{folder} was written by a newer matscout (artefact version {written_by}, this one reads up to "
            f"{ARTEFACT_VERSION}): pip install --upgrade matscout"
        )
    if kind not in {"model", "models"}:
        raise ArtefactError(f"{folder} holds a {kind}, not a model")
    return dict(spec)


def _read_arrays(folder: Path) -> dict[str, Any]:
    path = folder / "arrays.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return dict(stored)
    except FileNotFoundError as error:
        raise ArtefactError(f"{folder} is damaged: arrays.npz is missing; copy the whole folder again") from error
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ArtefactError(f"{path} is damaged ({error}); copy it again, or fit the model again") from error


def _restore(folder: Path, stored: State) -> Model:
    for older in range(stored.spec["artefact_version"], ARTEFACT_VERSION):
        stored = UPGRADES[older](stored)
    spec = stored.spec
    try:
        maker = registry.load_class("models", spec["plug_in"])
        if spec["model_version"] != maker.version:
            raise ArtefactError(
                f"{folder} holds version {spec['model_version']} of the model {spec['plug_in']}, this matscout reads "
                f"version {maker.version}: fit the model again, or install matscout {spec['matscout']}"
            )
        model: Model = maker.from_state(State(spec["state"], stored.arrays))
        model.card = None if spec["card"] is None else Card.from_json(spec["card"])
    except UsageError as error:
        raise ArtefactError(f"{folder} needs a model that is not installed: {error}") from error
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ArtefactError(f"{folder} is damaged ({type(error).__name__}: {error}); fit the model again") from error
    return model
