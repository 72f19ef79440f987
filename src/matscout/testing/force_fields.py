"""What every force field must do, whoever wrote it: forces and stresses are slopes of its energy, in any company.

Crystals are rock salt of two elements that it computes, with moved atoms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.crystals import Crystals
from matscout.data.elements import N_ELEMENTS
from matscout.simulate.choice import make_force_field
from matscout.simulate.energies import GIGAPASCAL
from matscout.simulate.energy_schemes import EnergyScheme
from matscout.simulate.relaxing_batch import joined_crystals
from matscout.simulate.rock_salt import rock_salt
from matscout.testing.contract import Contract

Floats = NDArray[np.float64]

STEP = 0.02
"""Å, and as a strain a tenth of it: smaller ones drown in the rounding of single precision."""


def strained_by(crystal: Crystals, strain: Floats) -> Crystals:
    """With another lattice, atoms at the same fractions."""
    return replace(crystal, lattices=crystal.lattices @ (np.eye(3) + strain))


class ForceFieldContract(Contract):
    """Energies add up, and forces and stresses are their slopes."""

    family = "force-fields"

    def test_it_describes_itself(self, name: str) -> None:
        field = make_force_field(name)
        assert field.title
        assert field.licence
        assert field.scheme in get_args(EnergyScheme)
        assert field.weights.version
        assert field.weights == make_force_field(name).weights
        for numbers in (field.elements, field.computes):
            assert numbers is None or set(numbers) <= set(range(1, N_ELEMENTS + 1))
        assert set(field.elements or ()) <= set(field.computes or field.elements or ())

    def test_forces_are_slopes_of_the_energy(self, name: str) -> None:
        field = make_force_field(name)
        crystal, rng = rock_salt(field), np.random.default_rng(1)
        forces = field.evaluate(crystal).forces
        np.testing.assert_allclose(forces.sum(axis=0), 0.0, atol=1e-3)
        way = rng.normal(0.0, 1.0, forces.shape)
        way /= np.linalg.norm(way)
        there = np.einsum("si,ij->sj", way * STEP, np.linalg.inv(crystal.lattices[0]))
        ahead, behind = (
            field.evaluate(replace(crystal, fractional=crystal.fractional + sign * there)).energy[0] for sign in (1, -1)
        )
        slope = (ahead - behind) / (2.0 * STEP)
        assert abs(slope + (forces * way).sum()) < 0.01 * np.linalg.norm(forces) + 2e-3

    def test_the_stress_is_the_slope_of_the_energy(self, name: str) -> None:
        field = make_force_field(name)
        crystal, h = rock_salt(field), STEP / 10.0
        stress = field.evaluate(crystal).stress[0]
        np.testing.assert_allclose(stress, stress.T, atol=1e-6)
        for strain in np.random.default_rng(2).normal(0.0, 1.0, (3, 3, 3)):
            symmetric = (strain + strain.T) / 2.0
            ahead, behind = (field.evaluate(strained_by(crystal, sign * h * symmetric)).energy[0] for sign in (1, -1))
            slope = (ahead - behind) / (2.0 * h) / crystal.volumes[0] * GIGAPASCAL
            assert abs(slope - (stress * symmetric).sum()) < 0.03 * np.abs(stress).max() + 0.02

    def test_features_come_with_the_same_energies(self, name: str) -> None:
        field = make_force_field(name)
        pair = joined_crystals([rock_salt(field), rock_salt(field, repeats=2)])
        sites = field.sites(pair)
        if sites is not None:
            features, energies = sites
            assert len(features) == len(pair.fractional)
            assert np.isfinite(features).all()
            np.testing.assert_allclose(energies, field.evaluate(pair).energy, atol=1e-4)

    def test_a_supercell_has_the_energy_of_its_cells(self, name: str) -> None:
        field = make_force_field(name)
        one, two = (field.evaluate(rock_salt(field, repeats=repeats)) for repeats in (1, 2))
        assert abs(two.energy[0] - 2.0 * one.energy[0]) < 1e-5 * 16
        np.testing.assert_allclose(two.forces, np.tile(one.forces, (2, 1)), atol=1e-4)
        np.testing.assert_allclose(two.stress, one.stress, atol=1e-3)

    def test_turning_and_moving_change_nothing(self, name: str) -> None:
        field = make_force_field(name)
        crystal = rock_salt(field)
        turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
        turned = replace(
            crystal, lattices=crystal.lattices @ turn, fractional=crystal.fractional + np.array([0.3, 0.1, 0.7])
        )
        one, other = field.evaluate(crystal), field.evaluate(turned)
        assert abs(one.energy[0] - other.energy[0]) < 1e-5 * 8
        np.testing.assert_allclose(other.forces, one.forces @ turn, atol=1e-3)
        np.testing.assert_allclose(other.stress[0], turn.T @ one.stress[0] @ turn, atol=0.01)

    def test_crystals_keep_their_energies_in_company(self, name: str) -> None:
        field = make_force_field(name)
        alone = [field.evaluate(rock_salt(field, seed)) for seed in range(3)]
        together = field.evaluate(joined_crystals([rock_salt(field, seed) for seed in range(3)]))
        np.testing.assert_allclose(together.energy, [one.energy[0] for one in alone], atol=1e-5 * 8)
        np.testing.assert_allclose(together.forces, np.concatenate([one.forces for one in alone]), atol=2e-4)

    def test_what_it_cannot_compute_costs_only_itself(self, name: str) -> None:
        field = make_force_field(name)
        good = rock_salt(field)
        on_top = replace(good, fractional=np.zeros_like(good.fractional) + np.arange(8)[:, None] * 1e-4)
        answer = field.evaluate(joined_crystals([on_top, good]))
        assert np.isnan(answer.energy).tolist() == [True, False]
        assert [problem.row for problem in answer.problems] == [1]
        np.testing.assert_allclose(answer.forces[8:], field.evaluate(good).forces, atol=2e-4)
