"""The picture: read back as pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from ase.data.colors import jmol_colors
from numpy.typing import NDArray
from PIL import Image
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.atoms import ShownAtoms, shown_atoms
from matscout.app.viewing.picture import PAPER, THUMBNAIL, draw
from matscout.data.structures import Structures


def alone(species: dict[str, float]) -> ShownAtoms:
    """One site in the middle of its cell."""
    return shown_atoms(Structures.from_pymatgen([Structure(Lattice.cubic(4.0), [species], [[0.5, 0.5, 0.5]])]))


def pixels(picture: bytes) -> NDArray[np.int64]:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), dtype=np.int64)


def area(picture: bytes, number: int) -> int:
    """Pixels in the colour of an element."""
    wanted = np.round(255 * jmol_colors[number]).astype(np.int64)
    return int((np.abs(pixels(picture) - wanted).max(axis=2) <= 3).sum())


def test_thumbnail_is_a_small_square() -> None:
    found = draw(alone({"Si": 1.0}), THUMBNAIL)
    assert pixels(found).shape == (120, 120, 3)
    assert (pixels(found)[0, 0] == 255).all()


@pytest.mark.parametrize("share", [0.25, 0.6])
def test_sectors_have_the_shares_of_the_site(share: float) -> None:
    # The radius is the mean of the two, so that the whole ball is what both colours cover.
    found = draw(alone({"Cu": share, "Au": 1.0 - share}), THUMBNAIL)
    copper, gold = area(found, 29), area(found, 79)
    assert copper / (copper + gold) == pytest.approx(share, abs=0.04)


def test_the_vacant_share_is_left_white() -> None:
    whole, half = (area(draw(alone({"Cu": share}), THUMBNAIL), 29) for share in (1.0, 0.5))
    assert half / whole == pytest.approx(0.5, abs=0.05)


def test_the_picture_for_a_paper_is_large_and_explains_its_colours() -> None:
    found = pixels(draw(alone({"Si": 1.0}), PAPER))
    assert min(found.shape[:2]) > 1000
    # The key stands below the cell: a second patch of the colour of silicon in the lowest tenth.
    lowest = found[int(0.9 * len(found)) :]
    assert (np.abs(lowest - np.round(255 * jmol_colors[14])).max(axis=2) <= 3).sum() > 200


def test_the_same_structure_gives_the_same_bytes() -> None:
    assert draw(alone({"Fe": 1.0}), THUMBNAIL) == draw(alone({"Fe": 1.0}), THUMBNAIL)
