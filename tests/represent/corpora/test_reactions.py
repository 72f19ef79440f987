"""Reactions without yields, and encoders that learn from them and then from yields."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import matscout
from matscout.errors import ArtefactError, InputError, UsageError
from matscout.predict.fitting import make_model
from matscout.predict.models import uam
from matscout.represent.corpora.reactions import ReactionsCorpus
from matscout.represent.embedding import make_representation
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain

COLUMNS = ("amine", "acid", "coupling reagent", "base")


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """Amides from the example, whose reactants stand in one column."""
    plate = pl.read_csv((files("matscout") / "examples" / "couplings.csv").read_bytes())
    both = plate.select(
        pl.concat_str("amine", "acid", separator=".").alias("reactant"), pl.lit("CC(=O)N").alias("product")
    )
    path = tmp_path_factory.mktemp("reactions") / "amides.csv"
    both.write_csv(path)
    return path


@pytest.fixture(scope="module")
def artefact(path) -> Path:
    experiment = read_experiment(
        "clme",
        [f"data.reactions={path}", "data.columns=[reactant,product]", "trainer.epochs=3", "loader.batch_size=16"],
    )
    return pretrain(experiment, path.parent / "run").artefact


def test_each_reaction_counts_once_and_dots_divide_reactants(path):
    corpus = ReactionsCorpus(str(path), ("reactant", "product"))
    assert len(corpus) == len(pl.read_csv(path)["reactant"].unique())
    batch = corpus[np.array([0, 1])]
    assert batch.made.tolist() == [False, False, True] * 2
    assert len(corpus.marks) == len(corpus)
    assert "reactions of" in corpus.summary[0]
    assert corpus.digest == ReactionsCorpus(str(path), ("reactant", "product")).digest


def test_what_holds_no_reactions_is_refused(tmp_path):
    other = tmp_path / "formulas.csv"
    other.write_text("formula\nNaCl\nKBr\n")
    with pytest.raises(InputError, match=r"data\.columns"):
        ReactionsCorpus(str(other))


def test_uam_begins_with_what_was_learned_without_yields(artefact, monkeypatch):
    monkeypatch.setattr(uam, "FAST_STEPS", (1, 2))
    dataset = matscout.read(files("matscout") / "examples" / "couplings.csv", reaction=COLUMNS, target="yield")[:40]
    model = make_model(f"uam={artefact}", fast=True)
    begun = model._start()
    assert {name.split(".")[0] for name in begun} == {"graph", "smiles"}
    fitted = model.fit(dataset)
    assert fitted.address == f"uam={artefact}"
    assert len(fitted.predictor.origin) == 64
    plain = make_model("uam", fast=True).fit(dataset)
    assert np.abs(plain.predict(dataset.materials).predicted - fitted.predict(dataset.materials).predicted).max() > 1e-3


def test_encoders_are_representations_whose_vectors_add_up_over_molecules(artefact):
    both = make_representation(f"reaction-network={artefact}")
    texts = ["CC(=O)O.CN>>CC(=O)NC", "CC(=O)O.CCN.CN>>CC(=O)NC", "CN.CC(=O)O>>CC(=O)NC", "CCN>>"]
    reactions = matscout.read_materials(texts).materials
    told = both.represent(reactions)
    assert told.columns == both.columns
    assert (told.columns[0], told.columns[-1], told.vectors.shape) == ("graph 1", "smiles 128", (4, 256))
    np.testing.assert_allclose(told.vectors[0], told.vectors[2], atol=1e-6)
    # One half of an encoder's vector is of what goes in: it adds up over molecules; the other of what comes out.
    np.testing.assert_allclose(told.vectors[1, :64], told.vectors[0, :64] + told.vectors[3, :64], atol=1e-5)
    np.testing.assert_allclose(told.vectors[1, 64:128], told.vectors[0, 64:128], atol=1e-6)
    for part, columns in (("graph", slice(128)), ("smiles", slice(128, 256))):
        own = make_representation(f"reaction-network/{part}={artefact}").represent(reactions)
        np.testing.assert_allclose(own.vectors, told.vectors[:, columns], atol=1e-6)
    shuffled = both.represent(reactions[np.array([3, 1, 0])])
    np.testing.assert_allclose(shuffled.vectors, told.vectors[[3, 1, 0]], atol=1e-5)
    with pytest.raises(UsageError, match="no part 'half'; its parts are all, graph, smiles"):
        make_representation(f"reaction-network/half={artefact}").represent(reactions)


def test_a_network_of_compositions_is_none_of_reactions(polysrl_artefact):
    with pytest.raises(
        ArtefactError, match="contains encoders of composition, structure, expected encoders of reactions"
    ):
        make_representation(f"reaction-network={polysrl_artefact}").represent(
            matscout.read_materials(["C.N>>CN"]).materials
        )


def test_trees_learn_from_vectors_that_were_learned_without_yields(artefact):
    dataset = matscout.read(files("matscout") / "examples" / "couplings.csv", reaction=COLUMNS, target="yield")[:60]
    model = make_model(f"trees=reaction-network={artefact}", fast=True).fit(dataset)
    assert model.address == f"trees=reaction-network={artefact}"
    assert np.isfinite(model.predict(dataset.materials).predicted).all()


def test_weights_of_something_else_are_refused(path, tmp_path):
    changes = ["trainer.epochs=1", "loader.batch_size=16", "encoders.smiles.heads=2"]
    experiment = read_experiment("clme", [f"data.reactions={path}", "data.columns=[reactant,product]", *changes])
    other = pretrain(experiment, tmp_path / "run").artefact
    with pytest.raises(ArtefactError, match="no encoder 'smiles' of reactions with width 128, layers 1, heads 4"):
        make_model(f"uam={other}")._start()
    with pytest.raises(ArtefactError, match=r"spec\.json"):
        make_model(f"uam={tmp_path}").origin  # noqa: B018
    with pytest.raises(UsageError, match="no part 'half'"):
        make_model("uam/half")
