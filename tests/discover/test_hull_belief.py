"""Intervals of energies above the hull, a second force field, and warnings: by Lennard-Jones with made-up errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase import build as ase_build
from tests.discover.noble_solids import candidates_of
from tests.simulate.test_force_field import calculator_of

import matscout
from matscout.data.compositions import Compositions
from matscout.data.dataset import Dataset
from matscout.data.elements import SYMBOLS
from matscout.data.given import as_materials
from matscout.data.materials import Materials
from matscout.discover.base import Brief
from matscout.discover.reference_errors import FEWEST, JudgedCrystals, ReferenceErrors, errors_on
from matscout.discover.stages.stability import Stability
from matscout.errors import UsageError
from matscout.remarks import codes
from matscout.simulate.choice import make_force_field
from matscout.simulate.references import References

Floats = np.ndarray
GASES, SIZES = ("Ne", "Ar", "Kr", "Xe"), (4.3, 5.26, 5.65, 6.13)
MP2020_CALCULATOR = "tests.workflow.test_hulls_by_force_field:calculator_in_mp2020"


def mixtures(n: int, seed: int = 0) -> Materials:
    """The solid gases, then crystals of two of them of any size, all by the same formula of their energy."""
    rng = np.random.default_rng(seed)
    atoms = [ase_build.bulk(one, "fcc", a=size, cubic=True) for one, size in zip(GASES, SIZES, strict=True)]
    for _ in range(n):
        one = ase_build.bulk("Ar", "fcc", a=5.9 * rng.uniform(0.97, 1.1), cubic=True)
        chosen = rng.choice(GASES, rng.integers(2, 5), replace=False)
        one.set_chemical_symbols([*chosen, *rng.choice(chosen, 4 - len(chosen))])
        atoms.append(one)
    return as_materials(atoms)


def energies(materials: Materials) -> Floats:
    assert materials.structures is not None
    return make_force_field("lennard-jones").evaluate(materials.structures).energy / np.diff(
        materials.structures.offsets
    )


def references(n: int, size: float, seed: int = 0) -> References:
    """Whose energies differ from those of the force field by errors of a known size."""
    materials = mixtures(n, seed)
    true = References.of_totals(materials, energies(materials), "unknown", "made up")
    errors = np.random.default_rng(seed + 1).normal(0.0, size, len(true))
    errors[: len(GASES)] = 0.0
    return replace(true, formation_energies=true.formation_energies + errors)


def test_the_interval_is_the_quantile_of_the_errors() -> None:
    """Without features every width is the smallest error that holds .9 of the systems' shares, one more of them."""
    known = references(60, 0.01)
    field = make_force_field("lennard-jones")
    truth = References.of_totals(known.materials, energies(known.materials), "unknown", "made up")
    errors = np.abs(truth.formation_energies - known.formation_energies)[len(GASES) :]
    systems = known.materials.compositions.chemical_systems()[len(GASES) :].tolist()
    weights = np.array([1.0 / systems.count(one) / (len(set(systems)) + 1) for one in systems])
    order = np.argsort(errors)
    held = np.cumsum(weights[order])
    found = errors_on(known, field, "unknown")
    assert found is not None
    assert len(found) == 60
    assert found.errors == pytest.approx((truth.formation_energies - known.formation_energies)[len(GASES) :])
    expected = errors[order][np.searchsorted(held, 0.9 - 1e-9)]
    apart = JudgedCrystals(Compositions.from_dicts([{"Ne": 1.0, "Xe": 1.0}]), None, None)
    assert found.doubt(apart).widths == pytest.approx([expected])


def simulated(n: int, rng: np.random.Generator, offset: int) -> tuple[JudgedCrystals, Floats]:
    """Materials of their own systems, whose errors grow with the distance from the middle of all."""
    features = rng.normal(0.0, 1.0, (n, 3)) * rng.choice([0.5, 2.0], (n, 1))
    pairs = [(offset + row) // 90 for row in range(n)], [(offset + row) % 90 for row in range(n)]
    compositions = Compositions.from_dicts(
        [{SYMBOLS[a]: 1.0, SYMBOLS[(a + b + 1) % 91]: 2.0} for a, b in zip(*pairs, strict=True)]
    )
    spread = 0.01 * (0.3 + np.linalg.norm(features, axis=1))
    return JudgedCrystals(compositions, features, None), rng.normal(0.0, 1.0, n) * spread


def test_intervals_cover_and_flags_err_more() -> None:
    covered, ratios = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        phases, errors = simulated(300, rng, 0)
        others, theirs = simulated(1000, rng, 300)
        doubt = ReferenceErrors(phases, errors).doubt(others)
        covered.append(np.mean(np.abs(theirs) <= doubt.widths))
        ratios.append(np.abs(theirs)[doubt.far].mean() / np.abs(theirs)[~doubt.far].mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=0.02)
    assert np.mean(ratios) > 2.0


def test_the_hull_has_intervals_and_a_second_opinion() -> None:
    known = references(60, 0.01)
    given = mixtures(8, seed=5)[np.arange(4, 12)]
    second = calculator_of("Ar")
    found = matscout.hull(given, known, force_field="lennard-jones", second_opinion=second)
    interval = found.interval
    assert interval is not None
    assert found.second is not None
    assert interval.phases == 60
    inside = (interval.lower <= found.above) & (found.above <= interval.upper)
    assert inside.all()
    assert (interval.lower >= 0.0).all()
    np.testing.assert_allclose(interval.upper, np.maximum(found.distances + interval.widths, 0.0))
    table = found.to_frame()
    assert table["e_above_hull lower (eV/atom)"].to_numpy() == pytest.approx(interval.lower)
    assert table["e_above_hull by second (eV/atom)"].to_numpy() == pytest.approx(found.second.above)
    free = matscout.hull(given, known, force_field="lennard-jones", without_itself=True)
    assert free.interval is not None
    np.testing.assert_allclose(free.interval.upper - free.interval.lower, 2.0 * free.interval.widths)


def test_without_structures_there_is_no_interval() -> None:
    known = references(60, 0.01)
    for few in (known[np.arange(FEWEST - 1)], replace(known, materials=replace(known.materials, structures=None))):
        found = matscout.hull([ase_build.bulk("ArKr", "rocksalt", a=6.3)], few, force_field="lennard-jones")
        assert found.interval is None
        assert "no-intervals" in codes(found.remarks)
        assert "e_above_hull lower (eV/atom)" not in found.to_frame().columns


def test_a_second_opinion_is_of_the_same_scheme_and_has_a_first_one() -> None:
    known = references(10, 0.01)
    with pytest.raises(UsageError, match="predicts corrected-mp2020 energies and the first force field unknown ones"):
        matscout.hull(known.materials, known, force_field="lennard-jones", second_opinion=MP2020_CALCULATOR)
    with pytest.raises(UsageError, match="needs a first one"):
        matscout.hull(["Ar"], known, formation_energies=[0.0], second_opinion="lennard-jones")


def test_crowded_and_foreign_atoms_are_named() -> None:
    known = references(10, 0.01)
    close = ase_build.bulk("ArKr", "cesiumchloride", a=1.5)
    found = matscout.hull([close], known, force_field="lennard-jones")
    assert "atoms-close" in codes(found.warnings[0])


def test_the_stage_states_errors_and_warnings() -> None:
    given = [ase_build.bulk("ArKr", "rocksalt", a=6.3), ase_build.bulk("ArKr", "cesiumchloride", a=1.5)]
    stage = Stability(references="known", with_="lennard-jones", own_hull=True, second_opinion="lennard-jones")
    stage.__dict__["phases"] = references(60, 0.01)
    verdict = stage.judge(candidates_of(given), Brief(Dataset(Materials.from_formulas(["NaCl"]))))
    facts = {one.column: one for one in verdict.facts}
    assert facts["e_above_hull"].errors is not None
    assert (facts["e_above_hull"].errors > 0).all()
    assert "from the errors of the force field on 60 reference phases" in facts["e_above_hull"].error_meaning
    assert "Å apart" in facts["hull_warnings"].values[1]
    assert {"e_above_own_hull", "e_above_hull_by_second"} <= set(facts)
