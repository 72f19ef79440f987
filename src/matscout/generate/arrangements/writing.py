"""Arrangements as files of structures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from matscout.data.extended_xyz_writing import extended_xyz_frame
from matscout.data.files import write_text_whole
from matscout.generate.arrangements.arranging import BestArrangements


def write_structures(result: BestArrangements, path: Path) -> None:
    """Write extended XYZ, a frame for each arrangement with its id, energy and multiplicity; atoms are not relaxed."""
    structures = result.materials.structures
    assert structures is not None
    places = zip(structures.offsets[:-1], structures.offsets[1:], strict=True)
    frames = [
        extended_xyz_frame(
            structures.lattices[row],
            structures.atomic_numbers[start:stop].astype(np.int64),
            structures.fractional_coordinates[start:stop],
            np.asarray(structures.pbc[row]),
            {
                "id": str(result.materials.ids[row]),
                "arrangement_energy": float(result.energies[row]),
                "multiplicity": int(result.multiplicities[row]),
            },
        )
        for row, (start, stop) in enumerate(places)
    ]
    write_text_whole(path, "".join(frames))
