"""Candidates from a data set."""

import numpy as np
import polars

from matscout.data.dataset import Dataset, Provenance
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.errors import RowProblem
from matscout.generate.generators.file import candidates_from
from matscout.remarks import codes


def test_rows_keep_their_numbers_and_repeats_are_told():
    materials = Materials.from_formulas(["GaN", "ZnO", "Ga2N2"])
    problem = RowProblem(5, "?", "not a formula", "write one")
    dataset = Dataset(
        materials, row_numbers=np.array([2, 3, 4]), problems=(problem,), provenance=Provenance("wanted.csv")
    )
    candidates = candidates_from(dataset)
    assert candidates.origins.tolist() == ["wanted.csv row 2", "wanted.csv row 3"]
    assert candidates.materials.formulas.tolist() == ["GaN", "ZnO"]
    assert codes(candidates.remarks) == ["candidates-read", "candidates-repeated", "candidates-not-read"]


def test_reactions_under_other_conditions_are_candidates_of_their_own() -> None:
    frame = polars.DataFrame(
        {"rxn": ["CC>>CCC", "CC>>CCC", "CC>>CCC", "CN>>CNC"], "temperature (°C)": [25.0, 60.0, 25.0, 25.0]}
    )
    found = candidates_from(read_materials(frame, reaction="rxn", context="temperature (°C)"))
    np.testing.assert_allclose(found.materials.context["temperature"], [298.15, 333.15, 298.15])
    assert codes(found.remarks)[-1] == "candidates-repeated"
    assert "the reaction (and its conditions)" in found.remarks[-1]
