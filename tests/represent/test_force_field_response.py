"""Moduli and vibrations of crystals as CHGNet sees them, against its own stresses and against experiment."""

import warnings

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure

pytest.importorskip("chgnet", reason="pip install 'matscout[mlff]'")
pytest.importorskip("phonopy", reason="pip install 'matscout[mlff]'")

from matscout.data.materials import Materials
from matscout.data.structure_compositions import compositions_of
from matscout.data.structures import Structures
from matscout.represent.base import Embedding
from matscout.represent.descriptors.force_field_response import ForceFieldResponse
from matscout.simulate.elastic_response import STRAIN

# `make slow` installs what they need.
pytestmark = pytest.mark.slow

SALT = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.69), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]])
SILICON = Structure.from_spacegroup("Fd-3m", Lattice.cubic(5.47), ["Si"], [[0, 0, 0]])
MAGNESIA = Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.25), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
IRON = Structure.from_spacegroup("Im-3m", Lattice.cubic(2.84), ["Fe"], [[0, 0, 0]])


def represented(*structures: Structure) -> Embedding:
    ragged = Structures.from_pymatgen(structures)
    names = np.arange(len(structures)).astype(np.str_)
    return ForceFieldResponse().represent(Materials(names, names, compositions_of(ragged), ragged))


@pytest.mark.parametrize("structure", [SALT, SILICON, MAGNESIA], ids=["NaCl", "Si", "MgO"])
def test_bulk_modulus_is_the_change_of_the_pressure(structure):
    """By the package's own stress of slightly larger and smaller cells; its energies are not smooth, hence 12 %."""
    from chgnet.model.model import CHGNet

    network = CHGNet.load(use_device="cpu", verbose=False)
    cells = [structure.copy() for _ in range(2)]
    for cell, change in zip(cells, (-STRAIN, STRAIN), strict=True):
        cell.apply_strain(change)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Converting a tensor with requires_grad", UserWarning)
        pressures = [-np.trace(network.predict_structure(cell, task="efs")["s"]) / 3 for cell in cells]
    expected = (pressures[0] - pressures[1]) / np.log(cells[1].volume / cells[0].volume)
    assert 10 ** represented(structure).vectors[0, 0] == pytest.approx(expected, rel=0.12)


def test_diamond_has_one_optical_mode_three_times_and_a_metal_of_one_atom_none():
    """Silicon's Raman line lies at 15.6 THz; CHGNet is known to be too soft."""
    found = represented(SILICON, IRON)
    lowest, mean, highest = found.vectors[0, 2:]
    assert lowest == pytest.approx(highest, rel=1e-3)
    assert mean == pytest.approx(highest, rel=1e-3)
    assert 9.0 < highest < 16.0
    assert np.isnan(found.vectors[1, 2:]).all()
    assert np.isfinite(found.vectors[1, :2]).all()


def test_stiffer_is_stiffer():
    found = represented(SALT, SILICON, IRON)
    assert (np.diff(found.vectors[:, 0]) > 0).all()
