"""The cache: what is put is there, for equal structures only; damage and size do no harm."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout.data.structures import Structures
from matscout.represent.streaming import cache
from matscout.represent.streaming.cache import VectorCache, keys_of
from matscout.store import Store

SALT = Structure(Lattice.cubic(4.0), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def structures(*lengths: float) -> Structures:
    return Structures.from_pymatgen(
        [Structure(Lattice.cubic(length), SALT.species, SALT.frac_coords) for length in lengths]
    )


def test_equal_structures_have_equal_keys():
    first, second, again = keys_of(structures(4.0, 4.1, 4.0))
    assert first == again != second
    assert keys_of(structures(3.9, 4.0))[1] == first


def test_slabs_and_charged_cells_have_keys_of_their_own():
    plain = structures(4.0)
    slab, ion = replace(plain, pbc=np.array([[True, True, False]])), replace(plain, charge=np.array([1.0]))
    assert len({key for one in (plain, slab, ion) for key in keys_of(one)}) == 3


def test_what_is_put_is_there(tmp_path):
    store = VectorCache(Store(tmp_path / "deep"), "density")
    keys = keys_of(structures(*np.linspace(4, 5, 1200)))
    assert store.get(keys) == {}
    store.put({key: np.array([place, np.nan]) for place, key in enumerate(keys) if place != 3})
    found = store.get(keys)
    assert sorted(found) == [place for place in range(1200) if place != 3]
    np.testing.assert_array_equal(found[1100], [1100.0, np.nan])
    assert VectorCache(Store(tmp_path / "deep"), "lattice").get(keys) == {}


def test_a_damaged_file_is_an_empty_one(tmp_path, caplog):
    kept, keys = VectorCache(Store(tmp_path), "density"), keys_of(structures(4.0))
    kept.put({keys[0]: np.ones(3)})
    (entry,) = Store(tmp_path).entries()
    (entry.path / "vectors.sqlite").write_bytes(b"no database, but a text that is long enough to look at" * 20)
    assert kept.get(keys) == {}
    assert "is damaged" in caplog.text
    kept.put({keys[0]: np.ones(3)})
    np.testing.assert_array_equal(kept.get(keys)[0], np.ones(3))


def test_where_nothing_can_be_read_there_is_nothing(tmp_path):
    (tmp_path / "file").touch()
    kept, keys = VectorCache(Store(tmp_path / "file"), "density"), keys_of(structures(4.0))
    assert kept.get(keys) == {}
    with pytest.raises(OSError, match="file"):
        kept.put({keys[0]: np.ones(3)})


def test_the_oldest_vectors_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "LARGEST", 100_000)
    kept = VectorCache(Store(tmp_path), "density")
    keys = keys_of(structures(*np.linspace(4, 5, 300)))
    for place, key in enumerate(keys):
        kept.put({key: np.full(200, float(place))})
    found = kept.get(keys)
    assert 299 in found
    assert 0 not in found
    assert sum(entry.size for entry in Store(tmp_path).entries()) < 400_000


def test_vectors_of_the_code_that_was_used_longest_ago_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "LARGEST", 150_000)
    store, (key,) = Store(tmp_path), keys_of(structures(4.0))
    for number, maker in enumerate(("old code", "other", "new code")):
        VectorCache(store, maker).put({key: np.full(10_000, 1.0)})
        for entry in store.entries():
            os.utime(entry.path, (entry.used - 10, entry.used - 10))
        assert len(VectorCache(store, maker).get([key])) == 1, number
    assert VectorCache(store, "old code").get([key]) == {}
    assert len(VectorCache(store, "other").get([key])) == 1
