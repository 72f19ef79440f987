"""The colours of the elements, against those of VESTA and the hue that matplotlib sees in them."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import rgb_to_hsv, to_rgb

from matscout.app.viewing.palette import VACANT, colours
from matscout.data.elements import SYMBOLS


def test_every_element_has_a_colour_that_does_not_glare() -> None:
    found = colours((*SYMBOLS, VACANT))
    assert found.pop(VACANT) == "#ffffff"
    values = np.array([to_rgb(colour) for colour in found.values()])
    assert values.shape == (118, 3)
    assert values.sum(axis=1).min() > 0.4
    # VESTA's strontium is (0, 255, 0) and its chlorine (49, 252, 2).
    for symbol in ("Sr", "Cl"):
        assert min(to_rgb(found[symbol])) > 0.3


def test_well_known_colours_keep_their_hue() -> None:
    # VESTA: oxygen (254, 3, 0), silicon (27, 59, 250), titanium (120, 202, 255), sodium (249, 220, 60).
    known = {"O": (254, 3, 0), "Si": (27, 59, 250), "Ti": (120, 202, 255), "Na": (249, 220, 60)}
    for symbol, colour in known.items():
        apart = rgb_to_hsv(to_rgb(colours((symbol,))[symbol]))[0] - rgb_to_hsv(np.array(colour) / 255.0)[0]
        assert abs((apart + 0.5) % 1.0 - 0.5) < 0.04, symbol
    # Neither bright nor gaudy: as in VESTA.
    assert colours(("Ti",))["Ti"] == "#78caff"


def test_elements_that_stand_together_can_be_told_apart() -> None:
    found = colours(("N", "F", "Sr", "Zr"))
    assert len(set(found.values())) == 4
