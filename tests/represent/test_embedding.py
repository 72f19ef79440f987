from __future__ import annotations

import numpy as np
import pytest

from matscout.errors import UsageError
from matscout.represent.descriptors.magpie import Magpie
from matscout.represent.embedding import embed


def test_embed_is_the_representation_of_that_name(make_materials):
    materials = make_materials([{"Fe": 2.0, "O": 3.0}, {"Si": 1.0}])
    np.testing.assert_array_equal(embed(materials, "magpie").vectors, Magpie().represent(materials).vectors)


def test_poolings_are_passed_on(make_materials):
    embedding = embed(make_materials([{"Fe": 2.0, "O": 3.0}]), "elements=oliynyk", ["mean", "geometric_mean"])
    assert embedding.columns[:2] == ("Oliynyk mean Atomic_Number", "Oliynyk geometric_mean Atomic_Number")
    np.testing.assert_allclose(embedding.vectors[0, :2], [(2 * 26 + 3 * 8) / 5, 26**0.4 * 8**0.6])


def test_poolings_are_refused_where_nothing_is_pooled(make_materials):
    with pytest.raises(UsageError, match="element-fraction does not pool"):
        embed(make_materials([{"Fe": 1.0}]), "element-fraction", ["mean"])


def test_misspelt_name_gets_a_hint(make_materials):
    with pytest.raises(UsageError, match="did you mean magpie"):
        embed(make_materials([{"Fe": 1.0}]), "magpy")
