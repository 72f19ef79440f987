"""The contrasts against plain loops over bonds and sites, and crystals that differ only in who sits where."""

from __future__ import annotations

import numpy as np
import pytest
from pymatgen.core import Element, Lattice, Structure

from matscout.crystal.crystals import Crystals
from matscout.data.structures import Structures
from matscout.represent.descriptors.site_contrasts import CUTOFF, SiteContrasts

PEROVSKITE = [[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]


def columns_of(structure: Structure) -> dict[str, float]:
    crystals = Crystals.from_structures(Structures.from_pymatgen([structure]))
    return dict(zip(SiteContrasts().columns, SiteContrasts().vectors(crystals)[0], strict=True))


def perovskite(*symbols: str) -> Structure:
    return Structure(Lattice.cubic(4.0), symbols, PEROVSKITE)


def weights_of(site: int, structure: Structure, radii: list[float]) -> tuple[list[float], list[int], list[float]]:
    """Hoppe's weights on lengths in sums of radii, neighbours and lengths of one site."""
    near = structure.get_neighbors(structure[site], CUTOFF)
    scaled = np.array([n.nn_distance / (radii[site] + radii[n.index]) for n in near])
    shares = np.exp(1 - (scaled / scaled.min()) ** 6)
    mean = (shares * scaled).sum() / shares.sum()
    return np.exp(1 - (scaled / mean) ** 6).tolist(), [n.index for n in near], [n.nn_distance for n in near]


def test_columns_equal_loops_over_bonds_and_sites() -> None:
    structure = Structure(
        Lattice.from_parameters(4.1, 5.0, 6.2, 80, 95, 103),
        ["Li", "Fe", "O", "O", "Si"],
        [[0, 0, 0], [0.5, 0.45, 0.5], [0.5, 0.1, 0.2], [0.1, 0.6, 0.4], [0.75, 0.8, 0.85]],
    )
    radius = {"Li": 1.28, "Fe": 1.32, "O": 0.66, "Si": 1.11}
    symbols = [site.specie.symbol for site in structure]
    values = np.array([Element(symbol).X for symbol in symbols])
    around = values - values.mean()
    coordination, length, difference, product = [], [], [], []
    for site in range(len(structure)):
        weights, indices, lengths = weights_of(site, structure, [radius[symbol] for symbol in symbols])
        total = sum(weights)
        coordination.append(total)
        length.append(sum(w * d for w, d in zip(weights, lengths, strict=True)) / total)
        difference.append(sum(w * abs(values[site] - values[i]) for w, i in zip(weights, indices, strict=True)) / total)
        product.append(sum(w * around[site] * around[i] for w, i in zip(weights, indices, strict=True)) / total)
    many = np.array(coordination) / np.mean(coordination) - 1
    counted = np.exp(4 * many)
    expected = {
        "difference along bonds, Electronegativity": np.mean(difference),
        "product along bonds, Electronegativity": np.mean(product),
        "with coordination, Electronegativity": np.mean(around * many),
        "with bond length, Electronegativity": np.mean(around * (np.array(length) - np.mean(length))),
        "of the most coordinated sites, Electronegativity": (values * counted).sum() / counted.sum(),
    }
    found = columns_of(structure)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-4)


def test_elements_that_change_places_are_told_apart() -> None:
    usual, swapped = (
        columns_of(perovskite("Sr", "Ti", "O", "O", "O")),
        columns_of(perovskite("Ti", "Sr", "O", "O", "O")),
    )
    top = "of the most coordinated sites, CovalentRadius"
    assert usual[top] > swapped[top] + 20.0
    assert usual["with coordination, CovalentRadius"] > swapped["with coordination, CovalentRadius"]


def test_one_element_has_no_contrasts() -> None:
    found = columns_of(Structure(Lattice.cubic(3.0), ["Fe", "Fe"], [[0, 0, 0], [0.5, 0.5, 0.5]]))
    contrasts = {name: value for name, value in found.items() if not name.startswith("of the most coordinated")}
    assert contrasts == pytest.approx(dict.fromkeys(contrasts, 0.0), abs=1e-9)
    assert found["of the most coordinated sites, Electronegativity"] == pytest.approx(1.83)
