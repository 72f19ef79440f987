"""CIF files of every kind of spelling, against pymatgen with full symbols, spglib's operations and hand counts."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import spglib
from hypothesis import given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition, Element, Lattice, Structure
from pymatgen.symmetry.groups import SpaceGroup

from matscout.data.structure_files import read_structures

pytestmark = pytest.mark.filterwarnings("ignore:Set OLD_ERROR_HANDLING:DeprecationWarning")

SITES = "Mg Mg 0 0 0 1\nO O 0.5 0.5 0.5 1"
COLUMNS = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy")
ROCK_SALT = "_symmetry_space_group_name_H-M 'F m -3 m'"


def cif(symmetry=ROCK_SALT, sites=SITES, cell=(4.2, 4.2, 4.2, 90, 90, 90), more="", columns=COLUMNS) -> str:
    names = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = [f"_cell_{name} {value}" for name, value in zip(names, cell, strict=True)]
    loop = ["loop_", *(f"_atom_site_{name}" for name in columns), sites]
    return "\n".join(["data_test", *lines, symmetry, more, *loop, ""])


def listed(operations) -> str:
    return "\n".join(["loop_", "_symmetry_equiv_pos_as_xyz", *(f"'{text}'" for text in operations)])


def read(text: str) -> Structure:
    parsed = read_structures([text])
    assert len(parsed.structures) == 1, parsed.problems
    return parsed.structures.to_pymatgen(0)


def remarks(text: str) -> str:
    return "; ".join(problem.reason for problem in read_structures([text]).problems)


def refusal(text: str) -> str:
    (problem,) = read_structures([text]).problems
    assert problem.dropped
    return problem.reason


def assert_same(found: Structure, expected: Structure, within: float = 1e-5) -> None:
    assert len(found) == len(expected)
    assert found.composition.almost_equals(expected.composition, rtol=1e-8)
    distances = found.lattice.get_all_distances(found.frac_coords, expected.frac_coords)
    nearest = distances.argmin(axis=1)
    np.testing.assert_allclose(distances.min(axis=1), 0, atol=within)
    assert all(site.species == expected[int(place)].species for site, place in zip(found, nearest, strict=True))


CELLS = {
    "triclinic": (6, 7, 8, 80, 95, 105),
    "monoclinic": (6, 7, 8, 90, 95, 90),
    "orthorhombic": (6, 7, 8, 90, 90, 90),
    "tetragonal": (6, 6, 8, 90, 90, 90),
    "trigonal": (6, 6, 8, 90, 90, 120),
    "hexagonal": (6, 6, 8, 90, 90, 120),
    "cubic": (8, 8, 8, 90, 90, 90),
}


@pytest.mark.parametrize("number", range(1, 231, 3))
def test_numbers_and_symbols_give_the_atoms_of_pymatgen(number):
    group = SpaceGroup.from_int_number(number)
    cell = CELLS[group.crystal_system]
    expected = Structure.from_spacegroup(
        group.symbol, Lattice.from_parameters(*cell), ["Na", "Cl"], [[0.1117, 0.2319, 0.3713], [0, 0, 0]]
    )
    sites = "Na1 Na 0.1117 0.2319 0.3713 0.1\nCl1 Cl 0 0 0 0.1"
    for symmetry in (f"_space_group_IT_number {number}", f"_space_group_name_H-M_alt '{group.symbol}'"):
        found = read(cif(symmetry, sites, cell))
        assert len(found) == len(expected)
        distances = found.lattice.get_all_distances(found.frac_coords, expected.frac_coords)
        np.testing.assert_allclose(distances.min(axis=1), 0, atol=1e-6)


def cell_of(hall: int) -> tuple[float, ...] | None:
    """A cell that the operations of a setting keep."""
    rotations = spglib.get_symmetry_from_database(hall)["rotations"]
    start = Lattice.from_parameters(6, 6.3, 6.7, 86, 83, 79).matrix
    metric = np.mean([turn.T @ start @ start.T @ turn for turn in rotations], axis=0)
    a, b, c = np.sqrt(np.diag(metric))
    cosines = (metric[1, 2] / b / c, metric[0, 2] / a / c, metric[0, 1] / a / b)
    return (a, b, c, *np.degrees(np.arccos(cosines)))


@pytest.mark.parametrize("hall", range(2, 531, 11))
def test_hall_symbols_mean_the_operations_of_spglib(hall):
    stored = spglib.get_symmetry_from_database(hall)
    cell = cell_of(hall)
    images = stored["rotations"] @ np.array([0.11, 0.23, 0.37]) + stored["translations"]
    expected = Structure(Lattice.from_parameters(*cell), ["Na"] * len(images), images)
    symbol = spglib.get_spacegroup_type(hall).hall_symbol
    quoted = f"'{symbol}'" if "'" not in symbol else f'"{symbol}"'
    assert_same(read(cif(f"_space_group_name_Hall {quoted}", "Na1 Na 0.11 0.23 0.37 .1", cell)), _partial(expected))


def _partial(structure: Structure) -> Structure:
    return Structure(structure.lattice, [{"Na": 0.1}] * len(structure), structure.frac_coords)


ORIGINS = {
    # Diamond at 0,0,0 is origin choice 1, at 1/8,1/8,1/8 choice 2: only the sum formula and Z tell.
    "formula decides": (cif("_space_group_name_H-M_alt 'F d -3 m'", "Si Si .125 .125 .125 1", (5.43,) * 3 + (90,) * 3,
                            "_chemical_formula_sum Si\n_cell_formula_units_Z 8"), 8),
    "distances decide": (cif("_space_group_name_H-M_alt 'F d -3 m'", "Mg Mg .125 .125 .125 1\nAl Al .5 .5 .5 1\n"
                             "O O .2624 .2624 .2624 1", (8.083,) * 3 + (90,) * 3), 56),
    "choice 1": (cif("_space_group_name_H-M_alt 'F d -3 m :1'", "Si Si 0 0 0 1", (5.43,) * 3 + (90,) * 3), 8),
    "choice 1 by default": (cif("_space_group_name_H-M_alt 'F d -3 m'", "Si Si 0 0 0 1", (5.43,) * 3 + (90,) * 3), 8),
    "number and multiplicity": (cif("_space_group_IT_number 227", "Si Si .125 .125 .125 8", (5.43,) * 3 + (90,) * 3,
                                    columns=(*COLUMNS[:5], "symmetry_multiplicity")), 8),
    "letter S": (cif("_symmetry_space_group_name_H-M 'F d -3 m S'", "Si Si 0 0 0 1", (5.43,) * 3 + (90,) * 3), 8),
    "rhombohedral axes": (cif("_symmetry_space_group_name_H-M 'R -3 m'", "Bi Bi .234 .234 .234 1",
                              (4.746, 4.746, 4.746, 57.23, 57.23, 57.23)), 2),
    "hexagonal axes": (cif("_symmetry_space_group_name_H-M 'R -3 m'", "Bi Bi 0 0 .234 1",
                           (4.546, 4.546, 11.863, 90, 90, 120)), 6),
}  # fmt: skip


@pytest.mark.parametrize("name", ORIGINS)
def test_origin_and_axes(name):
    text, atoms = ORIGINS[name]
    assert len(read(text)) == atoms


def test_an_origin_that_nothing_tells_is_remarked():
    text = cif("_space_group_name_H-M_alt 'P n -3 m'", "Cu Cu 0 0 0 1\nO O .25 .25 .25 1", (4.27,) * 3 + (90,) * 3)
    assert "origin choice is not given" in remarks(text)


CONTRADICTIONS = {
    "operations of another cell": (cif(listed(["x,y,z", "z,x,y", "y,z,x"]), cell=(4, 5, 6, 90, 90, 90)), "do not keep"),
    "symbol of another cell": (cif(cell=(4.2, 4.2, 4.9, 90, 90, 90)), "does not keep the shape"),
    "unique axis": (cif("_symmetry_space_group_name_H-M 'P 21/c'", cell=(6, 7, 8, 90, 90, 95)), "does not keep"),
    "symbol and number": (cif("_space_group_name_H-M_alt 'P n m a'\n_space_group_IT_number 63"), "number 62, not 63"),
    "operations missing": (cif(listed(["x,y,z", "-x,-y,z", "-x,y,-z"])), "is incomplete"),
    "identity for F m -3 m": (cif(ROCK_SALT + "\n" + listed(["x,y,z"])), "has 192 operations, it lists 1"),
    "all atoms and all operations": (cif(sites="Mg1 Mg 0 0 0 1\nMg2 Mg 0 .5 .5 1\nMg3 Mg .5 0 .5 1"), "sum to > 1"),
    "negative occupancy": (cif(sites="Mg Mg 0 0 0 -0.5"), "occupancy of Mg is -0.5"),
    "occupancy in percent": (cif(sites="Mg Mg 0 0 0 50"), "occupancy of Mg is 50"),
    "occupancy as text": (cif(sites="Mg Mg 0 0 0 half"), "half"),
    "no position": (cif(sites="Mg Mg 0 0 ? 1"), "the position of Mg is '?'"),
    "no number": (cif(sites="Mg Mg 0 0 nan 1"), "nan"),
    "cut row": (cif(sites="Mg Mg 0 0 0 1\nO O 0.5"), "ends within a row"),
    "angles": (cif(cell=(4, 4, 4, 120, 120, 120)), "no volume"),
    "zero length": (cif(cell=(0, 4, 4, 90, 90, 90)), "no volume"),
    "long cell": (cif(cell=(1e7, 1e7, 1e7, 90, 90, 90)), "Å long"),
    "formula and multiplicity": (
        cif(
            sites="Mg Mg 0 0 0 8\nO O .5 .5 .5 4",
            more="_chemical_formula_sum 'Mg2 O'",
            columns=(*COLUMNS[:5], "symmetry_multiplicity"),
        ),
        "its sites hold Mg4 O4, its formula is Mg2 O1; site Mg has 4 images, its multiplicity is 8",
    ),
    "endless operations": (cif(listed(["x,y,z"] * 5000)), "it lists 5000 symmetry operations"),
    "an endless operation": (cif(listed(["x" + "+x" * 5000 + ",y,z"])), "not a symmetry operation"),
    "unclosed text": (cif(more="_publ_section_title\n;\nsome words"), "is not closed"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_contradictions_are_refused(name):
    text, reason = CONTRADICTIONS[name]
    assert reason in refusal(text)


REMARKS = {
    "formula": (cif(more="_chemical_formula_sum 'Mg O2'"), "its sites hold Mg4 O4, its formula is Mg1 O2"),
    "element": (cif(more="_chemical_formula_sum 'Mg Al O2'"), "its sites lack Al"),
    "hydrogen": (cif(more="_chemical_formula_sum 'H2 Mg O2'"), "its sites lack H"),
    "Z": (cif(more="_chemical_formula_sum 'Mg O'\n_cell_formula_units_Z 2"), "holds 4 formula units, it says 2"),
    "density": (cif(more="_exptl_crystal_density_diffrn 5.2"), "its density is 3.613 g/cm³, it says 5.2"),
    "volume": (cif(more="_cell_volume 64.0(2)"), "its volume is 74.09 Å³, it says 64"),
    "no symmetry": (cif(""), "all atoms are assumed to be listed"),
    "dummy": (cif(sites="Mg Mg 0 0 0 .\nX X 0 0 0 dum", columns=(*COLUMNS[:5], "calc_flag")), "dummy atoms are left"),
    "empty site": (cif(sites=SITES + "\nC C .25 .25 .25 0"), "occupancy 0 are left out"),
    "water": (cif(sites="Mg Mg 0 0 0 1\nO Wat .5 .5 .5 1"), "counts as O without its hydrogen"),
    "modulated": (cif(more="_cell_modulation_dimension 1"), "modulated"),
}  # fmt: skip


@pytest.mark.parametrize("name", REMARKS)
def test_doubts_are_remarked(name):
    text, reason = REMARKS[name]
    assert reason in remarks(text)
    read(text)


SPELLINGS = {
    "DDLm names": cif().replace("_atom_site_", "_atom_site.").replace("_cell_", "_cell."),
    "capitals": cif().replace("_atom_site_fract", "_ATOM_SITE_FRACT").replace("loop_", "LOOP_"),
    "carriage returns": cif().replace("\n", "\r"),
    "carriage returns and newlines": cif().replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + cif(),
    "uncertainties": cif(sites="Mg Mg 0 0 0 1.000(2)\nO O 0.5(1) 0.5 0.5 1").replace("4.2", "4.2(3)"),
    "charges": cif(sites=SITES.replace("Mg Mg", "Mg1 Mg2+").replace("O O", "O1 O2-")),
    "charges first": cif(sites=SITES.replace("Mg Mg", "Mg1 Mg+2").replace("O O", "O1 O-2")),
    "all capitals": cif(sites=SITES.replace("Mg Mg", "MG1 MG").replace("O O", "O1 O")),
    "no type symbols": cif(sites="Mg1 0 0 0\nO2- .5 .5 .5", columns=("label", *COLUMNS[2:5])),
    "fractions": cif(sites="Mg Mg 0 0 0 1\nO O 1/2 1/2 1/2 1"),
    "no data header": cif().partition("\n")[2],
    "comments": cif(sites="Mg Mg 0 0 0 1 # at the origin\n# and\nO O 0.5 0.5 0.5 1"),
    "a text with tags": cif(more="_publ_section_title\n;\n_atom_site_label loop_ data_x 'it\n;"),
    "quotes within a word": cif(more="_chemical_name_common 'O'Neill's oxide'"),
    "data within words": cif(more="_journal_name data_base"),
    "operations without quotation marks": cif(
        "loop_\n_symmetry_equiv_pos_as_xyz\nx, y, z\nx+1/2, y+1/2, z\nx+1/2, y, z+1/2\nx, y+1/2, z+1/2"
    ),
    "operations with numbers": cif(listed(["1 x,y,z", "2 x+1/2,y+1/2,z", "3 x+.5,y,z+.5", "4 x,y+.5,z+.5"])),
    "magnetic": cif(
        "loop_\n_space_group_symop_magn_operation.xyz\nx,y,z,+1\n-x,-y,-z,+1\n"
        "loop_\n_space_group_symop_magn_centering.xyz\nx,y,z,+1\nx+1/2,y+1/2,z,-1\nx+1/2,y,z+1/2,-1\nx,y+1/2,z+1/2,+1"
    ),
    "cubic cell by its system": "_cell_length_a 4.2\n_symmetry_cell_setting cubic\n" + cif().partition("gamma 90\n")[2],
    "operations of a global block": "data_global\n" + ROCK_SALT + "\n" + cif("_journal_year 2000"),
    "oxidation states on one site": cif(sites="Mg1 Mg2+ 0 0 0 .4\nMg2 Mg1+ 0 0 0 .6\nO O .5 .5 .5 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_of_rock_salt(name):
    found = read(SPELLINGS[name])
    assert_same(
        found, Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.2), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    )


SPECIES = {
    "Fe3+": "Fe", "FE": "Fe", "fe": "Fe", "Cval": "C", "Siva": "Si", "D": "H", "T": "H", "Ow": "O", "Hw": "H",
    "'0.3Cu + 0.7Al'": "Cu0.3Al0.7", "'0.5(1)Fe2+ + 0.5Va'": "Fe0.5", "O1-": "O", "Fe(3+)": "Fe",
}  # fmt: skip


@pytest.mark.parametrize("symbol", SPECIES)
def test_species(symbol):
    found = read(cif("_space_group_IT_number 1", f"A1 {symbol} 0 0 0 1"))
    assert found.composition.almost_equals(Composition(SPECIES[symbol]))


@pytest.mark.parametrize(
    "symbol", ["X", "M", "Ln", "RE", "R", "Q", "Cp", "Cg", "Dum", "NO3", "Zz", "Fe2O3", "1", "NH4", "Me"]
)
def test_what_is_no_element_is_refused(symbol):
    assert "is not an element" in refusal(cif(sites=f"A1 {symbol} 0 0 0 1"))


@pytest.mark.parametrize(
    ("label", "formula", "symbol"),
    [("HO1", "H2 O", "H"), ("HO1", "Ho", "Ho"), ("CA1", "C4 H4", "C"), ("CA1", "Ca O", "Ca"), ("Va1", "V O2", "V")],
)
def test_the_formula_decides_what_a_label_means(label, formula, symbol):
    text = cif(
        "_space_group_IT_number 1",
        f"{label} 0 0 0",
        columns=("label", *COLUMNS[2:5]),
        more=f"_chemical_formula_sum '{formula}'",
    )
    assert [site.species_string for site in read(text)] == [symbol]


ROUNDED = {
    "thirds in two digits": ("P 63/m m c", (3.16, 3.16, 12.29, 90, 90, 120), "0.33 0.67 0.25", 2),
    "thirds in three digits": ("P 63/m m c", (3.16, 3.16, 12.29, 90, 90, 120), "0.333 0.667 0.621", 4),
    "thirds cut off": ("P 63/m m c", (3.16, 3.16, 12.29, 90, 90, 120), "0.333 0.666 0.25", 2),
    "sixths": ("P 6/m m m", (5, 5, 4, 90, 90, 120), "0.167 0.333 0", 6),
    "eighths": ("F d -3 m :2", (5.43, 5.43, 5.43, 90, 90, 90), "0.13 0.13 0.13", 8),
    "diagonal": ("R -3 m :H", (4.5, 4.5, 11.9, 90, 90, 120), "0.1667 0.8334 0.234", 18),
    "general": ("P 63/m m c", (9, 9, 12, 90, 90, 120), "0.10 0.30 0.10", 24),
    "near a mirror but not on it": ("P m -3 m", (9, 9, 9, 90, 90, 90), "0.10 0.20 0.30", 48),
}


@pytest.mark.parametrize("name", ROUNDED)
@pytest.mark.parametrize("occupancy", [1, 0.25])
def test_images_within_the_digits_are_one(name, occupancy):
    symbol, cell, position, images = ROUNDED[name]
    found = read(cif(f"_symmetry_space_group_name_H-M '{symbol}'", f"Li1 Li {position} {occupancy}", cell))
    assert len(found) == images


def test_split_sites_stay_apart():
    text = cif("_symmetry_space_group_name_H-M 'P m -3 m'", "Na1 Na 0.05 0 0 0.1", (5, 5, 5, 90, 90, 90))
    assert len(read(text)) == 6


@settings(max_examples=60, deadline=None)
@given(
    number=st.sampled_from([2, 14, 62, 139, 166, 194, 216, 225]),
    positions=st.lists(
        st.tuples(*[st.sampled_from(["0", "0.25", "0.5", "0.1234", "0.3333", "0.6667", "0.9"])] * 3),
        min_size=1,
        max_size=3,
    ),
)
def test_any_positions_are_read_as_pymatgen_reads_them(number, positions):
    group = SpaceGroup.from_int_number(number)
    kinds = ["Na", "K", "Rb"]
    sites = "\n".join(f"{kind}1 {kind} {' '.join(at)} .1" for kind, at in zip(kinds, positions, strict=False))
    text = cif(f"_symmetry_Int_Tables_number {number}", sites, CELLS[group.crystal_system])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = Structure.from_str(text, fmt="cif")
    found = read(text)
    assert len(found) == len(expected)
    assert found.composition.almost_equals(expected.composition, rtol=1e-6)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from([*cif().splitlines(), "loop_", ";", "'", "data_b", "_atom_site_label", "? . 1", "x,y,z"]),
        max_size=40,
    ).map("\n".join)
)
def test_shuffled_lines_are_read_or_refused(text):
    parsed = read_structures([text + "\n"])
    assert len(parsed.rows) + sum(problem.dropped for problem in parsed.problems) == 1


def test_gemmi_reads_the_same():
    gemmi = pytest.importorskip("gemmi")
    for name, (text, atoms) in ORIGINS.items():
        small = gemmi.make_small_structure_from_block(gemmi.cif.read_string(text).sole_block())
        if "decide" not in name and "number" not in name and "default" not in name:
            assert len(small.get_all_unit_cell_sites()) == atoms


@pytest.mark.parametrize(
    ("symmetry", "sites"),
    [
        (ROCK_SALT, "Mg Mg 0 0 0 0.0208333\nO O 0.5 0.5 0.5 0.0208333"),
        (ROCK_SALT, "Mg Mg 0 0 0 0.01041667\nCa Ca 0 0 0 0.01041667\nO O 0.5 0.5 0.5 0.0208333"),
        ("_symmetry_space_group_name_H-M 'P m -3 m'", "Cs Cs 0 0 0 .02083\nO O .5 .5 0 .0625\nI I .5 .5 .5 .02083"),
    ],
)
def test_occupancies_that_are_multiplicity_fractions_are_refused(symmetry, sites):
    """Multiplicities over the order of the group, by hand: 4/192; 1/48 and 3/48."""
    (problem,) = read_structures([cif(symmetry, sites)]).problems
    assert problem.dropped
    assert "occupancies look like site multiplicity fractions" in problem.reason


@pytest.mark.parametrize(
    "sites",
    [
        SITES,
        "Mg Mg 0 0 0 0.25\nCa Ca 0 0 0 0.25\nSr Sr 0 0 0 0.25\nBa Ba 0 0 0 0.25\nO O .5 .5 .5 1",
        "Mg Mg 0 0 0 0.0208333\nO O 0.5 0.5 0.5 1",
        "Na Na .25 .25 .25 0.2\nMg Mg 0 0 0 .9\nO O .5 .5 .5 1",
    ],
)
def test_other_occupancies_are_shares_of_sites(sites):
    parsed = read_structures([cif(sites=sites)])
    assert (len(parsed.structures), [problem.reason for problem in parsed.problems]) == (1, [])


@pytest.mark.parametrize(
    ("group", "sites", "occupancies"),
    [
        ("P -1", "Mg Mg 0 0 0 .5\nO O .1 .2 .3 1", [0.5, 1.0, 1.0]),
        ("P 1", "Mg Mg 0 0 0 0.0208\nO O 0.5 0.5 0.5 0.0208", [0.0208, 0.0208]),
    ],
)
def test_occupancies_that_may_be_multiplicity_fractions_are_read_with_a_remark(group, sites, occupancies):
    parsed = read_structures([cif(f"_symmetry_space_group_name_H-M '{group}'", sites)])
    assert not any(problem.dropped for problem in parsed.problems)
    assert "site multiplicity fractions" in parsed.problems[0].reason
    assert parsed.structures.occupancies.tolist() == occupancies


@pytest.mark.parametrize(
    ("symbol", "element"),
    [("6Li", "Li"), ("2H", "H"), ("13C", "C"), ("(7)Li", "Li"), ("235U", "U"), ("18O2-", "O"), ("3-He", "He")],
)
def test_isotopes_count_as_their_elements(symbol, element):
    for columns, sites in ((COLUMNS, f"X1 {symbol} 0 0 0 1"), (("label", *COLUMNS[2:]), f"{symbol} 0 0 0 1")):
        parsed = read_structures([cif(sites=sites, columns=columns)])
        assert parsed.structures.to_pymatgen(0).elements == [Element(element)], parsed.problems
        assert any(f" counts as {element}" in problem.reason for problem in parsed.problems)


@pytest.mark.parametrize("symbol", ["2O", "3Li2O", "99C", "5Fe"])
def test_numbers_before_symbols_that_are_no_masses(symbol):
    (problem,) = read_structures([cif(sites=f"X1 {symbol} 0 0 0 1")]).problems
    assert f"{symbol} is not an element" in problem.reason


def test_groups_are_called_as_they_are_written():
    parsed = read_structures([cif(sites="O1 H2O 0 0 0 1\nMg Mg .5 .5 .5 1")])
    assert "H2O counts as O without its hydrogen" in parsed.problems[0].reason


def test_warnings_of_libraries_are_not_told():
    parsed = read_structures([cif(sites="Cn Cn 0 0 0 1\nO O .5 .5 .5 1")])
    assert (len(parsed.structures), parsed.problems) == (1, ())
