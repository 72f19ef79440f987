"""Relaxations against those of ASE, what may change of a cell, and what fails alone."""

import numpy as np
import pytest
from ase import Atoms
from ase import build as ase_build
from ase.calculators.emt import EMT
from ase.filters import FrechetCellFilter, UnitCellFilter
from ase.optimize import FIRE
from tests.simulate.test_force_field import EMT_ADDRESS, calculator_of, disturbed, rare_gas

import matscout
from matscout.crystal.crystals import Crystals
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.remarks import codes
from matscout.simulate.choice import make_force_field
from matscout.simulate.energies import Energies
from matscout.simulate.force_field import ForceField
from matscout.simulate.force_fields.lennard_jones import LennardJones
from matscout.simulate.movers import MOST_SITES, Bfgs, Fire, mover_for
from matscout.simulate.relax_settings import RelaxSettings
from matscout.simulate.relaxation import relaxed_crystals

FMAX = 5e-4


def relaxed(atoms: list[Atoms], field="lennard-jones", **settings):
    return matscout.relax(Structures.from_ase(atoms), field, **{"fmax": FMAX, **settings})


def lattice(result, row: int = 0) -> np.ndarray:
    return result.materials.structures.lattices[row]


@pytest.fixture(scope="module")
def gases() -> list[Atoms]:
    return [rare_gas(symbol, seed) for seed, symbol in enumerate(["Ar", "Kr", "Xe", "Ar", "Kr"])]


def test_it_takes_the_steps_of_ase(gases):
    """The same equations with the same constants, so the same path to the last digits."""
    result = relaxed(gases, method="fire")
    for row, given in enumerate(gases):
        atoms = given.copy()
        atoms.calc = calculator_of(atoms.get_chemical_symbols()[0])
        steps = FIRE(UnitCellFilter(atoms), logfile=None)
        steps.run(fmax=FMAX, steps=500)
        assert result.steps[row] == steps.nsteps
        np.testing.assert_allclose(lattice(result, row), atoms.cell.array, atol=1e-8)
        assert abs(result.energies[row] - atoms.get_potential_energy() / len(atoms)) < 1e-10
    assert result.converged.all()
    assert (result.largest_force < FMAX).all()


def test_bfgs_ends_there_in_fewer_steps(gases):
    one, other = relaxed(gases, method="fire"), relaxed(gases)
    assert other.converged.all()
    np.testing.assert_allclose(other.energies, one.energies, atol=1e-5)
    assert other.steps.sum() < 0.7 * one.steps.sum()


def test_large_crystals_are_moved_by_fire():
    assert isinstance(mover_for("bfgs", MOST_SITES), Bfgs)
    assert isinstance(mover_for("bfgs", MOST_SITES + 1), Fire)
    assert isinstance(mover_for("fire", 2), Fire)


@pytest.mark.parametrize(("symbol", "constant"), [("Cu", 3.59), ("Al", 3.99), ("Pt", 3.92)])
def test_metals_have_the_lattice_constants_of_the_potential(symbol, constant):
    """Lattice constants of EMT: ASE's own relaxation, which is known to .01 Å."""
    atoms = disturbed(ase_build.bulk(symbol, cubic=True), 1)
    result = relaxed([atoms], EMT_ADDRESS, fmax=0.002)
    atoms.calc = EMT()
    FIRE(FrechetCellFilter(atoms), logfile=None).run(fmax=0.002, steps=500)
    assert abs(result.energies[0] - atoms.get_potential_energy() / 4) < 1e-4
    np.testing.assert_allclose(np.cbrt(np.linalg.det(lattice(result))), np.cbrt(atoms.get_volume()), atol=0.01)
    np.testing.assert_allclose(np.cbrt(np.linalg.det(lattice(result))), constant, atol=0.02)


def test_a_supercell_ends_like_its_cell():
    primitive = ase_build.bulk("Ar", "fcc", a=5.0)
    one, many = relaxed([primitive, primitive.repeat((2, 2, 1))]).energies
    assert abs(one - many) < 1e-7
    structures = relaxed([primitive, primitive.repeat((2, 2, 1))]).materials.structures
    volumes = np.linalg.det(structures.lattices) / np.diff(structures.offsets)
    np.testing.assert_allclose(volumes[0], volumes[1], rtol=1e-3)


def test_company_changes_nothing(gases, monkeypatch):
    alone = [relaxed([atoms]) for atoms in gases]
    for sites in (1, 8, 1000):
        monkeypatch.setattr(LennardJones, "sites_at_once", sites)
        together = relaxed(gases)
        np.testing.assert_allclose(together.energies, [one.energies[0] for one in alone], atol=1e-10)
        assert together.steps.tolist() == [one.steps[0] for one in alone]


def test_crystals_are_taken_only_when_there_is_room(gases, monkeypatch):
    monkeypatch.setattr(LennardJones, "sites_at_once", 8)
    crystals, taken = Crystals.from_structures(Structures.from_ase(gases)), []

    def source():
        for row in range(len(crystals)):
            taken.append(row)
            yield crystals[np.array([row])]

    first = next(relaxed_crystals(source(), make_force_field("lennard-jones"), RelaxSettings(fmax=FMAX)))
    assert first.converged
    assert taken == [0, 1]


def test_a_fixed_cell_stays(gases):
    result = relaxed(gases[:1], cell="fixed")
    np.testing.assert_array_equal(lattice(result), gases[0].cell.array)
    assert result.volume_change.tolist() == [0.0]
    assert result.energies[0] > relaxed(gases[:1]).energies[0]


def test_a_cell_of_constant_volume_changes_its_shape(gases):
    result = relaxed(gases[:1], cell="shape")
    before, after = np.linalg.det(gases[0].cell.array), np.linalg.det(lattice(result))
    assert abs(after / before - 1) < 1e-12
    assert not np.allclose(lattice(result), gases[0].cell.array, atol=0.01)


def test_a_cell_of_constant_shape_changes_its_volume(gases):
    result = relaxed(gases[:1], cell="volume")
    ratio = lattice(result) @ np.linalg.inv(gases[0].cell.array)
    np.testing.assert_allclose(ratio, ratio[0, 0] * np.eye(3), atol=1e-10)
    assert abs(result.volume_change[0] - (ratio[0, 0] ** 3 - 1)) < 1e-9


def test_an_outer_pressure_is_met(gases):
    result = relaxed(gases[:1], pressure=0.5, fmax=1e-5, steps=2000)
    stress = make_force_field("lennard-jones").evaluate(result.materials.structures).stress[0]
    np.testing.assert_allclose(stress, -0.5 * np.eye(3), atol=1e-3)
    assert result.volume_change[0] < -0.1


def test_symmetry_is_kept_where_it_is_asked_for():
    """Body-centred argon is a saddle: it ends as a close packing unless its symmetry is kept."""
    cubic = ase_build.bulk("Ar", "bcc", a=4.2, cubic=True)
    kept = relaxed([cubic], keep_symmetry=True)
    assert kept.space_groups_after == ("Im-3m",)
    assert kept.converged.all()
    strained = cubic.copy()
    strained.set_cell(cubic.cell.array * [1.05, 0.98, 0.98], scale_atoms=True)
    assert relaxed([strained]).energies[0] < kept.energies[0] - 1e-3


def test_no_steps_give_the_energies_as_they_are(gases):
    result = relaxed(gases[:2], steps=0)
    answer = make_force_field("lennard-jones").evaluate(Structures.from_ase(gases[:2]))
    np.testing.assert_allclose(result.energies, answer.energy / 4)
    np.testing.assert_allclose(lattice(result), gases[0].cell.array)
    assert not result.converged.any()
    assert "not converged after 0 steps" in result.reasons[0]
    assert [problem.dropped for problem in result.problems] == [False, False]


class Faulty(LennardJones):
    """Fails as networks do: a whole batch, for one crystal of it."""

    def slopes(self, crystals, pairs):
        if 36 in crystals.atomic_numbers:
            raise RuntimeError("not enough memory\nfor krypton")
        energy, slopes = super().slopes(crystals, pairs)
        energy[[54 in crystals[np.array([row])].atomic_numbers for row in range(len(crystals))]] = np.nan
        return energy, slopes


def test_what_fails_is_given_up_alone(gases):
    crowded = rare_gas("Ar")
    crowded.positions[0] = crowded.positions[1] + [0.3, 0, 0]
    apart = ase_build.bulk("Ar", "fcc", a=40.0)
    iron = ase_build.bulk("Fe")
    others = [*gases[:3], crowded, apart, iron]
    result = relaxed(others, Faulty())
    assert np.isfinite(result.energies).tolist() == [True, False, False, False, False, False]
    wanted = ["", "Lennard-Jones fails: not enough memory", "gives no number for it", "eV/Å: its atoms are too close",
              "no other one within 12 Å", "does not know Fe"]  # fmt: skip
    assert all(reason in given for reason, given in zip(wanted, result.reasons, strict=True))
    assert [problem.row for problem in result.problems] == [2, 3, 4, 5, 6]
    assert all(problem.dropped for problem in result.problems)
    assert abs(result.energies[0] - relaxed(gases[:1]).energies[0]) < 1e-10
    # Those that were given up keep the structure that was given.
    np.testing.assert_array_equal(lattice(result, 3), crowded.cell.array)


class Repelling(ForceField):
    """Pushes the cell apart, without end."""

    title = "Repelling"

    def batch(self, crystals: Crystals) -> Energies:
        n = len(crystals)
        stress = np.tile(-100.0 * np.eye(3), (n, 1, 1))
        return Energies(-crystals.volumes, np.zeros((len(crystals.fractional), 3)), stress)


def test_what_explodes_is_given_up(gases):
    result = relaxed(gases[:2], Repelling())
    assert all("it explodes: its volume is 4" in reason for reason in result.reasons)
    assert np.isnan(result.energies).all()


def test_the_time_limit_ends_a_structure(gases):
    result = relaxed(gases[:2], time_limit=1e-9, fmax=1e-9)
    assert all("the time limit of 1e-09 s is over after 0 steps" in reason for reason in result.reasons)


def test_what_is_doubtful_is_marked():
    loose = ase_build.bulk("Ar", "fcc", a=6.4, cubic=True)
    pair = Atoms("Ar2", positions=[[0, 0, 0], [3.5, 0, 0]])
    charged = ase_build.bulk("Ar", "fcc", a=5.25)
    charged.info["charge"] = 1.0
    result = relaxed([loose, pair, charged])
    assert [codes(warnings) for warnings in result.warnings] == [
        ["volume-changed"],
        ["not-periodic"],
        ["charge-ignored"],
    ]
    assert result.converged.all()


class Untrained(LennardJones):
    elements = (36,)


def test_elements_that_it_was_not_trained_on_are_marked(gases):
    result = relaxed(gases[:2], Untrained(), steps=0)
    assert [codes(warnings) for warnings in result.warnings] == [["untrained-elements"], []]
    assert str(result.warnings[0][0]) == "Lennard-Jones was not trained on Ar"


def test_lost_symmetry_and_close_atoms_are_marked():
    from matscout.crystal.space_groups import space_group
    from matscout.simulate.relax_warnings import relax_warnings

    cubic, squeezed = ase_build.bulk("Ar", "fcc", a=5.3, cubic=True), ase_build.bulk("Ar", "fcc", a=2.0)
    moved = cubic.copy()
    moved.positions[0] += [0.4, 0.1, 0.2]
    one, other, close = (Crystals.from_structures(Structures.from_ase([atoms])) for atoms in (cubic, moved, squeezed))
    field, group = make_force_field("lennard-jones"), space_group(one, 0)
    (lost,) = relax_warnings(field, other, 0.0, (group, space_group(other, 0)))
    assert (lost.code, str(lost)) == ("symmetry-lost", "its symmetry went from Fm-3m to P1")
    (near,) = relax_warnings(field, close, 0.0, (group, group))
    assert (near.code, str(near)) == ("atoms-close", "its atoms Ar (1) and Ar (1) are 1.41 Å apart")


def test_the_table_has_a_row_for_each(gases):
    structures = Structures.from_ase(gases)
    names = np.array([f"g{row}" for row in range(len(gases))])
    result = matscout.relax(Materials(names, names, compositions_of(structures), structures), "lennard-jones")
    frame = result.to_frame()
    assert frame["id"].to_list() == names.tolist()
    assert frame["energy scheme"].unique().to_list() == ["unknown"]
    assert repr(result).startswith("Relaxed: 5 materials, 5 converged, by lennard-jones")


def test_formulas_are_refused():
    with pytest.raises(UsageError, match="relaxing needs structures"):
        matscout.relax(["NaCl"], "lennard-jones")


def test_settings_are_checked(gases):
    with pytest.raises(UsageError, match="fmax"):
        relaxed(gases[:1], fmax=-1)
    with pytest.raises(UsageError, match="pressure"):
        relaxed(gases[:1], pressur=1)
