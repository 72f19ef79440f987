"""The picture: read back as pixels."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray
from PIL import Image
from pymatgen.core import Lattice, Structure

from matscout.app.viewing.atoms import ShownAtoms, frame, shown_atoms
from matscout.app.viewing.palette import colours
from matscout.app.viewing.picture import PAPER, THUMBNAIL, draw
from matscout.data.structures import Structures

FINE = replace(PAPER, key=False, dpi=80)


def alone(species: dict[str, float]) -> ShownAtoms:
    """One site in the middle of its cell."""
    return shown_atoms(Structures.from_pymatgen([Structure(Lattice.cubic(4.0), [species], [[0.5, 0.5, 0.5]])]))


def pixels(picture: bytes) -> NDArray[np.int64]:
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), dtype=np.int64)


def area(picture: bytes, *symbols: str) -> list[int]:
    """Pixels in the colours of elements, also where light falls on them: mixed with white."""
    lights = np.linspace(0.0, 0.8, 33)[:, None]
    found = []
    for colour in colours(symbols).values():
        mixed = 255.0 * ((1.0 - lights) * to_rgb(colour) + lights)
        found.append(int((np.abs(pixels(picture)[:, :, None] - mixed).max(axis=3) <= 8).any(axis=2).sum()))
    return found


def test_thumbnail_is_a_small_square() -> None:
    found = draw(alone({"Si": 1.0}), THUMBNAIL)
    assert pixels(found).shape == (192, 192, 3)
    assert (pixels(found)[0, 0] == 255).all()


@pytest.mark.parametrize("share", [0.25, 0.6])
def test_sectors_have_the_shares_of_the_site(share: float) -> None:
    # The radius is the mean of the two, so that the whole ball is what both colours cover.
    found = draw(alone({"Cu": share, "Au": 1.0 - share}), FINE)
    copper, gold = area(found, "Cu", "Au")
    assert copper / (copper + gold) == pytest.approx(share, abs=0.04)


def test_the_vacant_share_is_left_white() -> None:
    whole, half = (area(draw(alone({"Cu": share}), FINE), "Cu")[0] for share in (1.0, 0.5))
    assert half / whole == pytest.approx(0.5, abs=0.05)


def test_the_picture_for_a_paper_is_large_and_explains_its_colours() -> None:
    found = pixels(draw(alone({"Si": 1.0}), PAPER))
    assert min(found.shape[:2]) > 1000
    # The key stands below the cell: a second patch of the colour of silicon in the lowest tenth.
    lowest = found[int(0.9 * len(found)) :]
    assert (np.abs(lowest - np.round(255 * np.array(to_rgb(colours(("Si",))["Si"])))).max(axis=2) <= 3).sum() > 200


def test_the_same_structure_gives_the_same_bytes() -> None:
    assert draw(alone({"Fe": 1.0}), THUMBNAIL) == draw(alone({"Fe": 1.0}), THUMBNAIL)


def test_letters_stand_on_nothing_that_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    iron = Structure(Lattice.cubic(2.866), ["Fe", "Fe"], [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]])
    shown = shown_atoms(Structures.from_pymatgen([iron]))
    named = pixels(draw(shown, PAPER)).min(axis=2)
    written = []
    monkeypatch.setattr(Axes, "text", lambda axes, x, y, name, **how: written.append((x, y, name)))
    bare = pixels(draw(shown, PAPER)).min(axis=2)
    assert [name for _, _, name in written] == ["a", "b", "c"]
    seen = shown.positions @ frame(shown.lattice)[:, :2]
    for x, y, _ in written:
        assert (np.linalg.norm(seen - [x, y], axis=1) > shown.radii).all()
    ink = (named < 128).sum() - (bare < 128).sum()
    assert ink > 300
