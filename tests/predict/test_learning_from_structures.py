"""``auto`` on crystals whose property only their structure tells."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from pymatgen.core import Structure

from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import MissingExtraError, UsageError
from matscout.predict.artefact import load
from matscout.predict.explaining import property_of
from matscout.predict.model import Model
from matscout.predict.models.auto import Auto
from matscout.represent.descriptors.structure_basic import StructureBasic

PAIRS = [(cation, anion) for cation in ("Li", "Na", "K", "Mg", "Ca", "Ag") for anion in ("F", "Cl", "Br", "O", "S")]


FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
CELLS = {4: (2 / 3**0.5 * FACE_CENTRED, 0.25), 6: (FACE_CENTRED, 0.5), 8: (2 / 3**0.5 * np.eye(3), 0.5)}
"""Coordination -> lattice vectors for bonds of length 1, and where the anion is on the diagonal."""


def dataset() -> Dataset:
    """Zinc blendes, rock salts and caesium chlorides of some pairs; the property is how many anions a cation has."""
    rng = np.random.default_rng(0)
    crystals, numbers = [], []
    for cation, anion in PAIRS:
        for number, (vectors, place) in CELLS.items():
            crystals.append(Structure(rng.uniform(2.1, 2.9) * vectors, [cation, anion], [[0] * 3, [place] * 3]))
            numbers.append(float(number) + rng.normal(0, 0.05))
    structures = Structures.from_pymatgen(crystals)
    names = np.array([f"{pair[0]}{pair[1]}" for pair in PAIRS for _ in range(3)])
    materials = Materials(np.arange(len(names)).astype(np.str_), names, compositions_of(structures), structures)
    return Dataset(materials, {"n": Target("n", np.array(numbers))})


@pytest.fixture(scope="module")
def labelled() -> Dataset:
    return dataset()


@pytest.fixture(scope="module")
def model(labelled) -> Model:
    return Auto(fast=True, donor=None).fit(labelled)


def test_it_learns_what_formulas_cannot_tell(labelled, model):
    alone = replace(labelled, materials=replace(labelled.materials, structures=None))
    blind = Auto(fast=True, donor=None).fit(alone)
    assert model.summary.error < 0.4 * blind.summary.error
    assert "structure-basic" in model.representations
    assert "structure-basic" not in blind.representations
    heaviest = model.summary.candidates[0]
    assert "structure" in heaviest.label


def test_features_of_the_structure_explain(labelled, model):
    of_structures = {property_of(column) for column in StructureBasic().columns}
    for explained in model.explain(labelled.materials[:3]):
        assert explained.features[0][0] in of_structures


def test_it_does_not_predict_formulas(model):
    with pytest.raises(UsageError, match="describes crystal structures, but these materials"):
        model.predict(Materials.from_formulas(["NaCl"]))


def test_it_is_stored_with_its_structures_column_sets(labelled, model, tmp_path):
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    np.testing.assert_array_equal(
        again.predict(labelled.materials).predicted, model.predict(labelled.materials).predicted
    )


def test_simulations_need_structures(labelled):
    alone = replace(labelled, materials=replace(labelled.materials, structures=None))
    with pytest.raises(UsageError, match="simulations need crystal structures"):
        Auto(fast=True, simulate=True).fit(alone)


def test_simulations_need_a_force_field(labelled, monkeypatch):
    monkeypatch.setitem(sys.modules, "chgnet", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'matscout\[mlff\]'"):
        Auto(fast=True, simulate=True).fit(labelled)
