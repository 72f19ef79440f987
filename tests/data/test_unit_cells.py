"""Unit cells one at a time and many at once, against pymatgen."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice

from matscout.data.structure_checks import check
from matscout.data.structure_readings import StructureError, unit_cell
from matscout.data.structures import Structures
from matscout.data.unit_cells import NO_VOLUME, have_volume, heights_of, volumes_of

CELLS = [Lattice.from_parameters(3, 4, 5, 70, 80, 110), Lattice.rhombohedral(4.5, 33), Lattice.orthorhombic(9, 0.2, 40)]


def test_volumes_and_heights_are_those_of_pymatgen() -> None:
    planes = ([1, 0, 0], [0, 1, 0], [0, 0, 1])
    matrices = np.stack([cell.matrix for cell in CELLS])
    np.testing.assert_allclose(volumes_of(matrices), [cell.volume for cell in CELLS])
    np.testing.assert_allclose(heights_of(matrices), [[cell.d_hkl(plane) for plane in planes] for cell in CELLS])
    np.testing.assert_array_equal(heights_of(matrices)[1], heights_of(matrices[1]))


@pytest.mark.parametrize(
    ("lengths", "is_one"),
    [
        ((4, 4, 4), True),
        ((4, 4, 0.11), True),
        ((4, 4, 0.09), False),
        ((0.1, 0.1, 0.11), True),
        ((0.1, 0.1, 0.09), False),
    ],
)
def test_flat_cells_are_refused_alike_wherever_they_come_from(
    lengths: tuple[float, float, float], is_one: bool
) -> None:
    matrix = np.diag(np.array(lengths, dtype=np.float64))
    assert bool(have_volume(matrix)) == is_one
    one = np.array([[0.0, 0.0, 0.0]])
    structures = Structures(matrix[None], np.array([0, 1]), np.array([1], dtype=np.uint8), one, np.ones(1))
    (fault,) = check(structures)
    assert (fault is not None and (fault.reason, fault.advice) == NO_VOLUME) == (not is_one)
    if is_one:
        np.testing.assert_array_equal(unit_cell(matrix).matrix, matrix)
    else:
        with pytest.raises(StructureError, match="no volume"):
            unit_cell(matrix)
