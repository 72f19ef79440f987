"""An artefact as arrays: read without torch, and encoders that have no form on arrays."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.represent.crystals_at_hand import random_structures, store_of

from matscout.data.materials import Materials
from matscout.errors import ArtefactError, MissingExtraError
from matscout.represent import stored_network
from matscout.represent.array_encoder import CompositionArrayEncoder, CrystalArrayEncoder
from matscout.represent.array_layers import ModuleWeights
from matscout.represent.artefact import load_pretrained
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.represent.stored_module import StoredModule
from matscout.represent.stored_network import array_encoder, needs_of, read_network


@pytest.fixture
def artefact(finished_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished_run / "artefact", tmp_path / "artefact"))


def no_array_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all encoders came from a package that brings none."""
    monkeypatch.setattr(stored_network, "has_array_form", lambda name: False)


def test_it_says_what_the_modules_of_torch_say(artefact: Path) -> None:
    stored, pretrained = read_network(artefact), load_pretrained(artefact)
    assert stored.digest == pretrained.digest
    assert stored.seen.tolist() == pretrained.seen.tolist()
    assert stored.needs() == {name: encoder.needs for name, encoder in pretrained.encoders.items()}
    again = pretrained.stored
    assert (again.encoders, again.objective) == (stored.encoders, stored.objective)
    assert {*again.weights} == {*stored.weights}
    assert all(np.array_equal(again.weights[name], stored.weights[name]) for name in stored.weights)
    materials = Materials.from_formulas(["Fe2O3", "UPu3"])
    assert stored.seen_among(materials).tolist() == pretrained.seen_among(materials).tolist()


def test_an_encoder_is_made_once(artefact: Path) -> None:
    stored = read_network(artefact)
    assert stored.encoder("composition") is stored.encoder("composition")


def test_weights_that_are_missing_are_an_error_in_words(artefact: Path) -> None:
    stored = read_network(artefact)
    weights = {name: weight for name, weight in stored.weights.items() if "pooling" not in name}
    damaged = stored_network.StoredNetwork(
        stored.encoders, stored.objective, weights, stored.seen, stored.facts, stored.digest
    )
    with pytest.raises(ArtefactError, match=r"weights of set-transformer .*pooling.* is missing.*train again"):
        damaged.encoder("composition")


def test_what_has_no_form_on_arrays_is_encoded_by_torch(artefact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    materials = Materials.from_formulas(["Fe2O3", "LiF", "Li2Mg3Al4Fe5Cu6La7O8"])
    expected = CompositionNetwork(str(artefact)).represent(materials).vectors
    no_array_forms(monkeypatch)
    encoder = read_network(artefact).encoder("composition")
    assert isinstance(encoder, CompositionArrayEncoder)
    assert type(encoder).__module__ == "matscout.represent.torch_inference"
    given, spread = encoder.encode(materials.compositions)
    assert spread is None
    np.testing.assert_allclose(given, expected, atol=1e-5)
    assert encoder.listed.sum() > 90


def test_crystals_without_a_form_on_arrays_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from matscout.represent.encoders.cgcnn import Cgcnn

    torch.manual_seed(0)
    made, store = Cgcnn(8).eval(), store_of(random_structures(5))
    module = StoredModule("cgcnn", made.settings)
    weights = ModuleWeights({name: weight.numpy() for name, weight in made.state_dict().items()})
    on_arrays = array_encoder(module, weights)
    no_array_forms(monkeypatch)
    by_torch = array_encoder(module, weights)
    assert isinstance(on_arrays, CrystalArrayEncoder)
    assert isinstance(by_torch, CrystalArrayEncoder)
    np.testing.assert_allclose(by_torch.encode(store), on_arrays.encode(store), atol=1e-5)
    assert by_torch.listed.tolist() == on_arrays.listed.tolist()


def test_without_torch_only_these_are_refused(artefact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matscout.extras.find_spec", lambda name: None)
    assert read_network(artefact).encoder("composition").width == 16
    no_array_forms(monkeypatch)
    for asked in (lambda: needs_of("set-transformer"), lambda: read_network(artefact).encoder("composition")):
        with pytest.raises(MissingExtraError, match=r"pip install 'matscout\[torch\]'"):
            asked()
