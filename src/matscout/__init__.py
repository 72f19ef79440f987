"""matscout: from a handful of labels to trustworthy predictions and a ranked shortlist of materials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered
from matscout.version import __version__

__all__ = [
    "Campaign",
    "CrystalWishes",
    "Materials",
    "Recall",
    "Workflow",
    "__version__",
    "arrange",
    "build_index",
    "compare_strategies",
    "describe",
    "dynamics",
    "embed",
    "evaluate",
    "fit",
    "generate_crystals",
    "hull",
    "load",
    "make_representation",
    "map_materials",
    "read",
    "read_defects",
    "read_materials",
    "relax",
    "run_workflow",
    "score_crystals",
    "scout",
    "screen",
    "search_index",
]

if TYPE_CHECKING:
    from matscout.app.crystal_front import generate_crystals, score_crystals
    from matscout.app.front import scout, screen
    from matscout.crystal.defects.reading import read_defects
    from matscout.data.materials import Materials
    from matscout.data.reading import read, read_materials
    from matscout.discover.generators.recall import Recall
    from matscout.evaluation.evaluating import evaluate
    from matscout.generate.arrangements.arranging import arrange
    from matscout.generate.crystal_wishes import CrystalWishes
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
    from matscout.workflow.strategy_contest import compare_strategies

__getattr__, __dir__ = lazily(__name__, offered(__file__))
