"""How many things the formula of each candidate could be: context for the reader, no part of the ranking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matscout.data.materials import Materials
from matscout.discover.base import Shortlist
from matscout.registry import load_class

if TYPE_CHECKING:
    from matscout.represent.trained_composition_network import TrainedCompositionNetwork

NETWORK = "polysrl"
"""The representation that tells it: for use, so the one that learned from most formulas."""

MOST_ELEMENTS = 3
"""Beyond, formulas of which many crystals are known get *lower* values than others (figure 3 of ``polysrl``)."""

COLUMN = "structural_ambiguity_percentile"
"""In ``shortlist.csv``."""


def read_network() -> TrainedCompositionNetwork | None:
    """The network that tells it, with its weights read; None where torch or the weights are missing.

    Raises
    ------
    ArtefactError
        If the weights are damaged.
    """
    plug_in: type[TrainedCompositionNetwork] = load_class("representations", NETWORK)
    if not plug_in.at_hand():
        return None
    network = plug_in()
    network.pretrained()
    return network


def add_ambiguity(shortlist: Shortlist, network: TrainedCompositionNetwork) -> Shortlist:
    """The same shortlist with the column :data:`COLUMN`, 0-100.

    Null where an element was not learned from, and beyond :data:`MOST_ELEMENTS`.

    It is the percentage of the formulas known to the network that are less ambiguous (see
    :meth:`~matscout.represent.trained_composition_network.TrainedCompositionNetwork.uncertainty`).
    """
    import polars

    materials = Materials.from_formulas(shortlist.table["formula"].to_list(), counts_atoms=True)
    told = network.uncertainty(materials)
    few = np.diff(materials.compositions.offsets)[told.rows] <= MOST_ELEMENTS
    told = replace(told, percentiles=np.where(few, told.percentiles, np.nan))
    columns = polars.DataFrame({"row": told.rows, COLUMN: told.percentiles}).fill_nan(None)
    return replace(shortlist.with_columns(columns), ambiguity=told)
