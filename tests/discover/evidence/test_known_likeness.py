"""Likeness to known materials as columns: what they say, and what they never say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.evidence.known_likeness import KnownLikenessEvidence
from matscout.discover.likeness import energies_above_hull, likeness_facts
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource, columns_of
from matscout.testing.stages import crystal_candidates

FORMULAS = ["NaCl", "Na2MgO2", "NaHe3"]
BRIEF = Brief(Dataset(Materials.from_formulas(["GaAs"]), {}))


def candidates(**context: list[float]) -> Candidates:
    columns = {name: np.array(values) for name, values in context.items()}
    materials = replace(Materials.from_formulas(FORMULAS), context=columns)
    return Candidates(materials, np.full(len(FORMULAS), ""))


def facts(given: Candidates, brief: Brief = BRIEF) -> dict[str, Evidence]:
    return {one.column: one for one in KnownLikenessEvidence().evidence(given, brief).facts}


def test_columns_of_the_specification() -> None:
    columns = facts(candidates())
    assert list(columns) == [
        f"known_likeness_{name}"
        for name in (
            "percentile_unlabelled",
            "percentile_known",
            "score",
            "nearest",
            "distance",
            "warning",
            "in_domain",
        )
    ]
    assert columns["known_likeness_nearest"].values[0] == "NaCl"
    assert columns["known_likeness_distance"].values[0] == 0.0
    assert columns["known_likeness_in_domain"].values.tolist() == [True, True, False]
    assert columns["known_likeness_warning"].values.tolist() == [
        "this formula is known, so it needs no score",
        "",
        "hardly any known material holds He",
    ]
    places = columns["known_likeness_percentile_unlabelled"].values
    assert ((places >= 0) & (places <= 100)).all()
    assert columns["known_likeness_score"].seen is not None
    assert columns["known_likeness_score"].seen.tolist() == [True, False, False]


def test_what_was_trained_on_is_marked_in_every_row() -> None:
    columns = columns_of(facts(candidates()).values())
    assert columns["known_likeness_seen"].to_list() == [True, False, False]


def test_it_never_calls_a_material_synthesizable() -> None:
    provider = KnownLikenessEvidence()
    for one in provider.evidence(candidates(), BRIEF).facts:
        words = " ".join([one.heading, one.meaning, one.source.about, *map(str, one.values)]).casefold()
        assert "synthesi" not in words
        assert "accuracy" not in words


def test_only_one_of_them_is_a_column_of_the_report() -> None:
    shown = [one.column for one in facts(candidates()).values() if one.emphasis == "none"]
    assert shown == ["known_likeness_percentile_unlabelled"]


def test_energies_come_from_columns_and_stages() -> None:
    stated = candidates(e_above_hull=[0.0, 400.0, 0.0])
    brief = replace(BRIEF, labels=replace(BRIEF.labels, context_units={"e_above_hull": "meV/atom"}))
    np.testing.assert_allclose(energies_above_hull(stated, brief), [0.0, 0.4, 0.0])
    own = Evidence("e_above_hull", "above", np.array([0.0, 0.1, 0.2]), "made up", EvidenceSource("chgnet"), "eV/atom")
    np.testing.assert_array_equal(energies_above_hull(stated.with_facts([own]), brief), own.values)
    assert np.isnan(energies_above_hull(candidates(), BRIEF)).all()
    assert "from composition and hull" in facts(stated, brief)["known_likeness_percentile_unlabelled"].meaning


def test_large_changes_by_energy_and_structure_are_warnings() -> None:
    warnings = facts(candidates(e_above_hull=[0.0, 5.0, 0.0]))["known_likeness_warning"].values
    assert warnings[1].startswith("the energy above the hull moves it from 66% to ")
    given = crystal_candidates()
    ranks, columns = likeness_facts(given, BRIEF)
    moved = np.abs(ranks.without_hull - ranks.by_composition) > 0.3
    assert moved.any()
    words = next(one for one in columns if one.column.endswith("warning")).values
    assert [("the structure moves it" in one) for one in words] == moved.tolist()


def test_structures_of_known_formulas_are_marked() -> None:
    warnings = facts(crystal_candidates())["known_likeness_warning"].values
    assert "another structure of this formula is known, or this one" in warnings[3]
