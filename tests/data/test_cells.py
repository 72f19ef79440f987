"""Standard cells: the same crystal in another cell, as spglib has it through pymatgen."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

from matscout.data.cells import with_cells
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures

FACES = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
SALT = Structure(Lattice.cubic(5.64), ["Na"] * 4 + ["Cl"] * 4, [*FACES, *(np.array(FACES) + 0.5)])
DISORDERED = Structure(Lattice.cubic(4.0), [{"Na": 0.5, "K": 0.5}, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def materials(*structures: Structure) -> Materials:
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return Materials(names, names, compositions_of(ragged), ragged)


@pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING")  # pymatgen's own call
@pytest.mark.parametrize(("choice", "sites"), [("primitive", 2), ("conventional", 8), ("as-given", 16)])
def test_each_choice_gives_its_cell(choice, sites):
    doubled = SALT.copy()
    doubled.make_supercell([2, 1, 1])
    changed = with_cells(materials(doubled), choice)
    found = changed.structures.to_pymatgen(0)
    assert len(found) == sites
    assert SpacegroupAnalyzer(found).get_space_group_number() == 225
    assert found.density == pytest.approx(SALT.density)
    assert changed.compositions.to_dict(0) == {"Na": sites / 2, "Cl": sites / 2}


def test_disordered_crystals_stay_as_they_are():
    changed = with_cells(materials(DISORDERED, SALT), "primitive")
    assert np.diff(changed.structures.offsets).tolist() == [3, 2]


def test_formulas_have_no_cells():
    formulas = Materials.from_formulas(["NaCl"])
    assert with_cells(formulas, "primitive") is formulas
