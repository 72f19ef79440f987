"""Amounts that can be weighed: steps of 0.05, 0.01 and 0.005, thirds and eighths, instead of four decimals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from matscout.crystal.element_kinds import KINDS, flags_of
from matscout.data.compositions import Compositions

COARSE, MIDDLE, FINE = 0.05, 0.01, 0.005
"""Steps of amounts from :data:`MUCH` atoms, from :data:`LITTLE` atoms, and below."""
MUCH, LITTLE = 0.2, 0.02
"""Atoms per formula unit: 0.005 of a metal of 100 g/mol in 10 g of a compound of 500 g/mol is 10 mg."""
SIMPLE = np.unique([n / d for d in (3, 8) for n in range(1, d)])
"""Fractions of simple superstructures, which stay."""
SMALLEST_SIMPLE = 0.1
"""Amounts below are no simple fraction by intent."""
CLOSE = 0.0035
"""How far an amount may be from a whole number or simple fraction and be meant: 0.33 and 0.667 are thirds."""
USUAL_ATOMS = 5.0
"""Atoms of a formula unit for which the steps are meant; of ten times as many atoms (a clathrate) they are ten times as
large, as their shares are what can be weighed."""
ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)
"""Steps of a series, times a power of ten."""

_ANIONS = (*KINDS["chalcogen or halogen"], "N", "P")
"""Elements that share a site with each other rather than with metals."""


def round_steps(low: float, high: float, most: int) -> NDArray[np.float64]:
    """Both ends of a range, and between them the multiples of a round step, at most ``most`` steps in all.

    From 0 to 0.2 in at most 20 steps these are 0, 0.01, 0.02, ...; to 0.15 as well, as 0.0075 is no step to weigh.
    """
    needed = (high - low) / most
    power = 10.0 ** math.floor(math.log10(needed))
    step = next(one * power for one in ROUND_STEPS if one * power >= needed * (1 - 1e-9))
    inner = step * np.arange(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)
    return np.unique(np.round([low, *inner[(inner > low) & (inner < high)], high], 6))


def weighable(compositions: Compositions) -> Compositions:
    """The same with amounts that can be weighed, [n]; the total of what shares a site stays, nearly whole ones whole.

    Bi0.4554Sb1.5246Dy0.02Te3 becomes Bi0.45Sb1.53Dy0.02Te3: of the metals, and of the anions, the element with the
    largest fractional amount takes what the rounding of the others leaves.
    """
    amounts, atoms = (
        compositions.amounts.copy(),
        np.bincount(compositions.rows, compositions.amounts, len(compositions)),
    )
    scales = 10.0 ** np.floor(np.log10(np.maximum(atoms, USUAL_ATOMS) / USUAL_ATOMS))[compositions.rows]
    sites = 2 * compositions.rows + flags_of(_ANIONS)[compositions.elements.astype(np.int64) - 1]
    fractional = np.flatnonzero(_rounded(amounts, scales) != amounts)
    for site in np.unique(sites[fractional]):
        own = np.flatnonzero(sites == site)
        amounts[own] = _shared(amounts[own], scales[own])
    return Compositions(compositions.offsets, compositions.elements, amounts)


def _shared(amounts: NDArray[np.float64], scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """The amounts on one site, rounded; of several fractional ones the largest keeps their total."""
    total, rounded = float(amounts.sum()), _rounded(amounts, scales)
    if (amounts != np.round(amounts)).sum() == 1:
        return rounded
    if abs(total - round(total)) < 2 * LITTLE:
        total = float(round(total))
    largest = int(np.where(amounts == np.round(amounts), -1.0, amounts).argmax())
    rest = round(total - float(rounded.sum() - rounded[largest]), 4)
    if rest > 0:
        rounded[largest] = rest
    return rounded


def _rounded(amounts: NDArray[np.float64], scales: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each amount on its own: whole numbers and simple fractions stay, others go to the nearest step."""
    steps = scales * np.select([amounts >= MUCH * scales, amounts >= LITTLE * scales], [COARSE, MIDDLE], FINE)
    rounded = np.round(np.maximum(np.round(amounts / steps), 1.0) * steps, 6)
    parts = amounts - np.floor(amounts)
    simple = np.abs(parts[:, None] - np.array([0.0, 1.0, *SIMPLE])).min(axis=1) <= CLOSE
    return np.where(simple & (amounts >= SMALLEST_SIMPLE * scales), amounts, rounded)
