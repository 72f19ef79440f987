"""Descriptions of crystals: known structures, what robocrystallographer says, and what must not matter."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Lattice, Structure
from pymatgen.io.cif import CifWriter

import matscout
from matscout.crystal.crystals import Crystals
from matscout.data.materials import Materials
from matscout.data.reading import read_materials
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.represent.describing.bonds import site_bonds
from matscout.represent.describing.describe import Undescribed, describe
from matscout.represent.describing.facts import CrystalFacts, crystal_facts
from matscout.represent.describing.formulas import reduced_formula
from matscout.represent.describing.names import readable


def spinel() -> Structure:
    return Structure.from_spacegroup(
        "Fd-3m", Lattice.cubic(8.08), ["Mg", "Al", "O"], [[0] * 3, [0.625] * 3, [0.3874] * 3]
    )


def known() -> dict[str, Structure]:
    cubic = Lattice.cubic
    return {
        "PbTe": Structure.from_spacegroup("Fm-3m", cubic(6.46), ["Pb", "Te"], [[0] * 3, [0.5] * 3]),
        "CsCl": Structure.from_spacegroup("Pm-3m", cubic(4.12), ["Cs", "Cl"], [[0] * 3, [0.5] * 3]),
        "ZnS": Structure.from_spacegroup("F-43m", cubic(5.41), ["Zn", "S"], [[0] * 3, [0.25] * 3]),
        "SrTiO3": Structure.from_spacegroup(
            "Pm-3m", cubic(3.905), ["Sr", "Ti", "O"], [[0] * 3, [0.5] * 3, [0.5, 0.5, 0]]
        ),
        "MoS2": Structure.from_spacegroup(
            "P6_3/mmc", Lattice.hexagonal(3.16, 12.3), ["Mo", "S"], [[1 / 3, 2 / 3, 0.25], [1 / 3, 2 / 3, 0.621]]
        ),
        "MgAl2O4": spinel(),
    }


def facts_of(structure: Structure) -> CrystalFacts:
    (found,) = crystal_facts(Structures.from_pymatgen([structure]))
    return found


@pytest.mark.parametrize(
    ("formula", "name", "group", "dimensions", "sites"),
    [
        ("PbTe", "Halite, Rock Salt", "Fm-3m", 3, {"Pb": (6, "octahedral"), "Te": (6, "octahedral")}),
        (
            "CsCl",
            "Strukturbericht B2",
            "Pm-3m",
            3,
            {"Cs": (8, "body-centered cubic"), "Cl": (8, "body-centered cubic")},
        ),
        ("ZnS", "Zincblende, Sphalerite", "F-43m", 3, {"Zn": (4, "tetrahedral"), "S": (4, "tetrahedral")}),
        ("SrTiO3", "(Cubic) Perovskite", "Pm-3m", 3, {"Sr": (12, "cuboctahedral"), "Ti": (6, "octahedral")}),
        ("MoS2", "Molybdenite", "P6_3/mmc", 2, {"Mo": (6, "hexagonal pyramidal"), "S": (3, "trigonal non-coplanar")}),
        ("MgAl2O4", "Spinel", "Fd-3m", 3, {"Mg": (4, "tetrahedral"), "Al": (6, "octahedral")}),
    ],
)
def test_known_structures(
    formula: str, name: str, group: str, dimensions: int, sites: dict[str, tuple[int, str]]
) -> None:
    found = facts_of(known()[formula])
    assert (found.formula, found.space_group, found.dimensionality) == (formula, group, dimensions)
    assert found.name == name
    told = {site.element: (site.coordination, site.geometry) for site in found.sites}
    assert {element: told[element][0] for element in sites} == {element: count for element, (count, _) in sites.items()}
    if formula != "MoS2":
        assert {element: told[element] for element in sites} == sites


def test_polyhedra_of_perovskite_and_spinel_share_what_the_books_say() -> None:
    titanium = next(site for site in facts_of(known()["SrTiO3"]).sites if site.element == "Ti")
    assert titanium.sharing["corners", "TiO6 octahedra"] == 6
    assert titanium.sharing["faces", "SrO12 cuboctahedra"] == 8
    assert titanium.lengths["O"] == pytest.approx([3.905 / 2] * 6)
    aluminium = next(site for site in facts_of(spinel()).sites if site.element == "Al")
    assert aluminium.sharing["edges", "AlO6 octahedra"] == 6
    assert aluminium.sharing["corners", "MgO4 tetrahedra"] == 6
    assert aluminium.sites == 16


def test_words() -> None:
    (text,) = describe(Structures.from_pymatgen([known()["PbTe"]]))
    octahedra = "octahedra that share corners with six {0} octahedra and edges with twelve {0} octahedra"
    assert text == (
        "PbTe is Halite, Rock Salt structured and crystallizes in the cubic Fm-3m space group. The structure is "
        "three-dimensional: its bonded atoms make a framework. "
        f"Pb is bonded to six Te atoms to form PbTe6 {octahedra.format('PbTe6')}. All Pb–Te bond lengths are 3.23 Å. "
        f"Te is bonded to six Pb atoms to form TePb6 {octahedra.format('TePb6')}. All Te–Pb bond lengths are 3.23 Å."
    )


@pytest.mark.slow
def test_robocrystallographer_tells_in_its_own_words_what_we_tell(tmp_path: Path) -> None:
    salt, mixed = known()["PbTe"], known()["CsCl"]
    mixed.replace(0, {"Cs": 0.5, "Rb": 0.5})
    for name, structure in (("a", salt), ("b", mixed)):
        CifWriter(structure).write_file(tmp_path / f"{name}.cif")
    materials = read_materials(tmp_path).materials
    theirs, none = matscout.describe(materials, by="robocrystallographer")
    (ours, _) = matscout.describe(materials)
    assert isinstance(theirs, str)
    assert isinstance(ours, str)
    assert none == Undescribed("its sites are partly occupied or shared")
    for said in ("PbTe is Halite, Rock Salt structured", "crystallizes in the cubic Fm-3m", "TePb6 octahedra"):
        assert said in theirs
        assert said in ours


def test_crystals_that_robocrystallographer_fails_on_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise IndexError("no bonds")

    monkeypatch.setattr("robocrys.StructureCondenser.condense_structure", fails)
    crystals = Structures.from_pymatgen([known()["PbTe"]])
    assert describe(crystals, by="robocrystallographer") == [Undescribed("robocrystallographer fails")]


def test_formulas_and_unknown_describers_are_refused() -> None:
    with pytest.raises(UsageError, match="or choose composition-text, a sentence about a formula"):
        describe(Materials.from_formulas(["PbTe"]))
    with pytest.raises(UsageError, match="crystals are described by matscout or robocrystallographer; got 'me'"):
        describe(Structures.from_pymatgen([known()["PbTe"]]), by="me")  # type: ignore[arg-type]


@pytest.mark.parametrize("formula", list(known()))
def test_cell_origin_orientation_and_order_do_not_matter(formula: str) -> None:
    from pymatgen.core.operations import SymmOp

    structure = known()[formula]
    expected = describe(Structures.from_pymatgen([structure]))[0]
    turned = structure.copy()
    turned.apply_operation(SymmOp.from_axis_angle_and_translation([1, 2, 3], 40))
    turned.translate_sites(range(len(turned)), [0.3, 0.1, 0.77])
    order = np.random.default_rng(0).permutation(len(structure))
    shuffled = Structure.from_sites([structure[int(place)] for place in order])
    others = [turned, structure.get_primitive_structure(), structure * (2, 1, 1)]
    assert list(describe(Structures.from_pymatgen([*others, shuffled]))) == [expected] * 4


def test_disorder_has_a_reason() -> None:
    mixed = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), [{"Na": 0.5, "K": 0.5}, "Cl"], [[0] * 3, [0.5] * 3])
    texts = describe(Structures.from_pymatgen([mixed, known()["PbTe"]]))
    assert texts[0] == Undescribed("its sites are partly occupied or shared")
    assert str(texts[1]).startswith("PbTe is")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("formula", ["PbTe", *(pytest.param(one, marks=pytest.mark.slow) for one in list(known())[1:])])
def test_robocrystallographer_says_the_same(formula: str, tmp_path: Path) -> None:
    robocrys = pytest.importorskip("robocrys", reason="pip install robocrys to compare with it")
    structure = known()[formula]
    condensed = robocrys.StructureCondenser().condense_structure(structure)
    found = facts_of(structure)
    assert found.space_group == condensed["spg_symbol"]
    assert found.dimensionality == condensed["dimensionality"]
    # It takes caesium chloride for a tetragonal prototype of another symmetry.
    assert found.name == condensed["mineral"]["type"] or formula == "CsCl"
    bonds = site_bonds(Crystals.from_structures(Structures.from_pymatgen([structure])))
    for site, told in condensed["sites"].items():
        assert bonds.graph.coordination[int(site)] == len(told["nn"])
    assert json.dumps(condensed["formula"])


@given(st.dictionaries(st.sampled_from(["Na", "Fe", "O", "Te", "Cs", "H"]), st.integers(1, 12), min_size=1))
@settings(max_examples=50)
def test_formulas_hold_what_they_are_made_of(amounts: dict[str, int]) -> None:
    from pymatgen.core import Composition

    text = reduced_formula(amounts)
    assert Composition(text).almost_equals(Composition(amounts) / (sum(amounts.values()) / Composition(text).num_atoms))


def test_formulas_as_readers_expect_them() -> None:
    assert reduced_formula({"Te": 2, "Pb": 2}) == "PbTe"
    assert reduced_formula({"O": 0.6, "Fe": 0.4}) == "Fe2O3"
    assert reduced_formula({"Zn": 0.9999, "Al": 0.0001, "O": 1}) == "Zn0.49995Al0.00005O0.5"


def test_names_are_readable() -> None:
    assert readable("Frank-Kasper $\\mu$ Phase") == "Frank-Kasper mu Phase"
    assert readable("Lavarevi\\'{c}ite") == "Lavarevicite"
    assert readable("alpha") == ""
