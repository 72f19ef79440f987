"""Representations of reactions, against RDKit, mordred and plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import Descriptors, rdFingerprintGenerator

from matscout.data.materials import Materials
from matscout.data.reactions.texts import parse_components, part_of
from matscout.data.reading import read_materials
from matscout.represent.descriptors import reaction_mordred
from matscout.represent.embedding import embed

ESTER = "CC(=O)O.CCO>OS(=O)(=O)O>CC(=O)OCC.O"


def column(embedding, name: str) -> float:
    return float(embedding.vectors[0, embedding.columns.index(name)])


def plate(**columns: list[str | None]) -> Materials:
    parsed = parse_components(list(columns.values()), [part_of(name) for name in columns])
    n = len(parsed.rows)
    return Materials(
        np.arange(n).astype(np.str_), parsed.reactions.texts(), parsed.compositions, reactions=parsed.reactions
    )


def test_descriptors_are_those_of_rdkit_pooled_over_the_molecules_of_a_part():
    embedding = embed(read_materials([ESTER]).materials, "reaction-rdkit")
    weights = [Descriptors.MolWt(Chem.MolFromSmiles(smiles)) for smiles in ("CC(=O)O", "CCO")]
    assert column(embedding, "reactant sum MolWt") == pytest.approx(sum(weights))
    assert column(embedding, "reactant maximum MolWt") == pytest.approx(max(weights))
    assert column(embedding, "reactant minimum MolWt") == pytest.approx(min(weights))
    assert column(embedding, "agent sum TPSA") == pytest.approx(Descriptors.TPSA(Chem.MolFromSmiles("OS(=O)(=O)O")))
    assert not any("Ipc" in name and "AvgIpc" not in name for name in embedding.columns)


def test_a_column_of_the_user_is_one_molecule_so_nothing_is_pooled():
    embedding = embed(plate(amine=["CCN", "CN"], base=[None, "c1ccncc1"]), "reaction-rdkit")
    weight = embedding.columns.index("amine MolWt")
    expected = [Descriptors.MolWt(Chem.MolFromSmiles(smiles)) for smiles in ("CCN", "CN")]
    np.testing.assert_allclose(embedding.vectors[:, weight], expected)
    assert embedding.vectors[0, embedding.columns.index("base MolWt")] == 0.0


def test_morgan_counts_are_those_of_rdkit():
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=1024)
    embedding = embed(read_materials([ESTER]).materials, "reaction-morgan")
    reactants = sum(
        generator.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(smiles)).astype(float) for smiles in ("CC(=O)O", "CCO")
    )
    np.testing.assert_array_equal(embedding.vectors[0, :1024], reactants)


def test_mordred_is_mordreds_and_is_kept(monkeypatch):
    from mordred import Calculator, TopoPSA

    molecule = plate(amine=["NCc1ccc(F)cc1"])
    first = embed(molecule, "reaction-mordred")
    said = Calculator(TopoPSA.TopoPSA())(Chem.MolFromSmiles("NCc1ccc(F)cc1"))[0]
    assert column(first, "amine TopoPSA") == pytest.approx(float(said))
    monkeypatch.setattr(reaction_mordred, "_descriptors", lambda smiles: pytest.fail(f"{smiles} was kept"))
    np.testing.assert_array_equal(embed(molecule, "reaction-mordred").vectors, first.vectors)


def test_one_hot_counts_each_molecule_of_each_part():
    embedding = embed(read_materials(["CC.CC>O>CCCC", "CC.C>O>CCC"]).materials, "reaction-one-hot")
    found = [dict(zip(embedding.columns, row, strict=True)) for row in embedding.vectors.tolist()]
    assert found[0] == {
        "C (reactant)": 0, "CC (reactant)": 2, "O (agent)": 1, "CCC (product)": 0, "CCCC (product)": 1
    }  # fmt: skip
    assert found[1]["C (reactant)"] == found[1]["CC (reactant)"] == 1
    assert embed(plate(base=["CN", None]), "reaction-one-hot").columns == ("base = CN",)


def test_random_numbers_tell_molecules_apart_and_nothing_else():
    texts = [f"{'C' * length}>>O" for length in range(1, 200)]
    drawn = embed(read_materials(texts).materials, "reaction-random").vectors[:, :64]
    assert abs(drawn.mean()) < 0.03
    assert drawn.std() == pytest.approx(1.0, abs=0.03)
    likeness = np.corrcoef(drawn)
    assert np.abs(likeness - np.eye(len(texts))).max() < 0.7
