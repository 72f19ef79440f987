"""Artefact: a fitted model as a folder of JSON, arrays and a card, without pickles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from matscout.data.files import atomic_folder
from matscout.data.guards import guarded
from matscout.data.materials import Materials
from matscout.data.stated_digests import with_digests
from matscout.errors import ArtefactError, UsageError
from matscout.predict.artefact_folder import (
    ARTEFACT_VERSION,
    Spec,
    models_in,
    read_model_arrays,
    read_spec,
    refuse_to_overwrite,
    write_json,
    write_state,
)
from matscout.predict.base import Answer
from matscout.predict.card import Card
from matscout.predict.model import Model
from matscout.predict.states import State, part_state
from matscout.predict.upgrades import with_blocks, with_predictors, with_stepwise_scores

UPGRADES: dict[int, Callable[[State], State]] = {1: with_blocks, 2: with_stepwise_scores, 3: with_predictors}
"""Version -> what turns the whole ``spec.json`` and its arrays of that version into those of the next."""


def save_models(models: Mapping[str, Model], folder: Path) -> Path:
    """Write one model per target to sub-folders of ``folder``, with an index in ``spec.json``, whole or not at all.

    Raises
    ------
    UsageError
        If ``folder`` holds something else than an artefact.
    """
    folder = Path(folder)
    refuse_to_overwrite(folder)
    places = {target: f"target-{position}" for position, target in enumerate(models, start=1)}
    with atomic_folder(folder) as unfinished:
        for target, model in models.items():
            (unfinished / places[target]).mkdir()
            write_state(unfinished / places[target], model.state(), model.card, model.notes)
        spec = {"artefact_version": ARTEFACT_VERSION, "kind": "models", "targets": places}
        write_json(unfinished / "spec.json", with_digests(spec, unfinished))
    return folder


def load(folder: str | Path) -> Model:
    """Read the one model that :meth:`matscout.predict.model.Model.save`, ``fit`` or ``scout`` wrote to a folder.

    Raises
    ------
    ArtefactError
        If the folder is not an artefact, is damaged, was written by a newer matscout, or contains several models.
    """
    folder = models_in(Path(folder))
    spec = read_spec(folder)
    if spec["kind"] == "models":
        if len(spec["targets"]) == 1:
            return _load_one(folder / next(iter(spec["targets"].values())))
        raise ArtefactError(
            f"{folder} contains models for {', '.join(spec['targets'])}; name the sub-folder of one "
            f"({', '.join(spec['targets'].values())}), or use load_models in Python"
        )
    return _restored(folder, spec)


def load_models(folder: str | Path) -> dict[str, Model]:
    """Read all models of a folder, one or several: target -> model (folder name -> model if it has no card).

    Raises
    ------
    ArtefactError
        As :func:`load`.
    """
    folder = models_in(Path(folder))
    spec = read_spec(folder)
    if spec["kind"] == "models":
        return {target: _load_one(folder / place) for target, place in spec["targets"].items()}
    model = _restored(folder, spec)
    return {folder.name if model.card is None else model.card.target: model}


def predict_with(
    models: Mapping[str, Model], materials: Materials, level: float, folder: str | Path
) -> dict[str, Answer]:
    """What models that were loaded from ``folder`` predict, by the names of their targets.

    Raises
    ------
    ArtefactError
        If one cannot predict: what was saved is whole, and yet no model.
    """
    with guarded(f"the model in {folder} cannot predict", "it may be damaged: fit it again", ArtefactError):
        return {name: model.predict(materials, level) for name, model in models.items()}


def _load_one(folder: Path) -> Model:
    spec = read_spec(folder)
    if spec["kind"] == "models":
        raise ArtefactError(f"{folder} is damaged: it contains several models instead of one; copy it again")
    return _restored(folder, spec)


def _restored(folder: Path, spec: Spec) -> Model:
    stored = State(spec, {f"model/{name}": array for name, array in read_model_arrays(folder).items()})
    try:
        with guarded(f"{folder} is damaged", "fit the model again", ArtefactError):
            for older in range(spec["artefact_version"], ARTEFACT_VERSION):
                stored = UPGRADES[older](stored)
            card, model = stored.spec["card"], Model.from_state(part_state(stored, "model"))
            return model if card is None else replace(model, card=Card.from_json(card))
    except UsageError as error:
        raise ArtefactError(f"{folder} needs a model that is not installed: {error}") from error
