"""Vectors against a plain transcription with gudhi and pymatgen, barcodes of lattices against geometry."""

import numpy as np
import pytest

pytest.importorskip("gudhi")

import gudhi
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.persistent_homology import RADIUS, PersistentHomology, barcodes

SALT = Structure(2.82 * (np.ones((3, 3)) - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4, 6, 3), *rng.uniform(75, 105, 3))
    return Structure(lattice, rng.choice(["Li", "O", "Si", "Fe"], 4), rng.random((4, 3)))


def vectors(*structures: Structure, sites: str = "all") -> np.ndarray:
    return PersistentHomology(sites).vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


def named(structure: Structure) -> dict[str, float]:
    return dict(zip(PersistentHomology().columns, vectors(structure)[0], strict=True))


def transcription(structure: Structure) -> np.ndarray:
    """Site by site, bar by bar, bin by bin."""
    rows = []
    for site in structure:
        points = [other.coords for other in structure.get_sites_in_sphere(site.coords, RADIUS)]
        tree = gudhi.AlphaComplex(points=points).create_simplex_tree()
        tree.compute_persistence()
        row, curves, numbers = [], [], []
        for dimension in range(3):
            squares = tree.persistence_intervals_in_dimension(dimension)
            bars = [(a**0.5, b**0.5) for a, b in squares if b**0.5 - a**0.5 > 0.01 and a**0.5 < RADIUS]
            finite = [bar for bar in bars if bar[1] < np.inf]
            for measure in ([], [0])[dimension > 0] + [1] + ([], [2])[dimension > 0]:
                values = [bar[1] - bar[0] if measure == 2 else bar[measure] for bar in finite]
                row += [np.mean(values), np.std(values), min(values), max(values)] if values else [0, 0, 0, 0]
            if dimension:
                numbers.append(len(bars) / len(points))
            for bin_ in range(16):
                low, high = bin_ / 4, bin_ / 4 + 1 / 4
                covered = sum(max(0.0, min(high, b) - max(low, a)) for a, b in bars)
                curves.append(covered / 0.25 / len(points))
        rows.append([*row, *numbers, *curves])
    return np.mean(rows, axis=0)


@pytest.mark.parametrize("structure", [*(random_structure(seed) for seed in range(2)), SALT])
def test_vectors_are_those_of_a_plain_transcription(structure):
    np.testing.assert_allclose(vectors(structure)[0], transcription(structure), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("a", [2.9, 3.7])
def test_bars_of_the_simple_cubic_lattice(a):
    """Neighbours meet at half an edge, squares are filled at half their diagonal, cubes at half theirs."""
    found = named(Structure(Lattice.cubic(a), ["Po"], [[0, 0, 0]]))
    expected = {
        "death of components": a / 2,
        "birth of rings": a / 2,
        "death of rings": a / 2**0.5,
        "birth of voids": a / 2**0.5,
        "death of voids": a * 3**0.5 / 2,
    }
    for what, value in expected.items():
        assert [found[f"{statistic} {what} (Å)"] for statistic in ("mean", "least", "largest")] == pytest.approx(
            [value] * 3, abs=1e-6
        )
        assert found[f"deviation {what} (Å)"] == pytest.approx(0, abs=1e-6)


def test_a_square_has_one_ring_and_an_octahedron_one_void():
    square = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0], [2, 2, 0]], dtype=float)
    np.testing.assert_allclose(barcodes(square)[1], [[1, 2**0.5]])
    octahedron = np.vstack([np.eye(3), -np.eye(3)])
    np.testing.assert_allclose(barcodes(octahedron)[2], [[(2 / 3) ** 0.5, 1]])
    np.testing.assert_allclose(barcodes(octahedron)[0][:-1], [[0, 0.5**0.5]] * 5)


def test_cations_alone_are_a_crystal_of_their_own():
    sodium = Structure(SALT.lattice, ["Na"], [[0, 0, 0]])
    np.testing.assert_allclose(vectors(SALT, sites="cations"), vectors(sodium), rtol=1e-9)
    np.testing.assert_allclose(vectors(SALT, sites="anions"), vectors(sodium), rtol=1e-9)


def test_an_element_has_no_cations_and_others_are_not_disturbed():
    found = vectors(Structure(Lattice.cubic(3.0), ["Po"], [[0, 0, 0]]), SALT, sites="cations")
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(found[1], vectors(SALT, sites="cations")[0])
    assert all(name.endswith(", cations") for name in PersistentHomology("cations").columns)


def test_a_lonely_atom_has_no_bars():
    found = vectors(Structure(Lattice.cubic(40.0), ["He"], [[0, 0, 0]]))[0]
    assert found[:30].tolist() == [0] * 30
    assert found[30:46].tolist() == [1] * 16
