"""Hazards of compositions by families of substances, with the GHS statement and who classifies the family so.

The rules go by composition and by the oxidation states that balance it, so they know nitride from nitrate and Cr(III)
from Cr(VI), but no isomers: a fulminate and a cyanate of silver are one composition, and the rule takes the worse. They
are hints for whoever plans a synthesis, not a classification of a product; a family without a rule is not thereby safe.

Sources: Regulation (EC) No 1272/2008 (CLP), Annex VI table 3 for harmonised entries and Annex III for the
statements; IARC Monographs, list of classifications; Urben (ed.), Bretherick's Handbook of Reactive Chemical Hazards,
8th ed., 2017, by the names of its classes; UN Model Regulations, dangerous goods list; Directive 2011/65/EU (RoHS),
Annex II.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.hazard_chemistry import HazardChemistry
from matscout.crystal.hazard_classes import HAZARD_KINDS, Hazard, HazardKind, HazardRule
from matscout.crystal.hazard_rules import OTHER_RULES
from matscout.crystal.toxic_rules import TOXIC_RULES
from matscout.data.compositions import Compositions

Bools = NDArray[np.bool_]

RULES = (*OTHER_RULES, *TOXIC_RULES)
"""All rules."""

_CHUNK = 10_000
"""Compositions that are looked at together; their dense fractions and charges take 20 MB."""


def hazards_of(compositions: Compositions) -> list[tuple[Hazard, ...]]:
    """The hazards of each of n compositions, the worst kind first, [n]; empty where no rule holds."""
    hazards: list[list[Hazard]] = [[] for _ in range(len(compositions))]
    for rule, rows in _matches(compositions, RULES):
        for row in rows.tolist():
            hazards[row].append(rule.hazard)
    return [tuple(sorted(own, key=lambda one: HAZARD_KINDS.index(one.kind))) for own in hazards]


def is_hazardous(compositions: Compositions, kinds: Sequence[HazardKind]) -> Bools:
    """Which of n compositions have a hazard of one of the kinds, bool [n]."""
    flagged = np.zeros(len(compositions), dtype=np.bool_)
    for _, rows in _matches(compositions, [rule for rule in RULES if rule.hazard.kind in kinds]):
        flagged[rows] = True
    return flagged


def families(compositions: Compositions, kinds: Sequence[HazardKind] = HAZARD_KINDS) -> list[str]:
    """Kinds and families of the hazards of each composition, ``"explosive: nitrides of noble metals"``, "" for none."""
    return [
        "; ".join(f"{one.kind}: {one.family}" for one in own if one.kind in kinds) for own in hazards_of(compositions)
    ]


def _matches(compositions: Compositions, asked: Sequence[HazardRule]) -> list[tuple[HazardRule, NDArray[np.int64]]]:
    """Each rule with the rows for which it holds, part by part."""
    matches = []
    for start in range(0, len(compositions), _CHUNK):
        chemistry = HazardChemistry(compositions[start : start + _CHUNK])
        matches += [(rule, start + np.flatnonzero(rule.applies(chemistry))) for rule in asked]
    return matches
