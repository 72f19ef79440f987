"""The table of generated crystals: exact counts on crystals whose verdicts are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matscout.crystal.equal_crystals import ComparedCrystals, first_equals, known_as
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.data.materials import Materials
from matscout.evaluation.binomial import BinomialShare
from matscout.evaluation.crystal_sample_facts import sample_facts
from matscout.evaluation.crystal_table import anonymous_formulas, crystal_table
from matscout.evaluation.crystal_table_rows import jensen_shannon
from matscout.generate.crystal_generator import materials_with


def crystals() -> Materials:
    """NaCl, the same in a larger cell, CsCl-type NaCl, MgO, NaCl with overlapping atoms, Cu, Na2Cl."""
    made = SymmetricCrystals.of(
        [225, 225, 221, 225, 225, 225, 225],
        np.repeat([5.64, 5.66, 3.4, 4.21, 2.0, 3.61, 6.6], 6).reshape(7, 6),
        offsets=np.array([0, 2, 4, 6, 8, 10, 11, 13]),
        letters=["a", "b"] * 5 + ["a"] + ["c", "a"],
        elements=[11, 17, 11, 17, 11, 17, 12, 8, 11, 17, 29, 11, 17],
        free=np.zeros((13, 3)),
    )
    return materials_with(made.structures(primitive=True), made.compositions)


def test_facts_are_those_of_textbooks() -> None:
    facts = sample_facts(crystals())
    assert facts.parsable.all()
    assert facts.apart.tolist() == [True, True, True, True, False, True, True]
    assert facts.usual_volume.tolist() == [True, True, True, True, False, True, True]
    assert facts.neutral.tolist() == [True, True, True, True, True, False, False]
    assert facts.metals.tolist() == [False] * 5 + [True, False]
    assert facts.space_groups.tolist() == [225, 225, 221, 225, 225, 225, 225]
    assert facts.densities[0] == pytest.approx(2.163, abs=0.01)
    assert facts.valid.tolist() == [True, True, True, True, False, True, False]


def in_cells(materials: Materials, change: np.ndarray) -> Materials:
    """The same atoms in cells with other vectors."""
    structures = materials.structures
    assert structures is not None
    places = structures.fractional_coordinates @ np.linalg.inv(change)
    return replace(
        materials, structures=replace(structures, lattices=change @ structures.lattices, fractional_coordinates=places)
    )


def test_vectors_of_a_cell_are_a_matter_of_choice() -> None:
    """Oblique vectors of the same lattice (at 162 degrees) describe the same crystal; a flat cell is none."""
    materials = crystals()[2:3]
    assert sample_facts(in_cells(materials, np.array([[1, 0, 0], [-3, 1, 0], [0, 0, 1]]))).parsable.all()
    assert not sample_facts(in_cells(materials, np.diag([1.0, 1.0, 0.02]))).parsable.any()


def test_equal_crystals_are_found_whatever_their_size_and_setting() -> None:
    materials = crystals()
    assert first_equals(ComparedCrystals(materials)).tolist() == [0, 0, 2, 3, 0, 5, 6]
    known = known_as(ComparedCrystals(materials), ComparedCrystals(materials[np.array([3, 1])]))
    assert known.tolist() == [1, 1, -1, 0, 1, -1, -1]


def test_the_matcher_decides_where_orbits_differ() -> None:
    """A cell with atoms a little out of place has no symmetry left, and is equal all the same."""
    materials = crystals()[:1]
    structures = materials.structures
    assert structures is not None
    moved = structures.fractional_coordinates + np.random.default_rng(0).normal(0, 0.01, (2, 3))
    shaken = replace(materials, structures=replace(structures, fractional_coordinates=moved))
    assert known_as(ComparedCrystals(shaken), ComparedCrystals(materials)).tolist() == [0]


def test_rows_count_all_that_were_given() -> None:
    materials = crystals()
    table = crystal_table(materials, materials[np.array([3, 5])], unreadable=1, reference_words="two crystals")
    counts = {row.name: row.share.count for row in table.rows if row.share is not None}
    assert counts["parsable"] == 7
    assert counts["atoms apart"] == 6
    assert counts["neutral or metals"] == 6
    assert counts["unique"] == 5
    assert counts["novel"] == 5
    assert counts["formula unknown"] == 5
    assert counts["prototype unknown"] == 2
    assert counts["V.U.N."] == 2
    assert table.valid_unique_novel.tolist() == [True, False, True, False, False, False, False]
    assert {row.share.n for row in table.rows if row.share is not None and row.name != "V.U.N."} >= {8}
    step = table.row("usual volume").reached
    assert step is not None
    assert (step.count, step.n) == (6, 6)
    assert table.row("JSD of elements").value > 0.3
    assert "two crystals" in table.markdown()
    assert table.document()["n"] == 8


def test_without_a_reference_nothing_is_known() -> None:
    table = crystal_table(crystals())
    names = [row.name for row in table.rows]
    assert "novel" not in names
    assert table.row("V.U.N.").share == BinomialShare(4, 7)


def test_intervals_are_those_of_clopper_and_pearson() -> None:
    """Values of R 4.3: binom.test(8, 10), binom.test(0, 20)."""
    share = BinomialShare(8, 10)
    assert (share.low, share.high) == pytest.approx((0.4439045, 0.9747893), abs=1e-6)
    assert BinomialShare(0, 20).high == pytest.approx(0.1684335, abs=1e-6)
    assert str(BinomialShare(0, 0)) == "none of 0"


def test_divergence_is_that_of_scipy() -> None:
    from scipy.spatial.distance import jensenshannon

    first, second = np.random.default_rng(0).dirichlet(np.ones(5), 2)
    assert jensen_shannon(first, second) == pytest.approx(float(jensenshannon(first, second, base=2)) ** 2)
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0


def test_anonymous_formulas_are_in_lowest_terms() -> None:
    compositions = Materials.from_formulas(["Fe4O6", "NaCl", "Si8", "CaTiO3"]).compositions
    assert anonymous_formulas(compositions).tolist() == ["A2B3", "AB", "A", "ABC3"]
