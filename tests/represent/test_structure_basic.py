"""Columns against a slow transcription of their definitions, and what must not change them."""

import math

import numpy as np
import pytest
from pymatgen.core import Element, Lattice, Structure

from matscout.crystal.tables import own_table
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.represent.base import Embedding
from matscout.represent.descriptors.structure_basic import CUTOFF, StructureBasic

PEROVSKITE = Structure.from_spacegroup(
    "Pm-3m", Lattice.cubic(3.9), ["Sr", "Ti", "O"], [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0]]
)
ODD = Structure(
    Lattice.from_parameters(4.6, 5.3, 6.1, 81, 95, 103), ["Li", "Fe", "P", "O", "O"],
    [[0.1, 0.1, 0.1], [0.6, 0.1, 0.2], [0.1, 0.6, 0.5], [0.55, 0.55, 0.85], [0.7, 0.7, 0.3]],
)  # fmt: skip
ALLOY = Structure(Lattice.cubic(4.0), [{"Na": 0.5, "K": 0.5}, "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])


def materials(*structures: Structure) -> Materials:
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return Materials(names, names, compositions_of(ragged), ragged)


def embed(*structures: Structure) -> Embedding:
    return StructureBasic().represent(materials(*structures))


def vectors(*structures: Structure) -> np.ndarray:
    return embed(*structures).vectors


def slow(structure: Structure) -> dict[str, float]:
    """Some columns of an ordered crystal by plain loops over pymatgen's neighbours."""
    table = own_table("magpie")

    def of(name: str, site: object) -> float:
        return float(table.column(name)[Element(site.specie.symbol).Z - 1])

    radii = [of("CovalentRadius", site) / 100 for site in structure]
    polar, charges, stiffness, coordination, einstein = [], [], 0.0, [], []
    everything = structure.get_all_neighbors(CUTOFF)
    for site, near in enumerate(everything):
        r0 = [radii[site] + radii[n.index] for n in near]
        x = [n.nn_distance / r for n, r in zip(near, r0, strict=True)]
        shares = [math.exp(1 - (v / min(x)) ** 6) for v in x]
        mean = sum(s * v for s, v in zip(shares, x, strict=True)) / sum(shares)
        w = [math.exp(1 - (v / mean) ** 6) for v in x]
        differences = [of("Electronegativity", n) - of("Electronegativity", structure[site]) for n in near]
        coordination.append(sum(w))
        polar.append(sum(a * abs(b) for a, b in zip(w, differences, strict=True)) / sum(w))
        valences = [math.exp((r - n.nn_distance) / 0.37) for r, n in zip(r0, near, strict=True)]
        charges.append(
            sum(v * (1 - math.exp(-(d**2) / 4)) * np.sign(d) for v, d in zip(valences, differences, strict=True))
        )
        springs = [math.exp(-(n.nn_distance - r) / 0.4) / n.nn_distance**2 for r, n in zip(r0, near, strict=True)]
        stiffness += sum(springs) / 2
        einstein.append(math.sqrt(sum(springs) / of("AtomicWeight", structure[site])))
    energy = 0.0
    for site, near in enumerate(everything):
        edge = math.erfc(0.3 * CUTOFF) / CUTOFF
        around = sum(charges[n.index] * (math.erfc(0.3 * n.nn_distance) / n.nn_distance - edge) for n in near)
        energy += 0.5 * charges[site] * (around - charges[site] * (edge + 2 * 0.3 / math.sqrt(math.pi)))
    n = len(structure)
    return {
        "ln volume per atom (ln Å³)": math.log(structure.volume / n),
        "packing of covalent spheres": sum(4 / 3 * math.pi * r**3 for r in radii) / structure.volume,
        "ln mass density (ln u/Å³)": math.log(structure.density * 0.602214076),
        "bond stiffness per volume (1/Å⁵)": stiffness / structure.volume,
        "bonds per volume (1/Å³)": sum(coordination) / 2 / structure.volume,
        "least nearest distance (Å)": min(min(n.nn_distance for n in near) for near in everything),
        "mean coordination": sum(coordination) / n,
        "deviation of coordination": float(np.std(coordination)),
        "neighbours within 3 Å": sum(n.nn_distance < 3 for near in everything for n in near) / n,
        "mean electronegativity difference of bonds": sum(polar) / n,
        "largest electronegativity difference of bonds": max(polar),
        "Coulomb energy of bond charges (eV/atom)": 14.399645 * energy / n,
        "mean Einstein frequency": sum(einstein) / n,
    }


@pytest.mark.parametrize("structure", [PEROVSKITE, ODD])
def test_columns_are_what_they_say(structure):
    embedding = embed(structure)
    found = dict(zip(embedding.columns, embedding.vectors[0], strict=True))
    for name, value in slow(structure).items():
        assert found[name] == pytest.approx(value, rel=1e-4, abs=1e-5), name


def test_what_two_elements_share_has_their_mean():
    embedding = embed(ALLOY)
    found = dict(zip(embedding.columns, embedding.vectors[0], strict=True))
    radius = own_table("magpie").column("CovalentRadius") / 100
    spheres = 4 / 3 * math.pi * (((radius[10] + radius[18]) / 2) ** 3 + radius[16] ** 3)
    assert found["packing of covalent spheres"] == pytest.approx(spheres / 64)
    assert not embedding.problems


def test_blanks_are_reported_and_cost_no_other_row():
    alone = Structure(Lattice.cubic(30.0), ["H"], [[0.5, 0.5, 0.5]])
    embedding = embed(PEROVSKITE, alone, ODD)
    assert embedding.rows.tolist() == [0, 1, 2]
    (problem,) = embedding.problems
    assert (problem.row, problem.dropped) == (2, False)
    assert "blank" in problem.reason
    np.testing.assert_array_equal(embedding.vectors[[0, 2]], vectors(PEROVSKITE, ODD))


def test_formulas_alone_are_refused():
    with pytest.raises(UsageError, match="describes crystal structures, but these materials are formulas only"):
        StructureBasic().represent(Materials.from_formulas(["NaCl"]))


def test_stiff_and_layered_crystals_stand_out():
    diamond = Structure.from_spacegroup("Fd-3m", Lattice.cubic(3.567), ["C"], [[0, 0, 0]])
    graphite = Structure.from_spacegroup(
        "P6_3/mmc", Lattice.hexagonal(2.46, 6.71), ["C", "C"], [[0, 0, 0.25], [1 / 3, 2 / 3, 0.25]]
    )
    names = StructureBasic().columns
    stiff, layered = (dict(zip(names, row, strict=True)) for row in vectors(diamond, graphite))
    assert stiff["bond stiffness per volume (1/Å⁵)"] > layered["bond stiffness per volume (1/Å⁵)"]
    assert stiff["reach of bonds to a framework"] == pytest.approx(stiff["reach of bonds to a layer"])
    assert layered["reach of bonds to a framework"] > 2 * layered["reach of bonds to a layer"]
