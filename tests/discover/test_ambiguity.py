"""The column of structural ambiguity against the network that tells it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.represent.corpora.test_crystal_structures import write
from tests.represent.crystals_at_hand import random_structures

from matscout.app.report.hints import cells, guide
from matscout.data.materials import Materials
from matscout.discover.ambiguity import COLUMN, add_ambiguity, read_network
from matscout.discover.base import Shortlist
from matscout.represent.pretrained.composition_network import PERCENTILES, CompositionNetwork
from matscout.represent.pretraining.configuration import read_experiment
from matscout.represent.pretraining.training import pretrain

FORMULAS = ["UPu3", "Fe2O3.5", "Og2O", "KBr"]


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a network that learned a little, and knows the percentiles of four variances."""
    folder = tmp_path_factory.mktemp("ambiguity")
    path = write(folder, random_structures(40))
    small = ("encoders.composition.width=8", "encoders.structure.width=8", "trainer.epochs=1")
    artefact = pretrain(read_experiment("polysrl", [f"data.structures={path}", *small]), folder / "run").artefact
    variances = np.sort(CompositionNetwork(str(artefact)).uncertainty(Materials.from_formulas(FORMULAS)).variances)
    spec = json.loads((artefact / "spec.json").read_text())
    spec["facts"][PERCENTILES] = variances.tolist()
    (artefact / "spec.json").write_text(json.dumps(spec))
    return artefact


def shortlist(**columns: object) -> Shortlist:
    table = {"rank": np.arange(1, 5), "formula": FORMULAS, **columns, "origin": ["file"] * 4}
    return Shortlist(pl.DataFrame(table), "ei", ())


def test_the_column_is_the_place_among_known_formulas(artefact: Path) -> None:
    network = CompositionNetwork(str(artefact))
    found = add_ambiguity(shortlist(), network)
    assert found.table.columns == ["rank", "formula", COLUMN, "origin"]
    variances = network.uncertainty(Materials.from_formulas(FORMULAS)).variances
    expected = 50.0 * np.argsort(np.argsort(variances))
    np.testing.assert_allclose(found.table[COLUMN].drop_nulls(), expected)
    assert found.table[COLUMN].is_null().to_list() == [False, False, True, False]


def test_the_report_tells_it_beside_or_without_a_donor(artefact: Path) -> None:
    found = add_ambiguity(shortlist(), CompositionNetwork(str(artefact)))
    assert found.hints is None
    told = guide(found)
    assert told is not None
    assert told.headings == ("hint: structural ambiguity",)
    texts = [cell.text for row in range(4) for cell in cells(found, row)]
    assert texts[2] == "none"
    assert {*texts} == {"none", "0\N{NO-BREAK SPACE}%", "50\N{NO-BREAK SPACE}%", "100\N{NO-BREAK SPACE}%"}
    assert guide(shortlist()) is None
    assert cells(shortlist(), 0) == ()


def test_a_network_without_percentiles_tells_nothing(artefact: Path, tmp_path: Path) -> None:
    own = shutil.copytree(artefact, tmp_path / "own")
    spec = json.loads((own / "spec.json").read_text())
    del spec["facts"][PERCENTILES]
    (own / "spec.json").write_text(json.dumps(spec))
    network = CompositionNetwork(str(own))
    assert network.uncertainty(Materials.from_formulas(FORMULAS)).percentiles is None
    assert add_ambiguity(shortlist(), network).table.columns == ["rank", "formula", "origin"]


def test_a_column_of_the_labels_stays_as_it_is(artefact: Path) -> None:
    before = shortlist(**{COLUMN: [1.0, 2.0, 3.0, 4.0]})
    found = add_ambiguity(before, CompositionNetwork(str(artefact)))
    assert found.table.equals(before.table)


def test_there_is_no_network_without_its_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    assert read_network() is None
