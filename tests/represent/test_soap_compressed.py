"""Weighted SOAP against weighted sums over DScribe's uncompressed one."""

import numpy as np
import pytest
from pymatgen.core import Lattice, Structure
from pymatgen.io.ase import AseAtomsAdaptor

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.soap_compressed import SoapCompressed

descriptors = pytest.importorskip("dscribe.descriptors")
CRYSTAL = Structure(Lattice.from_parameters(3.6, 4.3, 5.1, 81, 95, 103), ["Li", "Fe", "Li", "Fe"],
                    [[0.1, 0.1, 0.1], [0.6, 0.1, 0.3], [0.1, 0.6, 0.6], [0.55, 0.55, 0.9]])  # fmt: skip
PROPERTIES = {
    "electronegativity": {"Li": 0.98, "Fe": 1.83},
    "covalent radius": {"Li": 1.28, "Fe": 1.32},
    "valence electrons": {"Li": 1.0, "Fe": 8.0},
}
"""Pauling's; B. Cordero et al., doi:10.1039/b801115j (iron in its low spin), which Magpie's table has."""


def vectors(*structures: Structure) -> np.ndarray:
    return SoapCompressed().vectors(Crystals.from_structures(Structures.from_pymatgen(structures)))


def weighted(property_: str) -> np.ndarray:
    """Power spectra of all sites from those of pairs of elements, [sites, 50]."""
    maker = descriptors.SOAP(species=["Li", "Fe"], periodic=True, r_cut=6.0, n_max=4, l_max=4, sigma=0.5)
    whole, weights = maker.create(AseAtomsAdaptor.get_atoms(CRYSTAL)), PROPERTIES[property_]
    rows, columns = np.triu_indices(4)
    mixed = whole[:, maker.get_location(("Li", "Fe"))].reshape(-1, 5, 4, 4)
    total = weights["Li"] * weights["Fe"] * (mixed + mixed.transpose(0, 1, 3, 2))[:, :, rows, columns]
    for symbol in ("Li", "Fe"):
        same = whole[:, maker.get_location((symbol, symbol))].reshape(-1, 5, 10)
        total += weights[symbol] ** 2 * same
    return total.reshape(len(whole), -1)


@pytest.mark.parametrize("property_", PROPERTIES)
def test_heights_are_properties_of_elements(property_):
    found = dict(zip(SoapCompressed().columns, vectors(CRYSTAL)[0], strict=True))
    sites = weighted(property_)
    for statistic, expected in {"mean": sites.mean(axis=0), "deviation": sites.std(axis=0)}.items():
        values = [value for name, value in found.items() if name.startswith(f"{statistic} {property_} ")]
        np.testing.assert_allclose(values, expected, rtol=1e-6, atol=1e-7)


def test_only_what_is_not_known_of_an_element_is_blank():
    found = vectors(CRYSTAL, Structure(Lattice.cubic(4.0), ["Ar"], [[0, 0, 0]]))
    blank = [column.split(" ", 1)[1].startswith("electronegativity") for column in SoapCompressed().columns]
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).tolist() == blank
