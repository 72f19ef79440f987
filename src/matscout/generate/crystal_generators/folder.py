"""Crystals that another program or person made: a folder, an archive or a file of structures, in their order."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from matscout.data.dataset import Dataset
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.errors import InputError
from matscout.generate.crystal_generator import CrystalGenerator, Drawn
from matscout.generate.crystal_wishes import CrystalWishes


class FolderCrystals(CrystalGenerator):
    """The structures of files, as they are; nothing is drawn, so that all wishes are met by rejection.

    Parameters
    ----------
    path
        Folder or archive of structure files (CIF, POSCAR ...), or a file of many structures.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @cached_property
    def _read(self) -> Dataset:
        return read_materials(self.path, max_bad=1.0)

    @property
    def problems(self) -> tuple[str, ...]:
        """The files that could not be read, a sentence each."""
        return tuple(str(problem) for problem in self._read.problems if problem.dropped)

    def check(self, wishes: CrystalWishes) -> None:
        """Raise :class:`~matscout.errors.InputError` if no structure can be read."""
        self._materials()

    def draw(self, wishes: CrystalWishes, batch: int, seed: int) -> Drawn | None:
        """The next structures; the seed is not read. Errors as :meth:`check`."""
        materials = self._materials()[batch * self.batch_size : (batch + 1) * self.batch_size]
        if not len(materials):
            return None
        origins = [f"{self.path.name}: {name}" for name in materials.ids.tolist()]
        return Drawn(materials, np.full(len(materials), np.nan), np.array(origins, dtype=np.str_))

    def _materials(self) -> Materials:
        materials = self._read.materials
        rows = np.flatnonzero(materials.has_structure)
        if not len(rows):
            raise InputError(f"no structure can be read from {self.path}: give a folder of CIF files")
        return materials[rows]
