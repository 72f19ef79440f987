"""Structures as frames of extended XYZ files, which nearly all programs read."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import SYMBOLS


def extended_xyz_frame(
    lattice: NDArray[np.float64],
    numbers: NDArray[np.int64],
    fractional: NDArray[np.float64],
    pbc: NDArray[np.bool_],
    facts: Mapping[str, object],
) -> str:
    """One structure of whole atoms as text.

    Parameters
    ----------
    lattice
        float64 [3, 3], Å, rows are the lattice vectors.
    numbers
        int64 [s], atomic numbers.
    fractional
        float64 [s, 3].
    pbc
        bool [3].
    facts
        What stands in the line of comments: texts, numbers, truth values. ASE takes ``energy`` (eV) for the energy of
        the cell.
    """
    words = [
        f'Lattice="{" ".join(f"{value:.10g}" for value in lattice.ravel())}"',
        "Properties=species:S:1:pos:R:3",
        f'pbc="{" ".join("FT"[int(axis)] for axis in pbc)}"',
        *(f"{name}={_written(value)}" for name, value in facts.items()),
    ]
    atoms = zip(numbers, fractional @ lattice, strict=True)
    lines = [f"{SYMBOLS[number - 1]:2} {x:16.8f} {y:16.8f} {z:16.8f}" for number, (x, y, z) in atoms]
    return "\n".join([str(len(numbers)), " ".join(words), *lines, ""])


def _written(value: object) -> str:
    match value:
        case bool():
            return "FT"[value]
        case float():
            return f"{value:.10g}"
        case str():
            escaped = " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case _:
            return str(value)
