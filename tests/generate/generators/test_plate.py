"""Combinations of the components of reactions."""

from __future__ import annotations

import numpy as np
import pytest

from matscout.data.materials import Materials
from matscout.data.reactions.texts import parse_components, part_of
from matscout.data.reading import read_materials
from matscout.errors import UsageError
from matscout.generate.generators.plate import plate

CELLS = {
    "amine": ["CN", "CCN", "CN"],
    "acid": ["CC(=O)O", "CC(=O)O", "O=CO"],
    "base": ["c1ccncc1", None, "c1ccncc1"],
}


def labels(**more: list[str]) -> Materials:
    columns = {**CELLS, **more}
    parsed = parse_components(list(columns.values()), [part_of(name) for name in columns])
    return Materials(
        np.arange(3).astype(np.str_), parsed.reactions.texts(), parsed.compositions, reactions=parsed.reactions
    )


def test_every_combination_comes_once():
    found = plate(labels(), 100)
    assert len(found) == 8
    assert len(set(found.materials.keys().tolist())) == 8
    assert set(labels().keys().tolist()) <= set(found.materials.keys().tolist())
    cells = found.materials.reactions.cells()
    assert set(cells["base"].tolist()) == {"c1ccncc1", ""}
    assert found.remarks == ("8 combinations: 2 amine x 2 acid x 2 base.",)


def test_reactants_stay_with_the_product_that_they_gave():
    found = plate(labels(product=["CNC(C)=O", "CCNC(C)=O", "CNC=O"]), 100)
    assert len(found) == 6
    cells = found.materials.reactions.cells()
    pairs = set(zip(cells["amine"].tolist(), cells["acid"].tolist(), cells["product"].tolist(), strict=True))
    assert pairs == {("CN", "CC(=O)O", "CNC(C)=O"), ("CCN", "CC(=O)O", "CCNC(C)=O"), ("CN", "O=CO", "CNC=O")}


def test_too_many_are_drawn():
    found = plate(labels(), 3, seed=1)
    assert len(found) == len(set(found.materials.keys().tolist())) == 3
    assert "3 of them were drawn at random" in found.remarks[0]


def test_the_combination_of_nothing_is_left_out():
    columns = {"ligand": ["CP(C)C", None, "CN"], "additive": [None, "CCO", "CCO"]}
    parsed = parse_components(list(columns.values()), [part_of(name) for name in columns])
    texts = parsed.reactions.texts()
    found = plate(Materials(np.arange(3).astype(np.str_), texts, parsed.compositions, reactions=parsed.reactions), 100)
    assert len(found) == 5
    assert found.remarks == ("5 combinations: 3 ligand x 2 additive.",)


def test_there_may_be_more_combinations_than_64_bits_count():
    columns = {f"part {place}": [f"{'C' * n}O" for n in range(1, 61)] for place in range(12)}
    parsed = parse_components(list(columns.values()), [part_of(name) for name in columns])
    texts = parsed.reactions.texts()
    found = plate(Materials(np.arange(60).astype(np.str_), texts, parsed.compositions, reactions=parsed.reactions), 50)
    assert len(found) == len(set(found.materials.keys().tolist())) == 50


def test_reaction_smiles_have_no_components_to_combine():
    with pytest.raises(UsageError, match="candidates=FILE"):
        plate(read_materials(["CC>>CCC", "CN>>CNC"]).materials, 10)


def test_a_reactant_that_was_forgotten_once_is_not_left_out_of_combinations():
    found = plate(labels(amine=["CN", "CCN", None]), 100)
    assert found.remarks == ("8 combinations: 2 amine x 2 acid x 2 base.",)
    assert "" not in found.materials.reactions.cells()["amine"]


def test_a_column_of_several_molecules_is_named():
    with pytest.raises(UsageError, match="reagents may contain several"):
        plate(labels(reagents=["CN", "CCN.O", "CC"]), 10)
