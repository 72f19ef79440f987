"""Candidates are joined without loss, each composition once."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pymatgen.core import Composition, Lattice, Structure

from matscout.data.compositions import Compositions
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.generate.assembly import from_padded, join_candidates, named_candidates, to_padded
from matscout.generate.base import Candidates
from matscout.generate.facts import Evidence, EvidenceSource
from matscout.remarks import codes

compositions = st.lists(
    st.dictionaries(st.sampled_from(SYMBOLS), st.floats(0.01, 9), min_size=1, max_size=5), min_size=1, max_size=8
).map(Compositions.from_dicts)


@given(compositions)
def test_padding_is_reversible(store):
    numbers, amounts = to_padded(store)
    again = from_padded(numbers[:, ::-1], amounts[:, ::-1])
    assert again.offsets.tolist() == store.offsets.tolist()
    assert again.elements.tolist() == store.elements.tolist()
    assert again.amounts.tolist() == store.amounts.tolist()


def brought(formulas, context=None):
    materials = Materials.from_formulas(formulas)
    materials = Materials(materials.ids, materials.formulas, materials.compositions, None, context or {})
    return Candidates(materials, np.array([f"mine {formula}" for formula in formulas]), ("Read from a list.",))


def test_the_first_of_equal_compositions_is_kept():
    store = Compositions.from_dicts([{"Ga": 1, "N": 1}, {"Al": 1, "N": 1}, {"Ga": 2, "N": 2}])
    candidates = named_candidates(store, np.array(["a", "b", "c"]))
    assert candidates.materials.formulas.tolist() == ["GaN", "AlN"]
    assert candidates.origins.tolist() == ["a", "b"]


def test_joining_counts_what_came_twice():
    joined = join_candidates([brought(["GaN", "ZnO"]), brought(["O2Zn2", "InN"])])
    assert joined.materials.formulas.tolist() == ["GaN", "ZnO", "InN"]
    assert joined.origins.tolist() == ["mine GaN", "mine ZnO", "mine InN"]
    assert len(set(joined.materials.ids)) == 3
    assert "candidates-came-up-twice" in codes(joined.remarks)


def test_shared_context_is_kept():
    first = brought(["GaN"], {"temperature": np.array([300.0])})
    second = brought(["InN"], {"temperature": np.array([400.0]), "route": np.array(["film"])})
    joined = join_candidates([first, second])
    assert list(joined.materials.context) == ["temperature"]
    assert joined.materials.context["temperature"].tolist() == [300.0, 400.0]
    assert join_candidates([second]) is second


def crystals(formulas, edges):
    """Of each formula a rock salt with an edge of its own."""
    structures = Structures.from_pymatgen(
        [
            Structure(Lattice.cubic(edge), Composition(formula).elements, [[0, 0, 0], [0.5, 0.5, 0.5]])
            for formula, edge in zip(formulas, edges, strict=True)
        ]
    )
    found = brought(formulas)
    return replace(found, materials=replace(found.materials, structures=structures))


def test_structures_survive_whatever_they_are_joined_with():
    both = join_candidates([brought(["MgO", "InN"]), crystals(["NaCl", "MgO", "NaCl"], [5.6, 4.2, 5.7])])
    # The formula is that of a crystal, and two crystals of one composition are two materials.
    assert both.materials.formulas.tolist() == ["InN", "NaCl", "MgO", "NaCl"]
    assert both.materials.has_structure.tolist() == [False, True, True, True]
    np.testing.assert_allclose(both.materials.structures.lattices[1:, 0, 0], [5.6, 4.2, 5.7])
    assert both.materials.structures.to_pymatgen(2).composition.reduced_formula == "MgO"
    two = join_candidates([crystals(["NaCl"], [5.6]), crystals(["NaCl", "KCl"], [5.7, 6.2])])
    np.testing.assert_allclose(two.materials.structures.lattices[:, 0, 0], [5.6, 6.2])


def test_facts_survive_and_are_not_known_of_the_others():
    energy = Evidence("e", "energy", np.array([1.0, 2.0]), "made up", EvidenceSource("a"), "eV", np.array([0.1, 0.2]))
    told = Evidence("w", "word", np.array(["x", "y"]), "made up", EvidenceSource("a"))
    joined = join_candidates([brought(["InN"]), brought(["GaN", "ZnO"]).with_facts([energy, told])])
    assert joined.facts["e"].known.tolist() == [False, True, True]
    assert joined.facts["e"].errors.tolist()[1:] == [0.1, 0.2]
    assert joined.facts["w"].values.tolist() == ["", "x", "y"]
