"""CIFs that are written, read by pymatgen and by matscout's own reader."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.crystal.test_symmetric_crystals import crystals_on_every_position

from matscout.crystal.cif_writing import operation_texts, plain_cif, symmetric_cif
from matscout.crystal.symmetric_crystals import SymmetricCrystals
from matscout.crystal.symmetrising import symmetrised
from matscout.data.reading import read_materials


def every_group() -> list[int]:
    """A crystal of each group: the second one, with a special position where there is one."""
    groups = crystals_on_every_position().space_groups
    return np.unique(groups, return_index=True)[1].tolist()


def test_orbits_come_back_from_cifs_of_all_groups(tmp_path: Path) -> None:
    small = SymmetricCrystals.joined([crystals_on_every_position(seed)[every_group()] for seed in (3, 4)])
    # Random sites of small cells are nearer to one another than those of any crystal, and the reader says so.
    crystals = replace(small, lattices=small.lattices * [9, 9, 9, 1, 1, 1])
    for row in range(len(crystals)):
        text = symmetric_cif(crystals, row, ["origin: a test\nof two lines"])
        (tmp_path / f"{row}.cif").write_text(text, encoding="utf-8")
    read = read_materials(tmp_path, max_bad=1.0).materials
    assert read.structures is not None
    back = symmetrised(read.structures, 1e-3)
    written = crystals[read.ids[back.rows].astype(np.int64)]
    assert back.crystals.space_groups.tolist() == written.space_groups.tolist()
    # The reader merges the images of sites that lie next to a special position.
    assert (back.crystals.prototype_labels() == written.prototype_labels()).mean() > 0.99
    assert {*back.crystals.space_groups.tolist()} == {*range(1, 231)}


@pytest.mark.parametrize("row", [300, 900, 1500, 1700])
def test_pymatgen_reads_the_same_sites(row: int) -> None:
    from pymatgen.io.cif import CifParser

    crystals = crystals_on_every_position(3)
    whole = crystals.structures()
    for text in (symmetric_cif(crystals, row), plain_cif(whole, row)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            (structure,) = CifParser.from_str(text).parse_structures(primitive=False)
        expected = whole.to_pymatgen(row)
        assert len(structure) == len(expected)
        assert np.allclose(structure.lattice.parameters, expected.lattice.parameters, atol=1e-6)
        apart = structure.lattice.get_all_distances(structure.frac_coords, expected.frac_coords)
        assert apart.min(axis=0).max() < 1e-6


def test_operations_are_written_as_the_tables_do() -> None:
    assert operation_texts(2) == ("x,y,z", "-x,-y,-z")
    assert operation_texts(14)[1:] == ("-x,-y,-z", "-x,y+1/2,-z+1/2", "x,-y+1/2,z+1/2")
    assert "-x+y,-x,z" in operation_texts(143)
