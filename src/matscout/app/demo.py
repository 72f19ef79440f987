"""demo: the main job on the bundled example, whose answer is known."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from matscout.workflow.scout_settings import ScoutSettings

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


def demo_settings() -> ScoutSettings:
    """Without toxic elements, and with the rank of known answers."""
    return ScoutSettings(n_candidates=N_CANDIDATES, exclude=UNWANTED, watch=LEFT_OUT)
