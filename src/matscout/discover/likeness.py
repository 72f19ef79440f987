"""Likeness of candidates to materials that databases list as made, as facts: evidence and a stage share it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matscout.data.units import convert, parse_unit
from matscout.discover.base import Brief
from matscout.discover.known_compounds import nearest_named, what_is_known
from matscout.generate.base import Candidates
from matscout.generate.facts import PERCENTILE, Evidence, EvidenceSource
from matscout.predict.hull_columns import is_called_hull
from matscout.predict.shipped_likeness import LikenessRanks, shipped_likeness

Floats = NDArray[np.float64]

NAME, PREFIX = "known-likeness", "known_likeness"
ENERGY_UNIT = "eV/atom"
BY_STRUCTURE, BY_ENERGY = 0.3, 0.15
"""Changes of the percentile by the structure, and by the energy above the hull, of which a warning speaks."""

ABOUT = (
    "Likeness to known materials is a place among materials of the Materials Project that no database lists as made. "
    "It follows what chemists have made so far: a low one does not mean that a material cannot be made, and a high one "
    "does not mean that it can."
)
MEANING = (
    "share of the materials that no database lists as made (computed ones of the Materials Project) with a lower "
    "score; {from_}"
)
SCORE = "score of likeness to materials that databases list as made, 0 to 1; only its order means something"
AMONG_KNOWN = "share of the materials that databases list as made with a lower score"
NEAREST = "the compound with a name, among minerals and inorganic compounds, with the most similar composition"
DISTANCE = "share of the atoms that differ from that compound, 0 to 1"
IN_DOMAIN = (
    "false where it holds an element that hardly any known material holds, has proportions that no training material "
    "has (as doped ones), or could not be described"
)
WARNING = "what to know of this score before it is used"


def likeness_facts(candidates: Candidates, brief: Brief) -> tuple[LikenessRanks, list[Evidence]]:
    """Where m candidates stand among known and unlabelled materials, and these facts as columns.

    Parameters
    ----------
    candidates
        Compounds, with or without structures and energies above the hull.
    brief
        Units of the context columns.

    Raises
    ------
    ArtefactError
        If the weights are missing or damaged.
    """
    model = shipped_likeness()
    above = energies_above_hull(candidates, brief)
    ranks = model.rank(candidates.materials, above)
    source = EvidenceSource(NAME, model.version, model.digest, ABOUT, prefix=PREFIX)
    return ranks, _facts(candidates, ranks, source)


def _facts(candidates: Candidates, ranks: LikenessRanks, source: EvidenceSource) -> list[Evidence]:
    _, formulas, distances = nearest_named(candidates.materials.compositions)
    from_ = f"from {', '.join(dict.fromkeys(ranks.parts.tolist()))}"
    columns: list[tuple[str, str, NDArray[Any], str, str | None]] = [
        ("percentile_unlabelled", "likeness to known materials", 100 * ranks.percentile_unlabelled, "", PERCENTILE),
        ("percentile_known", "likeness, among known materials", 100 * ranks.percentile_known, AMONG_KNOWN, PERCENTILE),
        ("score", "score of likeness", ranks.score, SCORE, None),
        ("nearest", "nearest known compound", formulas, NEAREST, None),
        ("distance", "distance of that compound", distances, DISTANCE, None),
        ("warning", "warning on likeness", warnings_on(candidates, ranks), WARNING, None),
        # The last one says of which rows the column "seen" is known: of all.
        ("in_domain", "likeness inside its domain", ranks.in_domain, IN_DOMAIN, None),
    ]
    facts = [
        Evidence(
            f"{PREFIX}_{name}", heading, values, meaning or MEANING.format(from_=from_), source, unit, seen=ranks.seen
        )
        for name, heading, values, meaning, unit in columns
    ]
    return [facts[0], *(replace(one, emphasis="detail") for one in facts[1:])]


def warnings_on(candidates: Candidates, ranks: LikenessRanks) -> NDArray[np.str_]:
    """What to know of each score, sentences without full stops joined by "; ", [m]."""
    has_structure = candidates.materials.has_structure
    made = what_is_known(candidates.materials.compositions).made
    words = []
    for row in range(len(candidates)):
        plain, before, after = ranks.by_composition[row], ranks.without_hull[row], ranks.percentile_unlabelled[row]
        strange = ", ".join(ranks.strange[row].split())
        parts = [f"hardly any known material holds {strange}"] if strange else []
        if not ranks.usual[row]:
            parts.append("no training material has these proportions")
        if made[row]:
            this = "another structure of this formula is known, or this one"
            parts.append(this if has_structure[row] else "this formula is known, so it needs no score")
        if abs(before - plain) > BY_STRUCTURE:
            parts.append(f"the structure moves it from {plain:.0%} (composition alone) to {before:.0%}")
        if abs(after - before) > BY_ENERGY:
            parts.append(f"the energy above the hull moves it from {before:.0%} to {after:.0%}")
        if has_structure.any() and not has_structure[row]:
            parts.append("from the composition alone")
        words.append("; ".join(parts))
    return np.array(words, dtype=np.str_)


def energies_above_hull(candidates: Candidates, brief: Brief) -> Floats:
    """Energies above the hull, eV/atom, out of a stage or a column of the candidates; NaN where there are none, [m]."""
    facts = [one for one in candidates.facts.values() if is_called_hull(one.column) and one.unit == ENERGY_UNIT]
    numbers = [one for one in facts if one.values.dtype.kind == "f" and one.source.prefix != "donor"]
    if numbers:
        return np.asarray(numbers[0].values, dtype=np.float64)
    for name, column in candidates.materials.context.items():
        if is_called_hull(name) and column.dtype.kind == "f":
            return _in_electronvolts(column.astype(np.float64), brief.labels.context_units.get(name))
    return np.full(len(candidates), np.nan)


def _in_electronvolts(values: Floats, unit: str | None) -> Floats:
    """Energies in eV/atom; those of no unit, or one that is not known, are taken to be so."""
    source, wanted = parse_unit(unit or ENERGY_UNIT), parse_unit(ENERGY_UNIT)
    return values if source is None or wanted is None else convert(values, source, wanted)
