"""What every representation of structures must not see: place, orientation and numbering; supercells if it says so."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray
from pymatgen.core import Lattice, Structure

from matscout import registry
from matscout.data.elements import SYMBOLS
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.structure_representation import StructureRepresentation
from matscout.testing.contract import Contract

Floats = NDArray[np.float64]

CRYSTALS = [
    Structure.from_spacegroup(
        "Pm-3m", Lattice.cubic(3.9), ["Sr", "Ti", "O"], [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0]]
    ),
    Structure(
        Lattice.from_parameters(4.6, 5.3, 6.1, 81, 95, 103), ["Li", "Fe", "P", "O", "O"],
        [[0.1, 0.1, 0.1], [0.6, 0.1, 0.2], [0.1, 0.6, 0.5], [0.55, 0.55, 0.85], [0.7, 0.7, 0.3]],
    ),
]  # fmt: skip
DISORDERED = Structure(Lattice.cubic(4.0), [{"Na": 0.5, "K": 0.4}, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def made(name: str) -> StructureRepresentation:
    """The representation of a name."""
    representation: StructureRepresentation = registry.load_class("representations", name)()
    return representation


def materials(structures: list[Structure]) -> Materials:
    """Materials of these crystals."""
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return Materials(names, names, compositions_of(ragged), ragged)


def crystals(representation: StructureRepresentation) -> list[Structure]:
    """Those that it takes."""
    return [*CRYSTALS, DISORDERED] if representation.takes_disorder else CRYSTALS


def moved(structure: Structure, rng: np.random.Generator) -> Structure:
    """The same crystal elsewhere, turned, its atoms in another order."""
    axis, angle = rng.normal(size=3), 1.1
    axis /= np.linalg.norm(axis)
    cross = np.cross(np.eye(3), axis)
    turn = np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    order = rng.permutation(len(structure))
    coordinates = structure.frac_coords[order] + rng.random(3)
    return Structure(structure.lattice.matrix @ turn.T, [structure[i].species for i in order], coordinates)


def vectors(representation: StructureRepresentation, structures: list[Structure]) -> Floats:
    """Of all of them, [n, dim]."""
    embedding = representation.represent(materials(structures))
    assert len(embedding.rows) == len(structures)
    return embedding.vectors


def assert_close(representation: StructureRepresentation, found: Floats, expected: Floats) -> None:
    """As far as its precision goes."""
    tolerance = max(1e-6, representation.tolerance)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


class StructureRepresentationContract(Contract):
    """What must not matter: place, orientation and numbering; supercells if it says so."""

    family = "representations"

    @classmethod
    def accepts(cls, plug_in: type) -> bool:
        """Representations of structures only."""
        return issubclass(plug_in, StructureRepresentation)

    def test_place_orientation_and_order_do_not_matter(self, name: str) -> None:
        representation = made(name)
        rng, originals = np.random.default_rng(3), crystals(representation)
        others = [moved(structure, rng) for structure in originals]
        assert_close(representation, vectors(representation, others), vectors(representation, originals))

    def test_a_supercell_is_the_same_material(self, name: str) -> None:
        representation = made(name)
        if not representation.intensive:
            return  # It is of the cell as it is given.
        originals = crystals(representation)
        larger = [structure.copy() for structure in originals]
        for structure in larger:
            structure.make_supercell([[2, 0, 0], [0, 1, 0], [1, 0, 2]])
        assert_close(representation, vectors(representation, larger), vectors(representation, originals))

    def test_disorder_is_taken_or_refused_with_a_reason(self, name: str) -> None:
        representation = made(name)
        embedding = representation.represent(materials([*CRYSTALS, DISORDERED]))
        if representation.takes_disorder:
            assert embedding.rows.tolist() == [0, 1, 2]
            assert np.isfinite(embedding.vectors).all()
        else:
            assert embedding.rows.tolist() == [0, 1]
            reason = "1 of its 2 sites are partly occupied or shared, the first is Na0.5K0.4 (1); "
            assert embedding.problems[0].reason.startswith(reason)

    def test_a_lonely_atom_stalls_nothing(self, name: str) -> None:
        representation = made(name)
        alone = Structure(Lattice.cubic(40.0), ["H"], [[0.5, 0.5, 0.5]])
        embedding = representation.represent(materials([CRYSTALS[0], alone, CRYSTALS[1]]))
        assert {0, 2} <= set(embedding.rows.tolist())
        unusual = set(embedding.rows[np.isnan(embedding.vectors).any(axis=1)].tolist()) | (
            {0, 1, 2} - set(embedding.rows.tolist())
        )
        assert {problem.row - 1 for problem in embedding.problems} == unusual
        # Every refusal names what of the row it is for: here the atom.
        assert all("H (1)" in problem.reason for problem in embedding.problems if problem.dropped)

    def test_elements_that_tables_lack_are_named(self, name: str) -> None:
        representation = made(name)
        unknown = np.flatnonzero(representation.unknown_elements())
        if not len(unknown):
            return  # It reads no tables of elements, or they are complete.
        heavy = SYMBOLS[unknown[-1]]
        salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), [heavy, "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
        (problem,) = representation.represent(materials([CRYSTALS[0], salt])).problems
        assert problem.row == 2
        assert re.search(rf"\b{heavy}\b", f"{problem.reason}; {problem.advice}")

    def test_sites_on_top_of_each_other_cost_only_their_row(self, name: str) -> None:
        """The same place written in two cells, as a hand-made file may have it."""
        representation = made(name)
        twice = Structure(Lattice.cubic(4.0), ["Na", "Cl"], [[0, 0, 0], [1, 0, 0]])
        embedding = representation.represent(materials([CRYSTALS[0], twice, CRYSTALS[1]]))
        assert embedding.rows.tolist() == [0, 2]
        assert embedding.problems[0].reason == "its sites Na (1) and Cl (2) are 0.00 Å apart"
        assert np.isfinite(embedding.vectors).all()
