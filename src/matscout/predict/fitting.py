"""fit: from a data set to a fitted model, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matscout import registry
from matscout.data.dataset import POSITIVE_UNLABELLED, Dataset, Target
from matscout.data.given import Given, as_dataset
from matscout.data.kinds import DEFECT, Kind
from matscout.data.positive_unlabelled import UnlabelledCells
from matscout.data.repeats import merge_repeats
from matscout.errors import UsageError
from matscout.predict.base import Metric
from matscout.predict.card import describe
from matscout.predict.former_names import present_address, renamed_words
from matscout.predict.labels import require_rows
from matscout.predict.model import Model, Predictor
from matscout.progress import Progress, in_notebooks, silent
from matscout.represent.addresses import Address

USUAL = "auto"
KNOWN = "known-likeness"
ARRANGED = "arrangements"
"""What learns where no model is named: from numbers or classes, from known and unlabelled rows, from point defects."""


def fit(
    dataset: Given,
    target: str | None = None,
    *,
    model: str = "auto",
    metric: Metric = "mae",
    fast: bool = False,
    seed: int = 0,
    merge: bool = True,
    context: str | Sequence[str] = (),
    unlabelled: object = None,
    positive: object = None,
    class_prior: float | None = None,
    progress: Progress = in_notebooks,
) -> Model:
    """Fit a model to the rows of ``dataset`` in which the target is known.

    Whether it predicts numbers, classes or likeness to known materials follows from the target.

    Parameters
    ----------
    dataset
        Labelled materials: what :func:`matscout.read` made, or what it reads, a path or a frame.
    target
        Name of the target; not needed if there is only one.
    model
        Name in the catalogue (``matscout.registry.plug_ins("models")``), or an
        :class:`~matscout.represent.addresses.Address`, e.g. ``"fine-tuned/head=RUN/artefact"``.
    metric
        The error that the model minimises: "mae" or "rmse".
    fast
        Fit in a quarter of the time or less, with lower accuracy.
    seed
        Seed of every random choice.
    merge
        Merge repeats of the same material, context and group first, keeping their spread as noise.
    context
        For a table that is read here: columns with conditions of the measurement.
    unlabelled, positive, class_prior
        What stands in the target where nothing is known ("blank" for blank cells) and where the class is known, and the
        share of the unlabelled rows that are of it, as for :func:`matscout.read`.
    progress
        Called with the name of the step and the amount that is done.

    Raises
    ------
    UsageError
        If there is no such model or target.
    InputError
        If there are too few labelled rows, or they have only one value, class or group.
    """
    cells = UnlabelledCells.asked(unlabelled, positive, class_prior)
    dataset = as_dataset(dataset, target=target, context=context, cells=cells)
    asked = model_suited(model, dataset.target(target), dataset.materials.kind)
    unfitted = make_model(asked, metric=metric, fast=fast, seed=seed)
    address = present_address(asked) if renamed_words(asked) else asked
    return fit_model(unfitted, dataset, target, address=address, merge=merge, progress=progress)


def fit_model(
    unfitted: Predictor,
    dataset: Dataset,
    target: str | None = None,
    *,
    address: str = "",
    merge: bool = True,
    progress: Progress = silent,
) -> Model:
    """Fit what was made already, otherwise as :func:`fit`; the card names the ``address`` asked for, if any."""
    # By the values that are left when repeats are merged it might be another scale.
    dataset = dataset.on_scale(dataset.target(target).scale, target)
    chosen = dataset.target(target)
    require_rows(chosen)
    name = chosen.name
    described = dataset.materials.has_structure
    if unfitted.needs_structures and described.any() and not described.all():
        progress(f"{int((~described).sum())} rows without a structure are left out", 0, 1)
        dataset = dataset[np.flatnonzero(described)]
    rows = merge_repeats(dataset, name) if merge and unfitted.merges else dataset
    fitted = unfitted.fit(rows, name, progress)
    named = address or fitted.address
    card = describe(rows, name, model=named, metric=fitted.metric, assumption=fitted.assumption, scores=fitted.scores)
    return replace(fitted, card=card)


def model_suited(address: str, target: Target, kind: Kind) -> str:
    """The model that is asked for; in place of the usual one, that for known and unlabelled rows, or for defects."""
    if address != USUAL:
        return address
    if target.task == POSITIVE_UNLABELLED:
        return KNOWN
    return ARRANGED if kind == DEFECT else USUAL


def _names(family: str) -> set[str]:
    return {plug_in.name for plug_in in registry.plug_ins(family)}


def make_model(address: str, *, metric: Metric = "mae", fast: bool = False, seed: int = 0) -> Predictor:
    """What an :class:`~matscout.represent.addresses.Address` asks for; it has not learned anything yet.

    Raises
    ------
    UsageError
        If there is no such model, or it has no such part, or no weights.
    """
    parsed = Address.parse(present_address(address))
    if parsed.name in _names("representations") - _names("models"):
        raise UsageError(f"{address} is a representation, not a model: use trees={address} for trees on it")
    maker = registry.load_class("models", parsed.name)
    made: Predictor = maker(metric=metric, fast=fast, seed=seed, **parsed.arguments(maker))
    made.asked_as = address
    return made
