"""Energy above the hull, against pymatgen's phase diagram, and in cases where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
from pymatgen.core import Composition, Element

from matscout.data.materials import Materials
from matscout.errors import InputError, UsageError
from matscout.remarks import codes
from matscout.simulate.element_energies import ElementEnergies
from matscout.simulate.hull import formula_unit, hull_of
from matscout.simulate.references import References

POOL = ("Li", "O", "Fe", "P", "Na", "Cl", "Ti", "S", "Cu", "Zn")


def phases_of(formulas, energies, scheme="unknown"):
    return References(Materials.from_formulas(formulas, counts_atoms=True), np.array(energies, dtype=float), scheme)


def hull(formulas, energies, references, **settings):
    materials = Materials.from_formulas(formulas, counts_atoms=True)
    return hull_of(materials, np.array(energies, dtype=float), "unknown", references, **settings)


def random_system(seed):
    """Formulas of 2 to 5 elements and their formation energies; some compositions repeat, some lie above 0."""
    rng = np.random.default_rng(seed)
    symbols = rng.choice(POOL, size=rng.integers(2, 6), replace=False)
    formulas, energies = [], []
    for _ in range(int(rng.integers(1, 25))):
        chosen = rng.choice(symbols, size=rng.integers(2, len(symbols) + 1), replace=False)
        formulas.append("".join(f"{symbol}{rng.integers(1, 5)}" for symbol in sorted(chosen)))
        energies.append(round(float(rng.normal(-0.5, 0.6)), int(rng.integers(1, 6))))
    return symbols.tolist(), formulas, energies


def entries_of(formulas, energies):
    compositions = [Composition(formula) for formula in formulas]
    return [PDEntry(one, energy * one.num_atoms) for one, energy in zip(compositions, energies, strict=True)]


def diagram(symbols, entries):
    """The phase diagram of pymatgen with the elements at 0."""
    return PhaseDiagram([*entries_of(symbols, [0.0] * len(symbols)), *entries], [Element(one) for one in symbols])


@pytest.mark.parametrize("block", range(10))
def test_equal_to_pymatgen_on_two_hundred_systems(block):
    for seed in range(20 * block, 20 * block + 20):
        symbols, formulas, energies = random_system(seed)
        entries = entries_of(formulas, energies)
        reference = diagram(symbols, entries)
        found = hull(formulas, energies, phases_of(formulas, energies))
        for entry, above in zip(entries, found.above, strict=True):
            assert above == pytest.approx(reference.get_e_above_hull(entry), abs=1e-9)
        for composition in {Composition(formula) for formula in formulas}:
            lowest = references_energy(formulas, energies, composition)
            assert lowest == pytest.approx(reference.get_hull_energy_per_atom(composition), abs=1e-9)


def references_energy(formulas, energies, composition):
    """Of the hull at a composition, eV/atom: what a material at 100 eV/atom is above it, less that."""
    return 100.0 - hull([composition.formula.replace(" ", "")], [100.0], phases_of(formulas, energies)).above[0]


@pytest.mark.parametrize("seed", range(1000, 1012))
def test_distance_from_other_phases_is_the_phase_separation_energy_of_pymatgen(seed):
    symbols, formulas, energies = random_system(seed)
    entries = entries_of(formulas, energies)
    found = hull(formulas, energies, phases_of(formulas, energies), without_itself=True)
    for entry, energy, above in zip(entries, energies, found.above, strict=True):
        key = entry.composition.reduced_composition
        rest = diagram(symbols, [one for one in entries if one.composition.reduced_composition != key])
        assert above == pytest.approx(energy - rest.get_hull_energy_per_atom(entry.composition), abs=1e-9)


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_decomposition_has_the_composition_and_the_energy_of_the_hull(seed):
    _, formulas, energies = random_system(seed)
    references = phases_of(formulas, energies)
    found = hull(formulas, np.array(energies) + 1.0, references)
    lowest = {}
    for formula, energy in zip(formulas, energies, strict=True):
        key = Composition(formula).reduced_composition
        lowest[key] = min(energy, lowest.get(key, np.inf))
    for row, parts in enumerate(found.decompositions):
        assert sum(part.share for part in parts) == pytest.approx(1.0)
        mixed = sum((Composition(part.formula).fractional_composition * part.share for part in parts), Composition())
        assert mixed.almost_equals(found.materials[row].composition.fractional_composition, rtol=1e-6, atol=1e-6)
        energy = sum(lowest.get(Composition(part.formula).reduced_composition, 0.0) * part.share for part in parts)
        assert energy == pytest.approx(found.formation_energies[row] - found.above[row], abs=1e-9)


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_more_references_never_lower_the_energy_above_the_hull(seed):
    _, formulas, energies = random_system(seed)
    half = max(len(formulas) // 2, 1)
    few = hull(formulas, energies, phases_of(formulas[:half], energies[:half]))
    all_of_them = hull(formulas, energies, phases_of(formulas, energies))
    assert np.all(all_of_them.above >= few.above - 1e-9)


def test_a_textbook_binary():
    references = phases_of(["Li2O", "Li2O2", "Li2O", "LiO3"], [-2.0, -1.65, -1.9, 0.2])
    found = hull(["LiO2", "Li2O", "Li3O", "Li2O2"], [-1.0, -1.9, -1.0, -1.7], references)
    assert found.above == pytest.approx([1.65 * 2 / 3 - 1.0, 0.1, 1.5 - 1.0, 0.0])
    assert [str(part) for part in found.decompositions[0]] == ["0.667 Li2O2 (2)", "0.333 O"]
    assert [part.share for part in found.decompositions[2]] == pytest.approx([0.75, 0.25])
    assert [str(part) for part in found.decompositions[3]] == ["1 Li2O2 (4)"]
    assert found.coverage[0].phases == 3
    assert found.coverage[0].without == ()


def test_one_phase_and_elements():
    references = phases_of(["NaCl"], [-2.1])
    found = hull(["NaCl", "Na", "Cl", "NaCl3", "Na"], [-2.0, 0.05, 0.0, -1.0, -0.1], references)
    assert found.above == pytest.approx([0.1, 0.05, 0.0, 0.05, 0.0])
    alone = hull(["NaCl", "Na"], [-2.1, 0.05], references, without_itself=True)
    assert alone.above == pytest.approx([-2.1, 0.05])


def test_an_element_below_its_reference_becomes_a_phase():
    references = phases_of(["Na", "Na", "NaCl"], [-0.02, 0.3, -1.0])
    found = hull(["Na3Cl", "Na"], [0.0, 0.0], references)
    assert found.above == pytest.approx([0.5 * 1.0 + 0.5 * 0.02, 0.02])
    assert {part.id for part in found.decompositions[0]} == {"1", "3"}


def test_systems_without_phases_are_named():
    found = hull(["LiFePO4", "NaCl"], [-2.4, -2.0], phases_of(["Li2O", "Fe2O3", "Li3PO4"], [-2.0, -1.7, -2.7]))
    coverage = found.coverage[0]
    assert coverage.phases == 3
    assert coverage.without[:4] == ("Li-P", "Fe-Li", "O-P", "Fe-P")
    assert "Fe-O" not in coverage.without
    assert [codes(one) for one in found.warnings] == [[], ["elements-only"]]
    assert found.warnings_in_short == ("1 of 2 materials has warnings: elements-only 1",)


def test_rows_without_an_energy_stay():
    found = hull(["NaCl", "NaCl"], [np.nan, -2.0], phases_of(["NaCl"], [-2.1]))
    assert np.isnan(found.above[0])
    assert found.to_frame()["e_above_hull (eV/atom)"].to_list() == [None, pytest.approx(0.1)]
    assert found.to_frame()["decomposition"].to_list() == [None, "1 NaCl (1)"]


def test_schemes_are_not_mixed():
    references = phases_of(["NaCl"], [-2.1], "r2scan")
    materials = Materials.from_formulas(["NaCl"])
    with pytest.raises(UsageError, match=r"corrected-mp2020 .* r2scan .*two schemes have no common hull"):
        hull_of(materials, np.array([-2.0]), "corrected-mp2020", references)
    with pytest.raises(UsageError, match=r"state the scheme of the energies \(scheme='r2scan'\)"):
        hull_of(materials, np.array([-2.0]), "unknown", references)
    with pytest.raises(UsageError, match="there is no scheme of energies 'PBE'"):
        phases_of(["NaCl"], [-2.1], "PBE")


def test_references_refuse_what_is_no_number():
    with pytest.raises(InputError, match="1 energy of in memory are not finite"):
        phases_of(["NaCl"], [np.nan])
    with pytest.raises(InputError, match="holds no phase with an energy"):
        phases_of([], [])


def test_formulas_of_cells_are_shown_as_formula_units():
    found = hull(["Li2O3"], [0.0], phases_of(["Li4O2", "O4Li4"], [-2.0, -1.65]))
    assert [part.formula for part in found.decompositions[0]] == ["Li2O2", "O"]
    assert formula_unit("Fe1Li1O4P1") == "LiFePO4"
    assert formula_unit("P4O10") == "P4O10"
    assert formula_unit("Ca(OH)2") == "Ca(OH)2"


def test_references_of_a_force_field_bring_their_own_elements():
    """Errors that all energies share per atom of an element cancel."""
    materials = Materials.from_formulas(["Na", "Cl", "NaCl", "NaCl3"])
    energies = np.array([-1.3, -1.8, -3.6, np.nan])
    references = References.of_totals(materials, energies, "unknown", "a force field")
    assert references.formation_energies == pytest.approx([0.0, 0.0, -2.05])
    offsets = np.array([0.2, 0.0, 0.1, 0.0])
    shifted = References.of_totals(materials, energies + offsets, "unknown", "a force field")
    assert shifted.formation_energies == pytest.approx(references.formation_energies)
    with pytest.raises(InputError, match="none of the element Cl: add the elements"):
        References.of_totals(materials[[0, 2]], energies[[0, 2]], "unknown", "a force field")


def test_lowest_element_is_the_reference():
    materials = Materials.from_formulas(["Na", "Na", "NaCl"])
    energies = ElementEnergies.of_phases(materials.compositions, np.array([-1.2, -1.3, -3.0]), "test")
    assert energies.energies[10] == -1.3
    assert np.isnan(energies.energies[16])
    assert energies.unknown_in(materials.compositions, 2) == ["Cl"]
