"""Templates of a user: any files with crystal structures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from matscout.crystal.symmetrising import symmetrised
from matscout.data.reading import read_materials
from matscout.errors import InputError
from matscout.generate.templates.pool import TemplatePool
from matscout.generate.templates.volumes import VolumeModel

SYMPREC = 0.1
"""Å, as for the crystals from which the shipped model was learnt."""


def read_templates(path: Path, volumes: VolumeModel) -> TemplatePool:
    """The ordered crystals of a folder, an archive or a table, as templates.

    Raises
    ------
    InputError
        If none of them is an ordered crystal.
    """
    materials = read_materials(path, max_bad=1.0).materials
    rows = np.flatnonzero(materials.has_structure)
    structures = materials[rows].structures
    symmetric = symmetrised(structures, SYMPREC) if structures is not None else None
    if symmetric is None or not len(symmetric.rows):
        raise InputError(f"{path} holds no ordered crystal that could be a template: give a folder of CIF files")
    names = [f"{path.name}: {name}" for name in materials.ids[rows[symmetric.rows]].tolist()]
    crystals = symmetric.crystals
    pool = TemplatePool.of(crystals.structures(primitive=True), crystals.space_groups.astype(np.int64), names)
    return pool.with_volumes(volumes)
