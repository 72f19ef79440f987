"""What every representation of reactions must do, whoever wrote it."""

from __future__ import annotations

import numpy as np

from matscout import registry
from matscout.data.kinds import REACTION
from matscout.data.materials import Materials
from matscout.data.reactions.texts import parse_components, parse_reactions, part_of
from matscout.errors import UsageError
from matscout.represent.base import Representation
from matscout.testing.contract import Contract

TEXTS = [
    "CC(=O)O.OCC>>CC(=O)OCC.O",
    "FC(F)(F)c1ccc(Cl)cc1.Cc1ccc(N)cc1>CN(C)P(N(C)C)(N(C)C)=NCC.[Pd]>Cc1ccc(Nc2ccc(C(F)(F)F)cc2)cc1",
    "OB(O)c1ccccc1.Brc1ccncc1>[Na+].[OH-].O>c1ccc(-c2ccncc2)cc1",
    "C=CC=C.C=C>>C1=CCCCC1",
    "N[C@@H](C)C(=O)O.NCc1ccccc1>>N[C@@H](C)C(=O)NCc1ccccc1",
    "c1ccc2[nH]ccc2c1.CI>[H-].[Na+]>Cn1ccc2ccccc21",
]
COMPONENTS: dict[str, list[str | None]] = {
    "amine": ["NCc1ccccc1", "C1CCNCC1", "Nc1ccccc1", "NCc1ccccc1"],
    "base": ["CCN(CC)CC", None, "c1ccncc1", "c1ccncc1"],
    "product": ["CC(=O)NCc1ccccc1", "CC(=O)N1CCCCC1", "CC(=O)Nc1ccccc1", "CC(=O)NCc1ccccc1"],
}


def made(name: str) -> Representation:
    """The representation of a name."""
    representation: Representation = registry.load_class("representations", name)()
    return representation


def reactions_of(texts: list[str]) -> Materials:
    """Reactions of reaction SMILES."""
    parsed = parse_reactions(texts)
    ids = np.arange(len(texts)).astype(np.str_)
    assert len(parsed.rows) == len(texts)
    return Materials(ids, np.array(texts, dtype=np.str_), parsed.compositions, reactions=parsed.reactions)


def components() -> Materials:
    """Four reactions of named components, one of which is not always there."""
    parsed = parse_components(list(COMPONENTS.values()), [part_of(name) for name in COMPONENTS])
    texts = parsed.reactions.texts()
    return Materials(np.arange(4).astype(np.str_), texts, parsed.compositions, reactions=parsed.reactions)


def as_dictionaries(representation: Representation, materials: Materials) -> list[dict[str, float]]:
    """What is not 0 of each vector, by the names of the columns."""
    embedding = representation.represent(materials)
    rows = [dict(zip(embedding.columns, vector, strict=True)) for vector in embedding.vectors]
    return [{name: value for name, value in row.items() if value != 0.0} for row in rows]


def assert_same(first: list[dict[str, float]], second: list[dict[str, float]]) -> None:
    """The same columns and values, but for rounding."""
    for one, other in zip(first, second, strict=True):
        assert one.keys() == other.keys()
        for name, value in one.items():
            assert np.isclose(other[name], value, rtol=1e-9, atol=1e-9, equal_nan=True)


class ReactionRepresentationContract(Contract):
    """Shapes, and independence of batch, order, spelling and numbered atoms."""

    family = "representations"

    @classmethod
    def accepts(cls, plug_in: type[Representation]) -> bool:
        """Representations of reactions only."""
        return plug_in.describes(REACTION)

    def test_shape_and_columns(self, name: str) -> None:
        representation = made(name)
        for materials in (reactions_of(TEXTS), components()):
            embedding = representation.represent(materials)
            assert embedding.vectors.shape == (len(materials), len(embedding.columns))
            assert embedding.vectors.dtype == np.float64
            assert len(set(embedding.columns)) == len(embedding.columns) > 0
            assert embedding.rows.tolist() == list(range(len(materials)))
            assert not np.isinf(embedding.vectors).any()
            blank = np.isnan(embedding.vectors).any(axis=1)
            assert {problem.row - 1 for problem in embedding.problems} == set(np.flatnonzero(blank).tolist())
        if not representation.open_ended:
            assert representation.columns == representation.represent(reactions_of(TEXTS)).columns

    def test_batch_and_order_do_not_matter(self, name: str) -> None:
        representation = made(name)
        materials = reactions_of(TEXTS)
        whole = as_dictionaries(representation, materials)
        order = np.array([3, 0, 5, 2])
        assert_same(as_dictionaries(representation, materials[order]), [whole[row] for row in order])
        assert_same(as_dictionaries(representation, materials[[4]]), [whole[4]])

    def test_order_and_spelling_of_molecules_do_not_matter(self, name: str) -> None:
        representation = made(name)
        spelled = [
            "OCC.CC(O)=O>>O.C(C)OC(C)=O",
            "Nc1ccc(cc1)C.ClC1=CC=C(C(F)(F)F)C=C1>>C(c1ccc(cc1)Nc1ccc(C)cc1)(F)(F)F",
        ]
        plain = ["CC(=O)O.OCC>>CC(=O)OCC.O", "FC(F)(F)c1ccc(Cl)cc1.Cc1ccc(N)cc1>>Cc1ccc(Nc2ccc(C(F)(F)F)cc2)cc1"]
        assert_same(
            as_dictionaries(representation, reactions_of(spelled)), as_dictionaries(representation, reactions_of(plain))
        )

    def test_numbered_atoms_do_not_matter(self, name: str) -> None:
        representation = made(name)
        numbered = ["[CH3:1][OH:2].[Cl:3][CH3:4]>>[CH3:1][O:2][CH3:4]"]
        assert_same(
            as_dictionaries(representation, reactions_of(numbered)),
            as_dictionaries(representation, reactions_of(["CO.ClC>>COC"])),
        )

    def test_other_reactions_have_other_vectors(self, name: str) -> None:
        representation = made(name)
        vectors = as_dictionaries(representation, reactions_of(TEXTS))
        assert all(one != other for row, one in enumerate(vectors) for other in vectors[:row])

    def test_materials_are_refused(self, name: str) -> None:
        import pytest

        representation = made(name)
        with pytest.raises(UsageError, match="reaction=COL"):
            representation.represent(Materials.from_formulas(["NaCl"]))
