"""``matscout demo``: the main job on the bundled example."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from matscout.app.console import note
from matscout.app.goal_settings import read_step
from matscout.settings.command_options import with_options
from matscout.settings.fields import SettingInfo
from matscout.settings.writing import command_of
from matscout.workflow.label_settings import LabelSettings


@dataclass(frozen=True)
class DemoSettings:
    """Where the results of the example go.

    Parameters
    ----------
    out
        Folder for the results.
    """

    out: Annotated[Path, SettingInfo(flags=("-o", "--out"), metavar="OUT_DIR")] = Path("matscout-demo")


@with_options
def demo(*, asked: DemoSettings) -> None:
    """Scout for solar absorbers (band gap 1.1-1.6 eV) with the bundled band gaps; takes a few minutes."""
    note("scouting for band gaps of 1.1-1.6 eV without Cd, Pb, Hg, Tl and As, with the bundled measured band gaps")
    from matscout.app.demo import GOAL, demo_settings, example_labels
    from matscout.app.scouting_run import run_to_shortlist
    from matscout.workflow.scouting import scouting_steps

    run_to_shortlist(
        read_step(example_labels(), LabelSettings(target=("band gap",))),
        Path(),
        lambda run, dataset: run.grow(run.workflow.with_steps(scouting_steps(dataset, [GOAL], demo_settings()))),
        out=asked.out,
        command=command_of("demo", asked),
    )
