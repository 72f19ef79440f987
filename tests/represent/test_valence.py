from __future__ import annotations

import numpy as np
import pytest

from matscout.represent.descriptors.valence import Valence

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning", "ignore::DeprecationWarning")


def test_equals_matminers_valence_orbital_and_stoichiometry(matminer, make_materials, random_amounts):
    from pymatgen.core import Composition

    rows = random_amounts[:300]
    orbitals, norms = matminer.ValenceOrbital(impute_nan=False), matminer.Stoichiometry()
    truth = np.array([[*orbitals.featurize(Composition(row)), *norms.featurize(Composition(row))] for row in rows])
    embedding = Valence().represent(make_materials(rows))
    np.testing.assert_allclose(embedding.vectors, truth, rtol=1e-9, atol=1e-12)
    assert list(embedding.columns) == orbitals.feature_labels() + norms.feature_labels()
    assert np.isnan(truth).any()


def test_blank_orbitals_are_reported(make_materials):
    embedding = Valence().represent(make_materials([{"Og": 1.0, "O": 1.0}, {"Fe": 1.0}]))
    [remark] = embedding.problems
    assert remark.row == 1
    assert "all properties of Og" in remark.reason
    assert np.isnan(embedding.vectors[0, :8]).all()
    assert not np.isnan(embedding.vectors[0, 8:]).any()
