"""Formation energies of the Materials Project before 2020, brought to the corrections of 2020 (MP2020).

E_f(2020) = E_f(before) + (C(2020) - C(before)) / N + sum of x_i (mu_i(before) - mu_i): the calculated energies stay,
the corrections C are exchanged, and so are the energies mu of H, N, F and Cl, which were adjusted before 2020. Jain et
al. (2011), DOI 10.1103/PhysRevB.84.045115; the numbers are in ``mp2020.json``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matscout.data.elements import ATOMIC_NUMBERS
from matscout.data.materials import Materials
from matscout.simulate.element_energies import ElementEnergies
from matscout.simulate.mp2020 import (
    correction,
    correction_table,
    kinds_by_structure,
    oxide_of_formula,
    sum_of_corrections,
)

Floats = NDArray[np.float64]


def to_mp2020(materials: Materials, formation_energies: Floats, elements: ElementEnergies) -> Floats:
    """Formation energies with the corrections of 2020, eV/atom, [n].

    Without a structure, sulfur beside oxygen counts as a sulfate.

    Parameters
    ----------
    materials
        n materials.
    formation_energies
        float64 [n], with the corrections before 2020, eV/atom.
    elements
        Energies of the elements of the Materials Project, uncorrected.
    """
    oxides, sulfides = kinds_by_structure(materials)
    differences = np.zeros(len(materials))
    for row in range(len(materials)):
        amounts = materials.compositions.to_dict(row)
        has_sulfide = sulfides.get(row, "O" not in amounts)
        new = correction(amounts, oxides.get(row), has_sulfide=has_sulfide)
        old = legacy_correction(amounts, oxides.get(row), has_sulfide=has_sulfide)
        differences[row] = (new - old + _gases(amounts, elements)) / sum(amounts.values())
    return np.asarray(formation_energies + differences, dtype=np.float64)


def legacy_correction(amounts: Mapping[str, float], oxide: str | None = None, *, has_sulfide: bool = True) -> float:
    """The correction of a formula before 2020, eV; parameters as in :func:`~matscout.simulate.mp2020.correction`."""
    if len(amounts) < 2:
        return 0.0
    table = correction_table()
    kinds = {"O": oxide or oxide_of_formula(amounts)} if "O" in amounts else {}
    kinds |= {"S": "S"} if has_sulfide else {}
    return sum_of_corrections(amounts, kinds, table.legacy_anions, table.legacy_with_u)


def _gases(amounts: Mapping[str, float], elements: ElementEnergies) -> float:
    """What the energies of the gases before 2020 were above the calculated ones, eV; 0 for an element by itself."""
    if len(amounts) < 2:
        return 0.0
    gases = correction_table().legacy_gases
    return sum(
        amount * (gases[symbol] - float(elements.energies[ATOMIC_NUMBERS[symbol] - 1]))
        for symbol, amount in amounts.items()
        if symbol in gases
    )
