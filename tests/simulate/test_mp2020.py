"""Corrections of the Materials Project, against ``MaterialsProject2020Compatibility`` of pymatgen."""

from __future__ import annotations

import json
import time

import numpy as np
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition, Lattice, Structure
from pymatgen.entries.compatibility import MP2020_COMPAT_CONFIG, MaterialsProject2020Compatibility
from pymatgen.entries.computed_entries import ComputedEntry, ComputedStructureEntry
from pymatgen.io.vasp.sets import MPRelaxSet

from matscout.data.elements import ATOMIC_NUMBERS, SYMBOLS
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.simulate.mp2020 import correction, correction_table, mp2020_corrections
from matscout.simulate.oxidation_guesses import guess_states

WITH_U = MPRelaxSet.CONFIG["INCAR"]["LDAUU"]
RULE = MaterialsProject2020Compatibility(check_potcar=False)
COMMON = ("Li", "Na", "K", "Mg", "Ca", "Ba", "Al", "Si", "Ti", "V", "Cr", "Mn", "Fe", "Co", "Ni", "Cu", "Zn", "Mo", "W")
ANIONS = ("O", "S", "F", "Cl", "Br", "I", "N", "Se", "Te", "Sb", "Si", "H", "P", "C", "As", "B")
KNOWN = (
    *("Li2O2", "LiO2", "NaO", "KO2", "NaO5", "LiO3", "BaO2", "H2O2", "Li2O", "BaSO4", "KClO3", "NH4Cl", "NH3", "H2O"),
    *("ClF3", "ICl3", "SiSe2", "SbTe", "Sb2Te3", "SO2", "BN", "FeSbS", "KBrO3", "Na3AsSe4", "MnOF", "Fe4Si3", "VOCl"),
    *("CrN", "Ti2NO2", "BiOI", "CuFeS2", "Li7La3Zr2O12", "Na", "O2", "MgO2", "RbO2", "CsO", "WO2Br2", "LiNiO2"),
)


def hubbards(composition):
    """The values of U with which the Materials Project calculates a composition."""
    strongest = max(composition.elements, key=lambda element: element.X).symbol
    values = {element.symbol: WITH_U.get(strongest, {}).get(element.symbol, 0) for element in composition.elements}
    return {symbol: value for symbol, value in values.items() if value}


def of_pymatgen(composition, structure=None):
    """The correction of a cell by pymatgen, eV."""
    u = hubbards(composition)
    parameters = {"run_type": "GGA+U" if u else "GGA", "hubbards": u, "software": "other"}
    entry = (
        ComputedEntry(composition, 0.0, parameters=parameters)
        if structure is None
        else ComputedStructureEntry(structure, 0.0, composition=composition, parameters=parameters)
    )
    return sum(adjustment.value for adjustment in RULE.get_adjustments(entry))


def drawn(seed):
    """A composition of one to three metals and one to three other elements, by atomic number."""
    rng = np.random.default_rng(seed)
    chosen = {str(one) for one in rng.choice(COMMON, rng.integers(1, 4), replace=False)}
    chosen |= {str(one) for one in rng.choice(ANIONS, rng.integers(1, 4), replace=False)}
    return {symbol: int(rng.integers(1, 7)) for symbol in sorted(chosen, key=ATOMIC_NUMBERS.__getitem__)}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("block", range(6))
def test_equal_to_pymatgen_on_six_hundred_compositions(block):
    for seed in range(100 * block, 100 * block + 100):
        amounts = drawn(seed)
        assert correction(amounts) == pytest.approx(of_pymatgen(Composition(amounts)), abs=1e-9), amounts


@pytest.mark.filterwarnings("ignore")
def test_equal_to_pymatgen_on_known_formulas():
    materials = Materials.from_formulas(KNOWN)
    found = mp2020_corrections(materials)
    for row, formula in enumerate(KNOWN):
        amounts = materials.compositions.to_dict(row)
        expected = of_pymatgen(Composition(amounts)) / sum(amounts.values())
        assert found[row] == pytest.approx(expected, abs=1e-9), formula


@pytest.mark.filterwarnings("ignore")
def test_equal_to_pymatgen_on_structures_of_the_materials_project(data_dir):
    """A hundred and fifty crystals with oxygen or sulfur, whose kinds come from distances."""
    structures = drawn_structures(data_dir, 150)
    materials = materials_of(structures)
    found = mp2020_corrections(materials)
    for row, structure in enumerate(structures):
        amounts = Composition(materials.compositions.to_dict(row))
        expected = of_pymatgen(amounts, structure) / structure.num_sites
        assert found[row] == pytest.approx(expected, abs=1e-9), structure.formula


def drawn_structures(data_dir, count):
    folder = data_dir / "mp_structures"
    arrays = np.load(folder / "arrays.npz")
    offsets = np.concatenate([[0], np.cumsum(arrays["n_sites"])])
    formulas = polars.read_csv(folder / "properties.csv.gz", infer_schema_length=None)["reduced_formula"].to_list()
    kept = []
    for row in np.random.default_rng(0).permutation(len(formulas)):
        symbols = set(Composition(formulas[row]).get_el_amt_dict())
        if arrays["n_sites"][row] <= 30 and len(symbols) > 1 and symbols & {"O", "S"}:
            part = slice(offsets[row], offsets[row + 1])
            numbers = [int(number) for number in arrays["atomic_number"][part]]
            kept.append(Structure(arrays["lattice"][row], numbers, arrays["frac_coords"][part]))
        if len(kept) == count:
            break
    return kept


def materials_of(structures):
    from matscout.data.reading import read_materials

    return read_materials(Structures.from_pymatgen(structures), max_bad=0.0).materials


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("distance", "expected"), [(1.28, "superoxide"), (1.5, "peroxide"), (2.6, "oxide"), (0.0, "ozonide")]
)
def test_distances_between_oxygen_atoms_decide(distance, expected):
    lattice = Lattice.cubic(6.0)
    if expected == "ozonide":
        places = [[0, 0, 0], [3.0, 3.0, 3.0], [3.0 + 1.35, 3.0, 3.0], [3.0 - 0.4, 3.0 + 1.28, 3.0]]
    else:
        places = [[0, 0, 0], [3.0, 3.0, 3.0], [3.0 + distance, 3.0, 3.0]]
    structure = Structure(lattice, ["K", *["O"] * (len(places) - 1)], places, coords_are_cartesian=True)
    materials = materials_of([structure])
    whole = mp2020_corrections(materials)[0] * len(structure)
    assert whole == pytest.approx(correction_table().anions[expected] * (len(places) - 1))
    assert whole == pytest.approx(of_pymatgen(structure.composition, structure))


def test_the_search_for_oxidation_states_is_bounded():
    """Twenty atoms of elements with many states: pymatgen tries combinations, here there are only sums."""
    amounts = {"N": 4, "Cl": 4, "Mn": 4, "Mo": 4, "W": 4}
    started = time.perf_counter()
    correction(amounts)
    correction(dict.fromkeys(SYMBOLS, 1))
    correction({"Fe": 2000, "O": 3001})
    assert time.perf_counter() - started < 2.0


@given(st.dictionaries(st.sampled_from(("N", "Mn", "S", "O", "Cl", "Sb", "Li")), st.integers(1, 4), min_size=2))
@settings(max_examples=60, deadline=None)
def test_guesses_are_those_of_pymatgen(amounts):
    try:
        guesses = Composition(amounts).oxi_state_guesses(max_sites=-20)
    except ValueError:  # more than 20 atoms
        guesses = ()
    assert guess_states(amounts, correction_table().states) == (guesses[0] if guesses else {})


def test_amounts_that_are_not_whole_get_no_guess():
    states = correction_table().states
    assert guess_states({"Pb": 0.5, "Te": 1.0}, states) == {}
    assert correction({"Zn": 0.5, "Se": 1.0}) == pytest.approx(-0.472)


def test_the_table_is_that_of_the_installed_pymatgen():
    table = correction_table()
    assert table.anions == MP2020_COMPAT_CONFIG["Corrections"]["CompositionCorrections"]
    assert table.with_u == MP2020_COMPAT_CONFIG["Corrections"]["GGAUMixingCorrections"]
    assert json.dumps(table.with_u)
