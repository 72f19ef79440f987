"""Structural ambiguity: how many crystals the formula of a candidate may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matscout.discover.base import Brief
from matscout.discover.opinions import EvidenceProvider, Opinion
from matscout.generate.base import Candidates
from matscout.generate.facts import PERCENTILE, Evidence, EvidenceSource
from matscout.progress import Progress, silent
from matscout.registry import load_class

if TYPE_CHECKING:
    from matscout.represent.trained_composition_network import TrainedCompositionNetwork

NETWORK = "polysrl"
"""The representation that tells it: for use, so the one that learned from most formulas."""

MOST_ELEMENTS = 3
"""Beyond, formulas of which many crystals are known get *lower* values than others (figure 3 of ``polysrl``)."""

COLUMN = "structural_ambiguity_percentile"
"""In ``shortlist.csv``."""

MEANING = (
    "how far a crystal may lie from where its formula alone places it, according to a network (polysrl) trained on "
    "the known crystals of 30,000 formulas; 80 % means farther than for 80 in 100 of these. Formulas without a "
    "known crystal mostly get low values, so a low value does not mean that there is only one crystal; formulas of "
    "four or more elements have no value, since a low value would rather mean the opposite for them"
)
"""What it is; how well it tells that a formula has several crystals: docs/explanation/pretraining.md."""


class StructuralAmbiguity(EvidenceProvider):
    """The column :data:`COLUMN`, 0-100: the percentage of the formulas known to the network that are less ambiguous.

    Nothing is known where an element was not learned from, and beyond :data:`MOST_ELEMENTS`; nothing is said of
    candidates with structures.
    """

    def evidence(self, candidates: Candidates, brief: Brief, progress: Progress = silent) -> Opinion:
        """The percentile of each formula; nothing where the weights are missing.

        Raises
        ------
        ArtefactError
            If the weights are damaged.
        """
        network = read_network()
        if network is None or candidates.materials.structures is not None:
            return Opinion()
        return Opinion((ambiguity(candidates, network),))


def read_network() -> TrainedCompositionNetwork | None:
    """The network that tells it, with its weights read; None where the weights are missing.

    Raises
    ------
    ArtefactError
        If the weights are damaged.
    """
    plug_in: type[TrainedCompositionNetwork] = load_class("representations", NETWORK)
    if not plug_in.at_hand():
        return None
    network = plug_in()
    network.stored()
    return network


def ambiguity(candidates: Candidates, network: TrainedCompositionNetwork) -> Evidence:
    """The column :data:`COLUMN` of m candidates; see
    :meth:`~matscout.represent.trained_composition_network.TrainedCompositionNetwork.uncertainty`.
    """
    compositions = candidates.materials.compositions
    uncertainty = network.uncertainty(candidates.materials)
    few = np.diff(compositions.offsets)[uncertainty.rows] <= MOST_ELEMENTS
    values = np.full(len(candidates), np.nan)
    values[uncertainty.rows] = np.where(few, uncertainty.percentiles, np.nan)
    source = EvidenceSource(network.name, network.version, network.stored().digest)
    return Evidence(COLUMN, "structural ambiguity", values, MEANING, source, PERCENTILE)
