"""``matscout hull``: energies above the convex hull of reference phases."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from matscout.app.console import events_display, note, say, show_problems, show_table
from matscout.app.session import give, partly
from matscout.app.stores import run_store
from matscout.counting import counted
from matscout.data.table_writing import ENDINGS
from matscout.remarks import codes
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.workflow.hull_settings import HullSettings
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.places import result_file

if TYPE_CHECKING:
    from matscout.simulate.hull import Hull

SHOWN_ROWS = 20


@dataclass(frozen=True, kw_only=True)
class HullPlaces:
    """What is placed, and where the table goes.

    Parameters
    ----------
    source
        A table with energies, files of structures that state one, or structures for --with.
    out
        Write the table.
    """

    source: Annotated[Path, SettingInfo(argument=True, metavar="INPUT")]
    out: Annotated[Path | None, SettingInfo(flags=("-o", "--out"), metavar="OUT.csv|parquet|xlsx|json")] = None


@dataclass(frozen=True)
class HullMaterials(MaterialSettings):
    """How the materials are read.

    Parameters
    ----------
    max_bad
        Stop if more rows cannot be used.
    """

    max_bad: Annotated[float, Ge(0.0), Le(1.0), SettingInfo(panel="Input options")] = 1.0


@with_options
def hull(*, places: HullPlaces, asked: HullSettings, reading: HullMaterials) -> None:
    """Energy above the convex hull: the input's columns, then energy, decomposition and coverage.

    The references decide: a material is stable beside the phases that they hold, in their scheme of energies. Rows
    that cannot be placed stay, with the reason in a column of problems.
    """
    result_file(places.out, places.source, endings=ENDINGS)

    from matscout.settings.sharing import taken_over
    from matscout.workflow.graph import Workflow
    from matscout.workflow.parsing import existing
    from matscout.workflow.result_files import workflow_beside
    from matscout.workflow.running import WorkflowRun
    from matscout.workflow.steps.hull import HullStep

    step = taken_over(HullStep, reading, file=existing(places.source), **vars(asked))
    run = WorkflowRun(Workflow.linked({"hull": step}), run_store())
    with events_display() as run.events:
        result = run.result("hull")
    show_problems(result.problems)
    for remark in [*result.hull.remarks, *result.hull.warnings_in_short]:
        note(remark)
    if places.out is None:
        _show(result.hull)
    else:
        say(f"hull: {result.write(places.out)}")
        workflow_beside(run.workflow, places.out)
    say(f"{result.counts}; references: {result.hull.whose}")
    give("hull", result.table)
    if refused := sum(problem.dropped for problem in result.problems):
        partly(f"{counted(refused, 'row')} could not be placed")


def _show(hull: Hull) -> None:
    """The first rows."""
    n = min(len(hull), SHOWN_ROWS)
    columns = {
        "id": hull.materials.ids[:n].tolist(),
        "formula": hull.materials.formulas[:n].tolist(),
        "E_f (eV/atom)": [_number(value) for value in hull.formation_energies[:n]],
        "e_above_hull (eV/atom)": [_number(value) for value in hull.above[:n]],
        **_opinions(hull, n),
        "decomposition": [" + ".join(map(str, parts)) for parts in hull.decompositions[:n]],
        "competing phases": [str(one.phases) for one in hull.coverage[:n]],
    }
    if any(hull.warnings[:n]):
        columns["warnings"] = [" ".join(codes(one)) for one in hull.warnings[:n]]
    show_table(tuple(columns), list(zip(*columns.values(), strict=True)))
    if len(hull) > SHOWN_ROWS:
        note(f"... and {len(hull) - SHOWN_ROWS} more rows; write them all with -o OUT.csv")


def _opinions(hull: Hull, n: int) -> dict[str, list[str]]:
    """What else is known of the energies above the hull of the first rows."""
    columns = {}
    if hull.interval is not None:
        bounds = zip(hull.interval.lower[:n], hull.interval.upper[:n], strict=True)
        columns[f"{hull.interval.level:.0%} between"] = [_between(*pair) for pair in bounds]
    if hull.own_above is not None:
        columns["above own hull"] = [_number(value) for value in hull.own_above[:n]]
    if hull.second is not None:
        columns["by the second"] = [_number(value) for value in hull.second.above[:n]]
    return columns


def _between(lower: float, upper: float) -> str:
    return "" if math.isnan(lower) else f"{lower:.3f} and {upper:.3f}"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"
