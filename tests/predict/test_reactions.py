"""Models learn from reactions as they do from materials."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pytest

import matscout
from matscout.data.dataset import Dataset
from matscout.data.reactions.shingles import folded
from matscout.errors import UsageError
from matscout.predict.domain import Domain
from matscout.predict.fitting import make_model
from matscout.predict.model import Model

COLUMNS = ("amine", "acid", "coupling reagent", "base")
MODELS = ("auto", "trees=drfp", "trees=reaction-one-hot", "trees=reaction-random+reaction-rdkit", "dummy")


def couplings(reaction=COLUMNS) -> Dataset:
    path = files("matscout") / "examples" / "couplings.csv"
    return matscout.read(path, reaction=reaction, context="temperature", target="yield")


@pytest.fixture(scope="module")
def plate() -> Dataset:
    return couplings()


@pytest.fixture(scope="module", params=MODELS)
def model(request, plate) -> Model:
    return matscout.fit(plate[:60], model=request.param, fast=True, seed=1)


def test_predictions_are_the_same_after_saving_in_another_process(model, plate, tmp_path):
    model.save(tmp_path / "model")
    script = (
        "import sys, numpy, matscout; from matscout.data.reading import read\n"
        "rows = read(sys.argv[1], reaction=sys.argv[3:], context='temperature', target='yield')\n"
        "said = matscout.load(sys.argv[2]).predict(rows.materials[100:120])\n"
        "print(numpy.concatenate([said.predicted, said.lower, said.upper, said.in_domain]).tolist())"
    )
    path = str(files("matscout") / "examples" / "couplings.csv")
    command = [sys.executable, "-c", script, path, str(tmp_path / "model"), *COLUMNS]
    said = model.predict(plate.materials[100:120])
    here = np.concatenate([said.predicted, said.lower, said.upper, said.in_domain])
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    np.testing.assert_allclose(np.array(json.loads(told)), here, rtol=1e-9)


def test_neither_batch_nor_order_matters(model, plate):
    rows = np.array([150, 70, 111, 99])
    whole = model.predict(plate.materials).predicted
    np.testing.assert_allclose(model.predict(plate.materials[rows]).predicted, whole[rows], rtol=1e-9)
    np.testing.assert_allclose(model.predict(plate.materials[[99]]).predicted, whole[[99]], rtol=1e-9)


def test_reasons_are_reactions_and_their_parts(plate):
    model = matscout.fit(plate[:60], model="trees=reaction-one-hot", fast=True)
    (reason,) = model.explain(plate.materials[[70]])
    assert all(">" in reaction for reaction, _, _ in reason.neighbours)
    assert {name for name, _ in reason.features} <= {*COLUMNS, "temperature"}


def test_what_was_not_in_training_is_no_column_of_one_hot(plate):
    model = matscout.fit(plate[:20], model="trees=reaction-one-hot", fast=True)
    assert np.isfinite(model.predict(plate.materials).predicted).all()


def test_reactions_of_other_columns_are_refused(plate):
    model = matscout.fit(plate[:60], model="trees=drfp", fast=True)
    with pytest.raises(UsageError, match="amine, acid, coupling reagent, base; got amine, acid"):
        model.predict(couplings(("amine", "acid")).materials)
    with pytest.raises(UsageError, match="no reactions"):
        model.predict(matscout.read_materials(["NaCl"]).materials)


def test_models_of_materials_refuse_reactions(plate):
    with pytest.raises(UsageError, match="describes materials"):
        matscout.fit(plate, model="extratrees-magpie", fast=True)


def test_auto_learns_from_reactions_better_than_from_nothing(plate):
    found = matscout.evaluate(plate, fast=True, n_folds=3, baselines=("dummy",))
    assert found.scores["auto"]["mae"] < 0.5 * found.scores["dummy"]["mae"]
    assert found.overlap == {}


def test_the_usual_baselines_of_reactions_are_other_ones(plate):
    found = matscout.evaluate(plate[:40], model="dummy", fast=True, n_folds=2)
    assert list(found.scores) == ["dummy", "trees=reaction-one-hot", "trees=drfp"]
    assert {"mae_mean", "mae_median"} <= found.scores["trees=drfp"].keys()


@pytest.mark.parametrize("wrong", ["trees=nothing", "trees=drfp+nothing", "trees="])
def test_trees_of_unknown_representations_are_refused(wrong):
    with pytest.raises(UsageError):
        make_model(wrong)


def test_similarity_of_reactions_is_the_cosine_of_their_fingerprints(plate):
    labelled, others = plate.materials[:30], plate.materials[30:40]
    bits = [folded(part.reactions).astype(float) for part in (labelled, others)]
    scaled = [part / np.linalg.norm(part, axis=1)[:, None] for part in bits]
    domain = Domain.fit(labelled, np.arange(30))
    found = domain.nearest(others, k=30)
    expected = scaled[1] @ scaled[0].T
    np.testing.assert_allclose(found.similarities, -np.sort(-expected, axis=1), atol=1e-6)
    restored = Domain.from_state(domain.state())
    np.testing.assert_array_equal(restored.contains(others), domain.contains(others))


def test_another_kind_of_reaction_is_outside(plate):
    suzuki = "OB(O)c1ccccc1.Brc1ccncc1>[Na+].[OH-].O>c1ccc(-c2ccncc2)cc1"
    domain = Domain.fit(plate.materials, np.arange(len(plate)))
    foreign = matscout.read_materials([suzuki]).materials
    assert domain.nearest(foreign).similarities[0, 0] < 0.5
    assert domain.nearest(plate.materials[[3]]).similarities[0, 0] == pytest.approx(1.0)


def test_clusters_of_reactions_are_left_out(plate):
    found = matscout.evaluate(plate, protocol="cluster", model="dummy", baselines=("trees=drfp",), fast=True, n_folds=3)
    assert {fold.split for fold in found.folds} == {"cluster 1", "cluster 2", "cluster 3"}
    assert found.scores["trees=drfp"]["mae"] < found.scores["dummy"]["mae"]
