"""Batches of drawn crystals in a folder, so that a stopped run goes on where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.data.array_files import read_arrays
from matscout.data.compositions import Compositions
from matscout.data.files import atomic_write
from matscout.data.materials import Materials
from matscout.data.structures import Structures
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_wishes import CrystalWishes

_STRUCTURES = ("lattices", "offsets", "atomic_numbers", "fractional_coordinates", "occupancies")
_ORBITS = ("space_groups", "lattices", "offsets", "letters", "elements", "first_positions")


class KeptCrystals(CrystalGenerator):
    """A generator whose batches are kept in a folder, and read from there when they are asked for again.

    Parameters
    ----------
    generator
        What draws.
    folder
        Batches of other wishes, seeds or generators must not lie there.
    """

    def __init__(self, generator: CrystalGenerator, folder: Path) -> None:
        self.generator, self.folder = generator, folder
        self.taken_over = 0

    def check(self, wishes: CrystalWishes) -> None:
        """As the generator."""
        self.generator.check(wishes)

    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn | None:
        """As the generator; a batch that is kept is not drawn."""
        path = self.folder / f"{batch:06}.npz"
        if path.exists():
            kept = read_drawn(path, self.generator.wishes_met(wishes))
            self.taken_over += len(kept)
            return kept
        drawn = self.generator.draw(wishes, batch, seed)
        if drawn is not None:
            write_drawn(drawn, path)
        return drawn


def write_drawn(drawn: Drawn, path: Path) -> None:
    """Write a batch as an ``.npz`` file, whole or not at all."""
    materials, structures, crystals = drawn.materials, drawn.structures, drawn.crystals
    arrays = {f"structure {name}": getattr(structures, name) for name in _STRUCTURES}
    arrays |= {} if crystals is None else {f"orbit {name}": getattr(crystals, name) for name in _ORBITS}
    arrays |= {"ids": materials.ids, "formulas": materials.formulas, "origins": drawn.origins}
    arrays |= {name: getattr(materials.compositions, name) for name in ("offsets", "elements", "amounts")}
    with atomic_write(path) as place, place.open("wb") as file:
        np.savez(file, log_likelihoods=drawn.log_likelihoods, **arrays)


def read_drawn(path: Path, conditioned: frozenset[str]) -> Drawn:
    """A batch that was written by :func:`write_drawn`; raises as :func:`~matscout.data.array_files.read_arrays`."""
    arrays = read_arrays(path)
    lattices, *others = (arrays[f"structure {name}"] for name in _STRUCTURES)
    structures = Structures(lattices, others[0], others[1], others[2], others[3])
    compositions = Compositions(arrays["offsets"], arrays["elements"], arrays["amounts"])
    orbits = [arrays[f"orbit {name}"] for name in _ORBITS if f"orbit {name}" in arrays]
    return Drawn(
        Materials(arrays["ids"], arrays["formulas"], compositions, structures),
        arrays["log_likelihoods"],
        arrays["origins"],
        SymmetricCrystals(*orbits) if orbits else None,
        conditioned,
    )
