"""``matscout predict``: predictions with intervals for new materials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Gt, Le, Lt, MinLen

from matscout.app.console import events_display, note, say, show_problems, show_table
from matscout.app.session import give, partly
from matscout.app.stores import run_store
from matscout.counting import counted
from matscout.data.table_writing import ENDINGS
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.parsing import existing
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.workflow.predicting import PredictionTable

SHOWN_ROWS = 20
SHOWN_COLUMNS = 3
SHOWN_LETTERS = 40


@dataclass(frozen=True)
class PredictSettings:
    """What is predicted.

    Parameters
    ----------
    model
        Folder that fit or scout has written.
    inputs
        A file or folder, or formulas.
    level
        Level of the intervals, between 0 and 1.
    out
        Write the table to this file.
    conditions
        Value of a context column, e.g. temperature=600 or 'temperature=60 C'; scout tries several, 300,600
        (repeatable).
    """

    model: Annotated[Path, SettingInfo(argument=True, metavar="MODEL_DIR")]
    inputs: Annotated[
        tuple[str, ...],
        MinLen(1),
        SettingInfo(
            argument=True, metavar="INPUT|FORMULA...", words="a file or folder, or formulas, none of them empty"
        ),
    ]
    level: Annotated[float, Gt(0), Lt(1)] = 0.9
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="OUT.csv|parquet|xlsx|json")] = None
    conditions: Annotated[Mapping[str, str], SettingInfo(key="set", metavar="COL=VALUE")] = field(default_factory=dict)


@dataclass(frozen=True)
class PredictedMaterials(MaterialSettings):
    """How what is predicted is read.

    Parameters
    ----------
    max_bad
        Stop if a larger share of the rows cannot be used.
    """

    max_bad: Annotated[float, Ge(0.0), Le(1.0), SettingInfo(panel="Input options")] = 1.0


@with_options
def predict(*, asked: PredictSettings, reading: PredictedMaterials) -> None:
    """Predict the properties of new materials: the input's columns, then prediction, interval and in_domain.

    Rows that cannot be read stay in the table, with the reason in the column `problem` instead of a prediction.
    """
    result_file(asked.out, *map(Path, asked.inputs), endings=ENDINGS)
    existing(asked.model)

    from matscout.predict.artefact_folder import models_in
    from matscout.workflow.graph import Workflow
    from matscout.workflow.predicting import is_path
    from matscout.workflow.result_files import workflow_beside
    from matscout.workflow.running import WorkflowRun
    from matscout.workflow.steps.predict import PredictStep

    source = {"file": Path(asked.inputs[0])} if is_path(asked.inputs) else {"formulas": asked.inputs}
    step = PredictStep.of(
        reading, **source, model=models_in(asked.model), conditions=asked.conditions, level=asked.level
    )
    run = WorkflowRun(Workflow.linked({"predictions": step}), run_store())
    with events_display() as run.events:
        result = run.result("predictions")
    show_problems(result.problems)
    for remark in result.remarks:
        note(remark)
    if asked.out is None:
        _show(result)
    else:
        say(f"predictions: {result.write(asked.out)} ({result.counts})")
        workflow_beside(run.workflow, asked.out)
    give("predictions", result.table)
    if refused := sum(problem.dropped for problem in result.problems):
        partly(f"{counted(refused, 'row')} could not be predicted")
    for assumption in result.assumptions:
        note(assumption)


def _show(result: PredictionTable) -> None:
    """The first rows, with the first columns of the input and all that were added."""
    columns = result.table.columns
    shown = result.table.select(*columns[: min(SHOWN_COLUMNS, result.n_input)], *columns[result.n_input :])
    rows = [["" if cell is None else _short(cell) for cell in row] for row in shown.head(SHOWN_ROWS).iter_rows()]
    titles = [f"{name} ({result.units[name]})" if name in result.units else name for name in shown.columns]
    show_table(titles, rows)
    if len(shown) > SHOWN_ROWS:
        note(f"... and {len(shown) - SHOWN_ROWS} more rows; write them all with -o OUT.csv")


def _short(cell: object) -> str:
    """A number with four digits; of a text its first line, cut to ``SHOWN_LETTERS`` (structures are long texts)."""
    if isinstance(cell, float):
        return f"{cell:.4g}"
    first, _, more = str(cell).partition("\n")
    return first if not more and len(first) <= SHOWN_LETTERS else f"{first[:SHOWN_LETTERS]}..."
