from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import matscout
from matscout.app.cli import run
from matscout.predict.former_names import present_address, renamed_words
from matscout.registry import plug_ins
from matscout.represent.addresses import with_whole_path
from matscout.represent.element_catalogue import element_sources
from matscout.represent.embedding import embed, make_representation
from matscout.represent.former_names import (
    FORCE_FIELDS,
    FORMER_TABLES,
    present_representation,
    renamed_representation,
)

EXAMPLE = Path(matscout.__file__).parent / "examples" / "band_gaps.csv"


def test_every_old_name_is_a_table_and_no_longer_a_plug_in():
    names = {plug_in.name for plug_in in plug_ins("representations")}
    assert set(FORMER_TABLES) == set(element_sources()) - {"magpie"}
    assert not names & set(FORMER_TABLES)
    assert set(FORCE_FIELDS.values()) <= names


@pytest.mark.parametrize("name", FORMER_TABLES)
def test_an_old_name_makes_the_same_vectors_and_says_the_new_one(name):
    with pytest.warns(FutureWarning, match=f"is now called elements={name}"):
        old = embed(["NaCl", "Fe2O3"], name)
    new = embed(["NaCl", "Fe2O3"], f"elements={name}")
    np.testing.assert_array_equal(old.vectors, new.vectors)
    assert old.columns == new.columns


@pytest.mark.parametrize("name", FORCE_FIELDS)
def test_a_table_is_not_taken_for_the_force_field_in_silence(name):
    assert FORCE_FIELDS[name] in renamed_representation(name)
    assert make_representation(name).name == f"elements={name}"
    assert make_representation(FORCE_FIELDS[name]).needs == "structure"


def test_what_is_no_old_name_stays():
    for address in ("magpie", "elements=mat2vec", "crystal-network=mat2vec", "skipspecies"):
        assert present_representation(address) == address
        assert renamed_representation(address) == ""


def test_a_folder_of_the_name_of_a_table_is_not_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mat2vec").mkdir()
    assert with_whole_path("elements=mat2vec") == "elements=mat2vec"
    assert with_whole_path("mat2vec") == "elements=mat2vec"


@pytest.mark.parametrize(
    ("address", "present"),
    [
        ("trees=mat2vec+magpie+one-hot", "trees=elements=mat2vec+magpie+elements=one-hot"),
        ("auto:vectors=mat2vec,donor=none", "auto:vectors=elements=mat2vec,donor=none"),
        ("mixture-of-experts/one-hot=cgnf", "mixture-of-experts/one-hot=elements=cgnf"),
    ],
)
def test_models_name_tables_as_they_are_called_today(address, present):
    assert present_address(address) == present
    assert "; the old name will be removed" in renamed_words(address)
    assert renamed_words(present) == ""


def test_a_model_by_an_old_name_says_so():
    dataset = matscout.read(EXAMPLE)
    model = matscout.fit(dataset[np.arange(40)], "band gap", model="trees=mat2vec", fast=True)
    assert model.predictor.address == "trees=elements=mat2vec"
    assert "The representation mat2vec is now called elements=mat2vec" in model.notes[-1]


def test_the_command_line_says_the_new_name(tmp_path, capsys):
    source = tmp_path / "formulas.csv"
    source.write_text("formula\nNaCl\nFe2O3\n", encoding="utf-8")
    for name, there in (("chgnet", True), ("elements=chgnet", False)):
        assert run(["embed", str(source), "--with", name, "-o", str(tmp_path / f"{there}.parquet")]) == 0
        shown = " ".join("".join(capsys.readouterr()).split())
        assert ("is now called elements=chgnet" in shown) == there
        assert ("force-field-chgnet" in shown) == there
    assert (tmp_path / "True.parquet").read_bytes() == (tmp_path / "False.parquet").read_bytes()


def test_the_catalogue_lists_the_family_once_with_its_tables(capsys):
    assert run(["representations"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("elements=cgnf") == 1
    assert "mat2vec" not in {plug_in.name for plug_in in plug_ins("representations")}
