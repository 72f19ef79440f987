"""Embeddings: each representation is asked once about a batch, and the parts of a network are one pass through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

from matscout import registry
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.represent.base import Embedding
from matscout.represent.embedding import embed
from matscout.represent.embeddings import Embeddings

FORMULAS = ["Fe2O3", "GaAs", "PbTe"]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the representations as they are asked."""
    asked: list[str] = []
    for name in ("magpie", "composition-donor"):
        made = registry.load_class("representations", name)

        def represent(self, materials: Materials, original=made.represent) -> Embedding:
            asked.append(self.name)
            return original(self, materials)

        monkeypatch.setattr(made, "represent", represent)
    yield asked


def test_nothing_is_computed_twice(counted: list[str]) -> None:
    embeddings = Embeddings(Materials.from_formulas(FORMULAS))
    assert embeddings.of("magpie") is embeddings.of("magpie")
    assert counted == ["magpie"]


def test_parts_of_a_network_are_one_pass_through_it(counted: list[str]) -> None:
    materials = Materials.from_formulas(FORMULAS)
    embeddings = Embeddings(materials)
    parts = {part: embeddings.of(f"composition-donor{part}") for part in ("/vector", "/properties", "")}
    assert counted == ["composition-donor"]
    for part, found in parts.items():
        alone = embed(materials, f"composition-donor{part}")
        assert found.columns == alone.columns
        np.testing.assert_array_equal(found.vectors, alone.vectors)


def test_what_has_no_parts_says_so() -> None:
    with pytest.raises(UsageError, match="magpie has no parts"):
        Embeddings(Materials.from_formulas(FORMULAS)).of("magpie/vector")


@pytest.fixture
def crystals() -> Materials:
    """Twelve salts, so that a costly representation asks several processes, and one that has no vector."""
    rng = np.random.default_rng(0)
    salts = [
        Structure(Lattice.cubic(rng.uniform(4, 6)), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, rng.uniform(0.4, 0.6)]])
        for _ in range(12)
    ]
    shared = Structure(Lattice.cubic(4.0), [{"Na": 0.5, "K": 0.5}], [[0, 0, 0]])
    structures = Structures.from_pymatgen([*salts[:5], shared, *salts[5:]])
    ids = np.array(["the same"] * len(structures))
    return Materials(ids, ids, compositions_of(structures), structures)


def test_a_costly_representation_is_asked_once_in_all_runs(
    crystals: Materials, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    maker = registry.load_class("representations", "sine-matrix")
    monkeypatch.setattr(maker, "costly", True)
    plain = embed(crystals, "sine-matrix")
    told: list[int] = []
    found = Embeddings(crystals, lambda step, done, total: told.append(done)).of("sine-matrix")
    for seen in (found, Embeddings(crystals[np.arange(7)]).of("sine-matrix")):
        n = len(seen.vectors)
        np.testing.assert_array_equal(seen.vectors, plain.vectors[:n])
        np.testing.assert_array_equal(seen.rows, plain.rows[:n])
        assert [(one.row, one.reason) for one in seen.problems] == [(one.row, one.reason) for one in plain.problems]
    assert told == [0, 8, 13]

    def refuse(self: object, crystals: object) -> None:
        raise AssertionError("everything is known")

    monkeypatch.setattr(maker, "vectors", refuse)
    known = Embeddings(crystals[np.array([0, 3, 12])]).of("sine-matrix")
    np.testing.assert_array_equal(known.vectors, plain.vectors[[0, 3, 11]])
