"""A force field with a curl is caught, one that is the slope of an energy is not."""

import numpy as np
import pytest
from ase import build as ase_build
from ase import units
from tests.simulate.test_force_field import rare_gas

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.simulate.choice import make_force_field
from matscout.simulate.conservation import conservation
from matscout.simulate.force_fields.lennard_jones import LennardJones
from matscout.simulate.thermostats import ACCELERATION, BOLTZMANN
from matscout.simulate.verlet import energy_trace


@pytest.fixture(scope="module")
def argon() -> Crystals:
    return Crystals.from_structures(Structures.from_ase([rare_gas("Ar")]))


class Whirling(LennardJones):
    """Lennard-Jones, and forces that turn around an axis: they are the slopes of no energy."""

    def slopes(self, crystals, pairs):
        energy, slopes = super().slopes(crystals, pairs)
        near = pairs.distances < 4.5
        return energy, slopes + 0.01 * near[:, None] * np.cross([0.0, 0.0, 1.0], pairs.vectors)


def test_lennard_jones_is_conservative(argon):
    found = conservation(make_force_field("lennard-jones"), argon)
    assert found.conservative
    assert found.asymmetry < found.floor
    assert found.force_error < 1e-4
    assert abs(found.drift) < 1e-4
    assert found.scatter < 0.02 * found.kinetic_scatter
    assert "is conservative" in repr(found)


def test_a_whirl_is_caught(argon):
    found = conservation(Whirling(), argon)
    assert found.asymmetry > 0.01
    assert abs(found.drift) > 0.001
    assert not found.conservative
    assert "is not conservative" in found.verdict


def test_forces_that_never_change_are_symmetric(argon):
    """One atom in its own copies feels none wherever it is."""
    alone = Crystals.from_structures(Structures.from_ase([ase_build.bulk("Ar", "fcc", a=5.3)]))
    assert conservation(make_force_field("lennard-jones"), alone).asymmetry == 0.0


def test_units_are_those_of_ase():
    assert abs(BOLTZMANN / units.kB - 1) < 1e-6
    assert abs(ACCELERATION / units.fs**2 - 1) < 1e-6


def test_the_path_is_that_of_ase(argon):
    from ase.md.verlet import VelocityVerlet
    from tests.simulate.test_force_field import calculator_of

    trace = energy_trace(make_force_field("lennard-jones"), argon, temperature=40.0, step=5.0, steps=50, seed=3)
    atoms = rare_gas("Ar")
    atoms.calc = calculator_of("Ar")
    masses = atoms.get_masses()[:, None]
    drawn = np.random.default_rng([3, 0]).normal(0.0, 1.0, (4, 3)) * np.sqrt(units.kB * 40.0 / masses)
    atoms.set_velocities(drawn - (masses * drawn).sum(axis=0) / masses.sum())
    VelocityVerlet(atoms, timestep=5.0 * units.fs).run(50)
    # Masses of pymatgen and ASE differ in the fifth digit.
    assert abs(trace.potential[-1] - atoms.get_potential_energy() / 4) < 1e-5
    assert abs(trace.kinetic[-1] - atoms.get_kinetic_energy() / 4) < 1e-5


def test_a_crystal_without_energy_is_an_error():
    lonely = rare_gas("Ar")
    lonely.set_cell(lonely.cell.array * 10, scale_atoms=True)
    with pytest.raises(ValueError, match="no other one within"):
        conservation(make_force_field("lennard-jones"), Crystals.from_structures(Structures.from_ase([lonely])))


@pytest.mark.slow
def test_chgnet_is_conservative():
    pytest.importorskip("chgnet", reason="pip install 'matscout[chgnet]'")
    from matscout.simulate.rock_salt import rock_salt

    field = make_force_field("chgnet")
    found = conservation(field, rock_salt(field))
    assert found.conservative
    assert found.asymmetry < 0.02
