"""matscout: from a handful of labels to trustworthy predictions and a ranked shortlist of materials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered
from matscout.version import __version__

__all__ = [
    "Campaign",
    "Materials",
    "Recall",
    "Workflow",
    "__version__",
    "build_index",
    "describe",
    "dynamics",
    "embed",
    "evaluate",
    "fit",
    "hull",
    "load",
    "make_representation",
    "map_materials",
    "read",
    "read_materials",
    "relax",
    "run_workflow",
    "scout",
    "screen",
    "search_index",
]

if TYPE_CHECKING:
    from matscout.app.front import scout, screen
    from matscout.data.materials import Materials
    from matscout.data.reading import read, read_materials
    from matscout.discover.generators.recall import Recall
    from matscout.evaluation.evaluating import evaluate
    from matscout.predict.artefact import load
    from matscout.predict.fitting import fit
    from matscout.represent.describing.describe import describe
    from matscout.represent.embedding import embed, make_representation
    from matscout.simulate.relaxing import relax
    from matscout.simulate.simulating import dynamics
    from matscout.workflow.campaign import Campaign
    from matscout.workflow.graph import Workflow
    from matscout.workflow.hulls import hull
    from matscout.workflow.indexing import build_index, search_index
    from matscout.workflow.mapping import map_materials
    from matscout.workflow.result_files import run_workflow

__getattr__, __dir__ = lazily(__name__, offered(__file__))
