"""demo: the main job on the bundled example, whose answer is known."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from matscout.app.front import scout
from matscout.data.reading import read
from matscout.progress import Progress, silent
from matscout.workflow.results import Scouting

GOAL = "1.1:1.6"
"""Band gaps (eV) that suit the absorber of a single-junction solar cell."""

UNWANTED = ("Cd", "Pb", "Hg", "Tl", "As")

LEFT_OUT = ("InP", "CsSnI3", "SnS", "Sb2Se3", "Zn3P2", "CuInS2", "Cu2ZnSnS4", "GaAs")
"""Known materials that are not among the bundled labels. The first seven are absorbers (or nearly so): a good search
ranks them high. GaAs is one too, but holds As and must be filtered out."""

N_CANDIDATES = 20_000


def example_labels() -> Path:
    """The bundled table of band gaps."""
    with as_file(files("matscout") / "examples" / "band_gaps.csv") as path:
        return path


def run_demo(
    out: str | Path, *, command: str | None = None, store: Path | None = None, progress: Progress = silent
) -> Scouting:
    """Scout for gaps of 1.1-1.6 eV without toxic elements and report where known answers rank.

    Parameters
    ----------
    out
        Folder for the results.
    command
        The command line of this run, for the report.
    store
        Folder of finished fits, so that a run that was stopped goes on where it was.
    progress
        Told how far the work is.
    """
    return scout(
        read(example_labels(), target=("band gap",)),
        GOAL,
        out=out,
        n_candidates=N_CANDIDATES,
        exclude=UNWANTED,
        watch=LEFT_OUT,
        command=command,
        store=store,
        progress=progress,
    )
