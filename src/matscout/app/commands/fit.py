"""``matscout fit``: learn from labelled rows and save the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matscout.app.console import progress_display, say, show_reading
from matscout.app.options import (
    Alloys,
    Context,
    Decimal,
    Define,
    ErrorColumn,
    Fast,
    Formula,
    Groups,
    Labels,
    MaxBad,
    Metric,
    ModelName,
    Reaction,
    Scales,
    Seed,
    Sheet,
    Simulate,
    Structure,
    Targets,
    Thousands,
    Unit,
)
from matscout.app.reading import read_labels
from matscout.counting import counted
from matscout.workflow.places import result_folder


def fit(
    *,
    labels: Labels,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="MODEL_DIR", help="Folder for the model.", show_default=False)
    ],
    formula: Formula = None,
    structure: Structure = None,
    reaction: Reaction = None,
    sheet: Sheet = None,
    unit: Unit = None,
    alloys: Alloys = None,
    decimal: Decimal = None,
    thousands: Thousands = False,
    max_bad: MaxBad = 0.2,
    target: Targets = None,
    context: Context = None,
    groups: Groups = None,
    error: ErrorColumn = None,
    metric: Metric = "mae",
    scale: Scales = None,
    fast: Fast = False,
    simulate: Simulate = False,
    seed: Seed = 0,
    model: ModelName = None,
    define: Define = None,
) -> None:
    """Learn from labelled rows and save the model in a folder."""
    from matscout.workflow.fit_settings import FitSettings
    from matscout.workflow.read_settings import ReadSettings

    result_folder(out, "spec.json")
    reading = ReadSettings(
        formula, structure, sheet, unit, alloys, decimal, thousands, max_bad, reaction, takes_reactions=True
    )
    settings = FitSettings(target, context, groups, error, metric, fast, seed, simulate, model, define, scale)
    dataset = read_labels(reading, labels, settings)
    show_reading(dataset)

    from matscout.predict.artefact import save_models
    from matscout.predict.fitting import fit as fit_model

    with progress_display() as progress:
        models = {
            name: fit_model(
                dataset, name, model=settings.model_of(name), metric=metric, fast=fast, seed=seed, progress=progress
            )
            for name in settings.learned(dataset)
        }
    folder = save_models(models, out)
    for name, fitted in models.items():
        rows = int(dataset.target(name).known.sum())
        say(f"{name}: learned from {counted(rows, 'row')}")
        for told in fitted.predictor.notes:
            say(told)
    say(f"model: {folder}")
