"""What all force fields share, on a calculator that is a sum over neighbours and known in advance."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from pymatgen.core import Lattice, Structure

from matscout import extras, registry
from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.errors import MissingExtraError, UsageError
from matscout.represent.base import Embedding
from matscout.represent.descriptors.force_field import ForceFieldRepresentation
from matscout.represent.descriptors.force_field_chgnet import ForceFieldChgnet
from matscout.represent.descriptors.force_field_sevennet import ForceFieldSevennet

NETWORKS = (ForceFieldChgnet, ForceFieldSevennet)
PEROVSKITE = Structure(
    Lattice.cubic(3.9), ["Sr", "Ti", "O", "O", "O"],
    [[0.5, 0.5, 0.5], [0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0, 0, 0.5]],
)  # fmt: skip
TUNGSTEN = Structure(Lattice.cubic(3.165), ["W", "W"], [[0, 0, 0], [0.5, 0.5, 0.5]])


class Stub(Calculator):
    """Features of an atom: its number and its share of the volume; the energy is minus the sum of the numbers, eV."""

    implemented_properties = ("energy",)

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if 74 in atoms.numbers:
            raise ValueError("no tungsten here")
        self.results = {"energy": -float(atoms.numbers.sum())}

    def get_descriptors(self, atoms: Atoms) -> np.ndarray:
        return np.column_stack([atoms.numbers, np.full(len(atoms), atoms.cell.volume / len(atoms))])


def materials(*structures: Structure) -> Materials:
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return Materials(names, names, compositions_of(ragged), ragged)


def described(*structures: Structure) -> Embedding:
    return ForceFieldRepresentation(Stub()).represent(materials(*structures))


def test_mean_and_deviation_of_the_features_and_the_energy_per_atom():
    numbers, volume = np.array([38, 22, 8, 8, 8]), 3.9**3 / 5
    found = described(PEROVSKITE)
    assert found.columns == (
        "mean force field feature 1", "mean force field feature 2",
        "deviation force field feature 1", "deviation force field feature 2", "force field energy (eV/atom)",
    )  # fmt: skip
    expected = [numbers.mean(), volume, numbers.std(), 0.0, -numbers.mean()]
    np.testing.assert_allclose(found.vectors[0], expected, atol=1e-9)


def test_crystals_keep_their_vectors_in_company(monkeypatch):
    rng = np.random.default_rng(1)
    many = [
        Structure(Lattice.cubic(3 + size / 3), rng.choice(["Fe", "O"], size), rng.random((size, 3)))
        for size in range(1, 9)
    ]
    alone = np.concatenate([described(structure).vectors for structure in many])
    for sites in (1, 5, 1000):
        monkeypatch.setattr(ForceFieldRepresentation, "sites_at_once", sites)
        np.testing.assert_allclose(described(*many).vectors, alone, rtol=1e-12)


def test_what_the_calculator_refuses_costs_only_its_row():
    found = described(PEROVSKITE, TUNGSTEN)
    assert found.rows.tolist() == [0]
    assert found.problems[0].reason == "the calculator fails on it"


def test_a_calculator_may_be_an_address():
    made = ForceFieldRepresentation(f"{Stub.__module__}:Stub")
    np.testing.assert_array_equal(made.represent(materials(PEROVSKITE)).vectors, described(PEROVSKITE).vectors)
    assert made.get_params() == {"calculator": f"{Stub.__module__}:Stub", "element": "Si"}


@pytest.mark.parametrize("address", ["ase", "ase:Nothing", "no_such_package:Calculator", ":"])
def test_a_wrong_address_is_said_to_be_one(address):
    with pytest.raises(UsageError, match="no calculator could be made"):
        ForceFieldRepresentation(address).represent(materials(PEROVSKITE))


def test_it_says_that_it_needs_a_calculator_that_describes_atoms():
    for call in (
        lambda: ForceFieldRepresentation().represent(materials(PEROVSKITE)),
        lambda: ForceFieldRepresentation().columns,
    ):
        with pytest.raises(UsageError, match="needs a calculator"):
            call()
    assert "a calculator" in ForceFieldRepresentation.missing()
    assert not ForceFieldRepresentation.at_hand()
    with pytest.raises(UsageError, match="get_descriptors"):
        ForceFieldRepresentation(Calculator()).represent(materials(PEROVSKITE))


@pytest.mark.parametrize("made", NETWORKS)
def test_columns_are_known_without_the_package(made, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda package: None)
    columns = made().columns
    assert len(columns) == len(set(columns)) == 2 * made().width + 1
    assert columns[-1] == f"{made.title} energy (eV/atom)"


@pytest.mark.parametrize("made", NETWORKS)
def test_without_the_package_it_says_what_to_install(made, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda package: None)
    assert not made.at_hand()
    assert made.missing() == f"{made.packages[0]} (pip install 'matscout[{made.extra}]')"
    with pytest.raises(MissingExtraError, match=f"pip install 'matscout\\[{made.extra}\\]'"):
        made().represent(materials(PEROVSKITE))


@pytest.mark.parametrize("made", NETWORKS)
def test_everything_may_have_been_trained_on(made):
    assert made().seen(materials(PEROVSKITE, TUNGSTEN)).tolist() == [True, True]


def test_the_catalogue_says_what_they_learnt_from():
    lines = {plug_in.name: plug_in.summary for plug_in in registry.plug_ins("representations")}
    for name in ("force-field", "force-field-chgnet", "force-field-sevennet"):
        assert "trained on DFT energies" in lines[name]
