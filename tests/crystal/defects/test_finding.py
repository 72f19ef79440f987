"""Defects are found in supercells whatever was done to these."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.core.operations import SymmOp

import matscout
from matscout.crystal.defects.readings import DefectReading
from matscout.data.defects.column_store import type_name
from matscout.data.given import as_materials
from matscout.errors import InputError, UsageError

MOS2 = Structure(
    Lattice.from_parameters(3.19, 3.19, 14.879, 90, 90, 120),
    ["Mo", "S", "S"],
    [[1 / 3, 2 / 3, 0.25], [2 / 3, 1 / 3, 0.144826], [2 / 3, 1 / 3, 0.355174]],
)
SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
GAAS = Structure.from_spacegroup(
    "F-43m", Lattice.cubic(5.65), ["Ga", "As"], [[0] * 3, [0.25] * 3]
).get_primitive_structure()


def cell(host: Structure = MOS2, size: tuple[int, ...] = (5, 5, 1)) -> Structure:
    made = host.copy()
    made.make_supercell(size)
    return made


def with_three(host: Structure = MOS2, size: tuple[int, ...] = (5, 5, 1)) -> Structure:
    """A vacancy, a substitution and another vacancy."""
    made = cell(host, size)
    numbers = np.array(made.atomic_numbers)
    first, second = sorted(set(numbers.tolist()), reverse=True)
    heavy, light = np.flatnonzero(numbers == first), np.flatnonzero(numbers == second)
    made.replace(int(light[1]), "Se")
    made.remove_sites([int(heavy[3]), int(light[7])])
    return made


def words(reading: DefectReading, row: int = 0) -> Counter[str]:
    own = reading.defects[[row]]
    return Counter(type_name(was, now) for was, now in zip(own.was.tolist(), own.now.tolist(), strict=True))


def same(one: DefectReading, other: DefectReading) -> None:
    """The same defects at the same distances."""
    assert words(one) == words(other)
    np.testing.assert_allclose(np.sort(one.pairs().distances), np.sort(other.pairs().distances), atol=1e-6)


EXPECTED = Counter({"v(Mo)": 1, "Se(S)": 1, "v(S)": 1})


def test_three_defects_are_found() -> None:
    reading = matscout.read_defects(MOS2, with_three())
    assert words(reading) == EXPECTED
    assert reading.defects.supercells[0].tolist() == np.diag([5, 5, 1]).tolist()
    assert reading.displacements[0] < 1e-6


@pytest.mark.parametrize("change", ["shifted", "drifted", "permuted", "wrapped", "rotated", "displaced", "strained"])
@pytest.mark.parametrize("host", [MOS2, GAAS], ids=["layer", "crystal"])
def test_the_same_defects_are_found_in_a_cell_that_was_changed(host: Structure, change: str) -> None:
    size = (5, 5, 1) if host is MOS2 else (3, 3, 3)
    plain, made, rng = with_three(host, size), with_three(host, size), np.random.default_rng(0)
    indices = list(range(len(made)))
    if change == "shifted":
        made.translate_sites(indices, [1 / size[0], 0, 0])
    if change == "drifted":
        made.translate_sites(indices, [0.123, 0.41, 0.03])
    if change == "permuted":
        made = Structure.from_sites([made[at] for at in rng.permutation(len(made))])
    if change == "wrapped":
        made = Structure(made.lattice, made.species, made.frac_coords - rng.integers(-2, 3, (len(made), 3)))
    if change == "rotated":
        made.apply_operation(SymmOp.from_axis_angle_and_translation([1, 2, 3], 50))
    if change == "displaced":
        # Random directions, 0.1 Å each, as relaxation would.
        steps = rng.normal(size=(len(made), 3))
        steps *= 0.1 / np.linalg.norm(steps, axis=1, keepdims=True)
        made = Structure(made.lattice, made.species, made.cart_coords + steps, coords_are_cartesian=True)
    if change == "strained":
        made.apply_strain([0.02, -0.01, 0.0])
    same(matscout.read_defects(host, made), matscout.read_defects(host, plain))


def test_a_cell_with_its_axes_exchanged_is_laid_on_the_host() -> None:
    made = with_three(GAAS, (3, 3, 3))
    turned = Structure(Lattice.from_parameters(*made.lattice.parameters), made.species, made.frac_coords)
    same(matscout.read_defects(GAAS, turned), matscout.read_defects(GAAS, made))


def test_another_vacuum_across_a_layer_changes_nothing() -> None:
    made = with_three()
    matrix = made.lattice.matrix.copy()
    matrix[2, 2] = 22.0
    wider = Structure(Lattice(matrix), made.species, made.cart_coords, coords_are_cartesian=True)
    same(matscout.read_defects(MOS2, wider), matscout.read_defects(MOS2, made))


def test_a_supercell_of_the_supercell_has_the_same_defects_in_each_cell() -> None:
    made = with_three()
    double = made.copy()
    double.make_supercell([2, 1, 1])
    assert words(matscout.read_defects(MOS2, double)) == Counter({name: 2 * n for name, n in EXPECTED.items()})


def test_a_host_that_is_a_supercell_itself_serves_as_well() -> None:
    assert words(matscout.read_defects(cell(size=(5, 5, 1)), with_three())) == EXPECTED


def test_an_antisite_pair_is_two_substitutions() -> None:
    made = cell(SALT, (2, 2, 2))
    numbers = np.array(made.atomic_numbers)
    made.replace(int(np.flatnonzero(numbers == 11)[0]), "Cl")
    made.replace(int(np.flatnonzero(numbers == 17)[0]), "Na")
    assert words(matscout.read_defects(SALT, made)) == Counter({"Cl(Na)": 1, "Na(Cl)": 1})


def test_an_adatom_above_a_layer_is_an_interstitial_at_its_place() -> None:
    made = cell()
    above = made[30].coords + np.array([0.0, 0.0, 6.0])
    made.append("Li", above, coords_are_cartesian=True)
    reading = matscout.read_defects(MOS2, made)
    assert words(reading) == Counter({"i(Li)": 1})
    again = as_materials([reading.defects.structures().to_pymatgen(0)])
    same(matscout.read_defects(MOS2, again), reading)
    assert len(again.structures.atomic_numbers) == 76  # type: ignore[union-attr]


def test_two_atoms_at_one_site_are_a_split_interstitial_and_flagged() -> None:
    made = cell(SALT, (2, 2, 2))
    made.append("Na", made[0].coords + np.array([0.9, 0.1, 0.0]), coords_are_cartesian=True)
    reading = matscout.read_defects(SALT, made)
    assert words(reading) == Counter({"i(Na)": 1})
    assert "split interstitial" in reading.problems[0].reason
    assert not reading.problems[0].dropped


def test_a_cell_without_defects_is_read() -> None:
    reading = matscout.read_defects(MOS2, cell())
    assert len(reading.defects.was) == 0
    assert reading.materials.formulas[0] == "MoS2: no defects"


def test_an_atom_off_its_site_is_refused_with_both_readings() -> None:
    made = cell()
    made.translate_sites([40], [0.95, 0.0, 0.0], frac_coords=False)
    with pytest.raises(InputError, match="an atom off its site \\(no defects\\), or beside it") as caught:
        matscout.read_defects(MOS2, made)
    assert "v(S)" in str(caught.value)
    assert "i(S)" in str(caught.value)
    assert words(matscout.read_defects(MOS2, made, tolerance=1.1)) == Counter()
    assert words(matscout.read_defects(MOS2, made, tolerance=0.8)) == Counter({"v(S)": 1, "i(S)": 1})


def test_a_strained_cell_is_refused_with_its_strain() -> None:
    made = with_three()
    made.apply_strain([0.05, 0.05, 0.0])
    with pytest.raises(InputError, match="strained by 5"):
        matscout.read_defects(MOS2, made)


def test_partial_occupancies_are_refused_by_row() -> None:
    made = cell()
    made.replace(40, {"S": 0.98, "Se": 0.02})
    reading = matscout.read_defects(MOS2, [with_three(), made])
    assert len(reading) == 1
    assert reading.problems[0].row == 2
    assert "shared or partly occupied" in reading.problems[0].reason


def test_another_crystal_is_refused() -> None:
    with pytest.raises(InputError, match=r"no supercell of MoS2|of their element in MoS2"):
        matscout.read_defects(MOS2, cell(SALT, (2, 2, 2)))


def test_the_host_is_one_structure() -> None:
    with pytest.raises(UsageError, match="one crystal structure"):
        matscout.read_defects("MoS2", with_three())
    with pytest.raises(UsageError, match="above 0"):
        matscout.read_defects(MOS2, with_three(), tolerance=0.0)


def test_cells_are_built_again_exactly() -> None:
    made = with_three()
    reading = matscout.read_defects(MOS2, made)
    again = reading.defects.structures().to_pymatgen(0)
    assert again.composition == made.composition
    apart = made.lattice.get_all_distances(made.frac_coords, again.frac_coords)
    nearest = apart.argmin(axis=1)
    assert apart.min(axis=1).max() < 1e-6
    assert np.array(again.atomic_numbers)[nearest].tolist() == list(made.atomic_numbers)
    same(matscout.read_defects(MOS2, again), reading)


def test_distances_are_those_of_pymatgen() -> None:
    for host, size in ((MOS2, (5, 5, 1)), (GAAS, (3, 3, 3)), (GAAS, (4, 2, 1))):
        reading = matscout.read_defects(host, with_three(host, size))
        defects, pairs = reading.defects, reading.pairs()
        lattice = Lattice(defects.cell_of(0))
        places = lattice.get_fractional_coords(defects.positions)
        for first, second, distance in zip(pairs.first, pairs.second, pairs.distances, strict=True):
            # Across a layer there are no images; these are nearer than its vacuum is wide.
            assert distance == pytest.approx(lattice.get_distance_and_image(places[first], places[second])[0], abs=1e-9)


def test_keys_are_equal_by_symmetry_only() -> None:
    base = cell()
    cells = []
    for pair in ((0, 1), (1, 2), (0, 2)):
        made = base.copy()
        made.remove_sites(pair)
        cells.append(made)
    keys = matscout.read_defects(MOS2, cells).defects.keys()
    assert keys[0] == keys[1] != keys[2]


def test_three_vacancies_round_an_atom_are_not_those_round_a_hollow() -> None:
    """Equal distances, other arrangement."""
    base = cell()
    metal = [at for at, site in enumerate(base) if site.specie.symbol == "Mo"]
    places = np.array([base[at].frac_coords * [5, 5, 1] for at in metal]).round(3)
    corner = places[0]
    points = np.mod(np.round(places - corner)[:, :2], 5).astype(int).tolist()
    lookup = {tuple(point): at for point, at in zip(points, metal, strict=True)}
    cells = []
    for third in ((1, 1), (0, -1)):
        made = base.copy()
        corners = [(0, 0), (1, 0), tuple(np.mod(third, 5))]
        made.remove_sites([lookup[one] for one in corners])
        cells.append(made)
    reading = matscout.read_defects(MOS2, cells)
    distances = reading.pairs().distances.reshape(2, 3)
    np.testing.assert_allclose(np.sort(distances[0]), np.sort(distances[1]), atol=1e-6)
    assert len({*reading.defects.keys().tolist()}) == 2
