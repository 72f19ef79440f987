"""Predictions as tables: the user's own columns, then predictions in names that other tools rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from matscout.counting import part_of
from matscout.data.column_names import NoColumnError, columns_called
from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.data.settings import set_columns, with_context
from matscout.data.sources import load_source, names_file
from matscout.data.table_writing import write_table
from matscout.errors import RowProblem, UsageError
from matscout.predict.artefact import load_models, predict_with
from matscout.predict.base import Answer, ClassPredictions, Predictions
from matscout.predict.known_likeness import KnownLikeness, shown_columns
from matscout.predict.model import Model
from matscout.progress import Progress, silent
from matscout.represent.embedding import make_representation
from matscout.workflow.beside_input import PROBLEM, all_rows, beside_input
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.model_context import (
    as_fitted,
    columns_of_reactions,
    components_of,
    names_reactions,
    needed_context,
    needed_units,
)
from matscout.workflow.parsing import existing
from matscout.workflow.row_numbers import in_file_rows
from matscout.workflow.table_digits import decimals_by_uncertainty


@dataclass(frozen=True, eq=False)
class PredictionTable:
    """Predictions beside the input.

    Parameters
    ----------
    table
        One row for each row of the input: its columns, then the predictions (see :func:`prediction_columns`).
    predictions
        Target name -> predictions of the rows that could be used.
    n_input
        Number of columns of the input; those after them were added.
    problems
        Rows without a prediction, and remarks on rows.
    remarks
        On all of them, a sentence each.
    """

    table: pl.DataFrame
    predictions: Mapping[str, Answer]
    n_input: int
    problems: tuple[RowProblem, ...]
    remarks: tuple[str, ...] = ()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the intervals rest on, each sentence once."""
        return tuple(dict.fromkeys(part.assumption for part in self.predictions.values() if part.assumption))

    @property
    def units(self) -> Mapping[str, str]:
        """Column -> unit, of the columns of predictions that have one."""
        units: dict[str, str] = {}
        for name, part in self.predictions.items():
            if isinstance(part, Predictions) and part.unit:
                units |= dict.fromkeys((f"{name}_{kind}" for kind in ("predicted", "std", "lower", "upper")), part.unit)
        return {column: unit for column, unit in units.items() if column in self.table.columns}

    @property
    def counts(self) -> str:
        """``"7 of 14 rows predicted, 7 reported in column 'problem'"``."""
        rows, predicted = len(self.table), len(next(iter(self.predictions.values())))
        sentence = f"{part_of(predicted, rows, 'row')} predicted"
        return (
            sentence
            if predicted == rows
            else (f"{sentence}, {rows - predicted:,} with a reason in the column {PROBLEM!r}")
        )

    def write(self, path: Path) -> Path:
        """Write CSV, Parquet, Excel or JSON, as the ending says, whole or not at all; errors as :func:`write_table`."""
        return write_table(self.table, path, decimals_by_uncertainty(self.table))


def predict_inputs(
    folder: Path,
    inputs: Sequence[str],
    reading: MaterialSettings,
    settings: Mapping[str, str],
    level: float,
    *,
    progress: Progress = silent,
) -> PredictionTable:
    """Predict for a file, or for formulas, with the models of a folder.

    Parameters
    ----------
    folder
        Made by ``fit`` or ``scout``.
    inputs
        One path, or formulas.
    reading
        How to read the file.
    settings
        Context column -> value for all rows, e.g. ``{"temperature": "600"}``.
    level
        Coverage that the intervals should have.
    progress
        Told how far the work is.
    """
    models = load_models(folder)
    needed = needed_context(models)
    units = needed_units(models)
    settings = set_columns(settings, needed, units)
    unknown = [name for name in settings if name not in needed]
    if unknown:
        known = f"it uses {', '.join(needed)}" if needed else "it uses none"
        raise UsageError(f"--set={unknown[0]}: the model has no such context column; {known}")
    source = Path(inputs[0]) if is_path(inputs) else list(inputs)
    if not reading.reaction and isinstance(source, Path) and names_reactions(models):
        named = load_source(existing(source), sheet=reading.sheet).table.columns
        reading = replace(reading, reaction=columns_of_reactions(models, named))
    context = tuple(name for name in needed if name not in settings)
    components = components_of(models)
    if components and isinstance(source, list):
        raise UsageError(
            f"the model was fitted to reactions in the columns {', '.join(components)}: put your reactions, even a "
            "single one, in a table with these columns"
        )
    if context and isinstance(source, list):
        raise UsageError(f"the model needs {', '.join(context)}; add --set={context[0]}=VALUE")
    try:
        dataset = reading.read_materials(
            source, context, {name: unit for name, unit in units.items() if name in context}, progress
        )
    except NoColumnError as error:
        if error.wanted not in context:
            raise
        raise UsageError(f"{error}; or give one value for all rows: --set={error.wanted}=VALUE") from None
    dataset = _with_what_models_need(dataset, models)
    materials = as_fitted(with_context(dataset.materials, settings), models)
    predictions = predict_with(models, materials, level, folder)
    added = _with_origin(prediction_columns(predictions), models, materials)
    remarks = dict.fromkeys(problem for part in predictions.values() for problem in part.problems)
    table = beside_input(dataset, all_rows(dataset, source, reading), added)
    return PredictionTable(
        table,
        predictions,
        table.columns.index(added.columns[0]),
        (*dataset.problems, *in_file_rows(remarks, dataset)),
        _as_set(settings, units, table.columns[: table.columns.index(added.columns[0])]),
    )


def _with_what_models_need(dataset: Dataset, models: Mapping[str, Model]) -> Dataset:
    """Without rows that lack a structure, where a model knows structures only; problems say so."""
    known = dataset.materials.has_structure
    if known.all() or not known.any() or not any(model.needs_structures for model in models.values()):
        return dataset
    numbers = dataset.numbering
    reason, advice = (
        "has no structure, but the model was fitted to structures only",
        ("add one, or fit a model to formulas, too"),
    )
    lacking = [
        RowProblem(int(numbers[row]), str(dataset.materials.formulas[row]), reason, advice)
        for row in np.flatnonzero(~known)
    ]
    return replace(dataset[np.flatnonzero(known)], problems=(*dataset.problems, *lacking))


def _as_set(settings: Mapping[str, str], units: Mapping[str, str], columns: Sequence[str]) -> tuple[str, ...]:
    """What the settings mean, and which columns of the input they replace."""
    sentences = []
    for name, value in settings.items():
        column = next(iter(columns_called(name, columns)), None)
        instead = "" if column is None else f", not with the values of the column {column!r}"
        sentences.append(f"Predicted for {name} = {value} {units.get(name, '')}".rstrip() + f"{instead}.")
    return tuple(sentences)


def is_path(inputs: Sequence[str]) -> bool:
    """True for one path, False for formulas.

    Raises
    ------
    UsageError
        If a path stands among several inputs.
    """
    paths = [text for text in inputs if text and (Path(text).exists() or names_file(text))]
    if paths and len(inputs) > 1:
        raise UsageError(f"{paths[0]} is a file; predict takes one file or folder, or formulas")
    return bool(paths)


def prediction_columns(predictions: Mapping[str, Answer]) -> pl.DataFrame:
    """One block of columns for each target, then ``in_domain`` (true where it is so for every target).

    Numbers: ``TARGET_predicted``, ``TARGET_std`` (``TARGET_std_decades`` of what is judged by factors),
    ``TARGET_lower``, ``TARGET_upper``, ``TARGET_knows_more`` (false where the model knows no more than the average of
    the labels). Classes: ``TARGET_class`` and ``TARGET_probability_CLASS`` for each class. Known and unlabelled rows:
    ``TARGET_score``, ``TARGET_percentile_known``, ``TARGET_percentile_unlabelled``, ``TARGET_nearest_known``,
    ``TARGET_distance`` and, if a class prior is stated, ``TARGET_probability``.
    """
    columns: dict[str, pl.Series] = {}
    for name, part in predictions.items():
        columns |= _block(name, part)
    in_domain = np.logical_and.reduce([part.in_domain for part in predictions.values()])
    return pl.DataFrame(columns | {"in_domain": pl.Series(in_domain)})


def _block(name: str, part: Answer) -> dict[str, pl.Series]:
    if isinstance(part, KnownLikeness):
        return {f"{name}_{column}": pl.Series(values) for column, values in shown_columns(part).items()}
    return _class_block(name, part) if isinstance(part, ClassPredictions) else _number_block(name, part)


def _with_origin(columns: pl.DataFrame, models: Mapping[str, Model], materials: Materials) -> pl.DataFrame:
    """Also ``predicted_from``, structure or formula, where models use structures and not all rows have one."""
    uses = any(
        make_representation(name).needs == "structure" for one in models.values() for name in one.representations
    )
    known = materials.has_structure
    if not uses or materials.structures is None or known.all():
        return columns
    return columns.with_columns(predicted_from=pl.Series(np.where(known, "structure", "formula").astype(str)))


def _number_block(name: str, predictions: Predictions) -> dict[str, pl.Series]:
    kind, deviations = predictions.shown_std
    return {
        f"{name}_predicted": pl.Series(predictions.predicted),
        f"{name}_{kind}": pl.Series(deviations),
        f"{name}_lower": pl.Series(predictions.lower),
        f"{name}_upper": pl.Series(predictions.upper),
        f"{name}_knows_more": pl.Series(predictions.knows_more),
    }


def _class_block(name: str, predictions: ClassPredictions) -> dict[str, pl.Series]:
    chosen = pl.Series([predictions.classes[position] for position in predictions.predicted], dtype=pl.String)
    return {f"{name}_class": chosen} | {
        f"{name}_probability_{label}": pl.Series(predictions.probabilities[:, position])
        for position, label in enumerate(predictions.classes)
    }
