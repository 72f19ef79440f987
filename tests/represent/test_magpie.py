from __future__ import annotations

import numpy as np
import pytest

from matscout.represent.descriptors.magpie import Magpie

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def featurizer(matminer):
    return matminer.ElementProperty.from_preset("magpie", impute_nan=False)


@pytest.fixture(scope="module")
def truth(featurizer, random_amounts):
    from pymatgen.core import Composition

    return np.array([featurizer.featurize(Composition(row)) for row in random_amounts], dtype=np.float64)


def test_equals_matminer_on_a_thousand_random_formulas(truth, make_materials, random_amounts):
    vectors = Magpie().represent(make_materials(random_amounts)).vectors
    assert vectors.shape == truth.shape == (1000, 132)
    np.testing.assert_array_equal(np.isnan(vectors), np.isnan(truth))
    error = np.abs(vectors - truth) / np.maximum(1.0, np.abs(truth))
    assert np.nanmax(error) <= 1e-6


def test_columns_are_named_like_matminers(featurizer):
    assert list(Magpie().columns) == featurizer.feature_labels()


def test_every_row_with_a_blank_is_reported_with_element_and_property(make_materials, random_amounts):
    embedding = Magpie().represent(make_materials(random_amounts))
    remarked = {problem.row - 1 for problem in embedding.problems}
    assert remarked == set(np.flatnonzero(np.isnan(embedding.vectors).any(axis=1)))
    assert not any(problem.dropped for problem in embedding.problems)


def test_remark_names_the_blank(make_materials):
    [remark] = Magpie().represent(make_materials([{"Fe": 1.0}, {"He": 1.0, "O": 1.0}])).problems
    assert remark.row == 2
    assert "MeltingT, Electronegativity of He" in remark.reason


def test_committed_table_is_what_matminer_holds(featurizer):
    from matscout.data.elements import SYMBOLS

    held = featurizer.data_source.all_elemental_props
    truth = np.array([[held[name][symbol] for name in featurizer.features] for symbol in SYMBOLS], dtype=np.float64)
    np.testing.assert_array_equal(Magpie().vectors(), truth)
