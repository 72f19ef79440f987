"""Polymorphs that everybody knows: pymatgen builds them, and a supercell, a strain or a rattle makes no new one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.discover import same_structures
from matscout.discover.filters import screen
from matscout.discover.novelty import is_known, is_labelled, novelty
from matscout.discover.same_structures import has_same_structure
from matscout.generate.base import Candidates

ZINCBLENDE = Structure.from_spacegroup("F-43m", Lattice.cubic(5.41), ["Zn", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]])
WURTZITE = Structure.from_spacegroup(
    "P6_3mc", Lattice.hexagonal(3.82, 6.26), ["Zn", "S"], [[1 / 3, 2 / 3, 0], [1 / 3, 2 / 3, 0.375]]
)
ROCKSALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.06), ["Zn", "S"], [[0, 0, 0], [0.5, 0.5, 0.5]])
CADMIUM = Structure.from_spacegroup("F-43m", Lattice.cubic(5.83), ["Cd", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]])
ALLOY = Structure(Lattice.cubic(3.6), [{"Cu": 0.75, "Au": 0.25}], [[0, 0, 0]])


def materials(*structures: Structure) -> Materials:
    ragged = Structures.from_pymatgen(structures)
    names = np.array([structure.composition.reduced_formula for structure in structures])
    return Materials(np.arange(len(structures)).astype(np.str_), names, compositions_of(ragged), ragged)


def same(*pair: Structure) -> bool:
    return bool(has_same_structure(materials(pair[0]), materials(pair[1]))[0])


def test_polymorphs_are_told_apart():
    labels = materials(ZINCBLENDE, CADMIUM)
    assert has_same_structure(materials(ZINCBLENDE, WURTZITE, ROCKSALT, CADMIUM), labels).tolist() == [1, 0, 0, 1]
    assert has_same_structure(labels, materials(WURTZITE, ROCKSALT)).tolist() == [False, False]


def test_cells_strains_and_disorder_make_no_new_structure():
    pressed = ZINCBLENDE.copy()
    pressed.scale_lattice(0.9 * pressed.volume)
    rattled = ZINCBLENDE.copy()
    rattled.perturb(0.05, seed=0)
    for other in (ZINCBLENDE.get_primitive_structure(), ZINCBLENDE * (1, 1, 2), pressed, rattled):
        assert same(other, ZINCBLENDE)
    assert same(ALLOY, ALLOY * (2, 1, 1))


def test_large_cells_are_compared_by_group_and_volume(monkeypatch):
    monkeypatch.setattr(same_structures, "MOST_SITES", 1)
    same_structures._are_same.cache_clear()
    expanded, blown_up = ZINCBLENDE.copy(), ZINCBLENDE.copy()
    expanded.scale_lattice(1.04 * expanded.volume)
    blown_up.scale_lattice(1.07 * blown_up.volume)
    assert same(expanded, ZINCBLENDE)
    assert not same(blown_up, ZINCBLENDE)
    assert not same(WURTZITE, ZINCBLENDE)
    same_structures._are_same.cache_clear()


def test_a_new_polymorph_is_new_and_a_formula_is_not():
    labels, own = materials(ZINCBLENDE), materials(ZINCBLENDE * (1, 1, 2), WURTZITE, CADMIUM)
    assert is_labelled(own, labels).tolist() == is_known(own, labels).tolist() == [True, False, False]
    words = ["already labelled", "new structure of a labelled composition", "known compound, not in your table"]
    assert novelty(own, labels).tolist() == words
    for one, other in ((replace(own, structures=None), labels), (own, replace(labels, structures=None))):
        assert is_known(one, other).tolist() == [True, True, False]
        assert novelty(one, other).tolist() == ["already labelled", "already labelled", words[2]]


@pytest.mark.parametrize("name", ["new", "unlabelled"])
def test_filters_keep_new_polymorphs(name):
    candidates = Candidates(materials(ZINCBLENDE, WURTZITE), np.array(["a", "b"]))
    assert screen(candidates, materials(ZINCBLENDE), require=[name]).rows.tolist() == [1]
