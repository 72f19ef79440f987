"""Energies, forces and stresses against the calculators of ASE and of the packages."""

import numpy as np
import pytest
from ase import Atoms
from ase import build as ase_build
from ase.calculators.calculator import Calculator, all_changes
from ase.calculators.emt import EMT
from ase.calculators.lj import LennardJones
from pymatgen.core import Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.errors import UsageError
from matscout.simulate.choice import make_force_field
from matscout.simulate.energies import GIGAPASCAL, Energies
from matscout.simulate.force_fields.lennard_jones import LennardJones as RareGases

EMT_ADDRESS = "ase.calculators.emt:EMT"
SOLIDS = {"Ar": (5.3, 0.0104, 3.40), "Kr": (5.6, 0.0140, 3.65), "Xe": (6.2, 0.0200, 3.98), "Ne": (4.4, 0.0031, 2.74)}


def disturbed(atoms: Atoms, seed: int) -> Atoms:
    """Moved by about .1 Å, and strained by some hundredths."""
    atoms.rattle(0.1, seed=seed)
    strain = np.random.default_rng(seed).normal(0, 0.02, (3, 3))
    atoms.set_cell(atoms.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    return atoms


def rare_gas(symbol: str, seed: int = 0) -> Atoms:
    return disturbed(ase_build.bulk(symbol, "fcc", a=SOLIDS[symbol][0], cubic=True), seed)


def calculator_of(symbol: str) -> LennardJones:
    _, depth, length = SOLIDS[symbol]
    return LennardJones(epsilon=depth, sigma=length, rc=12.0, ro=8.0, smooth=True)


def agrees(given: Structures, answer: Energies, calculators, *, energy: float, force: float, stress: float) -> None:
    """With the calculators of ASE: eV/atom, eV/Å and GPa."""
    forces = np.split(answer.forces, given.offsets[1:-1])
    for row, calculator in enumerate(calculators):
        atoms = given.to_ase(row)
        atoms.calc = calculator
        assert abs(atoms.get_potential_energy() - answer.energy[row]) / len(atoms) < energy
        np.testing.assert_allclose(forces[row], atoms.get_forces(), atol=force)
        if atoms.pbc.all():
            np.testing.assert_allclose(answer.stress[row], atoms.get_stress(voigt=False) * GIGAPASCAL, atol=stress)


def test_lennard_jones_is_that_of_ase():
    given = Structures.from_ase([rare_gas(symbol) for symbol in SOLIDS])
    answer = make_force_field("lennard-jones").evaluate(given)
    agrees(given, answer, map(calculator_of, SOLIDS), energy=1e-12, force=1e-12, stress=1e-10)


def test_a_molecule_has_no_stress():
    pair = Atoms("Ar2", positions=[[0, 0, 0], [3.5, 0, 0]])
    given = Structures.from_ase([pair, rare_gas("Ar")])
    answer = make_force_field("lennard-jones").evaluate(given)
    agrees(given, answer, [calculator_of("Ar")] * 2, energy=1e-12, force=1e-12, stress=1e-10)
    assert np.isnan(answer.stress).all(axis=(1, 2)).tolist() == [True, False]
    assert not answer.problems


def test_a_calculator_by_its_address():
    metals = [disturbed(ase_build.bulk(symbol, cubic=True), seed) for seed, symbol in enumerate(["Cu", "Al", "Pt"])]
    given = Structures.from_ase(metals)
    field = make_force_field(EMT_ADDRESS)
    agrees(given, field.evaluate(given), [EMT() for _ in metals], energy=1e-12, force=1e-12, stress=1e-10)
    assert field.scheme == "unknown"
    assert field.name == EMT_ADDRESS


def test_what_a_calculator_refuses_is_reported_in_its_words():
    given = Structures.from_ase([ase_build.bulk("Cu"), ase_build.bulk("Fe"), ase_build.bulk("Al")])
    answer = make_force_field(EMT_ADDRESS).evaluate(given)
    (problem,) = answer.problems
    assert problem.row == 2
    assert problem.reason == "the calculator refuses it: No EMT-potential for Fe"
    assert np.isnan(answer.energy).tolist() == [False, True, False]


class OfScheme(Calculator):
    """A calculator that states its scheme and has no stress."""

    implemented_properties = ("energy", "forces")

    def __init__(self, scheme: str = "r2scan") -> None:
        super().__init__()
        self.energy_scheme = scheme

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.results = {"energy": 1.0, "forces": np.zeros((len(atoms), 3))}


def test_a_calculator_may_state_its_scheme():
    assert make_force_field(OfScheme()).scheme == "r2scan"
    with pytest.raises(UsageError, match="which is none of corrected-mp2020"):
        make_force_field(OfScheme("PBE"))


def test_a_calculator_without_stress_has_energies():
    answer = make_force_field(OfScheme()).evaluate(Structures.from_ase([ase_build.bulk("Cu")]))
    assert answer.energy.tolist() == [1.0]
    assert np.isnan(answer.stress).all()
    assert not answer.problems


class FailsForKrypton(RareGases):
    """A force field whose package breaks down over one crystal, and so over each batch with it."""

    def batch(self, crystals):
        if (crystals.atomic_numbers == 36).any():
            raise MemoryError("too many neighbours")
        return super().batch(crystals)


def test_one_crystal_that_breaks_a_batch_costs_only_itself():
    given = Structures.from_ase([rare_gas(symbol) for symbol in ("Ar", "Kr", "Ar")])
    answer = FailsForKrypton().evaluate(given)
    assert np.isfinite(answer.energy).tolist() == [True, False, True]
    (problem,) = answer.problems
    assert (problem.row, "too many neighbours" in problem.reason) == (2, True)


REFUSED = {
    "partly occupied": Structure(Lattice.cubic(5.3), [{"Ar": 0.5}], [[0, 0, 0]]),
    "does not know Fe": Structure(Lattice.cubic(3.0), ["Fe"], [[0, 0, 0]]),
    "0.01 Å apart": Structure(Lattice.cubic(5.0), ["Ar", "Ar"], [[0, 0, 0], [0.002, 0, 0]]),
    "Ar (1) has no other one within 12 Å": Structure(Lattice.cubic(30.0), ["Ar"], [[0, 0, 0]]),
}


def test_what_cannot_be_computed_has_a_reason():
    given = Structures.from_pymatgen(list(REFUSED.values()))
    answer = make_force_field("lennard-jones").evaluate(given)
    assert np.isnan(answer.energy).all()
    for reason, problem in zip(REFUSED, answer.problems, strict=True):
        assert reason in problem.reason
        assert problem.advice


def test_a_row_without_a_structure_has_a_reason():
    given = Structures.from_ase([rare_gas("Ar")]).spread(np.array([1]), 2)
    answer = make_force_field("lennard-jones").evaluate(given)
    assert [problem.row for problem in answer.problems] == [1]
    assert np.isfinite(answer.energy).tolist() == [False, True]


@pytest.mark.parametrize("given", ["no-such-field", "ase:Nothing", 7])
def test_what_is_no_force_field_is_refused(given):
    with pytest.raises(UsageError):
        make_force_field(given)


def random_structure(seed: int) -> Structure:
    """Up to nine atoms near the points of a grid, without any symmetry."""
    rng = np.random.default_rng(seed)
    lattice = Lattice.from_parameters(*rng.uniform(4.5, 5.0, 3), *rng.uniform(75, 105, 3))
    places = np.argwhere(np.ones((2, 2, 2)))[rng.permutation(8)[: rng.integers(2, 9)]] / 2
    return Structure(
        lattice, rng.choice(["Li", "Fe", "O", "S", "La"], len(places)), places + rng.uniform(-0.05, 0.05, places.shape)
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["chgnet", "7net-0", "7net-l3i5"])
def test_networks_are_those_of_their_packages(name):
    given = Structures.from_pymatgen([random_structure(seed) for seed in range(12)])
    if name == "chgnet":
        pytest.importorskip("chgnet", reason="pip install 'matscout[chgnet]'")
        from chgnet.model.dynamics import CHGNetCalculator

        calculator = CHGNetCalculator(use_device="cpu")
    else:
        pytest.importorskip("sevenn", reason="pip install 'matscout[sevennet]'")
        from sevenn.calculator import SevenNetCalculator

        calculator = SevenNetCalculator(name, device="cpu")
    answer = make_force_field(name).evaluate(given)
    # Energies of ten and more eV in single precision: the packages' own sums are uncertain by 1e-6.
    agrees(given, answer, [calculator] * len(given), energy=3e-6, force=1e-4, stress=2e-3)


@pytest.mark.slow
def test_networks_refuse_an_atom_alone():
    pytest.importorskip("chgnet", reason="pip install 'matscout[chgnet]'")
    alone = Structures.from_pymatgen([Structure(Lattice.cubic(20.0), ["Si"], [[0, 0, 0]])])
    (problem,) = make_force_field("chgnet").evaluate(alone).problems
    assert "no other one within 6 Å" in problem.reason


def test_energies_of_crystals_are_those_of_structures():
    given = Structures.from_ase([rare_gas("Ar")])
    field = make_force_field("lennard-jones")
    np.testing.assert_array_equal(field.evaluate(given).energy, field.evaluate(Crystals.from_structures(given)).energy)
