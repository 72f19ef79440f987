"""Motifs of textbook structures, and bonds, shared vertices and rings against plain loops and networkx."""

import networkx as nx
import numpy as np
import pytest
from pymatgen.core import Element, Lattice, Structure

from matscout.crystal.bond_graph import CUTOFF, BondGraph
from matscout.crystal.crystals import Crystals
from matscout.crystal.tables import own_table
from matscout.data.structures import Structures
from matscout.represent.descriptors.structure_motifs import StructureMotifs, element_classes, shared_vertices

FACE_CENTRED = np.ones((3, 3)) - np.eye(3)
U = 0.305
ROCK_SALT = Structure(2.11 * FACE_CENTRED, ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
DIAMOND = Structure(1.785 * FACE_CENTRED, ["C", "C"], [[0, 0, 0], [0.25, 0.25, 0.25]])
COPPER = Structure(1.8 * FACE_CENTRED, ["Cu"], [[0, 0, 0]])
RUTILE = Structure(
    Lattice.tetragonal(4.594, 2.959), ["Ti", "Ti", "O", "O", "O", "O"],
    [[0, 0, 0], [0.5, 0.5, 0.5], [U, U, 0], [1 - U, 1 - U, 0], [0.5 + U, 0.5 - U, 0.5], [0.5 - U, 0.5 + U, 0.5]],
)  # fmt: skip
PEROVSKITE = Structure(
    Lattice.cubic(3.905), ["Sr", "Ti", "O", "O", "O"],
    [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]],
)  # fmt: skip
GRAPHITE = Structure(
    Lattice.hexagonal(2.46, 6.71), ["C"] * 4,
    [[0, 0, 0.25], [0, 0, 0.75], [1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.75]],
)  # fmt: skip
MOLECULES = Structure(Lattice.cubic(5.0), ["N", "N"], [[0.39, 0.5, 0.5], [0.61, 0.5, 0.5]])
CHAINS = Structure(Lattice.orthorhombic(8.0, 9.0, 3.2), ["S", "S"], [[0.5, 0.5, 0.25], [0.65, 0.5, 0.75]])


def random_structure(seed: int) -> Structure:
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4.5, 6, 3), *rng.uniform(70, 110, 3))
    return Structure(lattice, rng.choice(["Li", "O", "Si", "Fe", "Sr", "C"], 7), rng.random((7, 3)))


def crystals(*structures: Structure) -> Crystals:
    return Crystals.from_structures(Structures.from_pymatgen(structures))


def found(structure: Structure) -> dict[str, float]:
    vector = StructureMotifs().vectors(crystals(structure))[0]
    return {name: value for name, value in zip(StructureMotifs.columns, vector, strict=True) if value}


def neighbours(graph: BondGraph, site: int) -> set[tuple[int, ...]]:
    bonds = range(graph.offsets[site], graph.offsets[site + 1])
    return {(int(graph.second[bond]), *graph.shifts[bond].tolist()) for bond in bonds}


def moved(atom: tuple[int, ...], cell: tuple[int, ...]) -> tuple[int, ...]:
    return (atom[0], *(int(a + b) for a, b in zip(atom[1:], cell, strict=True)))


@pytest.mark.parametrize(
    ("structure", "centre", "corners", "edges"),
    [(ROCK_SALT, "s metal", 6, 12), (RUTILE, "d metal", 8, 2), (PEROVSKITE, "d metal", 6, 0)],
)
def test_shared_corners_and_edges_of_textbook_structures(structure, centre, corners, edges):
    """A. F. Wells, Structural Inorganic Chemistry: octahedra of rock salt, rutile and ReO3 or perovskite."""
    motifs = found(structure)
    assert motifs.get(f"corners shared with the same element per polyhedron of {centre}", 0) == corners
    assert motifs.get(f"edges shared with the same element per polyhedron of {centre}", 0) == edges
    assert f"faces shared with the same element per polyhedron of {centre}" not in motifs
    assert (
        motifs[f"share of atoms: {centre} with coordination 6"] == motifs[f"share of atoms: {centre} in a polyhedron"]
    )


def test_cuboctahedra_of_perovskite_share_faces():
    motifs = found(PEROVSKITE)
    assert motifs["share of atoms: s metal with coordination 12"] == pytest.approx(0.2)
    assert motifs["faces shared with the same element per polyhedron of s metal"] == 6
    assert motifs["corners shared with the same element per polyhedron of s metal"] == 12
    assert motifs["faces shared with other elements per polyhedron of s metal"] == 8


@pytest.mark.parametrize(("structure", "rings"), [(DIAMOND, {6: 12}), (GRAPHITE, {6: 3}), (ROCK_SALT, {4: 12, 6: 12})])
def test_rings_of_textbook_nets(structure, rings):
    """Vertex symbols: diamond has two six-rings at each of six angles, honeycomb one at each of three."""
    motifs = found(structure)
    for size in range(3, 9):
        assert motifs.get(f"rings of {size} through an atom", 0) == rings.get(size, 0)


@pytest.mark.parametrize(
    ("structure", "what"),
    [
        (MOLECULES, "molecules"),
        (CHAINS, "chains"),
        (GRAPHITE, "layers"),
        (DIAMOND, "frameworks"),
        (COPPER, "frameworks"),
    ],
)
def test_in_how_many_directions_the_net_goes_on(structure, what):
    assert found(structure)[f"share of atoms in {what}"] == 1


@pytest.mark.parametrize("seed", range(4))
def test_bonds_are_those_of_a_plain_loop(seed):
    structure = random_structure(seed)
    radius = [own_table("magpie").column("CovalentRadius")[site.specie.Z - 1] / 100 for site in structure]
    metal = [site.specie.symbol in {"Li", "Fe", "Sr"} for site in structure]
    pauling = np.array([site.specie.X for site in structure])
    share = np.mean(~np.array(metal))
    polar = 0 < share < 1 and share * (pauling[~np.array(metal)].mean() - pauling[metal].mean()) >= 0.25
    graph = BondGraph.of(crystals(structure))
    for site, near in enumerate(structure.get_all_neighbors(CUTOFF)):
        kept = [other for other in near if not (polar and metal[site] and metal[other.index])]
        scaled = np.array([other.nn_distance / (radius[site] + radius[other.index]) for other in kept])
        shares = np.exp(1 - (scaled / scaled.min()) ** 6)
        weights = np.exp(1 - (scaled / (shares @ scaled / shares.sum())) ** 6)
        expected = {(other.index, *map(int, other.image)) for other, w in zip(kept, weights, strict=True) if w > 0.5}
        assert neighbours(graph, site) == expected


@pytest.mark.parametrize("structure", [*(random_structure(seed) for seed in range(4)), RUTILE, COPPER])
def test_rings_are_shortest_paths_between_neighbours(structure):
    graph = BondGraph.of(crystals(structure)).mutual()
    rings = graph.rings()
    for site in range(len(structure)):
        centre, whole = (site, 0, 0, 0), nx.Graph()
        shell = {centre}
        for _ in range(4):
            edges = [(a, moved(b, a[1:])) for a in shell for b in neighbours(graph, a[0])]
            whole.add_edges_from(edges)
            shell = {b for _, b in edges}
        ends = sorted(whole[centre])
        whole.remove_node(centre)
        expected = dict.fromkeys(range(3, 9), 0)
        for at, start in enumerate(ends):
            lengths = nx.single_source_shortest_path_length(whole, start, cutoff=6)
            for end in ends[at + 1 :]:
                if end in lengths:
                    expected[lengths[end] + 2] += len(list(nx.all_shortest_paths(whole, start, end)))
        assert rings[site].tolist() == list(expected.values())


@pytest.mark.parametrize("structure", [*(random_structure(seed) for seed in range(4)), PEROVSKITE])
def test_shared_vertices_are_common_atoms(structure):
    graph = BondGraph.of(crystals(structure))
    vertices, sharing = shared_vertices(graph)
    pauling = [site.specie.X for site in structure]
    polyhedra = [{b for b in neighbours(graph, a) if pauling[b[0]] > pauling[a]} for a in range(len(structure))]
    polyhedra = [atoms if len(atoms) >= 3 else set() for atoms in polyhedra]
    assert vertices.tolist() == [len(atoms) for atoms in polyhedra]
    expected = []
    for a, one in enumerate(polyhedra):
        for b, other in enumerate(polyhedra):
            for cell in {tuple(np.subtract(x[1:], y[1:])) for x in one for y in other if x[0] == y[0]}:
                common = len(one & {moved(y, cell) for y in other})
                if (a, 0, 0, 0) != (b, *cell) and common:
                    expected.append((a, b, common))
    assert sorted(zip(*map(np.ndarray.tolist, sharing), strict=True)) == sorted(expected)


def test_classes_of_elements_are_those_of_pymatgen():
    for number, kind in enumerate(element_classes(), start=1):
        element = Element.from_Z(number)
        if element.is_alkali or element.is_alkaline:
            assert kind == 0
        if element.is_transition_metal and not element.is_rare_earth:
            assert kind == 1
        if element.is_lanthanoid or element.is_actinoid:
            assert kind == 2
        if element.is_metalloid and element.symbol != "Po":
            assert kind == 4
        if element.is_halogen and element.symbol != "At":
            assert kind == 6


def test_an_element_without_radius_has_no_motifs_and_a_lonely_atom_is_a_molecule():
    heavy = Structure(Lattice.cubic(4.0), ["Og"], [[0, 0, 0]])
    alone = Structure(Lattice.cubic(40.0), ["He"], [[0, 0, 0]])
    vectors = StructureMotifs().vectors(crystals(heavy, alone, DIAMOND))
    assert np.isnan(vectors[0]).all()
    assert found(alone) == {"share of atoms: nonmetal with coordination 1 or less": 1, "share of atoms in molecules": 1}
    np.testing.assert_array_equal(vectors[2], StructureMotifs().vectors(crystals(DIAMOND))[0])
