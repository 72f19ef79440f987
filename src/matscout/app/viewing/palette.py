"""The colours of the elements in all pictures: those of VESTA, less glaring."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import SYMBOLS

Floats = NDArray[np.float64]

VACANT = "vacant"
"""What stands for the share of a site that no atom holds."""

VACANT_COLOUR = "#ffffff"
UNKNOWN = (160, 160, 160)
"""Of elements that VESTA has no colour for, from darmstadtium on."""

MOST_CHROMA = 0.18
LIGHTNESS = (0.42, 0.86)
"""Of all colours, in OKLab (B. Ottosson, https://bottosson.github.io/posts/oklab): none glares, none is nearly black or
white.
"""

_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def colours(kinds: tuple[str, ...]) -> dict[str, str]:
    """The colour of each kind as ``"#rrggbb"``; the vacant share of a site is white."""
    known = _elements()
    return {kind: VACANT_COLOUR if kind == VACANT else known[kind] for kind in kinds}


@cache
def _elements() -> dict[str, str]:
    """Of all 118 elements. One that has the colour of a lighter element in VESTA, as fluorine, has Jmol's here."""
    from monty.serialization import loadfn

    # Until 2026.5 it was kept with the views.
    places = (files("pymatgen") / folder / "ElementColorSchemes.yaml" for folder in ("core", "vis"))
    schemes = loadfn(str(next(place for place in places if place.is_file())))
    schemed: dict[str, tuple[int, ...]] = {}
    for symbol in SYMBOLS:
        own = tuple(schemes["VESTA"].get(symbol, UNKNOWN))
        schemed[symbol] = tuple(schemes["Jmol"].get(symbol, UNKNOWN)) if own in schemed.values() else own
    soft = _softened(np.array(list(schemed.values()), dtype=np.float64) / 255.0)
    return {
        symbol: "#" + "".join(f"{round(255 * part):02x}" for part in colour)
        for symbol, colour in zip(schemed, soft, strict=True)
    }


def _softened(colour: Floats) -> Floats:
    """SRGB colours, 0 to 1, with bounded chroma and lightness and the same hue, [n, 3]."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T
    chroma = np.linalg.norm(lab[:, 1:], axis=1, keepdims=True)
    lab[:, 1:] *= np.minimum(1.0, MOST_CHROMA / np.maximum(chroma, 1e-9))
    lab[:, 0] = np.clip(lab[:, 0], *LIGHTNESS)
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T, 0.0, 1.0)
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1.0 / 2.4) - 0.055))
