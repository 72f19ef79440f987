"""Candidates from a data set."""

import numpy as np

from matscout.data.dataset import Dataset, Provenance
from matscout.data.materials import Materials
from matscout.discover.candidates.files import candidates_from
from matscout.errors import RowProblem


def test_rows_keep_their_numbers_and_repeats_are_told():
    materials = Materials.from_formulas(["GaN", "ZnO", "Ga2N2"])
    problem = RowProblem(5, "?", "not a formula", "write one")
    dataset = Dataset(
        materials, row_numbers=np.array([2, 3, 4]), problems=(problem,), provenance=Provenance("wanted.csv")
    )
    candidates = candidates_from(dataset)
    assert candidates.origins.tolist() == ["wanted.csv row 2", "wanted.csv row 3"]
    assert candidates.materials.formulas.tolist() == ["GaN", "ZnO"]
    assert [remark[:5] for remark in candidates.remarks] == ["2 can", "1 row", "1 row"]
