"""Hulls of energies by a force field: against ASE's own calculator, with schemes, and what has no energy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase import build as ase_build
from ase.io import write
from tests.simulate.test_force_field import calculator_of

import matscout
from matscout.data.given import as_materials
from matscout.errors import UsageError
from matscout.remarks import codes
from matscout.simulate.choice import make_force_field
from matscout.simulate.energy_columns import EnergyColumns
from matscout.simulate.references import References
from matscout.workflow.hull_settings import HullSettings
from matscout.workflow.hulls import hull_table
from matscout.workflow.label_settings import MaterialSettings

MP2020_CALCULATOR = "tests.workflow.test_hulls_by_force_field:calculator_in_mp2020"


def calculator_in_mp2020():
    """A calculator that declares a scheme, which Lennard-Jones does not."""
    calculator = calculator_of("Ar")
    calculator.energy_scheme = "corrected-mp2020"
    return calculator


def solid(symbol: str, constant: float) -> Atoms:
    return ase_build.bulk(symbol, "fcc", a=constant, cubic=True)


def energy(atoms: Atoms) -> float:
    """By ASE, eV/atom."""
    atoms = atoms.copy()
    atoms.calc = calculator_of(atoms.get_chemical_symbols()[0])
    return atoms.get_potential_energy() / len(atoms)


@pytest.fixture(scope="module")
def own() -> References:
    """Solid argon, krypton and a mixture of them, with the energies of the force field itself."""
    mixture = ase_build.bulk("ArKr", "rocksalt", a=6.5, cubic=True)
    materials = as_materials([solid("Ar", 5.26), solid("Kr", 5.65), mixture])
    assert materials.structures is not None
    found = make_force_field("lennard-jones").evaluate(materials.structures)
    return References.of_totals(materials, found.energy / np.array([4, 4, 8]), "unknown", "Lennard-Jones solids")


def test_a_stretched_solid_lies_above_by_what_stretching_costs(own: References) -> None:
    given = [solid("Ar", 5.26), solid("Ar", 5.6), solid("Kr", 6.1)]
    found = matscout.hull(given, own, force_field="lennard-jones")
    costs = [0.0, energy(given[1]) - energy(given[0]), energy(given[2]) - energy(solid("Kr", 5.65))]
    assert costs[1] > 0.005
    assert found.above == pytest.approx(costs, abs=1e-9)
    assert found.force_field == "lennard-jones"
    assert "on the hull of Lennard-Jones solids (unknown), energies by lennard-jones" in found.in_a_line()
    assert found.to_frame()["hull_energies_by"].to_list() == ["lennard-jones"] * 3


def test_what_has_no_energy_is_a_problem_of_its_row(own: References) -> None:
    given = [solid("Ar", 5.26), ase_build.bulk("NaCl", "rocksalt", a=5.64), solid("Ar", 5.4)]
    found = matscout.hull(given, own, force_field="lennard-jones")
    assert np.isnan(found.above).tolist() == [False, True, False]
    assert [(one.row, one.value, one.reason) for one in found.problems] == [
        (2, "NaCl", "Lennard-Jones does not know Na, Cl")
    ]


def test_the_scheme_of_the_force_field_counts(own: References) -> None:
    argon = [solid("Ar", 5.26)]
    with pytest.raises(UsageError, match=r"energies are corrected-mp2020 .* the references unknown"):
        matscout.hull(argon, own, force_field=MP2020_CALCULATOR)
    with pytest.raises(UsageError, match="predicts corrected-mp2020 energies, not r2scan"):
        matscout.hull(argon, own, force_field=MP2020_CALCULATOR, scheme="r2scan")
    with pytest.raises(UsageError, match=r"energies are r2scan .* the references unknown"):
        matscout.hull(argon, own, force_field="lennard-jones", scheme="r2scan")


def test_energies_have_one_source(own: References) -> None:
    with pytest.raises(UsageError, match="energies= and force_field= are both given"):
        matscout.hull([solid("Ar", 5.26)], own, force_field="lennard-jones", energies=[1.0])
    with pytest.raises(UsageError, match="--with computes the energies"):
        HullSettings(references="phases.csv", force_field="chgnet", total_energy="energy")
    with pytest.raises(UsageError, match="formulas only: a force field needs structures"):
        matscout.hull(["Ar", "Kr"], own, force_field="lennard-jones")


def test_a_file_of_structures_keeps_all_rows(own: References, tmp_path: Path) -> None:
    path = tmp_path / "solids.extxyz"
    write(path, [solid("Ar", 5.6), solid("Ne", 4.4), ase_build.bulk("NaCl", "rocksalt", a=5.64)])
    reading = MaterialSettings(max_bad=1.0)
    made = hull_table(path, own, reading, EnergyColumns(), force_field="lennard-jones")
    values = made.table["e_above_hull (eV/atom)"].to_list()
    assert values[0] == pytest.approx(energy(solid("Ar", 5.6)) - energy(solid("Ar", 5.26)))
    assert values[1:] == [None, None]
    assert "the energy of Ne as an element is not among" in made.table["problem"][1]
    assert "does not know Na, Cl" in made.table["problem"][2]
    assert made.counts.startswith("1 of 3 rows placed")


def dft_like(own: References, error: float) -> References:
    """Energies of another calculation, in which the mixture is lower by an error."""
    values = own.formation_energies.copy()
    values[2] -= error
    return References(own.materials, values, "unknown", "another calculation", own.elements)


def test_common_errors_cancel_on_the_own_hull(own: References) -> None:
    """Of the mixture itself: by its references it lies above by their error, by the force field on its own phase."""
    mixed, stretched = (ase_build.bulk("ArKr", "cesiumchloride", a=size, cubic=True) for size in (4.4, 4.8))
    given = as_materials([mixed, stretched])
    phases = as_materials([solid("Ar", 5.26), solid("Kr", 5.65), mixed])
    assert phases.structures is not None
    totals = make_force_field("lennard-jones").evaluate(phases.structures).energy / np.array([4, 4, 2])
    true = References.of_totals(phases, totals, "unknown", "Lennard-Jones solids")
    lower = dft_like(true, 0.08)
    found = matscout.hull(given, lower, force_field="lennard-jones", own_hull=True)
    alone = matscout.hull(given, true, force_field="lennard-jones")
    assert found.own_above == pytest.approx(alone.above, abs=1e-9)
    assert found.above[0] > 0.05
    assert [codes(one) for one in found.warnings] == [["hulls-disagree"]] * 2
    table = found.to_frame()
    difference = table["e_above_hull minus own (eV/atom)"].to_numpy()
    assert difference == pytest.approx(found.above - alone.above)


def test_an_own_hull_needs_structures_and_a_force_field(own: References) -> None:
    bare = References(
        matscout.Materials.from_formulas(["Ar", "Kr"]), np.zeros(2), "unknown", "formulas", elements=own.elements
    )
    with pytest.raises(UsageError, match="references of formulas were read without structures"):
        matscout.hull([solid("Ar", 5.6)], bare, force_field="lennard-jones", own_hull=True)
    with pytest.raises(UsageError, match="name the force field"):
        matscout.hull(["Ar"], own, formation_energies=[0.0], own_hull=True)
    with pytest.raises(UsageError, match="own hull"):
        HullSettings(references="phases.csv", own_hull=True)
