"""Images against loops over pixels, reflections and atoms; intensities against pymatgen; extinctions of lattices."""

import math

import numpy as np
import pytest
import spglib
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.crystal.diffraction import scattering_parameters
from matscout.data.structures import Structures
from matscout.represent.descriptors.diffraction_2d import (
    PIXELS,
    WIDEST,
    WIDTH,
    Diffraction2d,
    conventional_cell,
    intensities,
    lattice_operations,
    reflections,
)

ONES = np.ones((3, 3))
IRON = Structure(1.43 * (ONES - 2 * np.eye(3)), ["Fe"], [[0, 0, 0]])
COPPER = Structure(1.81 * (ONES - np.eye(3)), ["Cu"], [[0, 0, 0]])
SALT = Structure(2.82 * (ONES - np.eye(3)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
U = 0.386
PYRITE = Structure(
    Lattice.cubic(5.42), ["Fe"] * 4 + ["S"] * 8,
    [[0, 0, 0], [0.5, 0, 0.5], [0, 0.5, 0.5], [0.5, 0.5, 0],
     [U, U, U], [-U, -U, -U], [0.5 + U, 0.5 - U, -U], [0.5 - U, 0.5 + U, U],
     [-U, 0.5 + U, 0.5 - U], [U, 0.5 - U, 0.5 + U], [0.5 - U, -U, 0.5 + U], [0.5 + U, U, 0.5 - U]],
)  # fmt: skip
TRICLINIC = Structure(
    Lattice.from_parameters(3.1, 3.4, 3.9, 81, 95, 103), ["Li", "Fe", "O"],
    [[0.1, 0.1, 0.1], [0.6, 0.1, 0.2], [0.1, 0.6, 0.5]],
)  # fmt: skip


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


def image(structure: Structure) -> np.ndarray:
    return Diffraction2d().vectors(crystals(structure)).reshape(3, PIXELS, PIXELS)


def looped(structure: Structure, channel: int, pixels: list[tuple[int, int]]) -> list[float]:
    """A few pixels of a channel on an arbitrary scale, atom by atom and reflection by reflection."""
    cell = spglib.get_symmetry_dataset(
        (structure.lattice.matrix, structure.frac_coords, structure.atomic_numbers), symprec=0.01
    )
    lattice = Lattice(cell.std_lattice).reciprocal_lattice
    found = dict.fromkeys(pixels, 0.0)
    for neighbour in lattice.get_points_in_sphere([[0, 0, 0]], [0, 0, 0], 7.5, zip_results=True):
        hkl, length = np.round(neighbour[0]).astype(int), neighbour[1]
        if not hkl.any():
            continue
        amplitude = 0j
        for place, number in zip(cell.std_positions, cell.std_types, strict=True):
            s2 = (length / (4 * math.pi)) ** 2
            terms = sum(a * math.exp(-b * s2) for a, b in scattering_parameters()[number - 1])
            amplitude += (number - 41.78214 * s2 * terms) * np.exp(2j * math.pi * (hkl @ place))
        q = lattice.get_cartesian_coords(hkl)
        for sign in (1, -1):
            turned, one, other = q.copy(), (channel + 1) % 3, (channel + 2) % 3
            turned[one] = (q[one] - sign * q[other]) / math.sqrt(2)
            turned[other] = (sign * q[one] + q[other]) / math.sqrt(2)
            for pixel in pixels:
                seen = [(place + 0.5) * 2 * WIDEST / PIXELS - WIDEST for place in pixel]
                square = (turned[0] - seen[0]) ** 2 + (turned[1] - seen[1]) ** 2 + turned[2] ** 2
                found[pixel] += abs(amplitude) ** 2 * math.exp(-square / (2 * WIDTH**2))
    return list(found.values())


@pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")
@pytest.mark.parametrize("structure", [COPPER, TRICLINIC])
@pytest.mark.parametrize("channel", range(3))
def test_pixels_are_those_of_loops_over_reflections_and_atoms(structure, channel):
    found = image(structure)[channel]
    brightest = np.unravel_index(found.argmax(), found.shape)
    pixels = [tuple(map(int, brightest)), (3, 7), (16, 16), (10, 29), (31, 0), (20, 12)]
    expected = np.array(looped(structure, channel, pixels))
    np.testing.assert_allclose([found[pixel] for pixel in pixels], expected * found.max() / expected[0], atol=1e-6)


@pytest.mark.parametrize("structure", [SALT, TRICLINIC, PYRITE])
def test_structure_factors_are_those_of_the_powder_pattern_of_pymatgen(structure):
    cell = conventional_cell(crystals(structure), 0)
    whole = Structure(cell.lattice, cell.numbers, cell.fractional)
    peaks = XRDCalculator("CuKa").get_pattern(whole, scaled=False, two_theta_range=(0, 60))
    q, strengths = reflections(cell)
    spacings = 2 * np.pi / np.linalg.norm(q, axis=1)
    for two_theta, height, spacing in zip(peaks.x, peaks.y, peaks.d_hkls, strict=True):
        theta = math.radians(two_theta / 2)
        lorentz = (1 + math.cos(2 * theta) ** 2) / (math.sin(theta) ** 2 * math.cos(theta))
        total = strengths[np.abs(spacings - spacing) < 1e-6].sum() * len(whole) ** 2
        assert total * lorentz == pytest.approx(height, rel=1e-6)


@pytest.mark.parametrize(
    ("structure", "allowed"),
    [(IRON, lambda h: h.sum(axis=1) % 2 == 0), (COPPER, lambda h: (h % 2 == h[:, :1] % 2).all(axis=1))],
)
def test_forbidden_reflections_are_dark(structure, allowed):
    cell = conventional_cell(crystals(structure), 0)
    indices = np.array(np.meshgrid(*[np.arange(-3, 4)] * 3)).reshape(3, -1).T
    found = intensities(cell, indices, ((2 * np.pi / cell.lattice[0, 0] * indices) ** 2).sum(axis=1))
    assert found[~allowed(indices)].max() < 1e-20
    assert found[allowed(indices)].min() > 1


def test_a_forbidden_spot_is_dark_on_the_image_and_an_allowed_one_is_not():
    """About z the beam is [001]: 200 of copper, turned by 45 degrees, is on the diagonal, 100 half way to it."""
    found = image(COPPER)[2]
    spots = [2 * np.pi / 3.62 * order / math.sqrt(2) for order in (1, 2)]
    forbidden, bright = (int((spot + WIDEST) / (2 * WIDEST) * PIXELS) for spot in spots)
    assert found[forbidden, forbidden] < 1e-6
    assert found[bright, bright] > 0.1


def test_axes_that_may_be_exchanged_do_not_matter():
    """In pyrite x and y differ, but not by symmetry of the lattice: a setting with y, x, -z is as good."""
    other = Structure(PYRITE.lattice, PYRITE.species, PYRITE.frac_coords[:, [1, 0, 2]] * [1, 1, -1])
    np.testing.assert_allclose(image(other), image(PYRITE), atol=1e-6)


def test_operations_are_as_many_as_the_lattices_have():
    counts = {2: 2, 14: 4, 62: 8, 136: 16, 152: 24, 167: 12, 194: 24, 225: 48}
    assert {number: len(lattice_operations(number)) for number in counts} == counts


def test_elements_that_do_not_scatter_have_no_image():
    heavy = Structure(Lattice.cubic(4.0), ["Og"], [[0, 0, 0]])
    found = Diffraction2d().vectors(crystals(heavy, COPPER))
    assert np.isnan(found[0]).all()
    assert found[1].max() == 1
    assert found[1].min() >= 0
