"""The tensor of pairs against DScribe's, with kinds of elements as its species."""

import numpy as np
import pytest
from pymatgen.core import Element, Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.mbtr import KINDS, LEAST_WEIGHT, Mbtr, kinds


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 7, 3), *rng.uniform(75, 105, 3))
    symbols = rng.choice(["H", "Li", "O", "Si", "Fe", "S", "Ti", "La"], rng.integers(1, 6))
    return Structure(lattice, symbols, rng.random((len(symbols), 3)))


def vectors(*structures: Structure) -> np.ndarray:
    return Mbtr().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


@pytest.mark.filterwarnings("ignore:Please use atoms.calc:FutureWarning")
def test_it_is_that_of_dscribe():
    descriptors = pytest.importorskip("dscribe.descriptors")
    grid = Mbtr.grid
    reference = descriptors.MBTR(
        geometry={"function": "inverse_distance"},
        grid={"min": grid.least, "max": grid.most, "n": grid.places, "sigma": grid.width},
        weighting={"function": "exp", "r_cut": 6.0, "threshold": LEAST_WEIGHT},
        normalization="n_atoms", species=range(1, len(KINDS) + 1), periodic=True,
    )  # fmt: skip
    structures = [random_structure(seed) for seed in range(6)]
    for structure, found in zip(structures, vectors(*structures), strict=True):
        atoms = AseAtomsAdaptor.get_atoms(structure)
        atoms.numbers = kinds()[atoms.numbers - 1] + 1
        np.testing.assert_allclose(found, reference.create(atoms), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "symbols"),
    [
        ("hydrogen", "H"),
        ("alkali metal", "Li Na K Rb Cs Fr"),
        ("alkaline earth", "Be Mg Ca Sr Ba Ra"),
        ("lanthanide or actinide", "La Ce Eu Lu Ac U Pu"),
        ("groups 3-7", "Sc Y Ti Hf V Cr W Mn Re"),
        ("groups 8-12", "Fe Co Ni Pt Cu Au Zn Hg"),
        ("group 13", "B Al Ga In Tl"),
        ("group 14", "C Si Pb"),
        ("group 15", "N P Bi"),
        ("group 16", "O S Te"),
        ("group 17", "F Cl I"),
        ("group 18", "He Ar Xe"),
    ],
)
def test_elements_are_of_their_kind(kind, symbols):
    assert {KINDS[kinds()[Element(symbol).Z - 1]] for symbol in symbols.split()} == {kind}


def test_columns_name_the_kinds_and_the_place():
    salt = Structure(2.5 * (np.ones((3, 3)) - np.eye(3)), ["Na", "F"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    found = dict(zip(Mbtr.columns, vectors(salt)[0], strict=True))
    filled = {name.rsplit(" ", 2)[0] for name, value in found.items() if value > 1e-12}
    assert filled == {"alkali metal - alkali metal", "alkali metal - group 17", "group 17 - group 17"}
    mixed = {name: value for name, value in found.items() if name.startswith("alkali metal - group 17")}
    # Neighbours are 2.5 Å apart.
    assert max(mixed, key=lambda name: mixed[name]) == "alkali metal - group 17 0.4 Å⁻¹"


def test_a_shared_site_counts_with_what_is_on_it():
    cell = Lattice.cubic(3.5)
    mixed, iron = vectors(*(Structure(cell, [on], [[0, 0, 0]]) for on in ({"Fe": 0.5, "Ti": 0.5}, "Fe")))
    parts = mixed.reshape(-1, Mbtr.grid.places)
    whole = iron.reshape(-1, Mbtr.grid.places).sum(axis=0)
    shares = parts.sum(axis=1) / whole.sum()
    assert sorted(shares[shares > 0].round(9).tolist()) == [0.25, 0.25, 0.5]
