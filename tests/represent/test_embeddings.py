"""Embeddings: each representation is asked once about a batch, and the parts of a network are one pass through it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from matscout import registry
from matscout.data.materials import Materials
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
    pytest.importorskip("torch", reason="donors need torch")
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
