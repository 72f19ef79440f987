from __future__ import annotations

import numpy as np
import pytest

from matscout.represent.descriptors.skipspecies import SkipSpecies
from matscout.represent.descriptors.skipspecies_induced import SkipSpeciesInduced

pytestmark = pytest.mark.filterwarnings("ignore")

KNOWN = (
    ({"Fe": 2.0, "O": 3.0}, {"Fe3+": 2, "O2-": 3}),
    ({"Na": 1.0, "Cl": 1.0}, {"Na+": 1, "Cl-": 1}),
    ({"Cu": 1.0, "In": 1.0, "Se": 2.0}, {"Cu+": 1, "In3+": 1, "Se2-": 2}),
)


@pytest.mark.parametrize("maker", [SkipSpecies, SkipSpeciesInduced])
@pytest.mark.parametrize(("amounts", "ions"), KNOWN)
def test_equals_elementembeddings_for_known_ions(maker, amounts, ions, make_materials):
    from elementembeddings.composition import SpeciesCompositionalEmbedding

    theirs = SpeciesCompositionalEmbedding(ions, maker().name.replace("-", "_"))
    vectors = maker(poolings=("mean", "sum", "maximum")).represent(make_materials([amounts])).vectors
    for position, pooling in enumerate(("mean", "sum", "maxpool")):
        np.testing.assert_allclose(vectors[0, position::3], theirs.feature_vector(pooling), rtol=1e-6, atol=1e-6)


def test_missing_ion_is_replaced_by_the_nearest_and_reported(make_materials):
    embedding = SkipSpecies().represent(make_materials([{"Na": 1.0, "Cl": 1.0}, {"Fe": 1.0, "Al": 1.0}]))
    assert embedding.rows.tolist() == [0, 1]
    [remark] = embedding.problems
    assert (remark.row, remark.dropped) == (2, False)
    assert "Al(+0) by Al(+2)" in remark.reason
    assert "Fe(+0) by Fe(+1)" in remark.reason


def test_row_numbers_of_remarks_count_dropped_rows(make_materials):
    embedding = SkipSpecies().represent(make_materials([{"Am": 1.0, "O": 2.0}, {"Fe": 1.0, "Al": 1.0}]))
    assert embedding.rows.tolist() == [1]
    assert [(problem.row, problem.dropped) for problem in embedding.problems] == [(1, True), (2, False)]
