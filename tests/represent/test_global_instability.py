"""The index against matminer's with the same oxidation states, and the misfits against sums written out by hand."""

import math
import warnings

import numpy as np
import pytest
from matminer.featurizers.structure.bonding import GlobalInstabilityIndex
from pymatgen.analysis.bond_valence import BV_PARAMS, calculate_bv_sum
from pymatgen.core import Element, Lattice, Structure

from matscout.crystal.bond_valences import bond_valence_sums, bond_valence_table, guessed_states
from matscout.crystal.crystals import Crystals
from matscout.crystal.neighbours import pairs_within
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.descriptors.global_instability import GlobalInstability

ROCK_SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
PEROVSKITE = Structure(
    Lattice.cubic(3.905), ["Sr", "Ti", "O", "O", "O"],
    [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]],
)  # fmt: skip
COPPER = Structure(1.8 * (np.ones((3, 3)) - np.eye(3)), ["Cu"], [[0, 0, 0]])


def random_salt(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(5, 7, 3), *rng.uniform(70, 110, 3))
    return Structure(lattice, ["Sr", "Ti", "O", "O", "O"], rng.random((5, 3)))


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


@pytest.mark.parametrize("structure", [ROCK_SALT, PEROVSKITE, random_salt(0), random_salt(1)])
def test_it_is_that_of_matminer(structure):
    states = guessed_states(crystals(structure)).states
    charged = structure.copy()
    charged.add_oxidation_state_by_site(states)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = GlobalInstabilityIndex(r_cut=4.5)
    found = GlobalInstability(cutoff=4.5, scale=0.965).vectors(crystals(structure))[0, 0]
    assert found == pytest.approx(reference.calc_gii_pymatgen(charged, 0.965), rel=1e-6)


def test_sums_of_all_pairs_of_elements_are_those_of_pymatgen():
    """Two atoms far from all others, for every pair of listed elements that are not the same."""
    listed = sorted(BV_PARAMS, key=lambda element: element.Z)
    pairs = [(one, two) for one in listed[::3] for two in listed[1::2] if one != two]
    structures = [Structure(Lattice.cubic(10.0), pair, [[0, 0, 0], [0.2, 0, 0]]) for pair in pairs]
    batch = crystals(*structures)
    found = bond_valence_sums(batch, pairs_within(batch, 4.0), 1.0)
    expected = [
        calculate_bv_sum(site, structure.get_neighbors(site, 4.0)) for structure in structures for site in structure
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_table_lists_what_pymatgen_lists():
    assert {Element.from_Z(place + 1) for place in np.flatnonzero(bond_valence_table().listed)} == set(BV_PARAMS)


def test_misfits_of_rock_salt():
    """Six bonds of 2.82 Å, eight of sqrt(3) times that; from r 1.36, 0.99 Å and c 1.01, 2.74."""
    length = 1.36 + 0.99 - 1.36 * 0.99 * (math.sqrt(1.01) - math.sqrt(2.74)) ** 2 / (1.01 * 1.36 + 2.74 * 0.99)
    valence = 6 * math.exp((length - 2.82) / 0.31) + 8 * math.exp((length - 2.82 * math.sqrt(3)) / 0.31)
    found = dict(
        zip(GlobalInstability.columns, GlobalInstability(cutoff=6.0).vectors(crystals(ROCK_SALT))[0], strict=True)
    )
    assert found["mean misfit of cations (valence units)"] == pytest.approx(valence - 1)
    assert found["mean misfit of anions (valence units)"] == pytest.approx(valence - 1)
    assert found["global instability index (valence units)"] == pytest.approx(abs(valence - 1))
    assert found["charge left over by the guess (e/atom)"] == pytest.approx(0)


def test_a_shared_site_has_misfits_of_both():
    shared = Structure(ROCK_SALT.lattice, [{"Na": 0.5, "K": 0.5}, "Cl"], ROCK_SALT.frac_coords)
    other = Structure(ROCK_SALT.lattice, ["K", "Cl"], ROCK_SALT.frac_coords)
    found = GlobalInstability().vectors(crystals(ROCK_SALT, shared, other))
    assert found[1, 1] == pytest.approx((found[0, 1] + found[2, 1]) / 2)
    assert found[1, 2] == pytest.approx((found[0, 2] + found[2, 2]) / 2)
    assert found[1, 4] == pytest.approx(found[2, 4])


def test_metals_and_unlisted_elements_are_blank_with_a_reason():
    platinum = Structure(ROCK_SALT.lattice, ["Pt", "O"], ROCK_SALT.frac_coords)
    structures = Structures.from_pymatgen([COPPER, ROCK_SALT, platinum])
    names = np.array(["Cu", "NaCl", "PtO"])
    embedding = GlobalInstability().represent(Materials(names, names, compositions_of(structures), structures))
    assert np.isnan(embedding.vectors).sum(axis=1).tolist() == [5, 0, 5]
    assert "no ions" in embedding.problems[0].advice
    assert "no bond-valence parameters of Pt" in embedding.problems[1].advice


def test_a_salt_without_balance_has_the_commonest_states():
    """Silicon is 4+ and oxygen 2-: SiO has no common states that balance, but is no metal."""
    guess = guessed_states(crystals(Structure(ROCK_SALT.lattice, ["Si", "O"], ROCK_SALT.frac_coords), COPPER))
    assert guess.states.tolist() == [4, -2, 0]
    np.testing.assert_allclose(guess.charge, [1.0, 0.0])
