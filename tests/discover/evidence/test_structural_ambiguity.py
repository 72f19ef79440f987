"""The column of structural ambiguity against the network that tells it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from matscout.app.report.evidence import guide, headings, on_candidate
from matscout.data.dataset import Dataset
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.stated_digests import digest_of_spec
from matscout.data.structures import Structures
from matscout.discover.base import Brief, Shortlist
from matscout.discover.evidence.structural_ambiguity import COLUMN, StructuralAmbiguity, ambiguity
from matscout.discover.opinions import Opinion
from matscout.generate.base import Candidates
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


def shortlist(formulas: list[str], network: CompositionNetwork | None, **columns: object) -> Shortlist:
    """Of these formulas, with what a network says of them."""
    n = len(formulas)
    candidates = Candidates(Materials.from_formulas(formulas), np.full(n, "file"))
    table = {"rank": np.arange(1, n + 1), "formula": formulas, **columns, "origin": ["file"] * n}
    found = Shortlist(candidates, pl.DataFrame(table), "ei", ())
    return found if network is None else found.with_evidence([ambiguity(candidates, network)])


def test_the_column_is_the_place_among_known_formulas(artefact: Path) -> None:
    network = CompositionNetwork(str(artefact))
    found = shortlist(FORMULAS, network)
    assert found.table.columns == ["rank", "formula", COLUMN, "origin"]
    variances = network.uncertainty(Materials.from_formulas(FORMULAS)).variances
    expected = 50.0 * np.argsort(np.argsort(variances))
    np.testing.assert_allclose(found.table[COLUMN].drop_nulls(), expected)
    assert found.table[COLUMN].is_null().to_list() == [False, False, True, False]


def test_formulas_of_four_elements_are_left_out(artefact: Path) -> None:
    found = shortlist(["KBr", "LiCuPO4"], CompositionNetwork(str(artefact)))
    assert found.table[COLUMN].is_null().to_list() == [False, True]
    assert [one.text for one in on_candidate(found, 1).cells] == ["none"]


def test_the_report_tells_it_beside_or_without_a_donor(artefact: Path) -> None:
    found = shortlist(FORMULAS, CompositionNetwork(str(artefact)))
    told = guide(found)
    assert told is not None
    assert headings(found) == ("hint: structural ambiguity",)
    texts = [cell.text for row in range(4) for cell in on_candidate(found, row).cells]
    assert texts[2] == "none"
    assert {*texts} == {"none", "0\N{NO-BREAK SPACE}%", "50\N{NO-BREAK SPACE}%", "100\N{NO-BREAK SPACE}%"}
    assert guide(shortlist(FORMULAS, None)) is None
    assert on_candidate(shortlist(FORMULAS, None), 0).cells == ()


def test_a_column_of_the_labels_stays_as_it_is(artefact: Path) -> None:
    own = {COLUMN: [1.0, 2.0, 3.0, 4.0]}
    found = shortlist(FORMULAS, CompositionNetwork(str(artefact)), **own)
    assert found.table.equals(shortlist(FORMULAS, None, **own).table)


def test_nothing_is_said_without_weights_or_of_structures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    labels = Brief(Dataset(Materials.from_formulas(["KBr"])))
    crystals = replace(
        Materials.from_formulas(["KBr"]), structures=Structures.from_pymatgen([]).spread(np.arange(0), 1)
    )
    assert StructuralAmbiguity().evidence(Candidates(crystals, np.array(["a"])), labels) == Opinion()
    monkeypatch.setattr("matscout.represent.trained_network.WEIGHTS", tmp_path)
    formulas = Candidates(Materials.from_formulas(["KBr"]), np.array(["a"]))
    assert StructuralAmbiguity().evidence(formulas, labels) == Opinion()


def test_an_element_of_which_nothing_was_learned_has_no_place() -> None:
    found = shortlist(["NaCl", "FrCl", "AtI", "Og2O"], POLYSRL)
    assert found.table[COLUMN].is_null().to_list() == [False, True, True, True]
    assert [on_candidate(found, row).cells[0].text == "none" for row in range(4)] == [False, True, True, True]
    told = POLYSRL.uncertainty(Materials.from_formulas(["NaCl", "FrCl"]))
    assert np.isfinite(told.variances).all()
    assert [(one.row, one.dropped) for one in told.problems] == [(2, False)]
    assert "no formula with Fr was in the training data" in told.problems[0].reason
