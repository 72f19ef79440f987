"""The cache: what is put is there, for equal structures only; damage and size do no harm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pymatgen.core import Lattice, Structure

from matscout.data.structures import Structures
from matscout.represent.streaming import cache
from matscout.represent.streaming.cache import VectorCache, keys_of

SALT = Structure(Lattice.cubic(4.0), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def structures(*lengths: float) -> Structures:
    return Structures.from_pymatgen(
        [Structure(Lattice.cubic(length), SALT.species, SALT.frac_coords) for length in lengths]
    )


def test_equal_structures_have_equal_keys():
    first, second, again = keys_of(structures(4.0, 4.1, 4.0), "density")
    assert first == again != second
    assert keys_of(structures(4.0), "lattice") != [first]
    assert keys_of(structures(3.9, 4.0), "density")[1] == first


def test_slabs_and_charged_cells_have_keys_of_their_own():
    plain = structures(4.0)
    slab, ion = replace(plain, pbc=np.array([[True, True, False]])), replace(plain, charge=np.array([1.0]))
    assert len({key for one in (plain, slab, ion) for key in keys_of(one, "density")}) == 3


def test_what_is_put_is_there(tmp_path):
    store = VectorCache(tmp_path / "deep" / "vectors.sqlite")
    keys = keys_of(structures(*np.linspace(4, 5, 1200)), "density")
    assert store.get(keys) == {}
    store.put({key: np.array([place, np.nan]) for place, key in enumerate(keys) if place != 3})
    found = store.get(keys)
    assert sorted(found) == [place for place in range(1200) if place != 3]
    np.testing.assert_array_equal(found[1100], [1100.0, np.nan])


def test_a_damaged_file_is_an_empty_one(tmp_path):
    (tmp_path / "vectors.sqlite").write_bytes(b"this is no database, but a text that is long enough to look at" * 20)
    assert VectorCache(tmp_path / "vectors.sqlite").get(keys_of(structures(4.0), "density")) == {}


def test_the_oldest_vectors_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "LARGEST", 100_000)
    store = VectorCache(tmp_path / "vectors.sqlite")
    keys = keys_of(structures(*np.linspace(4, 5, 300)), "density")
    for place, key in enumerate(keys):
        store.put({key: np.full(200, float(place))})
    found = store.get(keys)
    assert 299 in found
    assert 0 not in found
    assert (tmp_path / "vectors.sqlite").stat().st_size < 400_000
