"""Geometry and chemistry of crystals: sites, neighbours, bonds, symmetry, element tables, charges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matscout.lazy import lazily, offered

if TYPE_CHECKING:
    from matscout.crystal.crystals import Crystals as Crystals
    from matscout.crystal.neighbours import pairs_within as pairs_within
    from matscout.crystal.prototypes import prototype_label as prototype_label

__getattr__, __dir__ = lazily(__name__, offered(__file__))
