"""The reduced cell against pymatgen's reduction, and of one crystal in many cells."""

import numpy as np
import pytest
from pymatgen.core import Lattice as PymatgenLattice
from pymatgen.core import Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.lattice import Lattice

OBLIQUE = Structure(PymatgenLattice.from_parameters(4.6, 5.3, 6.1, 81, 95, 103), ["Li", "O"],
                    [[0.1, 0.1, 0.1], [0.6, 0.1, 0.2]])  # fmt: skip


def features(structure: Structure) -> dict[str, float]:
    maker = Lattice()
    vector = maker.vectors(Crystals.from_structures(Structures.from_pymatgen([structure])))[0]
    return dict(zip(maker.columns, vector, strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_a_lattice_without_symmetry_is_reduced_as_by_pymatgen(seed):
    rng = np.random.default_rng(seed)
    lattice = PymatgenLattice.from_parameters(*rng.uniform(3, 9, 3), *rng.uniform(70, 110, 3))
    expected = lattice.get_niggli_reduced_lattice()
    found = features(Structure(lattice, ["H"], [[0, 0, 0]]))
    acute = np.minimum(expected.angles, 180.0 - np.array(expected.angles))
    np.testing.assert_allclose(list(found.values())[:6], [*expected.abc, *acute], rtol=1e-6)
    assert found["primitive volume (Å³)"] == pytest.approx(lattice.volume)


@pytest.mark.parametrize("cell", [[[1, 1, 0], [0, 1, 3], [2, 0, 1]], [[2, 0, 0], [5, 1, 0], [1, -4, 1]]])
def test_the_cell_that_it_is_written_in_does_not_matter(cell):
    larger = OBLIQUE.copy()
    larger.make_supercell(cell)
    expected = features(OBLIQUE)
    assert features(larger) == {name: pytest.approx(value, rel=1e-6) for name, value in expected.items()}


def test_the_face_centred_cube_has_a_primitive_cell_with_angles_of_60_degrees():
    places = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    found = features(Structure(PymatgenLattice.cubic(3.615), ["Cu"] * 4, places))
    short = 3.615 / np.sqrt(2.0)
    assert list(found.values()) == pytest.approx([short] * 3 + [60.0] * 3 + [1.0] * 3 + [3.615**3 / 4] * 2)


def test_atoms_are_counted_by_occupancy():
    half = Structure(PymatgenLattice.cubic(4.0), [{"Na": 0.5}, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    assert features(half)["volume per atom (Å³)"] == pytest.approx(64.0 / 1.5)


def test_angles_do_not_hang_on_the_last_digit():
    """Niggli's cell has 63°, 63° and 90° on one side of the right angle and 117°, 117° and 90° on the other."""
    found = []
    for slip in (-1e-4, 1e-4):
        lattice = PymatgenLattice.from_parameters(11.0, 11.0, 12.5, 63.0, 63.0, 90.0 + slip)
        found.append(list(features(Structure(lattice, ["H", "O"], [[0, 0, 0], [0.1, 0.2, 0.3]])).values()))
    np.testing.assert_allclose(*found, rtol=1e-5)
