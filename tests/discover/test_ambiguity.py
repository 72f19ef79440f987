"""The column of structural ambiguity against the network that tells it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.app.report.hints import cells, guide
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.stated_digests import digest_of_spec
from matscout.discover.ambiguity import COLUMN, add_ambiguity, read_network
from matscout.discover.base import Shortlist
from matscout.represent.embedding import make_representation
from matscout.represent.pretrained.composition_network import CompositionNetwork
from matscout.represent.trained_composition_network import ELEMENTS, PERCENTILES

POLYSRL = make_representation("polysrl")
FORMULAS = ["UPu3", "Fe2O3.5", "Og2O", "KBr"]


@pytest.fixture(scope="module")
def artefact(polysrl_artefact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a network that knows the percentiles of four variances."""
    artefact = shutil.copytree(polysrl_artefact, tmp_path_factory.mktemp("ambiguity") / "artefact")
    variances = np.sort(CompositionNetwork(str(artefact)).uncertainty(Materials.from_formulas(FORMULAS)).variances)
    spec = json.loads((artefact / "spec.json").read_text())
    spec["facts"] |= {PERCENTILES: variances.tolist(), ELEMENTS: list(SYMBOLS)}
    spec["sha256"]["spec.json"] = digest_of_spec(spec)
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


def test_formulas_of_four_elements_are_left_out(artefact: Path) -> None:
    table = pl.DataFrame({"rank": [1, 2], "formula": ["KBr", "LiCuPO4"], "origin": ["file"] * 2})
    found = add_ambiguity(Shortlist(table, "ei", ()), CompositionNetwork(str(artefact)))
    assert found.table[COLUMN].is_null().to_list() == [False, True]
    assert [one.text for one in cells(found, 1)] == ["none"]


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


def test_a_column_of_the_labels_stays_as_it_is(artefact: Path) -> None:
    before = shortlist(**{COLUMN: [1.0, 2.0, 3.0, 4.0]})
    found = add_ambiguity(before, CompositionNetwork(str(artefact)))
    assert found.table.equals(before.table)


def test_there_is_no_network_without_its_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    assert read_network() is None


def test_an_element_of_which_nothing_was_learned_has_no_place() -> None:
    found = add_ambiguity(shortlist(formula=["NaCl", "FrCl", "AtI", "Og2O"]), POLYSRL)
    assert found.table[COLUMN].is_null().to_list() == [False, True, True, True]
    assert [cells(found, row)[0].text == "none" for row in range(4)] == [False, True, True, True]
    told = POLYSRL.uncertainty(Materials.from_formulas(["NaCl", "FrCl"]))
    assert np.isfinite(told.variances).all()
    assert [(one.row, one.dropped) for one in told.problems] == [(2, False)]
    assert "no formula with Fr was learned from" in told.problems[0].reason
