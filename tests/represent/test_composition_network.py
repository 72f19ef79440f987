"""The encoder of compositions of an artefact: vectors, how unsure they are, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.represent.corpora.test_crystal_structures import materials
from tests.represent.crystals_at_hand import random_structures

from matscout.data.materials import Materials
from matscout.errors import ArtefactError, UsageError
from matscout.represent.embedding import make_representation
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.represent.shipped import measuring_folder

FORMULAS = ["Fe", "Fe2O3", "Zn0.9999Al0.0001O", "Li2Mg3Al4Fe5Cu6La7O8Na9K10Si11P12S13", "Og2O", "Bi1.6Sb0.4Te3"]


@pytest.fixture
def network(polysrl_artefact: Path) -> CompositionNetwork:
    made = make_representation(f"composition-network={polysrl_artefact}")
    assert isinstance(made, CompositionNetwork)
    return made


def test_pure_doped_and_crowded_formulas_have_vectors_and_unknown_elements_a_reason(
    network: CompositionNetwork,
) -> None:
    embedding = network.represent(Materials.from_formulas(FORMULAS))
    assert embedding.rows.tolist() == [0, 1, 2, 3, 5]
    assert embedding.columns[0] == "composition-network 1"
    np.testing.assert_allclose(np.linalg.norm(embedding.vectors, axis=1), 1.0, rtol=1e-5)
    (problem,) = embedding.problems
    assert (problem.row, problem.value, problem.dropped) == (5, "Og2O", True)


def test_uncertainty_is_the_geometric_mean_of_the_variances(network: CompositionNetwork) -> None:
    import torch

    from matscout.represent.composition_batches import CompositionBatch

    given = Materials.from_formulas(FORMULAS)
    told = network.uncertainty(given)
    assert told.rows.tolist() == [0, 1, 2, 3, 5]
    assert {problem.value for problem in told.problems if problem.dropped} == {"Og2O"}
    for place, row in enumerate(told.rows):
        batch = CompositionBatch.from_compositions(given.compositions[[row]])
        with torch.inference_mode():
            spread = network.encoder(batch).log_variance.double().exp()
        assert told.variances[place] == pytest.approx(float(spread.prod() ** (1 / 8)), rel=1e-4)
    nothing = network.uncertainty(given[np.array([4])])
    assert (len(nothing.variances), len(nothing.problems)) == (0, 1)


def test_percentiles_are_among_the_formulas_that_were_learned_from(network: CompositionNetwork) -> None:
    learned = Materials.from_formulas([structure.composition.formula for structure in random_structures(40)])
    told = network.uncertainty(learned)
    assert not told.problems
    one = np.unique(learned.compositions.keys(), return_index=True)[1]
    variances = told.variances[one]
    below = np.array([(variances < value).mean() * 100 for value in variances])
    np.testing.assert_allclose(told.percentiles[one], below, atol=100 / len(one) + 1)
    strange = network.uncertainty(Materials.from_formulas(["UPu3"]))
    assert np.isnan(strange.percentiles).all()
    (problem,) = strange.problems
    assert "no formula with U was in the training data" in problem.reason


def test_neither_batch_nor_order_nor_formula_units_matter(network: CompositionNetwork) -> None:
    given = Materials.from_formulas(FORMULAS)
    whole = network.represent(given).vectors
    some = network.represent(given[np.array([5, 1])]).vectors
    np.testing.assert_allclose(some, whole[[4, 1]], rtol=1e-5, atol=1e-5)
    doubled = network.represent(Materials.from_formulas(["Fe4O6"])).vectors
    np.testing.assert_allclose(doubled[0], whole[1], rtol=1e-5, atol=1e-5)


def test_it_knows_what_it_was_trained_on(network: CompositionNetwork) -> None:
    seen = [structure.composition.formula.replace(" ", "") for structure in random_structures(40)]
    assert network.seen(Materials.from_formulas(seen)).all()
    assert not network.seen(Materials.from_formulas(["UPu3"])).any()


def test_the_structure_encoder_of_the_same_artefact_is_a_crystal_network(polysrl_artefact: Path) -> None:
    embedding = make_representation(f"crystal-network={polysrl_artefact}").represent(materials(random_structures(3)))
    assert embedding.vectors.shape == (3, 8)
    assert np.isfinite(embedding.vectors).all()


def test_what_tells_no_variance_or_is_of_crystals_only_is_refused(finished_run: Path, tmp_path: Path) -> None:
    donor = CompositionNetwork(str(finished_run / "artefact"))
    assert donor.represent(Materials.from_formulas(["Fe2O3"])).vectors.shape == (1, 16)
    with pytest.raises(UsageError, match="gives vectors without learned variances"):
        donor.uncertainty(Materials.from_formulas(["Fe2O3"]))
    with pytest.raises(ArtefactError, match="contains encoders of structure, expected one of compositions"):
        _ = CompositionNetwork(str(measuring_folder() / "deep-infomax")).columns
    with pytest.raises(ArtefactError, match="composition-network needs weights of your own: composition-network=RUN"):
        _ = CompositionNetwork().columns
