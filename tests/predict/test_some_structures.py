"""Models where some rows have a crystal structure and others only a formula."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars
import pytest
from pymatgen.core import Lattice, Structure

import matscout
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.predict.artefact import load_models
from matscout.predict.base import ClassPredictions, Predictions
from matscout.predict.labels import training_labels
from matscout.predict.model import Model
from matscout.predict.models.auto import Auto
from matscout.predict.models.by_definition import unseen
from matscout.remarks import codes
from matscout.workflow.label_settings import MaterialSettings
from matscout.workflow.predicting import predict_inputs

CATIONS = ("Li", "Na", "K", "Rb", "Ag", "Cu", "Tl", "Cs", "Mg", "Ca", "Sr", "Ba", "Zn", "Cd", "Mn", "Pb")
ANIONS = ("F", "Cl", "O", "S")


def salts(n: int = 128) -> Dataset:
    """Salts whose value is the volume per atom, which their formulas tell nothing of."""
    rng = np.random.default_rng(3)
    cells, values = [], []
    for row in range(n):
        length = float(rng.uniform(4.0, 8.0))
        names = [CATIONS[row % 16], ANIONS[row // 16 % 4]]
        amounts = 1 + row // 64
        lattice = Lattice.orthorhombic(length, length, length * amounts)
        places = [[0, 0, at / amounts] for at in range(amounts)]
        middles = [[0.5, 0.5, (at + 0.5) / amounts] for at in range(amounts)]
        cells.append(Structure(lattice, [names[0]] * amounts + [names[1]] * amounts, places + middles))
        values.append(length**3 / 2)
    structures = Structures.from_pymatgen(cells)
    ids = np.array([f"salt-{row}" for row in range(n)])
    formulas = np.array([cell.composition.reduced_formula for cell in cells])
    materials = Materials(ids, formulas, compositions_of(structures), structures)
    kind = (np.array(values) > np.median(values)).astype(np.float64)
    targets = {
        "volume": Target("volume", np.array(values), "Å3"),
        "large": Target("large", kind, task="classification", classes=("no", "yes")),
    }
    return Dataset(materials, targets)


def with_some(dataset: Dataset, known: np.ndarray) -> Dataset:
    structures = dataset.materials.structures
    assert structures is not None
    spread = structures[known].spread(known, len(dataset))
    return replace(dataset, materials=replace(dataset.materials, structures=spread))


@pytest.fixture(scope="module")
def some() -> Dataset:
    return with_some(salts(), np.arange(0, 128, 2))


def test_rows_with_a_structure_are_predicted_from_it_and_the_others_from_their_formula(some: Dataset) -> None:
    model = Auto(fast=True, donor=None).fit(some[:96], "volume")
    said = model.predict(some[96:].materials)
    assert isinstance(said, Predictions)
    true, known = some[96:].target("volume").values, some[96:].materials.has_structure
    errors = np.abs(said.predicted - true)
    assert errors[known].mean() < 0.3 * errors[~known].mean(), "only a structure tells the volume"
    widths = said.upper - said.lower
    assert np.median(widths[known]) < 0.5 * np.median(widths[~known]), "and intervals know it"
    assert said.in_domain.mean() > 0.9, "to have no structure is no fault"
    assert "structures-of-some-rows" in codes(model.notes)
    assert not model.needs_structures


def test_a_model_of_all_rows_says_of_formulas_what_a_model_of_formulas_says(some: Dataset) -> None:
    labels = some[:96]
    formulas = replace(labels, materials=replace(labels.materials, structures=None))
    alone = Auto(fast=True, donor=None).fit(formulas, "volume")
    both = Auto(fast=True, donor=None).fit(labels, "volume")
    asked = replace(some[96:].materials, structures=None)
    np.testing.assert_allclose(both.predict(asked).predicted, alone.predict(asked).predicted)  # type: ignore[union-attr]


def test_its_order_of_rows_is_kept_and_it_is_stored(some: Dataset, tmp_path: Path) -> None:
    model = matscout.fit(some[:96], "volume", model="auto:donor=none", fast=True)
    asked = some[96:].materials
    said = model.predict(asked)
    assert isinstance(said, Predictions)
    for row in (0, 1, 7, 20):
        alone = model.predict(asked[[row]])
        assert isinstance(alone, Predictions)
        assert alone.predicted[0] == pytest.approx(said.predicted[row])
        assert alone.upper[0] == pytest.approx(said.upper[row])
    model.save(tmp_path / "model")
    again = load_models(tmp_path / "model")["volume"].predict(asked)
    assert isinstance(again, Predictions)
    np.testing.assert_allclose(again.predicted, said.predicted)
    np.testing.assert_allclose(again.lower, said.lower)


def test_classes_are_told_of_both_kinds_of_rows(some: Dataset) -> None:
    model = Auto(fast=True, donor=None).fit(some[:96], "large")
    said = model.predict(some[96:].materials)
    assert isinstance(said, ClassPredictions)
    true, known = some[96:].target("large").values, some[96:].materials.has_structure
    right = said.predicted == true
    assert right[known].mean() > 0.9
    assert right[~known].mean() < 0.9
    stored = Model.from_state(model.state()).predict(some[96:].materials)
    assert isinstance(stored, ClassPredictions)
    np.testing.assert_allclose(stored.probabilities, said.probabilities)


def test_few_structures_are_not_learned_from_and_that_is_said(some: Dataset) -> None:
    labels = with_some(salts()[:60], np.arange(10))
    model = Auto(fast=True, donor=None).fit(labels, "volume")
    assert "10 of 60 labelled rows have a structure, of 10 different materials" in " ".join(model.notes)
    assert not model.needs_structures
    assert model.left_out is not None
    told = unseen(model.left_out, training_labels(labels, "volume"))
    assert np.isfinite(told).all(), "what was said of each row unseen is found by the labels as they were given"


def test_a_model_of_structures_learns_from_the_rows_that_have_one(some: Dataset) -> None:
    model = matscout.fit(some[:96], "volume", model="trees=structure-basic", fast=True)
    assert model.card is not None
    assert model.card.n_rows == 48


def test_a_table_of_which_some_rows_have_files(tmp_path: Path) -> None:
    """All rows stay; those without a file, or with one that cannot be read, are read by their formulas."""
    dataset = salts(60)
    folder = tmp_path / "cifs"
    folder.mkdir()
    structures = dataset.materials.structures
    assert structures is not None
    for row in range(0, 60, 2):
        structures.to_pymatgen(row).to(str(folder / f"salt-{row}.cif"), fmt="cif")
    (folder / "salt-1.cif").write_text("data_x\n_cell_length_a 4\n")
    table = polars.DataFrame(
        {
            "id": dataset.materials.ids,
            "formula": dataset.materials.formulas,
            "volume (Å3)": dataset.target("volume").values,
        }
    )
    table.write_csv(tmp_path / "labels.csv")
    read = matscout.read(tmp_path / "labels.csv", structure=str(folder), formula="formula")
    assert len(read) == 60
    np.testing.assert_array_equal(read.materials.has_structure, np.arange(60) % 2 == 0)
    np.testing.assert_array_equal(read.materials.compositions.keys(), dataset.materials.compositions.keys())
    assert "rows-with-structure" in codes(read.provenance.remarks)
    broken = [problem for problem in read.problems if "the formula of the row is used" in problem.reason]
    assert [(problem.row, problem.dropped) for problem in broken] == [(3, False)]

    model = matscout.fit(read, model="auto:donor=none", fast=True)
    model.save(tmp_path / "model")
    reading = MaterialSettings(formula="formula", structure=str(folder), sheet=None, unit={}, max_bad=0.2)
    told = predict_inputs(tmp_path / "model", [str(tmp_path / "labels.csv")], reading, {}, 0.8)
    assert told.table["predicted_from"].to_list() == ["structure", "formula"] * 30
    assert not any(problem.dropped for problem in told.problems)


def test_a_model_of_structures_only_refuses_rows_without_one_in_words(tmp_path: Path) -> None:
    dataset = salts(60)
    model = matscout.fit(dataset, "volume", model="auto:donor=none", fast=True)
    assert model.needs_structures
    model.save(tmp_path / "model")
    structures = dataset.materials.structures
    assert structures is not None
    cifs = [structures.to_pymatgen(row).to(fmt="cif") if row % 2 else "" for row in range(10)]
    polars.DataFrame({"formula": dataset.materials.formulas[:10], "cif": cifs}).write_csv(tmp_path / "asked.csv")
    reading = MaterialSettings(formula=None, structure="cif", sheet=None, unit={}, max_bad=0.2)
    told = predict_inputs(tmp_path / "model", [str(tmp_path / "asked.csv")], reading, {}, 0.8)
    assert told.table["volume_predicted"].is_null().to_list() == [True, False] * 5
    assert (
        told.table["problem"].to_list()[0].startswith("has no structure, but the model was fitted to structures only")
    )
