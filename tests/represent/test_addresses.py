"""Representations with weights of one's own are found again from any folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import matscout
from matscout.data.dataset import Dataset, Target
from matscout.data.materials import Materials
from matscout.predict.artefact import load
from matscout.represent.addresses import Address, with_whole_path

FORMULAS = [
    f"{one}{amount}{other}" for one in ("Li", "Na", "K", "Mg") for other in ("O", "S", "F") for amount in (1, 2)
]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("magpie", Address("magpie")),
        ("a/b=c/d:e", Address("a", "b", "c/d:e")),
        ("auto:donor=none", Address("auto", options={"donor": "none"})),
        ("auto:vectors=x=C:/y,donor=z/w", Address("auto", options={"vectors": "x=C:/y", "donor": "z/w"})),
        ("by-definition/auto:donor=none=a*b", Address("by-definition", "auto:donor", "none=a*b")),
    ],
)
def test_an_address_is_read_and_written(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    if not address.part:
        assert address.whole == text


def test_only_what_is_a_folder_gets_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "magpie").mkdir()
    monkeypatch.chdir(tmp_path)
    assert with_whole_path("composition-text=model") == f"composition-text={tmp_path.resolve() / 'model'}"
    assert with_whole_path("auto:vectors=composition-text=model,donor=none") == (
        f"auto:vectors=composition-text={tmp_path.resolve() / 'model'},donor=none"
    )
    for address in ("magpie", "composition-text=org/name", "composition-donor/vector"):
        assert with_whole_path(address) == address


@pytest.mark.parametrize("model", ["trees=element-fraction+{}", "mixture-of-experts:experts=1,weights={}"])
def test_a_model_finds_its_network_from_elsewhere(
    model: str, polysrl_artefact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(polysrl_artefact.parent)
    materials = Materials.from_formulas(FORMULAS)
    labels = Dataset(materials, {"x": Target("x", np.arange(len(FORMULAS), dtype=np.float64))})
    fitted = matscout.fit(labels, model=model.format("composition-network=artefact"), fast=True)
    told = fitted.predict(materials).predicted
    fitted.save(tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    np.testing.assert_allclose(load(tmp_path / "model").predict(materials).predicted, told, rtol=1e-6)


def test_an_index_is_searched_from_elsewhere(
    polysrl_artefact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lancedb")
    (tmp_path / "t.csv").write_text("id,formula\n" + "".join(f"m{row},{one}\n" for row, one in enumerate(FORMULAS)))
    monkeypatch.chdir(polysrl_artefact.parent)
    asked = "composition-network=artefact"
    index = matscout.build_index(tmp_path / "t.csv", tmp_path / "t.index", [asked])
    near = matscout.search_index(index.where, "NaF", names=(asked,), k=3).table["id"].to_list()
    monkeypatch.chdir(tmp_path)
    assert matscout.search_index(tmp_path / "t.index", "NaF", k=3).table["id"].to_list() == near
